//! Clocks that go back, jump ahead, or stand still, and when to come back.

use crate::lifecycle_world::*;
use glasskey::lifecycle::{Cause, Event, GrantPhase, RequestPhase};
use glasskey::model::ReasonCode;
use serde_json::json;

#[test]
fn a_clock_that_goes_back_a_little_is_held_at_the_latest() {
    let mut w = World::new();
    w.tick("02:01:00");
    let asked = w.submit("02:00:00", ask("asha", "restart", "pay-db", &["INC-1", "S-1"]));
    assert!(is_permitted(&asked));
    assert_eq!(asked.at, at("02:01:00"), "no instant comes before one that was seen");
}

#[test]
fn a_grant_is_looked_at_sixteen_times_in_the_past_and_then_only_now() {
    let hours = |n: usize| format!("context.now < datetime(\"2026-03-01T03:{n:02}:00Z\")");
    let flips = (0..30).map(hours).collect::<Vec<_>>().join(" || ");
    let changing = POLICIES.replace(
        "resource)\nwhen { context has window && context.window.covers",
        &format!("resource)\nwhen {{ {flips} || context has window }}\nwhen {{ context has window && context.window.covers"),
    );
    let mut w = World::of(compile(MANIFEST, &changing), &world());
    w.observe(
        "01:00:00",
        json!({"windows": [{"id": "CHG-1", "start": t("01:00:00"), "end": t("09:00:00")}]}),
    );
    let grant = w.granted("02:00:00", ask("asha", "patch", "pay-db", &["CHG-1"]), &[], &["vault"]);
    let looks = w.tick("08:00:00");
    let changed = looks.events.iter().filter(|e| matches!(e, Event::GrantChecked { .. })).count();
    assert_eq!((changed, w.phase(&grant)), (17, GrantPhase::Active), "{looks:#?}");
}

#[test]
fn a_clock_that_goes_back_too_far_permits_nothing_new_and_still_ends_things() {
    let mut w = World::new();
    let grant = w.oncall("02:00:00");
    let approved = w.asked("02:05:00", ask("asha", "look", "pay-db", &["INC-1"]));
    let pending = w.asked("02:05:00", ask("asha", "work", "pay-db", &["INC-1"]));
    let gone = w.asked("02:05:00", ask("asha", "work", "pay-db", &["INC-1"]));
    let denied = w.asked("02:05:00", ask("asha", "work", "pay-db", &["INC-1"]));
    w.tick("02:10:00");
    let back = "02:08:59.999";
    let submitted = w.submit(back, ask("asha", "look", "pay-db", &["INC-1"]));
    assert_eq!(refusal(&submitted), ReasonCode::ClockSuspect);
    assert!(matches!(submitted.events[0], Event::ClockSuspect { .. }));
    assert_eq!(refusal(&w.activate(back, &approved)), ReasonCode::ClockSuspect);
    assert_eq!(refusal(&w.uses(back, &grant, "restart", "pay-db")), ReasonCode::ClockSuspect);
    assert_eq!(refusal(&w.extend(back, &grant)), ReasonCode::ClockSuspect);
    assert_eq!(state(&w.approve(back, &pending, "lena")), "pending");
    assert_eq!(state(&w.withdraw(back, &gone)), "withdrawn");
    assert_eq!(state(&w.deny(back, &denied, "lena")), "denied");
    assert_eq!(causes(&w.revoke(back, &grant, "asha")), [Cause::RevokedByRequester]);
    assert_eq!(state(&w.revoked(back, &grant, "vault")), "revoking");
    assert_eq!(w.ended(&grant).1, Some(at("02:10:00")), "ended at the latest instant seen");
    // Once the clock is right again, the approval that was recorded counts.
    assert!(is_permitted(&w.activate("02:10:01", &pending)));
    assert!(is_permitted(&w.activate("02:10:01", &approved)));
}

#[test]
fn a_minute_back_is_a_minute_too_little_to_be_suspect() {
    let mut w = World::new();
    w.tick("02:10:00");
    assert!(is_permitted(&w.submit("02:09:00", ask("asha", "look", "pay-db", &["INC-1"]))));
}

#[test]
fn what_ended_the_world_before_a_clock_went_back_stays_ended() {
    let mut w = World::new();
    let grant = w.oncall("02:00:00");
    w.tick("03:00:00");
    assert_eq!(
        refusal(&w.uses("02:59:00", &grant, "restart", "pay-db")),
        ReasonCode::ClockSuspect.max(ReasonCode::GrantEnded)
    );
    assert_eq!(w.phase(&grant), GrantPhase::Revoking);
}

#[test]
fn a_closed_incident_is_observed_under_a_doubtful_clock() {
    let mut w = World::new();
    let grant = w.oncall("02:00:00");
    w.tick("02:30:00");
    w.incident("02:00:30", json!({"id": "INC-1", "status": "closed"}));
    assert_eq!(w.ended(&grant), (Some(Cause::IncidentClosed), Some(at("02:30:00"))));
}

#[test]
fn a_jump_ahead_expires_what_is_due_first() {
    let mut w = World::new();
    let grant = w.oncall("02:00:00");
    let pending = w.asked("02:00:00", ask("asha", "work", "pay-db", &["INC-1"]));
    let approved = w.asked("02:00:00", ask("asha", "look", "pay-db", &["INC-1"]));
    let used = w.uses("+1 02:00:00", &grant, "restart", "pay-db");
    assert_eq!(refusal(&used), ReasonCode::GrantEnded);
    assert_eq!(w.ended(&grant), (Some(Cause::Expired), Some(at("03:00:00"))));
    assert_eq!(w.request_phase(&pending), RequestPhase::TimedOut);
    assert_eq!(w.request_phase(&approved), RequestPhase::Lapsed);
}

#[test]
fn a_sleeper_wakes_to_the_same_world_as_one_who_watched() {
    let build = || {
        let mut w = World::new();
        w.oncall("02:00:00");
        w.granted("02:00:00", ask("asha", "work", "pay-db", &["INC-1"]), &["lena"], &["vault"]);
        w.granted(
            "07:30:00",
            asks("asha", &[("tend", "pay-db"), ("notes", "pay-db")], &["INC-1", "S-1"]),
            &[],
            &["vault"],
        );
        w.asked("07:50:00", ask("asha", "drop", "pay-db", &["INC-1"]));
        w
    };
    let mut watched = build();
    let mut slept = build();
    let end = at("09:00:00");
    let mut now = at("07:50:00");
    while let Some(next) = watched.life.next_change(now) {
        if next > end {
            break;
        }
        let command = watched.command(json!({"tick": {}}));
        watched.life.apply(&command, next).unwrap();
        now = next;
    }
    watched
        .life
        .apply(&serde_json::from_value(json!({"command_id": "last", "tick": {}})).unwrap(), end)
        .unwrap();
    slept
        .life
        .apply(&serde_json::from_value(json!({"command_id": "last", "tick": {}})).unwrap(), end)
        .unwrap();
    let grants = |w: &World| serde_json::to_value(w.life.grants().collect::<Vec<_>>()).unwrap();
    let requests = |w: &World| serde_json::to_value(w.life.requests().collect::<Vec<_>>()).unwrap();
    assert_eq!(grants(&watched), grants(&slept));
    assert_eq!(requests(&watched), requests(&slept));
}

#[test]
fn the_next_change_is_the_first_limit_of_all() {
    let mut w = World::new();
    assert_eq!(w.life.next_change(at("02:00:00")), None);
    let request = w.asked("02:00:00", ask("asha", "work", "pay-db", &["INC-1"]));
    assert_eq!(w.life.next_change(at("02:00:00")), Some(at("02:15:00")), "time to gather");
    w.approve("02:01:00", &request, "lena");
    assert_eq!(w.life.next_change(at("02:01:00")), Some(at("02:11:00")), "time to activate");
    let grant = w.activate("02:02:00", &request).grant.clone().unwrap();
    assert_eq!(w.life.next_change(at("02:02:00")), Some(at("02:04:00")), "time to issue");
    w.issued("02:03:00", &grant, &["vault"]);
    assert_eq!(w.life.next_change(at("02:03:00")), Some(at("02:22:00")), "idle");
    w.uses("02:20:00", &grant, "work", "pay-db");
    w.tick("02:22:00");
    assert_eq!(w.life.next_change(at("02:22:00")), Some(at("02:32:00")), "the end");
    w.tick("02:32:00");
    assert_eq!(w.life.next_change(at("02:32:00")), Some(at("02:37:00")), "time to confirm");
    w.revoked("02:33:00", &grant, "vault");
    assert_eq!(w.life.next_change(at("02:33:00")), None);
}

#[test]
fn what_was_approved_while_the_clock_was_in_doubt_is_activated_when_it_is_not() {
    let mut w = World::new();
    let request = w.asked("02:00:00", ask("asha", "work", "pay-db", &["INC-1"]));
    w.tick("02:05:00");
    let approved = w.approve("02:00:00", &request, "lena");
    assert_eq!(state(&approved), "pending", "{approved:#?}");
    assert_eq!(w.life.grants().count(), 0);
    let activated = w.activate("02:05:01", &request);
    assert!(is_permitted(&activated) && activated.grant.is_some(), "{activated:#?}");
}
