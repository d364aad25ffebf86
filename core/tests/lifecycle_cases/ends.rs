//! What ends a grant, who may end it, and when the end is claimed.

use crate::lifecycle_world::*;
use glasskey::lifecycle::{Cause, Event, Flag, GrantPhase};
use glasskey::model::{Limit, ReasonCode};
use serde_json::json;

#[test]
fn a_grant_ends_with_its_incident_and_is_closed_when_every_point_has_confirmed() {
    let mut w = World::new();
    let grant = w.oncall("02:05:10");
    assert!(is_permitted(&w.uses("02:30:59.999", &grant, "restart", "pay-db")));
    let closed = w.incident("02:31:00", json!({"id": "INC-1", "status": "closed"}));
    assert_eq!(w.ended(&grant), (Some(Cause::IncidentClosed), Some(at("02:31:00"))));
    assert_eq!(points(&closed, "revoke"), ["proxy", "vault"]);
    assert!(closed.effects.iter().all(|e| e.deadline == Some(at("02:36:00"))));
    assert_eq!(refusal(&w.uses("02:31:00", &grant, "restart", "pay-db")), ReasonCode::GrantEnded);
    w.revoked("02:31:02", &grant, "vault");
    assert_eq!(w.phase(&grant), GrantPhase::Revoking, "ended is not claimed before");
    w.revoked("02:31:02", &grant, "vault");
    assert_eq!(w.phase(&grant), GrantPhase::Revoking, "one point twice is one point");
    w.revoked("02:31:04", &grant, "proxy");
    let grant = w.grant(&grant);
    assert_eq!((grant.phase, grant.ended_at), (GrantPhase::Closed, Some(at("02:31:04"))));
    assert_eq!(grant.revoking_at, Some(at("02:31:00")));
}

#[test]
fn at_the_end_is_over_whether_or_not_a_timer_fired() {
    let mut w = World::new();
    let grant = w.oncall("02:05:10");
    assert_eq!(w.life.next_change(at("02:10:00")), Some(at("03:05:10")));
    assert!(is_permitted(&w.uses("03:05:09.999", &grant, "restart", "pay-db")));
    assert_eq!(refusal(&w.uses("03:05:10", &grant, "restart", "pay-db")), ReasonCode::GrantEnded);
    assert_eq!(w.ended(&grant), (Some(Cause::Expired), Some(at("03:05:10"))));
}

#[test]
fn an_end_that_is_noticed_late_is_dated_to_when_it_was() {
    let mut w = World::new();
    let grant = w.oncall("02:05:10");
    let ended = w.tick("03:20:00");
    assert_eq!(w.ended(&grant), (Some(Cause::Expired), Some(at("03:05:10"))));
    assert!(w.has_flag(&grant, Flag::RevocationUnconfirmed), "its points were due at 03:10:10");
    assert!(effects(&ended).contains(&"page"));
}

#[test]
fn a_point_that_does_not_confirm_in_time_leaves_a_flag_that_stays() {
    let mut w = World::new();
    let grant = w.oncall("02:00:00");
    w.incident("02:10:00", json!({"id": "INC-1", "status": "closed"}));
    w.revoked("02:10:05", &grant, "vault");
    assert!(w.tick("02:14:59.999").effects.is_empty());
    assert_eq!(w.life.next_change(at("02:14:00")), Some(at("02:15:00")));
    let late = w.tick("02:15:00");
    assert_eq!(effects(&late), ["page"]);
    assert!(w.has_flag(&grant, Flag::RevocationUnconfirmed));
    assert!(w.tick("06:00:00").effects.is_empty(), "nobody is paged twice for one thing");
    assert_eq!(w.phase(&grant), GrantPhase::Revoking, "never closed by time");
    assert_eq!(state(&w.revoked("06:00:01", &grant, "proxy")), "closed");
    assert!(w.has_flag(&grant, Flag::RevocationUnconfirmed), "the flag stays");
}

#[test]
fn each_point_is_paged_for_when_it_is_late() {
    let mut w = World::new();
    let grant = w.granted("02:00:00", ask("asha", "checkout", "root@legacy", &[]), &[], &["broker"]);
    w.tick("02:30:00");
    let first = w.tick("02:35:00");
    assert_eq!(effects(&first), ["page"], "the broker was due");
    let second = w.tick("02:45:00");
    assert_eq!(effects(&second), ["page"], "the new secret was due: {second:#?}");
    w.revoked("02:46:00", &grant, "broker");
    assert_eq!(state(&w.revoked("02:47:00", &grant, "rotation")), "closed");
}

#[test]
fn an_unused_grant_ends_and_each_use_keeps_it() {
    let mut w = World::new();
    let work = || ask("asha", "work", "pay-db", &["INC-1"]);
    let never = w.granted("02:00:00", work(), &["lena"], &["vault"]);
    let used = w.granted("02:00:00", work(), &["lena"], &["vault"]);
    w.uses("02:15:00", &used, "work", "pay-db");
    w.tick("02:40:00");
    assert_eq!(w.ended(&never), (Some(Cause::Idle), Some(at("02:20:00"))));
    assert_eq!(w.ended(&used), (Some(Cause::Expired), Some(at("02:30:00"))));
    let long = w.granted("04:00:00", with(work(), "ttl", json!("2h")), &["lena"], &["vault"]);
    w.uses("04:15:00", &long, "work", "pay-db");
    assert!(is_permitted(&w.uses("04:34:59.999", &long, "work", "pay-db")));
    assert_eq!(refusal(&w.uses("04:54:59.999", &long, "work", "pay-db")), ReasonCode::GrantEnded);
    assert_eq!(w.ended(&long), (Some(Cause::Idle), Some(at("04:54:59.999"))));
}

#[test]
fn a_refused_use_does_not_keep_a_grant_awake() {
    let mut w = World::new();
    let work = ask("asha", "work", "pay-db", &["INC-1"]);
    let grant = w.granted("02:00:00", with(work, "ttl", json!("2h")), &["lena"], &["vault"]);
    assert_eq!(refusal(&w.uses("02:19:00", &grant, "drop", "pay-db")), ReasonCode::OutOfScope);
    w.tick("02:20:00");
    assert_eq!(w.ended(&grant), (Some(Cause::Idle), Some(at("02:20:00"))));
}

#[test]
fn a_grant_is_used_as_often_as_it_may_be_and_then_ends() {
    let mut w = World::new();
    let grant = w.granted("02:00:00", ask("asha", "work", "pay-db", &["INC-1"]), &["lena"], &["vault"]);
    for clock in ["02:01:00", "02:03:00", "02:05:00"] {
        assert!(is_permitted(&w.uses(clock, &grant, "work", "pay-db")));
    }
    let fourth = w.uses("02:06:00", &grant, "work", "pay-db");
    assert_eq!((refusal(&fourth), causes(&fourth)), (ReasonCode::UsesExhausted, vec![Cause::UsesExhausted]));
    assert_eq!(refusal(&w.uses("02:07:00", &grant, "work", "pay-db")), ReasonCode::UsesExhausted);
    assert_eq!(w.grant(&grant).uses, 3);
}

#[test]
fn a_use_outside_the_scope_is_refused_and_costs_nothing() {
    let mut w = World::new();
    let grant = w.oncall("02:00:00");
    let applied = w.uses("02:01:00", &grant, "restart", "pay-api");
    assert_eq!((refusal(&applied), state(&applied)), (ReasonCode::OutOfScope, "active"));
    assert_eq!(w.grant(&grant).uses, 0);
}

#[test]
fn the_first_end_in_time_is_the_cause_and_the_others_are_kept() {
    let mut w = World::new();
    let grant = w.oncall("02:00:00");
    w.incident("02:10:00", json!({"id": "INC-1", "status": "closed"}));
    w.observe("02:11:00", json!({"locks": [{"target": person_uid("asha")}]}));
    w.revoke("02:12:00", &grant, "lena-nobody@corp");
    w.revoke("02:12:00", &grant, "asha");
    w.revoke("02:12:01", &grant, "asha");
    assert_eq!(w.ended(&grant), (Some(Cause::IncidentClosed), Some(at("02:10:00"))));
    assert_eq!(w.grant(&grant).also, [Cause::RevokedByRequester]);
}

#[test]
fn several_ends_in_one_change_are_named_gravest_first() {
    let mut w = World::new();
    let grant = w.oncall("02:00:00");
    let both = json!({"incidents": [{"id": "INC-1", "status": "closed"}], "locks": [{"target": "*"}]});
    assert_eq!(causes(&w.observe("02:10:00", both)), [Cause::Locked]);
    assert_eq!(w.grant(&grant).cause, Some(Cause::Locked));
}

#[test]
fn who_may_revoke_and_as_what() {
    let cases = [
        ("asha", Some(Cause::RevokedByRequester)),
        ("lena", Some(Cause::RevokedByApprover)),
        ("cal", Some(Cause::RevokedByCommander)),
        ("sue", Some(Cause::RevokedBySecurity)),
        ("max", None),
        ("nobody@corp", None),
    ];
    for (by, cause) in cases {
        let mut w = World::new();
        let grant = w.granted("02:00:00", ask("asha", "work", "pay-db", &["INC-1"]), &["lena"], &["vault"]);
        let applied = w.revoke("02:01:00", &grant, by);
        assert_eq!(causes(&applied), Vec::from_iter(cause), "{by}: {applied:#?}");
        let named = applied.events.iter().find_map(|e| match e {
            Event::Ended { by, .. } => Some(by.clone()),
            _ => None,
        });
        let person = format!("Glasskey::Person::\"{by}\"");
        assert_eq!(named, cause.map(|_| Some(person)), "who ended it stands in the record");
        if cause.is_none() {
            assert_eq!(w.phase(&grant), GrantPhase::Active, "{by}");
            refusal(&applied);
        }
    }
}

#[test]
fn a_closed_grant_is_revoked_by_nobody() {
    let mut w = World::new();
    let grant = w.oncall("02:00:00");
    w.revoke("02:01:00", &grant, "asha");
    w.revoked("02:01:01", &grant, "vault");
    w.revoked("02:01:01", &grant, "proxy");
    assert_eq!(refusal(&w.revoke("02:02:00", &grant, "asha")), ReasonCode::GrantEnded);
    w.act("02:03:00", json!({"complete": {"grant": grant, "outcome": "failed"}}));
    assert!(w.grant(&grant).also.is_empty(), "terminal stays terminal");
}

#[test]
fn the_end_of_the_work_ends_the_grant_however_it_came_out() {
    for (outcome, cause) in
        [("done", Cause::TaskDone), ("failed", Cause::TaskFailed), ("timeout", Cause::TaskTimeout)]
    {
        let mut w = World::new();
        let grant = w.oncall("02:00:00");
        let applied = w.act("02:10:00", json!({"complete": {"grant": grant, "outcome": outcome}}));
        assert_eq!((causes(&applied), state(&applied)), (vec![cause], "revoking"));
    }
}

#[test]
fn a_point_that_confirms_while_the_grant_lives_is_drift() {
    let mut w = World::new();
    let grant = w.oncall("02:00:00");
    let applied = w.revoked("02:10:00", &grant, "vault");
    assert_eq!(causes(&applied), [Cause::Drift]);
    assert_eq!(points(&applied, "revoke"), ["proxy"], "what is gone already is not asked for");
    assert!(w.has_flag(&grant, Flag::ExternallyModified));
    assert_eq!(state(&w.revoked("02:10:05", &grant, "proxy")), "closed");
    assert!(w.has_flag(&grant, Flag::ExternallyModified), "certainty is gone for good");
}

#[test]
fn drift_at_the_only_point_closes_the_grant() {
    let mut w = World::new();
    let ask = ask("asha", "restart", "pay-db", &["INC-1", "S-1"]);
    let grant = w.granted("02:00:00", ask, &[], &["vault"]);
    assert_eq!(state(&w.revoked("02:10:00", &grant, "vault")), "closed");
}

#[test]
fn drift_and_leaks_end_the_grant_and_wake_somebody() {
    for (finding, cause) in [("drift", Cause::Drift), ("leak", Cause::Leak)] {
        let mut w = World::new();
        let grant = w.oncall("02:00:00");
        let applied = w.act("02:10:00", json!({"report": {"grant": grant, "finding": finding}}));
        assert_eq!(causes(&applied), [cause]);
        assert!(effects(&applied).contains(&"page"));
        assert_eq!(w.has_flag(&grant, Flag::ExternallyModified), finding == "drift");
    }
}

#[test]
fn a_contract_that_ends_earlier_ends_the_grant_then() {
    let mut w = World::new();
    let grant = w.oncall("02:00:00");
    let until = |clock: &str| {
        let mut asha = person("asha", &["eng"]);
        asha["attrs"] = json!({"contract_ends": {"__extn": {"fn": "datetime", "arg": t(clock)}}});
        json!({"entities": [asha]})
    };
    w.observe("02:10:00", until("02:30:00"));
    assert_eq!((w.grant(&grant).ends_at, w.grant(&grant).ends_by), (at("02:30:00"), Limit::ContractEnd));
    w.observe("02:11:00", until("03:30:00"));
    assert_eq!(w.grant(&grant).ends_at, at("02:30:00"), "an end only comes nearer");
    w.tick("02:30:00");
    assert_eq!(w.ended(&grant), (Some(Cause::ContractEnded), Some(at("02:30:00"))));
    // An end that is past when it becomes known ends the grant now, under its own name.
    let grant = w.granted("02:40:00", ask("ben", "look", "pay-db", &["INC-1"]), &[], &["vault"]);
    let mut ben = person("ben", &["eng"]);
    ben["attrs"] = json!({"contract_ends": {"__extn": {"fn": "datetime", "arg": t("02:00:00")}}});
    assert_eq!(causes(&w.observe("02:45:00", json!({"entities": [ben]}))), [Cause::ContractEnded]);
    assert_eq!(w.ended(&grant).1, Some(at("02:45:00")));
}

#[test]
fn a_tighter_bundle_ends_what_it_no_longer_permits() {
    let mut w = World::new();
    let grant = w.oncall("02:00:00");
    let look = w.granted("02:00:00", ask("eve", "look", "pay-db", &["INC-1"]), &[], &["vault"]);
    let pending = w.asked("02:00:00", ask("asha", "work", "pay-db", &["INC-1"]));
    let approved = w.asked("02:00:00", ask("asha", "restart", "pay-db", &["INC-1", "S-1"]));
    let tighter = POLICIES.replace(
        "context has incident && context.incident.covers };\n\n@id(\"tend\")",
        "false };\n\n@id(\"tend\")",
    );
    assert_ne!(tighter, POLICIES);
    let tighter = compile(MANIFEST, &tighter);
    let changed = w.change_bundle("02:10:00", &tighter);
    assert_eq!(w.ended(&grant), (Some(Cause::PolicyTightened), Some(at("02:10:00"))), "{changed:#?}");
    assert_eq!(w.phase(&look), GrantPhase::Active, "and nothing else");
    assert_eq!(w.request_phase(&pending), glasskey::lifecycle::RequestPhase::Pending);
    assert_eq!(w.request_phase(&approved), glasskey::lifecycle::RequestPhase::Void);
    assert_eq!(w.life.request(&approved).unwrap().cause, Some(Cause::PolicyTightened));
    assert_eq!(w.life.bundle().digest(), tighter.digest());
}

#[test]
fn a_bundle_without_the_rule_ends_the_grant_too() {
    let mut w = World::new();
    let grant = w.oncall("02:00:00");
    let renamed = compile(MANIFEST, &POLICIES.replace("@id(\"oncall\")", "@id(\"on-call\")"));
    w.change_bundle("02:10:00", &renamed);
    assert_eq!(w.grant(&grant).cause, Some(Cause::PolicyTightened));
}

#[test]
fn a_shorter_maximum_shortens_what_runs() {
    let mut w = World::new();
    let grant = w.oncall("02:00:00");
    let shorter = POLICIES.replacen("@ttl(\"1h\") @max_ttl(\"1h\")", "@ttl(\"20m\") @max_ttl(\"20m\")", 1);
    w.change_bundle("02:10:00", &compile(MANIFEST, &shorter));
    assert_eq!((w.grant(&grant).ends_at, w.grant(&grant).ends_by), (at("02:20:00"), Limit::RuleTtl));
    let mut w = World::new();
    let grant = w.oncall("02:00:00");
    w.change_bundle("02:30:00", &compile(MANIFEST, &shorter));
    assert_eq!(w.ended(&grant), (Some(Cause::PolicyTightened), Some(at("02:30:00"))));
}

#[test]
fn approvals_given_under_one_bundle_do_not_count_under_another() {
    let mut w = World::new();
    let request = w.asked("02:00:00", ask("asha", "work", "pay-db", &["INC-1"]));
    w.approve("02:01:00", &request, "lena");
    let other = compile(&MANIFEST.replace("version = \"1\"", "version = \"2\""), POLICIES);
    w.change_bundle("02:02:00", &other);
    assert!(!is_permitted(&w.activate("02:03:00", &request)), "never half and half");
    assert_eq!(state(&w.approve("02:04:00", &request, "lena")), "approved");
}

#[test]
fn what_an_archive_forgets_leaves_nothing_behind_and_everything_else_as_it_was() {
    let mut w = World::new();
    let first = w.oncall("02:00:00");
    let second = w.granted("02:10:00", ask("ben", "look", "pay-db", &["INC-2"]), &[], &["vault"]);
    w.extend("02:46:00", &first);
    let mut archive = glasskey::lifecycle::Archive::new();
    w.records.iter().for_each(|record| archive.fold(record).unwrap());
    assert_eq!((archive.seq(), archive.last()), (w.life.seq(), Some(at("02:46:00"))));
    let kept: Vec<&str> = archive.grants().iter().map(|grant| grant.id.as_str()).collect();
    assert_eq!(kept, [&first, &second], "as they began");
    let told = |archive: &glasskey::lifecycle::Archive, id: &str| format!("{archive:?}").matches(id).count();
    let before = told(&archive, &second);
    assert!(before > 0 && told(&archive, &first) > 0);
    archive.forget(&first);
    assert_eq!((told(&archive, &first), told(&archive, &second)), (0, before));
    archive.forget(&second);
    assert_eq!((told(&archive, &second), told(&archive, "chain_")), (0, 0), "{archive:#?}");
}

#[test]
fn what_a_bundle_leaves_as_it_was_is_not_told_as_shortened() {
    let mut w = World::new();
    let grant = w.oncall("02:00:00");
    let other = compile(MANIFEST, &POLICIES.replace("@max_ttl(\"8h\")", "@max_ttl(\"9h\")"));
    let changed = w.change_bundle("02:10:00", &other);
    assert!(!changed.events.iter().any(|e| matches!(e, Event::Shortened { .. })), "{changed:#?}");
    assert_eq!(w.grant(&grant).ends_at, at("03:00:00"));
}

#[test]
fn a_rule_that_is_for_machines_from_now_on_ends_what_people_have_of_it() {
    let mut w = World::new();
    let grant = w.granted("02:00:00", ask("asha", "look", "pay-db", &["INC-1"]), &[], &["vault"]);
    let machines = POLICIES.replace(
        "permit (principal is Glasskey::Person, action == Ops::Action::\"look\"",
        "permit (principal is Glasskey::Service, action == Ops::Action::\"look\"",
    );
    w.change_bundle("02:10:00", &compile(MANIFEST, &machines));
    assert_eq!(w.ended(&grant), (Some(Cause::RequesterIneligible), Some(at("02:10:00"))));
}

#[test]
fn of_two_causes_at_once_a_lock_is_named() {
    let mut w = World::new();
    let grant = w.oncall("02:00:00");
    let shared = entity("Person", "asha", json!({"shared": true}), &[("Group", "eng")]);
    w.observe("02:10:00", json!({"entities": [shared], "locks": [{"target": system_uid("pay-db")}]}));
    assert_eq!(w.ended(&grant), (Some(Cause::Locked), Some(at("02:10:00"))));
}

#[test]
fn of_two_limits_at_one_instant_the_hard_one_is_named() {
    for (used, ended) in
        [("02:09:59.999", (Cause::Idle, "02:29:59.999")), ("02:10:00", (Cause::Expired, "02:30:00"))]
    {
        let mut w = World::new();
        let grant = w.granted("02:00:00", ask("asha", "work", "pay-db", &["INC-1"]), &["lena"], &["vault"]);
        w.uses(used, &grant, "work", "pay-db");
        w.tick("03:00:00");
        assert_eq!(w.ended(&grant), (Some(ended.0), Some(at(ended.1))), "used at {used}");
    }
}
