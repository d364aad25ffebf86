//! What holds of every history: random commands, and after each of them the laws.

mod lifecycle_world;

use glasskey::lifecycle::{Event, Grant, GrantPhase, RequestPhase};
use glasskey::model::{IncidentStatus, SupportKind};
use glasskey::{Answer, Applied, Bundle, Command, Instant, Lifecycle, Span};
use lifecycle_world::*;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

/// Facts grow stale here, so that grants freeze and thaw.
static MORTAL: LazyLock<Bundle> = LazyLock::new(|| {
    let manifest = MANIFEST
        .replace("shift = \"2d\"", "shift = \"20m\"")
        .replace("incident = \"2d\"", "incident = \"3h\"");
    compile(&manifest, POLICIES)
});
static STRICTER: LazyLock<Bundle> = LazyLock::new(|| {
    let manifest = MANIFEST
        .replace("shift = \"2d\"", "shift = \"20m\"")
        .replace("incident = \"2d\"", "incident = \"3h\"");
    compile(&manifest, &POLICIES.replace("@ttl(\"1h\") @max_ttl(\"2h\")", "@ttl(\"30m\") @max_ttl(\"30m\")"))
});

const PEOPLE: [&str; 8] = ["asha", "ben", "lena", "lars", "cal", "ann", "bob", "rae"];
const POINTS: [&str; 3] = ["vault", "proxy", "issuer"];

/// One step of a history, told by numbers that are read modulo whatever there is.
#[derive(Clone, Debug)]
enum Op {
    Wait(i64),
    Ask { who: usize, what: usize, on: usize, ttl: usize, later: bool },
    Delegate { grant: usize },
    Approve { request: usize, by: usize },
    Deny { request: usize, by: usize },
    Withdraw { request: usize },
    Activate { request: usize },
    Issued { grant: usize, points: usize },
    IssueFailed { grant: usize },
    Use { grant: usize },
    Extend { grant: usize },
    Agree { extension: usize, by: usize },
    Revoke { grant: usize, by: usize },
    Confirm { grant: usize, point: usize },
    Report { grant: usize, drift: bool },
    Complete { grant: usize },
    Review { grant: usize },
    Reconcile { grant: usize },
    Observe(usize),
    Tick,
    Bundle(bool),
}

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

/// What is asked for: action, targets, kinds of supports.
const ASKS: [(&str, &[&str]); 10] = [
    ("restart", &["INC", "S"]),
    ("restart", &["INC", "S"]),
    ("drop", &["INC"]),
    ("work", &["INC"]),
    ("tend", &["INC", "S"]),
    ("look", &["INC"]),
    ("look", &["INC", "INC2"]),
    ("smash", &[]),
    ("patch", &["CHG"]),
    ("checkout", &[]),
];
const CHANGES: usize = 16;

/// A history under way.
struct Run {
    world: World,
    now: Instant,
    epoch: [u32; 2],
    /// Phases and ends seen before.
    requests: BTreeMap<String, RequestPhase>,
    grants: BTreeMap<String, (GrantPhase, Instant)>,
}

impl Run {
    fn new() -> Self {
        let now = at("01:00:00");
        let world = World::of(MORTAL.clone(), &world());
        let mut run = Self { world, now, epoch: [1, 1], requests: BTreeMap::new(), grants: BTreeMap::new() };
        run.apply(json!({"observe": {"shifts": [{"id": "S-1"}, {"id": "S-2"}], "incidents": [{"id": "INC-1"}, {"id": "INC-2"}]}}));
        run
    }

    fn grant(&self, i: usize) -> Option<String> {
        // The newest are the ones of interest.
        let mut all: Vec<&Grant> = self.world.life.grants().collect();
        all.sort_by_key(|g| std::cmp::Reverse(g.seq));
        let count = all.len().min(6);
        (count > 0).then(|| all[i % count].id.clone())
    }

    fn request(&self, i: usize) -> Option<String> {
        let mut all: Vec<_> = self.world.life.requests().collect();
        all.sort_by_key(|r| (std::cmp::Reverse(r.submitted_at), r.id.clone()));
        let count = all.len().min(6);
        (count > 0).then(|| all[i % count].id.clone())
    }

    fn extension(&self, i: usize) -> Option<String> {
        let asked = self.world.records.iter().rev().filter(|r| r.act == "extend");
        let ids: Vec<String> = asked.filter_map(|r| r.extension.clone()).take(3).collect();
        (!ids.is_empty()).then(|| ids[i % ids.len()].clone())
    }

    /// The command that a step stands for, if there is anything for it to be about.
    fn act(&mut self, op: &Op) -> Option<Value> {
        let person = |i: usize| person_uid(PEOPLE[i]);
        Some(match op {
            Op::Wait(_) | Op::Bundle(_) => return None,
            Op::Tick => json!({"tick": {}}),
            Op::Ask { who, what, on, ttl, later } => self.ask(*who, *what, *on, *ttl, *later),
            Op::Delegate { grant } => {
                let parent = self.grant(*grant)?;
                let holder = self.world.grant(&parent).principal.to_string();
                let bot =
                    with(ask("Glasskey::Agent::\"bot\"", "look", "pay-db", &[]), "via", json!([holder]));
                json!({"submit": {"request": bot, "parent": parent}})
            }
            Op::Approve { request, by } => {
                json!({"approve": {"request": self.request(*request)?, "by": person(*by)}})
            }
            Op::Deny { request, by } => {
                json!({"deny": {"request": self.request(*request)?, "by": person(*by)}})
            }
            Op::Withdraw { request } => json!({"withdraw": {"request": self.request(*request)?}}),
            Op::Activate { request } => json!({"activate": {"request": self.request(*request)?}}),
            Op::Issued { grant, points } => {
                let named = POINTS.iter().take(2).enumerate().filter(|(i, _)| (points >> i) & 1 == 1);
                let mut named: Vec<&str> = named.map(|(_, p)| *p).collect();
                if named.is_empty() {
                    named.push("vault");
                }
                let mut issued = json!({"grant": self.grant(*grant)?, "points": named});
                if points & 4 == 4 {
                    issued["expires_at"] = json!(self.now.plus(Span::from_minutes(45)));
                }
                json!({"issued": issued})
            }
            Op::IssueFailed { grant } => json!({"issue_failed": {"grant": self.grant(*grant)?}}),
            Op::Use { grant } => {
                let grant = self.world.grant(&self.grant(*grant)?).clone();
                let pair = &grant.scope[0];
                json!({"use": {"grant": grant.id, "action": pair.action, "resource": pair.resource}})
            }
            Op::Extend { grant } => json!({"extend": {"grant": self.grant(*grant)?}}),
            Op::Agree { extension, by } => {
                json!({"approve": {"request": self.extension(*extension)?, "by": person(*by)}})
            }
            Op::Revoke { grant, by } => json!({"revoke": {"grant": self.grant(*grant)?, "by": person(*by)}}),
            Op::Confirm { grant, point } => {
                json!({"revoked": {"grant": self.grant(*grant)?, "point": POINTS[*point]}})
            }
            Op::Report { grant, drift } => {
                json!({"report": {"grant": self.grant(*grant)?, "finding": if *drift { "drift" } else { "leak" }}})
            }
            Op::Complete { grant } => json!({"complete": {"grant": self.grant(*grant)?, "outcome": "done"}}),
            Op::Review { grant } => json!({"review": {"grant": self.grant(*grant)?, "by": person_uid("rae"),
                "verdict": "accepted", "classification": "actual"}}),
            Op::Reconcile { grant } => {
                json!({"reconcile": {"grant": self.grant(*grant)?, "by": person_uid("rae")}})
            }
            Op::Observe(which) => json!({"observe": self.change(*which)}),
        })
    }

    fn ask(&self, who: usize, what: usize, on: usize, ttl: usize, later: bool) -> Value {
        let (action, kinds) = ASKS[what];
        let who = ["asha", "ben", "eve"][who];
        let shift = if who == "ben" { "S-2" } else { "S-1" };
        let incident = if on.is_multiple_of(2) { "INC-1" } else { "INC-2" };
        let supports: Vec<&str> = kinds
            .iter()
            .map(|k| match *k {
                "INC" => incident,
                "INC2" => "INC-2",
                "S" => shift,
                _ => "CHG-1",
            })
            .collect();
        let target = match action {
            "checkout" => "root@legacy",
            _ if on >= 4 => "pay-api",
            _ => "pay-db",
        };
        let mut request = ask(who, action, target, &supports);
        if ttl > 3 {
            request["ttl"] = json!(["2h", "10m"][ttl - 4]);
        }
        if action == "smash" {
            request["emergency"] = json!(true);
        }
        let mut submit = json!({"request": request});
        if later {
            submit["start"] = json!(self.now.plus(Span::from_minutes(20)));
        }
        json!({"submit": submit})
    }

    fn change(&mut self, which: usize) -> Value {
        let incident = |i: usize, epoch: u32, status: &str| json!({"incidents": [{"id": format!("INC-{}", i + 1), "epoch": epoch, "status": status}]});
        match which {
            0 => incident(0, self.epoch[0], "closed"),
            1 => incident(1, self.epoch[1], "closed"),
            2 | 3 => {
                let i = which - 2;
                self.epoch[i] += 1;
                incident(i, self.epoch[i], "open")
            }
            // A delayed word about an older epoch.
            4 => incident(0, self.epoch[0].saturating_sub(1).max(1), "closed"),
            5 => json!({"incidents": [{"id": "INC-1", "severity": 4}]}),
            6..=9 => {
                json!({"shifts": [{"id": "S-1"}, {"id": "S-2"}], "incidents": [{"id": "INC-1"}, {"id": "INC-2"}]})
            }
            10 => json!({"shifts": [{"id": "S-1", "person": person_uid("ben")}]}),
            11 => json!({"shifts": [{"id": "S-1", "person": person_uid("asha")}]}),
            12 => {
                json!({"locks": [{"target": person_uid("asha"), "until": self.now.plus(Span::from_minutes(5))}]})
            }
            13 => json!({"entities": [person("lena", &[])]}),
            14 => json!({"entities": [person("lena", &["lead"])]}),
            _ => json!({"windows": [{"id": "CHG-1", "status": "cancelled"}]}),
        }
    }

    fn apply(&mut self, act: Value) {
        let command = self.world.command(act);
        // Errors are fine, as long as they change nothing.
        let before = self.world.life.clone();
        match self.world.life.apply(&command, self.now) {
            Err(_) => assert!(self.world.life.same_state(&before), "after an error nothing has changed"),
            Ok(applied) => {
                self.world.keep(&applied, None);
                self.laws(&applied);
            }
        }
    }

    fn step(&mut self, op: &Op) {
        match op {
            Op::Wait(ms) => self.now = self.now.plus(Span::from_ms(*ms)),
            Op::Bundle(strict) => {
                let bundle = if *strict { STRICTER.clone() } else { MORTAL.clone() };
                let applied = self.world.change_bundle(&self.now.to_string(), &bundle);
                self.laws(&applied);
            }
            other => {
                if let Some(act) = self.act(other) {
                    self.apply(act);
                }
            }
        }
    }

    fn laws(&mut self, applied: &Arc<Applied>) {
        let life = &self.world.life;
        for grant in life.grants() {
            no_grant_outlives_a_limit(grant, self.now);
            no_grant_without_its_support(life, grant);
            closed_only_when_confirmed(grant);
            no_ones_own_approver(grant);
            within_the_chain(life, grant, self.now);
        }
        if let Some(decision) = &applied.decision {
            let people: BTreeSet<_> = decision.seats.iter().map(|s| &s.by).collect();
            assert_eq!(people.len(), decision.seats.len(), "one person, one seat");
            if decision.decision == Answer::Permit && applied.act == "activate" {
                assert!(applied.grant.is_some(), "a permit to activate is a grant");
            }
        }
        self.terminal_stays_terminal(applied);
    }

    fn terminal_stays_terminal(&mut self, applied: &Applied) {
        for request in self.world.life.requests() {
            let before = self.requests.insert(request.id.clone(), request.phase);
            if let Some(before) = before.filter(|b| b.is_terminal()) {
                assert_eq!(before, request.phase, "{}", request.id);
            }
        }
        let extended = |id: &str| {
            applied.events.iter().any(|e| match e {
                Event::ExtensionMoved { extension, to, .. } => {
                    *to == RequestPhase::Consumed && self.world.extension(extension).grant == id
                }
                _ => false,
            })
        };
        for grant in self.world.life.grants() {
            let before = self.grants.insert(grant.id.clone(), (grant.phase, grant.ends_at));
            let Some((phase, ends_at)) = before else { continue };
            assert!(phase != GrantPhase::Closed || grant.phase == GrantPhase::Closed, "closed stays closed");
            assert!(phase.is_live() || !grant.phase.is_live(), "what ended does not live again");
            assert!(grant.ends_at <= ends_at || extended(&grant.id), "an end moves away by extension only");
        }
    }
}

fn no_grant_outlives_a_limit(grant: &Grant, now: Instant) {
    if !grant.phase.is_live() {
        return;
    }
    assert!(now < grant.ends_at, "{grant:#?}");
    match grant.phase {
        GrantPhase::Issuing => assert!(now < grant.issue_by),
        _ => assert!(grant.idle_end().is_none_or(|idle| now < idle), "{grant:#?}"),
    }
    assert!(grant.uses_max.is_none_or(|max| grant.uses <= max));
}

fn no_grant_without_its_support(life: &Lifecycle, grant: &Grant) {
    let of = |kind| grant.supports.iter().filter(move |s| s.kind == kind);
    if !grant.phase.is_live() || of(SupportKind::Incident).count() == 0 {
        return;
    }
    let open = of(SupportKind::Incident).any(|s| {
        life.facts()
            .incident(&s.id)
            .is_some_and(|i| i.status == IncidentStatus::Open && Some(i.epoch) == s.epoch)
    });
    assert!(open, "{grant:#?}");
    for shift in of(SupportKind::Shift).filter_map(|s| life.facts().shift(&s.id)) {
        assert!(grant.actors.contains(&shift.person), "{grant:#?}");
    }
}

fn closed_only_when_confirmed(grant: &Grant) {
    let all = grant.points.values().all(|p| p.confirmed_at.is_some()) && !grant.points.is_empty();
    match grant.phase {
        GrantPhase::Closed => assert!(all, "{grant:#?}"),
        GrantPhase::Revoking => assert!(!all, "what is confirmed everywhere is closed: {grant:#?}"),
        _ => {}
    }
}

fn no_ones_own_approver(grant: &Grant) {
    assert!(grant.approvers.is_disjoint(&grant.actors), "{grant:#?}");
    assert!(grant.extension_approvers.is_disjoint(&grant.actors), "{grant:#?}");
}

/// On no incident is a holder granted more time than the rule's `@chain_max`, whatever the way.
fn within_the_chain(life: &Lifecycle, grant: &Grant, now: Instant) {
    let Some(max) =
        life.bundle().rule(&grant.rule).and_then(|r| r.terms().cloned()).and_then(|t| t.chain_max)
    else {
        return;
    };
    for incident in grant.supports.iter().filter(|s| s.kind == SupportKind::Incident) {
        let until = grant.revoking_at.unwrap_or(now);
        let mut spans: Vec<(i64, i64)> = life
            .grants()
            .filter(|g| g.principal == grant.principal)
            .filter(|g| g.supports.iter().any(|s| s.kind == incident.kind && s.id == incident.id))
            .map(|g| (g.started.ms(), g.revoking_at.unwrap_or(now).min(until).ms()))
            .filter(|(from, to)| from < to)
            .collect();
        spans.sort_unstable();
        let mut total = 0;
        let mut last = i64::MIN;
        for (from, to) in spans {
            total += (to - from.max(last)).max(0);
            last = last.max(to);
        }
        assert!(total <= max.ms(), "{total} ms on {incident}, more than {max}: {grant:#?}");
    }
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
