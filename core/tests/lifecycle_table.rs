//! Every command in every state: what it does, or the code with which it is refused.

mod lifecycle_world;

use glasskey::Bundle;
use glasskey::lifecycle::{ACTS, GrantPhase, RequestPhase};
use lifecycle_world::tables::{EXTENSION, GRANT_PEOPLE, GRANT_POINTS, REQUEST, rows};
use lifecycle_world::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// One rule with everything: seats, extensions, a review, an account to give.
const RULE: &str = r#"
@id("work") @ttl("30m") @max_ttl("2h") @quorum("lead=1") @review("24h") @obligations("reconcile:24h")
@extensions("1") @extension_ttl("30m") @extension_quorum("lead=1")
permit (principal is Glasskey::Person, action == Ops::Action::"work", resource)
when { context has incident && context.incident.covers && context has shift };
"#;

static WHOLE: LazyLock<Bundle> = LazyLock::new(|| {
    let start = POLICIES.find("@id(\"work\")").unwrap();
    let end = POLICIES.find("@id(\"dual\")").unwrap();
    let policies = format!("{}{RULE}\n{}", &POLICIES[..start], &POLICIES[end..]);
    compile(&MANIFEST.replace("shift = \"2d\"", "shift = \"10m\""), &policies)
});

fn world() -> World {
    let mut w = World::of(WHOLE.clone(), &lifecycle_world::world());
    w.observe("02:00:00", json!({"shifts": [{"id": "S-1"}]}));
    w
}

fn work() -> Value {
    ask("asha", "work", "pay-db", &["INC-1", "S-1"])
}

/// Something in a state, and the instant at which it is.
struct Case {
    world: World,
    id: String,
    now: &'static str,
}

fn request(phase: RequestPhase) -> Case {
    let mut w = world();
    let mut now = "02:01:00";
    let id = match phase {
        RequestPhase::Refused => w.asked("02:00:00", ask("asha", "work", "hr-db", &["INC-1", "S-1"])),
        RequestPhase::Scheduled => {
            let act = json!({"submit": {"request": work(), "start": t("02:30:00")}});
            w.act("02:00:00", act).request.clone().unwrap()
        }
        _ => w.asked("02:00:00", work()),
    };
    let approved =
        [RequestPhase::Approved, RequestPhase::Scheduled, RequestPhase::Consumed, RequestPhase::Lapsed];
    if approved.contains(&phase) {
        w.approve("02:00:00", &id, "lena");
    }
    match phase {
        RequestPhase::Pending | RequestPhase::Approved | RequestPhase::Scheduled | RequestPhase::Refused => {}
        RequestPhase::Consumed => {
            let grant = w.activate("02:00:00", &id).grant.clone().unwrap();
            w.issued("02:00:00", &grant, &["vault"]);
        }
        RequestPhase::Denied => drop(w.deny("02:00:00", &id, "lena")),
        RequestPhase::Withdrawn => drop(w.withdraw("02:00:00", &id)),
        RequestPhase::TimedOut | RequestPhase::Lapsed => now = "02:16:00",
        RequestPhase::Void => drop(w.incident("02:00:30", json!({"id": "INC-1", "status": "closed"}))),
    }
    w.tick(now);
    assert_eq!(w.request_phase(&id), phase);
    Case { world: w, id, now }
}

fn grant(phase: GrantPhase) -> Case {
    let mut w = world();
    let now = "02:20:00";
    let begins = if phase == GrantPhase::Issuing { "02:19:00" } else { "02:00:00" };
    if phase == GrantPhase::Issuing {
        w.observe(begins, json!({"shifts": [{"id": "S-1"}]}));
    }
    let request = w.asked(begins, work());
    w.approve(begins, &request, "lena");
    let id = w.activate(begins, &request).grant.clone().unwrap();
    if phase != GrantPhase::Issuing {
        w.issued(begins, &id, &["vault", "proxy"]);
    }
    if phase != GrantPhase::Frozen {
        w.observe(now, json!({"shifts": [{"id": "S-1"}]}));
    }
    if matches!(phase, GrantPhase::Revoking | GrantPhase::Closed) {
        w.incident(now, json!({"id": "INC-1", "status": "closed"}));
    }
    if phase == GrantPhase::Closed {
        w.revoked(now, &id, "vault");
        w.revoked(now, &id, "proxy");
    }
    w.tick(now);
    assert_eq!(w.phase(&id), phase);
    Case { world: w, id, now }
}

/// An extension in a phase, if one can be in it.
fn extension(phase: RequestPhase) -> Option<Case> {
    let Case { world: mut w, id: grant, now } = grant(GrantPhase::Active);
    if phase == RequestPhase::Refused {
        let left: Vec<Value> = ["lena", "lars"].iter().map(|p| person(p, &[])).collect();
        w.observe(now, json!({"entities": left}));
    }
    let id = w.extend(now, &grant).extension.clone().unwrap();
    match phase {
        RequestPhase::Pending | RequestPhase::Refused => {}
        RequestPhase::Consumed => drop(w.approve(now, &id, "lena")),
        RequestPhase::Denied => drop(w.deny(now, &id, "lena")),
        RequestPhase::Withdrawn => drop(w.withdraw(now, &id)),
        RequestPhase::Void => drop(w.revoke(now, &grant, "asha")),
        RequestPhase::Approved | RequestPhase::Scheduled | RequestPhase::TimedOut | RequestPhase::Lapsed => {
            return None;
        }
    }
    assert_eq!(w.extension(&id).phase, phase);
    Some(Case { world: w, id, now })
}

/// Every command, about whatever has this id; somebody sends it who may.
fn command(act: &str, id: &str) -> Value {
    let lars = person_uid("lars");
    let body = match act {
        "observe" | "tick" => json!({}),
        "submit" => json!({"request": ask("eve", "look", "pay-db", &["INC-2"])}),
        "approve" | "deny" => json!({"request": id, "by": lars}),
        "withdraw" | "activate" => json!({"request": id}),
        "issued" => json!({"grant": id, "points": ["vault"]}),
        "issue_failed" | "extend" => json!({"grant": id}),
        "use" => json!({"grant": id, "action": "Ops::Action::\"work\"", "resource": system_uid("pay-db")}),
        "revoke" => json!({"grant": id, "by": person_uid("asha")}),
        "revoked" => json!({"grant": id, "point": "vault"}),
        "complete" => json!({"grant": id, "outcome": "done"}),
        "report" => json!({"grant": id, "finding": "drift"}),
        "review" => {
            let rae = person_uid("rae");
            json!({"grant": id, "by": rae, "verdict": "accepted", "classification": "actual"})
        }
        "reconcile" => json!({"grant": id, "by": person_uid("rae")}),
        other => panic!("nobody wrote a command `{other}` for this table"),
    };
    let mut out = json!({});
    out[act] = body;
    out
}

/// What a command did: the state after it, a refusal in that state, or an error.
fn outcome(mut case: Case, act: &str, state: impl Fn(&World, &str) -> String) -> String {
    let id = case.id.clone();
    let before = case.world.life.clone();
    match case.world.try_do(case.now, command(act, &id)) {
        Err(error) => {
            assert!(case.world.life.same_state(&before), "after an error nothing has changed");
            format!("!{}", error.code.as_str())
        }
        Ok(applied) => {
            let denied = applied.decision.as_ref().filter(|d| d.decision == glasskey::Answer::Deny);
            let after = state(&case.world, &id);
            match denied.filter(|_| act != "submit") {
                Some(decision) => format!("{}@{after}", decision.reasons[0].code),
                None => after,
            }
        }
    }
}

type Table = BTreeMap<(&'static str, &'static str), &'static str>;

/// A table as written, with what goes without saying: commands that are about nothing leave
/// everything as it is, and commands about something else know nothing of this.
fn whole(tables: &[&'static str], states: &[&'static str], others: &'static str) -> Table {
    let mut out = Table::new();
    for (state, cells) in tables.iter().copied().flat_map(rows) {
        for (act, expected) in cells {
            assert!(out.insert((state, act), expected).is_none(), "{state} {act} stands twice");
        }
    }
    let written: BTreeSet<&str> = out.keys().map(|(_, act)| *act).collect();
    for state in states.iter().copied() {
        for act in ACTS.into_iter().filter(|act| !written.contains(act)) {
            let about_nothing = matches!(act, "observe" | "tick" | "submit");
            out.insert((state, act), if about_nothing { state } else { others });
        }
    }
    let all: BTreeSet<(&str, &str)> =
        states.iter().flat_map(|s| ACTS.into_iter().map(move |a| (*s, a))).collect();
    assert_eq!(out.keys().copied().collect::<BTreeSet<_>>(), all, "every pair, and no other");
    out
}

fn check(table: &Table, run: impl Fn(&str, &str) -> String) {
    let wrong: Vec<String> = table
        .iter()
        .map(|((state, act), expected)| (state, act, *expected, run(state, act)))
        .filter(|(_, _, expected, found)| expected != found)
        .map(|(state, act, expected, found)| format!("{state:10} {act:12} {found}, not {expected}"))
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), table.len(), wrong.join("\n"));
}

fn phase_named(name: &str) -> RequestPhase {
    *RequestPhase::ALL.iter().find(|p| p.as_str() == name).unwrap()
}

#[test]
fn every_command_in_every_phase_of_a_request() {
    let states: Vec<&str> = RequestPhase::ALL.iter().map(|p| p.as_str()).collect();
    let table = whole(&[REQUEST], &states, "!unknown_grant");
    check(&table, |state, act| {
        outcome(request(phase_named(state)), act, |w, id| w.request_phase(id).as_str().to_owned())
    });
}

#[test]
fn every_command_in_every_phase_of_a_grant() {
    let states: Vec<&str> = GrantPhase::ALL.iter().map(|p| p.as_str()).collect();
    let table = whole(&[GRANT_POINTS, GRANT_PEOPLE], &states, "!unknown_request");
    check(&table, |state, act| {
        let phase = *GrantPhase::ALL.iter().find(|p| p.as_str() == state).unwrap();
        outcome(grant(phase), act, |w, id| w.phase(id).as_str().to_owned())
    });
}

#[test]
fn every_command_in_every_phase_of_an_extension() {
    let reached = RequestPhase::ALL.iter().filter(|p| extension(**p).is_some());
    let states: Vec<&str> = reached.map(|p| p.as_str()).collect();
    let table = whole(&[EXTENSION], &states, "!unknown_grant");
    check(&table, |state, act| {
        let case = extension(phase_named(state)).unwrap();
        outcome(case, act, |w, id| w.extension(id).phase.as_str().to_owned())
    });
}

/// What the host sees is what the table of moves says: no command moves anything otherwise.
#[test]
fn every_move_that_a_command_makes_stands_in_the_table_of_moves() {
    use glasskey::lifecycle::{GrantMove, RequestMove};
    let state = |word: &'static str| word.split('@').next_back().unwrap();
    for (from, cells) in rows(REQUEST).into_iter().chain(rows(EXTENSION)) {
        for (_, to) in cells.into_iter().filter(|(_, to)| !to.starts_with('!') && state(to) != from) {
            let (from, to) = (phase_named(from), phase_named(state(to)));
            // An extension is consumed by its last approval, by way of `approved`.
            let reach = |p: RequestPhase| RequestMove::ALL.iter().filter_map(move |m| p.after(*m));
            assert!(reach(from).any(|p| p == to || reach(p).any(|q| q == to)), "{from:?} to {to:?}");
        }
    }
    for (from, cells) in rows(GRANT_POINTS).into_iter().chain(rows(GRANT_PEOPLE)) {
        for (_, to) in cells.into_iter().filter(|(_, to)| !to.starts_with('!') && state(to) != from) {
            let phase = |name: &str| *GrantPhase::ALL.iter().find(|p| p.as_str() == name).unwrap();
            let reached = GrantMove::ALL.iter().filter_map(|m| phase(from).after(*m));
            assert!(reached.into_iter().any(|p| p == phase(state(to))), "{from} to {to}");
        }
    }
}
