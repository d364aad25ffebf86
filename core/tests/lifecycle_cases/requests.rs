//! From an ask to a grant: seats, deadlines, denials, schedules, activation.

use crate::lifecycle_world::*;
use glasskey::lifecycle::{Cause, Event, GrantPhase, RequestPhase};
use glasskey::model::{Limit, Missing, ReasonCode};
use glasskey::{Answer, Applied};
use serde_json::json;

fn work() -> serde_json::Value {
    ask("asha", "work", "pay-db", &["INC-1"])
}

fn dual() -> serde_json::Value {
    ask("eve", "drop", "pay-db", &["INC-1"])
}

fn missing_seats(applied: &Applied) -> Vec<String> {
    let missing = &applied.decision.as_ref().unwrap().missing;
    missing
        .iter()
        .filter_map(|m| match m {
            Missing::Seat { seat, .. } => Some(seat.seat.clone()),
            _ => None,
        })
        .collect()
}

#[test]
fn an_ask_becomes_a_grant_that_is_used_ends_and_is_confirmed() {
    let mut w = World::new();
    let asked = w.submit("02:00:00", work());
    assert_eq!((answer(&asked), state(&asked)), (Answer::Pending, "pending"), "{asked:#?}");
    assert_eq!(missing_seats(&asked), ["lead"]);
    let request = asked.request.clone().unwrap();

    let approved = w.approve("02:01:00", &request, "lena");
    assert_eq!((state(&approved), counted(&approved)), ("approved", Some(true)), "{approved:#?}");

    let activated = w.activate("02:02:00", &request);
    let decision = activated.decision.as_ref().unwrap();
    assert_eq!((decision.ends_at, decision.ends_by), (Some(at("02:32:00")), Some(Limit::RuleTtl)));
    assert_eq!((state(&activated), effects(&activated)), ("issuing", vec!["issue"]));
    assert_eq!(w.request_phase(&request), RequestPhase::Consumed);
    let grant = activated.grant.clone().unwrap();

    assert_eq!(state(&w.issued("02:02:01", &grant, &["vault", "proxy"])), "active");
    assert!(is_permitted(&w.uses("02:03:00", &grant, "work", "pay-db")));

    let ended = w.revoke("02:04:00", &grant, "asha");
    assert_eq!((causes(&ended), state(&ended)), (vec![Cause::RevokedByRequester], "revoking"));
    assert_eq!(points(&ended, "revoke"), ["proxy", "vault"]);
    assert_eq!(state(&w.revoked("02:04:01", &grant, "vault")), "revoking", "one point is not all");
    assert_eq!(state(&w.revoked("02:04:02", &grant, "proxy")), "closed");
    assert_eq!(w.grant(&grant).ended_at, Some(at("02:04:02")));
    assert_eq!(refusal(&w.uses("02:05:00", &grant, "work", "pay-db")), ReasonCode::GrantEnded);
}

#[test]
fn an_ask_that_nothing_permits_is_refused_with_what_is_missing() {
    let mut w = World::new();
    let refused = w.submit("02:00:00", ask("asha", "work", "hr-db", &["INC-1"]));
    assert_eq!((refusal(&refused), state(&refused)), (ReasonCode::OutOfIncidentScope, "refused"));
    let request = refused.request.clone().unwrap();
    assert_eq!(refusal(&w.activate("02:00:01", &request)), ReasonCode::RequestOver);
    assert_eq!(refusal(&w.approve("02:00:02", &request, "lena")), ReasonCode::RequestOver);
    assert_eq!(w.request_phase(&request), RequestPhase::Refused);
}

#[test]
fn only_privileged_actions_are_asked_for() {
    let mut w = World::new();
    assert_eq!(refusal(&w.submit("02:00:00", ask("asha", "ping", "pay-db", &[]))), ReasonCode::NotPrivileged);
}

#[test]
fn an_approval_at_pending_until_is_late_and_one_before_it_is_not() {
    let mut w = World::new();
    let early = w.asked("09:00:00", work());
    let late = w.asked("09:00:00", work());
    assert_eq!(state(&w.approve("09:14:59.999", &early, "lena")), "approved");
    // No sweeper has run: the time itself ends the request.
    let applied = w.approve("09:15:00", &late, "lena");
    assert_eq!((state(&applied), counted(&applied)), ("timed_out", Some(false)), "{applied:#?}");
    assert_eq!(refusal(&applied), ReasonCode::RequestOver);
    assert_eq!(refusal(&w.activate("09:15:01", &late)), ReasonCode::RequestOver);
    assert!(w.life.request(&late).unwrap().ask.approvals.is_empty(), "a late approval has no effect");
}

#[test]
fn an_approved_request_lapses_when_nobody_activates_it() {
    let mut w = World::new();
    let request = w.asked("09:00:00", work());
    w.approve("09:01:00", &request, "lena");
    assert_eq!(w.life.request(&request).unwrap().approved_until, Some(at("09:11:00")));
    let other = w.asked("09:05:00", work());
    w.approve("09:05:00", &other, "lena");
    assert_eq!(refusal(&w.activate("09:11:00", &request)), ReasonCode::RequestOver);
    assert_eq!(w.request_phase(&request), RequestPhase::Lapsed);
    assert!(is_permitted(&w.activate("09:14:59.999", &other)));
}

#[test]
fn the_activation_deadline_does_not_touch_a_grant() {
    let mut w = World::new();
    let grant = w.granted("09:00:00", work(), &["lena"], &["vault"]);
    w.uses("09:15:00", &grant, "work", "pay-db");
    assert!(w.tick("09:29:59.999").ended.is_empty());
    assert_eq!(w.phase(&grant), GrantPhase::Active);
}

#[test]
fn one_person_fills_one_seat_and_the_assignment_is_found() {
    let mut w = World::new();
    let request = w.asked("02:00:00", dual());
    // Bob could sit in both seats; Ann in one only.
    let first = w.approve("02:01:00", &request, "bob");
    assert_eq!((state(&first), missing_seats(&first).len()), ("pending", 1));
    let again = w.approve("02:01:30", &request, "bob");
    assert_eq!(state(&again), "pending", "the same person again fills no second seat");
    let second = w.approve("02:02:00", &request, "ann");
    assert_eq!(state(&second), "approved", "{second:#?}");
    let seats = second.decision.as_ref().unwrap().seats.clone();
    assert_eq!(
        seats.iter().map(|s| (s.seat.as_str(), s.by.to_string())).collect::<Vec<_>>(),
        [("eng", person_uid("bob")), ("sec", person_uid("ann"))]
    );
    let surplus = w.approve("02:02:30", &request, "sue");
    assert_eq!((counted(&surplus), state(&surplus)), (Some(false), "approved"));
}

#[test]
fn who_takes_part_does_not_approve_under_any_name() {
    let mut w = World::new();
    let request = w.asked("02:00:00", dual());
    assert_eq!(counted(&w.approve("02:01:00", &request, "bob.e@CORP")), Some(true), "an alias is a person");
    for by in ["EVE@corp", "eve", "nobody@corp", "max", "Glasskey::Agent::\"bot\""] {
        let applied = w.approve("02:02:00", &request, by);
        assert_eq!((counted(&applied), state(&applied)), (Some(false), "pending"), "{by}: {applied:#?}");
    }
}

#[test]
fn an_approval_is_bound_to_what_was_seen() {
    let mut w = World::new();
    let request = w.asked("02:00:00", work());
    let other = w.asked("02:00:00", with(work(), "ttl", json!("2h")));
    let seen = w.life.request(&other).unwrap().digest;
    let applied =
        w.act("02:01:00", json!({"approve": {"request": request, "by": person_uid("lena"), "ask": seen}}));
    assert_eq!((counted(&applied), state(&applied)), (Some(false), "pending"));
    assert_eq!(state(&w.approve("02:02:00", &request, "lena")), "approved");
}

#[test]
fn a_submission_carries_no_approvals_of_its_own() {
    let mut w = World::new();
    let asked = w.submit("02:00:00", work());
    let digest = asked.decision.as_ref().unwrap().ask;
    let forged =
        with(work(), "approvals", json!([{"by": person_uid("lena"), "at": t("02:00:00"), "ask": digest}]));
    let mut command = json!({"submit": {"request": forged}, "command_id": "forged"});
    let error = glasskey::Command::from_value(command.take()).expect_err("approvals are commands");
    assert_eq!(error.code, glasskey::Code::BadCommand);
    assert_eq!(error.path.as_deref(), Some("submit.request.approvals"));
}

#[test]
fn a_denial_by_whoever_could_approve_ends_the_request() {
    let mut w = World::new();
    let request = w.asked("02:00:00", work());
    for by in ["max", "asha", "sue", "nobody@corp"] {
        let applied = w.deny("02:01:00", &request, by);
        assert_eq!((answer(&applied), state(&applied)), (Answer::Deny, "pending"), "{by}: {applied:#?}");
        assert_ne!(refusal(&applied), ReasonCode::ApprovalsMissing, "{by}");
    }
    // Even after it was approved, and whichever of them would sit in the one seat if both approved.
    for (approves, denies) in [("lena", "lars"), ("lars", "lena")] {
        let mut w = World::new();
        let request = w.asked("02:00:00", work());
        w.approve("02:02:00", &request, approves);
        assert_eq!(state(&w.deny("02:03:00", &request, denies)), "denied");
        assert_eq!(refusal(&w.activate("02:04:00", &request)), ReasonCode::RequestOver);
        assert_eq!(refusal(&w.deny("02:05:00", &request, denies)), ReasonCode::RequestOver);
    }
}

#[test]
fn what_counts_against_somebody_counts_for_a_day_or_a_week() {
    let policies = format!(
        "{POLICIES}\n@id(\"once-a-day\") forbid (principal, action == Ops::Action::\"look\", resource)
         when {{ !(context has grant) && context.history.grants_24h >= 1 }};
         @id(\"once-a-week\") forbid (principal, action == Ops::Action::\"smash\", resource)
         when {{ !(context has grant) && context.history.emergencies_7d >= 1 }};"
    );
    let mut w = World::of(compile(MANIFEST, &policies), &world());
    let look = || ask("asha", "look", "pay-db", &["INC-1"]);
    w.granted("02:00:00", look(), &[], &["vault"]);
    assert_eq!(refusal(&w.submit("+1 01:59:59.999", look())), ReasonCode::Forbidden);
    assert!(is_permitted(&w.submit("+1 02:00:00", look())));

    let mut w = World::of(compile(MANIFEST, &policies), &world());
    let smash = || with(ask("ben", "smash", "pay-db", &[]), "emergency", json!(true));
    let grant = w.granted("02:00:00", smash(), &["cal"], &["vault"]);
    w.revoke("02:10:00", &grant, "ben");
    w.act(
        "03:00:00",
        json!({"review": {"grant": grant, "by": person_uid("rae"), "verdict": "accepted", "classification": "actual"}}),
    );
    let (before, then) = ("2026-03-08T01:59:59.999Z", "2026-03-08T02:00:00Z");
    w.observe(before, json!({"entities_observed_at": before}));
    assert_eq!(refusal(&w.submit(before, smash())), ReasonCode::Forbidden);
    assert_eq!(answer(&w.submit(then, smash())), Answer::Pending);
}

/// Why an approval did not count.
fn not_counted(applied: &Applied) -> serde_json::Value {
    let recorded = applied.events.iter().find_map(|e| match e {
        Event::ApprovalRecorded { reason, .. } => Some(json!(reason)),
        _ => None,
    });
    recorded.unwrap_or_else(|| panic!("no approval: {applied:#?}"))
}

#[test]
fn an_approval_where_none_is_asked_for_is_kept_and_does_not_count() {
    let mut w = World::new();
    let request = w.asked("02:00:00", ask("asha", "look", "pay-db", &["INC-1"]));
    let approved = w.approve("02:01:00", &request, "lena");
    assert_eq!((state(&approved), counted(&approved)), ("approved", Some(false)));
    assert_eq!(
        not_counted(&approved),
        json!({"code": "approver_not_eligible", "entity": person_uid("lena")})
    );
}

#[test]
fn a_seat_that_is_lost_is_filled_anew_as_long_as_the_request_may_wait() {
    for (later, phase) in [(-1, RequestPhase::Pending), (0, RequestPhase::Void)] {
        let mut w = World::new();
        let request = w.asked("02:00:00", work());
        let until = w.life.request(&request).unwrap().pending_until;
        let clock = |ms: i64| glasskey::Instant::from_ms(until.ms() + ms).unwrap().to_string();
        w.approve(&clock(-2), &request, "lena");
        w.observe(&clock(later), json!({"entities": [person("lena", &[])]}));
        assert_eq!(w.request_phase(&request), phase, "{later} ms");
        let cause = (phase == RequestPhase::Void).then_some(Cause::RequesterIneligible);
        assert_eq!(w.life.request(&request).unwrap().cause, cause);
    }
}

#[test]
fn of_several_approvals_of_one_ask_by_one_person_the_latest_is_kept() {
    let mut w = World::new();
    let request = w.asked("02:00:00", dual());
    for clock in ["02:01:00", "02:02:00"] {
        w.approve(clock, &request, "bob");
    }
    w.approve("02:03:00", &request, "ann");
    let kept = &w.life.request(&request).unwrap().ask.approvals;
    let kept: Vec<_> = kept.iter().map(|a| (a.by.as_str(), a.at)).collect();
    let [bob, ann] = ["bob", "ann"].map(person_uid);
    assert_eq!(kept, [(bob.as_str(), at("02:02:00")), (ann.as_str(), at("02:03:00"))]);
}

#[test]
fn each_approval_is_told_its_own_reason() {
    let mut w = World::new();
    let request = w.asked("02:00:00", dual());
    w.approve("02:01:00", &request, "Bob.E@corp");
    // Whoever approved first is not known any more.
    w.observe("02:02:00", json!({"remove": {"entities": [person_uid("bob")]}}));
    let approved = w.approve("02:03:00", &request, "max");
    assert_eq!(not_counted(&approved), json!({"code": "approver_not_eligible", "entity": person_uid("max")}));
    let unknown = w.approve("02:04:00", &request, "nobody@corp");
    assert_eq!(not_counted(&unknown), json!({"code": "approver_unknown", "detail": "nobody@corp"}));
}

#[test]
fn a_denial_after_activation_is_a_revocation() {
    let mut w = World::new();
    let request = w.asked("02:00:00", work());
    w.approve("02:00:00", &request, "lena");
    let grant = w.activate("02:00:00", &request).grant.clone().unwrap();
    w.issued("02:00:01", &grant, &["vault"]);
    let denied = w.deny("02:01:00", &request, "lena");
    assert_eq!(causes(&denied), [Cause::RevokedByApprover]);
    assert_eq!(w.request_phase(&request), RequestPhase::Consumed, "terminal stays terminal");
}

#[test]
fn only_the_requester_withdraws_and_the_approvals_are_kept() {
    let mut w = World::new();
    let request = w.asked("02:00:00", dual());
    w.approve("02:01:00", &request, "bob");
    let other = w.act("02:02:00", json!({"withdraw": {"request": request, "by": person_uid("max")}}));
    assert_eq!(refusal(&other), ReasonCode::NotRequester);
    assert_eq!(state(&w.withdraw("02:03:00", &request)), "withdrawn");
    assert_eq!(w.life.request(&request).unwrap().ask.approvals.len(), 1);
    assert_eq!(refusal(&w.withdraw("02:04:00", &request)), ReasonCode::RequestOver);
    assert_eq!(refusal(&w.approve("02:05:00", &request, "ann")), ReasonCode::RequestOver);
}

#[test]
fn an_approver_who_leaves_loses_the_seat_and_it_is_gathered_again() {
    for (by, leaver) in [("lena", "lena"), ("Bob.E@corp", "bob")] {
        let mut w = World::new();
        let ask = if by == "lena" { work() } else { dual() };
        let request = w.asked("02:00:00", ask);
        if by != "lena" {
            w.approve("02:00:00", &request, "ann");
        }
        assert_eq!(state(&w.approve("02:01:00", &request, by)), "approved", "{by}");
        let left = w.observe("02:02:00", json!({"entities": [person(leaver, &[])]}));
        assert!(left.events.len() > 1, "{by}: the seat is lost at once: {left:#?}");
        assert_eq!(w.request_phase(&request), RequestPhase::Pending, "{by}");
        assert!(!is_permitted(&w.activate("02:03:00", &request)));
        let back = if leaver == "lena" { "lars" } else { "ben" };
        assert_eq!(state(&w.approve("02:04:00", &request, back)), "approved", "{by}");
    }
}

#[test]
fn a_seat_lost_after_the_time_to_gather_voids_the_request() {
    let mut w = World::new();
    let request = w.asked("02:00:00", work());
    w.approve("02:14:00", &request, "lena");
    w.observe("02:16:00", json!({"entities": [person("lena", &[])]}));
    assert_eq!(w.request_phase(&request), RequestPhase::Void);
}

#[test]
fn a_seat_filled_by_a_change_in_the_world_approves_the_request() {
    let mut w = World::new();
    let request = w.asked("02:00:00", work());
    assert_eq!(counted(&w.approve("02:01:00", &request, "max")), Some(false), "max does not lead");
    // His approval is on record; now he leads.
    w.observe("02:02:00", json!({"entities": [person("max", &["lead"])]}));
    assert_eq!(w.request_phase(&request), RequestPhase::Approved);
    assert!(is_permitted(&w.activate("02:03:00", &request)));
    assert_eq!(w.life.grants().count(), 1, "a permit is a grant");
}

#[test]
fn what_a_request_stands_on_voids_it_when_it_goes() {
    let close = json!({"incidents": [{"id": "INC-1", "status": "closed"}]});
    let cases = [
        (close, Cause::IncidentClosed),
        (json!({"incidents": [{"id": "INC-1", "status": "merged"}]}), Cause::IncidentMerged),
        (json!({"incidents": [{"id": "INC-1", "epoch": 2}]}), Cause::IncidentClosed),
        (json!({"locks": [{"target": person_uid("asha")}]}), Cause::Locked),
        (json!({"locks": [{"target": system_uid("payments")}]}), Cause::Locked),
        (json!({"locks": [{"target": "*"}]}), Cause::Locked),
        (json!({"remove": {"entities": [person_uid("asha")]}}), Cause::RequesterIneligible),
    ];
    for (facts, cause) in cases {
        let mut w = World::new();
        let pending = w.asked("02:00:00", work());
        let approved = w.asked("02:00:00", work());
        w.approve("02:01:00", &approved, "lena");
        w.observe("02:02:00", facts.clone());
        for request in [&pending, &approved] {
            assert_eq!(w.request_phase(request), RequestPhase::Void, "{facts}");
            assert_eq!(w.life.request(request).unwrap().cause, Some(cause), "{facts}");
            assert_eq!(refusal(&w.activate("02:03:00", request)), ReasonCode::RequestOver);
        }
        assert_eq!(w.life.grants().count(), 0);
    }
}

#[test]
fn a_schedule_is_kept_until_its_start_and_judged_again_then() {
    let mut w = World::new();
    let window = ask("asha", "patch", "pay-db", &["CHG-1"]);
    let act = |start: &str| json!({"submit": {"request": window, "start": t(start)}});
    let asked = w.act("02:00:00", act("04:00:00"));
    assert_eq!((answer(&asked), state(&asked)), (Answer::Permit, "scheduled"), "{asked:#?}");
    let judged_as_of = |applied: &Applied| {
        let evidence = json!(applied.evidence.as_ref().unwrap());
        evidence["circumstances"].get("as_of").cloned()
    };
    assert_eq!(judged_as_of(&asked), Some(json!(at("04:00:00"))));
    let request = asked.request.clone().unwrap();
    assert_eq!(w.life.request(&request).unwrap().valid_until, Some(at("04:00:00")), "looked at then");
    assert_eq!(refusal(&w.activate("03:59:59.999", &request)), ReasonCode::NotYet);
    let activated = w.activate("04:00:00", &request);
    assert_eq!(judged_as_of(&activated), None, "it is then");
    let decision = activated.decision.as_ref().unwrap();
    assert_eq!((decision.ends_at, decision.ends_by), (Some(at("05:00:00")), Some(Limit::WindowEnd)));
    let mut looked = World::new();
    let scheduled = looked.act("02:00:00", act("04:00:00")).request.clone().unwrap();
    looked.tick("04:00:00");
    let next = looked.life.request(&scheduled).unwrap().valid_until;
    assert!(
        next.is_some_and(|next| next > at("04:00:00")),
        "what has begun is not looked at for that: {next:?}"
    );
    // What begins now is not scheduled.
    let mut other = World::new();
    assert_eq!(state(&other.act("04:00:00", act("04:00:00.001"))), "scheduled");
    assert_eq!(state(&other.act("04:00:00", act("04:00:00"))), "approved");
    // Outside its window a schedule is refused at once, not then.
    assert_eq!(refusal(&w.act("04:00:00", act("06:00:00"))), ReasonCode::OutsideWindow);
}

#[test]
fn a_schedule_whose_window_passed_is_never_activated() {
    let mut w = World::new();
    let window = ask("asha", "patch", "pay-db", &["CHG-1"]);
    let asked = w.act("02:00:00", json!({"submit": {"request": window, "start": t("04:00:00")}}));
    let request = asked.request.clone().unwrap();
    assert_eq!(refusal(&w.activate("05:00:00", &request)), ReasonCode::RequestOver);
    assert!(w.request_phase(&request).is_terminal());
}

#[test]
fn a_scheduled_person_who_leaves_is_void_before_the_start() {
    let mut w = World::new();
    let window = ask("asha", "patch", "pay-db", &["CHG-1"]);
    let asked = w.act("02:00:00", json!({"submit": {"request": window, "start": t("04:00:00")}}));
    let request = asked.request.clone().unwrap();
    w.observe("03:00:00", json!({"windows": [{"id": "CHG-1", "assignees": [person_uid("ben")]}]}));
    assert_eq!(w.request_phase(&request), RequestPhase::Void);
}

#[test]
fn an_approver_may_shorten_and_never_lengthen() {
    let mut w = World::new();
    for (max, ends) in [("10m", "02:10:00"), ("4h", "02:30:00")] {
        let request = w.asked("02:00:00", work());
        w.act("02:00:00", json!({"approve": {"request": request, "by": person_uid("lena"), "max_ttl": max}}));
        let activated = w.activate("02:00:00", &request);
        assert_eq!(activated.decision.as_ref().unwrap().ends_at, Some(at(ends)), "{max}");
    }
}

#[test]
fn silence_never_lowers_a_count() {
    let mut w = World::new();
    let request = w.asked("02:00:00", dual());
    w.approve("02:01:00", &request, "bob");
    for clock in ["02:05:00", "02:10:00", "02:14:59.999"] {
        assert!(!is_permitted(&w.activate(clock, &request)));
    }
    w.tick("02:15:00");
    assert_eq!(w.request_phase(&request), RequestPhase::TimedOut);
}

#[test]
fn nobody_denies_or_approves_what_asks_for_nobody() {
    let mut w = World::new();
    let request = w.asked("02:00:00", ask("asha", "restart", "pay-db", &["INC-1", "S-1"]));
    assert_eq!(w.request_phase(&request), RequestPhase::Approved);
    let approval = w.approve("02:00:00", &request, "lena");
    assert_eq!((counted(&approval), state(&approval)), (Some(false), "approved"));
    let denial = w.deny("02:00:00", &request, "lena");
    assert_eq!((refusal(&denial), state(&denial)), (ReasonCode::ApproverNotEligible, "approved"));
}

#[test]
fn a_way_of_delivery_that_the_rule_does_not_name_is_refused_and_told() {
    let mut w = World::new();
    let request = w.asked("02:00:00", ask("asha", "mint", "pay-db", &[]));
    let act = |delivery| json!({"activate": {"request": request, "delivery": delivery}});
    let chat = w.act("02:00:00", act("chat"));
    assert_eq!((refusal(&chat), effects(&chat)), (ReasonCode::DeliveryNotAllowed, vec!["alert"]));
    assert_eq!(state(&chat), "approved", "it may be asked for in another way");
    assert!(is_permitted(&w.act("02:00:01", act("broker"))));
}
