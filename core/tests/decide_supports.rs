//! When a support holds, to the millisecond, for whom, on what; and that evidence keeps what was read.

mod common;

use common::*;
use glasskey::model::{Limit, ReasonCode};
use glasskey::{Answer, Bundle, Decision, decide, decide_with_evidence, what_can};
use serde_json::{Value, json};
use std::sync::LazyLock;

/// Reading takes a window or a task, whichever is named.
static BUNDLE: LazyLock<Bundle> = LazyLock::new(|| {
    let rule = |kind: &str| {
        format!(
            "@id(\"by-{kind}\") @max_ttl(\"8h\") @ttl(\"8h\") @quorum(\"none\")
             permit (principal is Glasskey::Person, action == Ops::Action::\"read\", resource)
             when {{ context has {kind} && context.{kind}.covers }};"
        )
    };
    compile(&format!("{POLICIES}{}{}{}", rule("window"), rule("task"), rule("shift")))
});

/// Reads `pay-db` on some supports, at a time of the night at which the facts are fresh.
fn read(kind: &str, records: Value, ids: &[&str], clock: &str) -> Decision {
    let mut w = world();
    let now = format!("2026-03-01T{clock}Z");
    w["observed_at"] = json!(now);
    w[format!("{kind}s")] = records;
    let supports: Vec<Value> = ids.iter().map(|id| json!({kind: id})).collect();
    let mut ask = ask("asha", "read", "pay-db");
    ask["supports"] = json!(supports);
    decide(&BUNDLE, &facts_of(&BUNDLE, &w), &request(ask), at(&now))
}

fn holds(kind: &str, record: &Value, clock: &str) {
    let d = read(kind, json!([record]), &["X"], clock);
    assert_eq!(d.decision, Answer::Permit, "{clock} {record}: {d:#?}");
}

fn fails(kind: &str, record: &Value, clock: &str, code: ReasonCode) {
    let d = read(kind, json!([record]), &["X"], clock);
    let found = d.reasons.iter().any(|reason| reason.code == code);
    assert!(d.decision == Answer::Deny && found, "{clock} {record}: {d:#?}");
}

fn with(record: &Value, member: &str, value: Value) -> Value {
    let mut record = record.clone();
    record[member] = value;
    record
}

const PAYMENTS: &str = "Glasskey::System::\"payments\"";
const ELSEWHERE: &str = "Glasskey::System::\"hr-db\"";
const ASHA: &str = "Glasskey::Person::\"asha\"";
const EVE: &str = "Glasskey::Person::\"eve\"";

#[test]
fn a_window_is_open_from_its_start_until_its_end_where_it_is_approved_for() {
    let window = json!({"id": "X", "status": "approved", "start": "2026-03-01T02:00:00Z",
        "end": "2026-03-01T03:00:00Z", "resources": [PAYMENTS]});
    fails("window", &window, "01:59:59.999", ReasonCode::OutsideWindow);
    holds("window", &window, "02:00:00");
    holds("window", &window, "02:59:59.999");
    fails("window", &window, "03:00:00", ReasonCode::OutsideWindow);
    fails("window", &with(&window, "status", json!("cancelled")), "02:30:00", ReasonCode::WindowNotUsable);
    let elsewhere = with(&window, "resources", json!([ELSEWHERE]));
    fails("window", &elsewhere, "02:30:00", ReasonCode::OutOfWindowScope);
}

#[test]
fn a_shift_runs_from_its_start_until_its_end_for_whoever_has_it() {
    let shift = json!({"id": "X", "person": ASHA, "start": "2026-03-01T02:00:00Z",
        "end": "2026-03-01T03:00:00Z", "resources": [PAYMENTS]});
    fails("shift", &shift, "01:59:59.999", ReasonCode::ShiftNotStarted);
    holds("shift", &shift, "02:00:00");
    holds("shift", &shift, "02:59:59.999");
    fails("shift", &shift, "03:00:00", ReasonCode::ShiftEnded);
    fails("shift", &with(&shift, "person", json!(EVE)), "02:30:00", ReasonCode::ShiftOfAnother);
    fails("shift", &with(&shift, "resources", json!([ELSEWHERE])), "02:30:00", ReasonCode::OutOfShiftScope);
}

#[test]
fn a_task_is_there_until_it_is_done_or_its_time_is_up_for_its_assignees_or_for_all() {
    let task =
        json!({"id": "X", "status": "open", "ends_at": "2026-03-01T03:00:00Z", "resources": [PAYMENTS]});
    holds("task", &task, "02:59:59.999");
    fails("task", &task, "03:00:00", ReasonCode::TaskTimeout);
    for (status, code) in [
        ("done", ReasonCode::TaskDone),
        ("failed", ReasonCode::TaskFailed),
        ("timeout", ReasonCode::TaskTimeout),
    ] {
        fails("task", &with(&task, "status", json!(status)), "02:30:00", code);
    }
    holds("task", &with(&task, "assignees", json!([EVE, ASHA])), "02:30:00");
    fails("task", &with(&task, "assignees", json!([EVE])), "02:30:00", ReasonCode::TaskOfAnother);
    fails("task", &with(&task, "resources", json!([ELSEWHERE])), "02:30:00", ReasonCode::OutOfTaskScope);
}

#[test]
fn of_two_windows_either_will_do_and_the_later_end_counts() {
    let window = |id: &str, end: &str| {
        json!({"id": id, "status": "approved", "start": "2026-03-01T02:00:00Z",
            "end": format!("2026-03-01T{end}Z"), "resources": [PAYMENTS]})
    };
    for (one, other) in [("03:00:00", "04:00:00"), ("04:00:00", "03:00:00"), ("02:10:00", "04:00:00")] {
        let d = read("window", json!([window("X", one), window("Y", other)]), &["X", "Y"], "02:30:00");
        assert_eq!(d.decision, Answer::Permit, "{one} {other}: {d:#?}");
        let end = at("2026-03-01T04:00:00Z");
        assert_eq!((d.ends_at, d.ends_by), (Some(end), Some(Limit::WindowEnd)), "{one} {other}");
    }
}

#[test]
fn evidence_keeps_the_task_the_window_and_the_alias_that_were_read() {
    let mut w = world();
    w["tasks"] = json!([{"id": "T", "status": "open", "resources": [PAYMENTS]}]);
    w["windows"] = json!([{"id": "W", "status": "approved", "start": "2026-03-01T02:00:00Z",
        "end": "2026-03-01T03:00:00Z", "resources": [PAYMENTS]}]);
    let facts = facts_of(&BUNDLE, &w);
    let mut ask = ask("asha", "drop", "pay-db");
    ask["emergency"] = json!(true);
    ask["supports"] = json!([{"task": "T"}, {"window": "W"}]);
    ask["approvals"] = json!([{"by": "eve.l@corp", "at": NOW}]);
    let (_, evidence) = decide_with_evidence(&BUNDLE, &facts, &request(ask), at(NOW));
    assert_eq!(
        (&evidence.facts["tasks"][0]["id"], &evidence.facts["windows"][0]["id"]),
        (&json!("T"), &json!("W"))
    );
    assert_eq!(evidence.facts["aliases"]["eve.l@corp"], EVE);
}

#[test]
fn what_somebody_can_do_is_what_is_decided_so() {
    let facts = facts_of(&BUNDLE, &world());
    let found = what_can(&BUNDLE, &facts, &request(ask("asha", "read", "hr-db")), at(NOW));
    assert!(!found.is_empty(), "she is on call");
    for one in json!(found).as_array().unwrap() {
        let mut ask = ask("asha", "read", "hr-db");
        ask["scope"] = one["scope"].clone();
        assert_ne!(decide(&BUNDLE, &facts, &request(ask), at(NOW)).decision, Answer::Deny, "{one}");
    }
    let nobody = what_can(&BUNDLE, &facts, &request(ask("nobody", "read", "hr-db")), at(NOW));
    assert!(nobody.is_empty());
}
