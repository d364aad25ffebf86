//! What holds of every history: random commands, and after each of them the laws.

mod lifecycle_world;

use glasskey::lifecycle::Event;
use glasskey::{Answer, Applied, Command, Instant, Lifecycle, Span};
use lifecycle_world::history::{ASKS, CHANGES, Op, PEOPLE, POINTS, Run};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;

fn ops() -> impl Strategy<Value = Op> {
    let n = || 0_usize..6;
    prop_oneof![
        6 => prop::sample::select(vec![1_i64, 1_000, 30_000, 60_000, 240_000, 600_000, 1_500_000, 3_000_000]).prop_map(Op::Wait),
        6 => (0_usize..3, 0_usize..ASKS.len(), n(), n(), prop::bool::weighted(0.1))
            .prop_map(|(who, what, on, ttl, later)| Op::Ask { who, what, on, ttl, later }),
        1 => n().prop_map(|grant| Op::Delegate { grant }),
        6 => (n(), 0..PEOPLE.len()).prop_map(|(request, by)| Op::Approve { request, by }),
        1 => (n(), 0..PEOPLE.len()).prop_map(|(request, by)| Op::Deny { request, by }),
        1 => n().prop_map(|request| Op::Withdraw { request }),
        6 => n().prop_map(|request| Op::Activate { request }),
        6 => (n(), 1_usize..8).prop_map(|(grant, points)| Op::Issued { grant, points }),
        1 => n().prop_map(|grant| Op::IssueFailed { grant }),
        5 => n().prop_map(|grant| Op::Use { grant }),
        4 => n().prop_map(|grant| Op::Extend { grant }),
        5 => (n(), 0..PEOPLE.len()).prop_map(|(extension, by)| Op::Agree { extension, by }),
        2 => (n(), 0..PEOPLE.len()).prop_map(|(grant, by)| Op::Revoke { grant, by }),
        5 => (n(), 0..POINTS.len()).prop_map(|(grant, point)| Op::Confirm { grant, point }),
        1 => (n(), any::<bool>()).prop_map(|(grant, drift)| Op::Report { grant, drift }),
        1 => n().prop_map(|grant| Op::Complete { grant }),
        1 => n().prop_map(|grant| Op::Review { grant }),
        1 => n().prop_map(|grant| Op::Reconcile { grant }),
        6 => (0..CHANGES).prop_map(Op::Observe),
        3 => Just(Op::Tick),
        1 => any::<bool>().prop_map(Op::Bundle),
    ]
}

/// A tick on a copy.
fn ticked(life: &Lifecycle, when: Instant) -> (Lifecycle, Arc<Applied>) {
    let mut copy = life.clone();
    let command: Command =
        serde_json::from_value(json!({"command_id": format!("t-{when}-{}", copy.seq()), "tick": {}}))
            .unwrap();
    let applied = copy.apply(&command, when).unwrap();
    (copy, applied)
}

/// What every live grant and every request would answer if it were asked at an instant.
fn answers(life: &Lifecycle, when: Instant) -> Vec<(String, Answer)> {
    let mut out = Vec::new();
    let mut ask = |id: &str, act: Value| {
        let mut copy = life.clone();
        let mut whole = act;
        whole["command_id"] = json!("probe");
        let applied = copy.apply(&Command::from_value(whole).unwrap(), when).unwrap();
        out.push((id.to_owned(), applied.decision.as_ref().unwrap().decision));
    };
    for grant in life.grants().filter(|g| g.phase.is_live()) {
        for pair in &grant.scope {
            ask(
                &grant.id,
                json!({"use": {"grant": grant.id, "action": pair.action, "resource": pair.resource}}),
            );
        }
    }
    for request in life.requests().filter(|r| !r.phase.is_terminal()) {
        ask(&request.id, json!({"activate": {"request": request.id}}));
    }
    out
}

fn everything(life: &Lifecycle) -> Value {
    json!({"grants": life.grants().collect::<Vec<_>>(), "requests": life.requests().collect::<Vec<_>>()})
}

/// `PROPTEST_CASES` asks for more.
fn cases(usual: u32) -> ProptestConfig {
    let config = ProptestConfig::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { config.cases } else { usual };
    ProptestConfig { cases, max_shrink_iters: 4_000, ..config }
}

proptest! {
    #![proptest_config(cases(160))]

    /// After every command: the folded state is the live one, and the laws hold.
    #[test]
    fn the_laws_hold_after_every_command(history in prop::collection::vec(ops(), 1..70)) {
        let mut run = Run::new();
        for op in &history {
            run.step(op);
        }
    }

    /// Until `next_change` nothing happens by itself, and every answer stays what it is.
    #[test]
    fn nothing_changes_before_the_next_change(history in prop::collection::vec(ops(), 1..50), part in 0_i64..1_000) {
        let mut run = Run::new();
        for op in &history {
            run.step(op);
        }
        let life = &run.world.life;
        let next = life.next_change(run.now);
        let last = next.unwrap_or(run.now.plus(Span::from_minutes(60 * 24 * 30)));
        prop_assert!(last >= run.now);
        let gap = last.since(run.now).ms() - 1;
        if gap > 0 {
            let then = run.now.plus(Span::from_ms(gap * part / 999));
            let (_, applied) = ticked(life, then);
            prop_assert_eq!(&applied.events, &Vec::<Event>::new(), "at {}, before {:?}", then, next);
            prop_assert_eq!(answers(life, run.now), answers(life, then), "at {}, before {:?}", then, next);
        }
    }

    /// Whoever sleeps through some hours wakes to the world that another watched.
    #[test]
    fn it_does_not_matter_when_somebody_looks(history in prop::collection::vec(ops(), 1..50), minutes in 1_u32..300) {
        let mut run = Run::new();
        for op in &history {
            run.step(op);
        }
        let end = run.now.plus(Span::from_minutes(minutes));
        let (mut watched, mut now) = (run.world.life.clone(), run.now);
        while let Some(next) = watched.next_change(now).filter(|next| *next <= end) {
            watched = ticked(&watched, next).0;
            prop_assert!(watched.next_change(next).is_none_or(|after| after > next), "time goes on");
            now = next;
        }
        let (watched, slept) = (ticked(&watched, end).0, ticked(&run.world.life, end).0);
        prop_assert_eq!(everything(&watched), everything(&slept));
    }

    /// Commands of one instant give the same bytes in whatever order they arrive.
    #[test]
    fn commands_of_one_instant_may_arrive_in_any_order(
        history in prop::collection::vec(ops(), 5..40),
        batch in prop::collection::vec(ops(), 2..8),
        seed in any::<u64>(),
    ) {
        let mut run = Run::new();
        for op in &history {
            run.step(op);
        }
        let mut commands = Vec::new();
        for op in &batch {
            if let Some(act) = run.act(op) {
                commands.push(run.world.command(act));
            }
        }
        let outcome = |commands: &[Command]| {
            let mut life = run.world.life.clone();
            let all = life.apply_all(commands, run.now);
            let told: Vec<Value> = all.iter().map(|(id, r)| match r {
                Ok(applied) => json!([id, applied.as_ref()]),
                Err(error) => json!([id, error]),
            }).collect();
            (glasskey::canonical::to_bytes(&told), everything(&life))
        };
        let first = outcome(&commands);
        let mut seed = seed;
        for _ in 0..6 {
            for i in (1..commands.len()).rev() {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                commands.swap(i, usize::try_from(seed >> 33).unwrap() % (i + 1));
            }
            prop_assert_eq!(&first, &outcome(&commands));
        }
    }

    /// A retry of any command, at any later time, gives the bytes of the first try.
    #[test]
    fn every_command_may_be_sent_again(history in prop::collection::vec(ops(), 1..30)) {
        let mut run = Run::new();
        let mut sent: Vec<Command> = Vec::new();
        for op in &history {
            match (op, run.act(op)) {
                (Op::Wait(_), _) => run.step(op),
                (_, Some(act)) => {
                    let command = run.world.command(act);
                    if let Ok(applied) = run.world.life.apply(&command, run.now) {
                        run.world.keep(&applied, None);
                        sent.push(command);
                    }
                }
                _ => {}
            }
        }
        let before = run.world.life.clone();
        for (command, record) in sent.iter().zip(run.world.records.iter().skip(1)) {
            let again = run.world.life.apply(command, run.now).unwrap();
            prop_assert_eq!(&again, record);
        }
        prop_assert!(run.world.life.same_state(&before));
    }
}
