//! Incidents in epochs, shifts and their handover, windows, tasks, and facts that go unknown.

use crate::lifecycle_world::*;
use glasskey::lifecycle::{Cause, GrantPhase, RequestPhase};
use glasskey::model::{Limit, ReasonCode};
use serde_json::json;

#[test]
fn a_reopened_incident_revives_nothing() {
    let mut w = World::new();
    let grant = w.oncall("02:00:00");
    let request = w.asked("02:50:00", ask("asha", "work", "pay-db", &["INC-1"]));
    w.approve("02:50:00", &request, "lena");
    let extension = w.extend("02:50:00", &grant).extension.clone().unwrap();
    w.incident("02:55:00", json!({"id": "INC-1", "epoch": 1, "status": "closed"}));
    w.incident("02:56:00", json!({"id": "INC-1", "epoch": 2, "status": "open"}));
    assert_eq!(w.ended(&grant), (Some(Cause::IncidentClosed), Some(at("02:55:00"))));
    assert_eq!(refusal(&w.uses("02:57:00", &grant, "restart", "pay-db")), ReasonCode::GrantEnded);
    assert_eq!(refusal(&w.activate("02:57:00", &request)), ReasonCode::RequestOver);
    assert_eq!(refusal(&w.approve("02:57:00", &extension, "lena")), ReasonCode::RequestOver);
    assert_eq!(w.extension(&extension).phase, RequestPhase::Void);
    // A request for the old epoch is refused, one for the new is not.
    let old = json!([{"incident": "INC-1", "epoch": 1}, {"shift": "S-1"}]);
    let asked = w.submit("02:58:00", with(ask("asha", "look", "pay-db", &[]), "supports", old));
    assert_eq!(refusal(&asked), ReasonCode::IncidentEpoch);
    assert!(is_permitted(&w.submit("02:58:00", ask("asha", "look", "pay-db", &["INC-1"]))));
}

#[test]
fn a_reopening_that_skips_the_close_ends_the_old_epoch() {
    let mut w = World::new();
    let grant = w.oncall("02:00:00");
    w.incident("02:10:00", json!({"id": "INC-1", "epoch": 2, "status": "open"}));
    assert_eq!(w.ended(&grant), (Some(Cause::IncidentClosed), Some(at("02:10:00"))));
}

#[test]
fn a_delayed_or_doubled_close_changes_nothing_newer() {
    let mut w = World::new();
    let close = json!({"id": "INC-1", "epoch": 1, "status": "closed", "observed_at": t("02:10:00")});
    w.incident("02:10:00", close.clone());
    w.incident("02:20:00", json!({"id": "INC-1", "epoch": 2, "status": "open"}));
    let grant = w.oncall("02:21:00");
    for clock in ["02:25:00", "02:26:00"] {
        let late = w.incident(clock, close.clone());
        assert!(late.ended.is_empty() && late.effects.is_empty(), "{late:#?}");
    }
    assert_eq!(w.phase(&grant), GrantPhase::Active);
    assert_eq!(w.life.facts().incident("INC-1").unwrap().epoch, 2);
    // A late word that the old epoch is open does not open anything either.
    w.incident("02:30:00", json!({"id": "INC-1", "epoch": 2, "status": "closed"}));
    w.incident(
        "02:31:00",
        json!({"id": "INC-1", "epoch": 2, "status": "open", "observed_at": t("02:29:00")}),
    );
    assert_eq!(
        refusal(&w.submit("02:32:00", ask("asha", "look", "pay-db", &["INC-1"]))),
        ReasonCode::IncidentClosed
    );
}

#[test]
fn a_downgrade_ends_what_needs_a_graver_incident() {
    let mut w = World::new();
    let tend = w.granted("02:00:00", ask("asha", "tend", "pay-db", &["INC-1", "S-1"]), &[], &["vault"]);
    let look = w.granted("02:00:00", ask("asha", "look", "pay-db", &["INC-1"]), &[], &["vault"]);
    w.incident("02:10:00", json!({"id": "INC-1", "severity": 4}));
    assert_eq!(w.ended(&tend), (Some(Cause::IncidentDowngraded), Some(at("02:10:00"))));
    assert_eq!(w.phase(&look), GrantPhase::Active);
}

#[test]
fn a_grant_on_two_incidents_lives_until_neither_is_open() {
    let mut w = World::new();
    let grant = w.granted("02:00:00", ask("asha", "look", "pay-db", &["INC-1", "INC-2"]), &[], &["vault"]);
    w.incident("02:10:00", json!({"id": "INC-1", "status": "closed"}));
    assert!(is_permitted(&w.uses("02:11:00", &grant, "look", "pay-db")));
    w.incident("02:20:00", json!({"id": "INC-2", "status": "closed"}));
    assert_eq!(w.ended(&grant), (Some(Cause::IncidentClosed), Some(at("02:20:00"))));
}

#[test]
fn the_end_of_a_shift_cuts_the_grant() {
    let mut w = World::new();
    let grant = w.oncall("07:40:00");
    assert_eq!((w.grant(&grant).ends_at, w.grant(&grant).ends_by), (at("08:00:00"), Limit::ShiftEnd));
    assert!(is_permitted(&w.uses("07:59:59.999", &grant, "restart", "pay-db")));
    assert_eq!(refusal(&w.uses("08:00:00", &grant, "restart", "pay-db")), ReasonCode::GrantEnded);
    assert_eq!(w.ended(&grant), (Some(Cause::ShiftEnded), Some(at("08:00:00"))));
    // Ben inherits nothing; he asks for his own.
    assert_eq!(w.life.grants().count(), 1);
    assert!(is_permitted(&w.submit("08:00:00", ask("ben", "restart", "pay-db", &["INC-1", "S-2"]))));
}

#[test]
fn the_grace_after_a_shift_is_for_handing_over_and_for_nothing_else() {
    let mut w = World::new();
    let both = asks("asha", &[("tend", "pay-db"), ("notes", "pay-db")], &["INC-1", "S-1"]);
    let grant = w.granted("07:40:00", both, &[], &["vault"]);
    assert_eq!((w.grant(&grant).ends_at, w.grant(&grant).ends_by), (at("08:10:00"), Limit::ShiftEnd));
    assert!(is_permitted(&w.uses("07:59:59.999", &grant, "tend", "pay-db")));
    assert_eq!(refusal(&w.uses("08:00:00", &grant, "tend", "pay-db")), ReasonCode::ShiftEnded);
    assert!(is_permitted(&w.uses("08:03:00", &grant, "notes", "pay-db")));
    assert_eq!(w.phase(&grant), GrantPhase::Active);
    let extended = w.extend("08:04:00", &grant);
    assert!(!is_permitted(&extended), "grace is not extended: {extended:#?}");
    // Nobody begins anything in the grace.
    let late = ask("asha", "notes", "pay-db", &["INC-1", "S-1"]);
    assert_eq!(refusal(&w.submit("08:05:00", late)), ReasonCode::ShiftEnded);
    assert_eq!(refusal(&w.uses("08:10:00", &grant, "notes", "pay-db")), ReasonCode::GrantEnded);
    assert_eq!(w.ended(&grant), (Some(Cause::ShiftEnded), Some(at("08:10:00"))));
}

#[test]
fn a_grace_that_a_new_bundle_shortens_is_over_at_its_new_end() {
    let mut w = World::new();
    let both = asks("asha", &[("tend", "pay-db"), ("notes", "pay-db")], &["INC-1", "S-1"]);
    let grant = w.granted("07:40:00", both, &[], &["vault"]);
    let shorter = compile(MANIFEST, &POLICIES.replace("grace:10m", "grace:5m"));
    w.change_bundle("08:05:00", &shorter);
    assert_eq!(w.ended(&grant), (Some(Cause::ShiftEnded), Some(at("08:05:00"))));
}

#[test]
fn an_incident_that_closes_in_the_grace_ends_it() {
    let mut w = World::new();
    let both = asks("asha", &[("tend", "pay-db"), ("notes", "pay-db")], &["INC-1", "S-1"]);
    let grant = w.granted("07:40:00", both, &[], &["vault"]);
    w.tick("08:01:00");
    w.incident("08:02:00", json!({"id": "INC-1", "status": "closed"}));
    assert_eq!(w.ended(&grant), (Some(Cause::IncidentClosed), Some(at("08:02:00"))));
}

#[test]
fn a_swapped_shift_ends_the_grant_when_the_swap_is_seen() {
    let mut w = World::new();
    let grant = w.oncall("02:00:00");
    w.observe("02:10:00", json!({"shifts": [{"id": "S-1", "person": person_uid("ben")}]}));
    assert_eq!(w.ended(&grant), (Some(Cause::ShiftSwapped), Some(at("02:10:00"))));
}

#[test]
fn a_shift_that_ends_earlier_shortens_and_one_struck_off_ends() {
    let mut w = World::new();
    let grant = w.oncall("02:00:00");
    w.observe("02:10:00", json!({"shifts": [{"id": "S-1", "end": t("02:30:00")}]}));
    assert_eq!((w.grant(&grant).ends_at, w.grant(&grant).ends_by), (at("02:30:00"), Limit::ShiftEnd));
    w.observe("02:20:00", json!({"remove": {"shifts": ["S-1"]}}));
    assert_eq!(w.ended(&grant), (Some(Cause::ShiftEnded), Some(at("02:20:00"))));
}

#[test]
fn the_end_of_a_shift_between_approval_and_activation_voids_the_request() {
    let mut w = World::new();
    let request = w.asked("07:55:00", ask("asha", "restart", "pay-db", &["INC-1", "S-1"]));
    assert_eq!(w.request_phase(&request), RequestPhase::Approved);
    assert_eq!(refusal(&w.activate("08:00:00", &request)), ReasonCode::RequestOver);
    assert_eq!(w.request_phase(&request), RequestPhase::Void);
    assert_eq!(w.life.request(&request).unwrap().cause, Some(Cause::ShiftEnded));
}

#[test]
fn what_became_of_a_request_does_not_depend_on_when_somebody_looked() {
    let mut looked = World::new();
    let mut asleep = World::new();
    let mut phases = Vec::new();
    for w in [&mut looked, &mut asleep] {
        let request = w.asked("07:55:00", ask("asha", "restart", "pay-db", &["INC-1", "S-1"]));
        phases.push(request);
    }
    looked.tick("08:00:00");
    looked.tick("08:20:00");
    asleep.tick("08:20:00");
    assert_eq!(looked.request_phase(&phases[0]), RequestPhase::Void);
    assert_eq!(asleep.request_phase(&phases[1]), RequestPhase::Void, "08:00 came before 08:05");
}

#[test]
fn a_window_ends_what_was_begun_in_it_and_a_cancelled_one_at_once() {
    let mut w = World::new();
    let patch = || ask("asha", "patch", "pay-db", &["CHG-1"]);
    let grant = w.granted("04:10:00", patch(), &[], &["vault"]);
    assert_eq!((w.grant(&grant).ends_at, w.grant(&grant).ends_by), (at("05:00:00"), Limit::WindowEnd));
    w.tick("05:00:00");
    assert_eq!(w.ended(&grant), (Some(Cause::WindowEnded), Some(at("05:00:00"))));
    let mut w = World::new();
    let grant = w.granted("04:10:00", patch(), &[], &["vault"]);
    w.observe("04:20:00", json!({"windows": [{"id": "CHG-1", "status": "cancelled"}]}));
    assert_eq!(w.ended(&grant), (Some(Cause::WindowEnded), Some(at("04:20:00"))));
}

#[test]
fn a_target_that_moves_away_from_what_its_grant_stands_on_ends_it() {
    let ci = "Glasskey::Service::\"ci\"";
    for (ask, cause) in [
        (ask("asha", "look", "pay-db", &["INC-1"]), Cause::IncidentDowngraded),
        (ask("asha", "patch", "pay-db", &["CHG-1"]), Cause::WindowEnded),
        (ask(ci, "rollback", "pay-db", &["T-1"]), Cause::TaskFailed),
        (ask("asha", "tend", "pay-db", &["INC-1", "S-1"]), Cause::IncidentDowngraded),
    ] {
        let mut w = World::new();
        let grant = w.granted("04:10:00", ask, &[], &["vault"]);
        w.observe("04:11:00", json!({"entities": [entity("System", "pay-db", json!({}), &[])]}));
        assert_eq!(w.ended(&grant), (Some(cause), Some(at("04:11:00"))));
    }
}

#[test]
fn a_shift_that_is_struck_off_ends_its_grant_whatever_else_is_news() {
    let mut w = World::new();
    let grant = w.oncall("02:00:00");
    // A lock that is over when it is told of locks nobody out.
    let lock = json!({"target": system_uid("pay-db"), "until": t("02:10:00")});
    w.observe("02:20:00", json!({"locks": [lock], "remove": {"shifts": ["S-1"]}}));
    assert_eq!(w.ended(&grant), (Some(Cause::ShiftEnded), Some(at("02:20:00"))));
}

#[test]
fn of_several_kinds_of_support_each_has_to_live_though_the_entities_are_stale() {
    let mut w = World::tuned(&[("entities = \"2d\"", "entities = \"15m\"")]);
    w.observe("04:10:00", json!({"entities_observed_at": t("04:10:00")}));
    let ask = ask("asha", "look", "pay-db", &["INC-1", "CHG-1", "T-1"]);
    let grant = w.granted("04:10:00", ask, &[], &["vault"]);
    w.tick("04:26:00");
    assert_eq!(w.phase(&grant), GrantPhase::Frozen);
    w.incident("04:27:00", json!({"id": "INC-1", "status": "closed"}));
    assert_eq!(w.ended(&grant), (Some(Cause::IncidentClosed), Some(at("04:27:00"))));
}

#[test]
fn without_anything_to_hand_over_there_is_no_grace() {
    let mut w = World::new();
    let grant = w.granted("07:40:00", ask("asha", "tend", "pay-db", &["INC-1", "S-1"]), &[], &["vault"]);
    w.tick("08:00:00");
    assert_eq!(w.ended(&grant), (Some(Cause::ShiftEnded), Some(at("08:00:00"))));
}

#[test]
fn a_task_that_is_over_ends_the_grant_for_it() {
    for (status, cause) in
        [("done", Cause::TaskDone), ("failed", Cause::TaskFailed), ("timeout", Cause::TaskTimeout)]
    {
        let mut w = World::new();
        let ci = ask("Glasskey::Service::\"ci\"", "rollback", "pay-api", &["T-1"]);
        let grant = w.granted("02:00:00", ci, &[], &["vault"]);
        w.observe("02:04:00", json!({"tasks": [{"id": "T-1", "status": status}]}));
        assert_eq!(w.ended(&grant), (Some(cause), Some(at("02:04:00"))));
    }
    let mut w = World::new();
    w.observe("01:00:00", json!({"tasks": [{"id": "T-1", "ends_at": t("02:05:00")}]}));
    let ci = ask("Glasskey::Service::\"ci\"", "rollback", "pay-api", &["T-1"]);
    let grant = w.granted("02:00:00", ci, &[], &["vault"]);
    w.tick("02:05:00");
    assert_eq!(w.ended(&grant), (Some(Cause::TaskTimeout), Some(at("02:05:00"))));
}

#[test]
fn a_grant_freezes_while_a_fact_that_it_needs_is_unknown() {
    let mut w = World::tuned(&[("shift = \"2d\"", "shift = \"5m\"")]);
    w.observe("04:50:00", json!({"shifts": [{"id": "S-1"}]}));
    let grant = w.oncall("04:50:00");
    w.observe("04:58:00", json!({"shifts": [{"id": "S-1", "observed_at": t("04:55:00")}]}));
    w.observe("05:00:00", json!({"shifts": [{"id": "S-1"}]}));
    assert!(is_permitted(&w.uses("05:04:59.999", &grant, "restart", "pay-db")));
    assert_eq!(w.life.next_change(at("05:00:00")), Some(at("05:05:00")));
    assert_eq!(refusal(&w.uses("05:05:00", &grant, "restart", "pay-db")), ReasonCode::GrantFrozen);
    assert_eq!(w.phase(&grant), GrantPhase::Frozen);
    assert_eq!(refusal(&w.extend("05:06:00", &grant)), ReasonCode::GrantNotActive);
    // Facts come back: it thaws, and its end is where it was.
    w.observe("05:09:00", json!({"shifts": [{"id": "S-1"}]}));
    assert_eq!(w.phase(&grant), GrantPhase::Active);
    assert!(is_permitted(&w.uses("05:09:00", &grant, "restart", "pay-db")));
    assert_eq!(w.grant(&grant).ends_at, at("05:50:00"));
    assert!(w.grant(&grant).revoking_at.is_none());
}

#[test]
fn whatever_reads_all_signals_or_the_whole_context_is_looked_at_when_one_changes() {
    for condition in ["[context.signals].isEmpty()", "[context].isEmpty()"] {
        let guard = format!(
            "\n@id(\"all\") forbid (principal, action == Ops::Action::\"look\", resource) when {{ {condition} }};"
        );
        let mut w = World::of(compile(MANIFEST, &format!("{POLICIES}{guard}")), &world());
        let idp = || json!({"signals": [{"name": "idp", "state": "up", "source": "probe"}]});
        w.observe("02:00:00", idp());
        let grant = w.granted("02:00:00", ask("asha", "look", "pay-db", &["INC-1"]), &[], &["vault"]);
        w.tick("02:03:00");
        assert_eq!(w.phase(&grant), GrantPhase::Frozen, "{condition}");
        w.observe("02:04:00", idp());
        assert_eq!(w.phase(&grant), GrantPhase::Active, "{condition}");
    }
}

#[test]
fn a_frozen_grant_still_ends() {
    let mut w = World::tuned(&[("shift = \"2d\"", "shift = \"5m\"")]);
    w.observe("02:00:00", json!({"shifts": [{"id": "S-1"}]}));
    let expires = w.oncall("02:00:00");
    w.tick("03:00:00");
    assert_eq!(w.ended(&expires), (Some(Cause::Expired), Some(at("03:00:00"))));
    w.observe("03:00:00", json!({"shifts": [{"id": "S-1"}, {"id": "S-2"}]}));
    let closes = w.granted("03:00:00", ask("asha", "tend", "pay-db", &["INC-1", "S-1"]), &[], &["vault"]);
    w.tick("03:06:00");
    assert_eq!(w.phase(&closes), GrantPhase::Frozen);
    w.incident("03:07:00", json!({"id": "INC-1", "status": "closed"}));
    assert_eq!(w.ended(&closes), (Some(Cause::IncidentClosed), Some(at("03:07:00"))));
}

#[test]
fn a_request_that_waits_for_a_fact_is_looked_at_when_the_next_one_grows_old() {
    let mut w =
        World::tuned(&[("shift = \"2d\"", "shift = \"5m\""), ("incident = \"2d\"", "incident = \"10m\"")]);
    w.observe("02:00:00", json!({"shifts": [{"id": "S-1"}], "incidents": [{"id": "INC-1"}]}));
    let request = w.asked("02:00:00", ask("asha", "restart", "pay-db", &["INC-1", "S-1"]));
    assert_eq!(w.life.request(&request).unwrap().valid_until, Some(at("02:05:00")));
    w.tick("02:05:00");
    assert_eq!(w.life.request(&request).unwrap().valid_until, Some(at("02:10:00")));
}

#[test]
fn stale_entities_freeze_everything_and_one_confirmation_thaws_it() {
    let mut w = World::tuned(&[("entities = \"2d\"", "entities = \"15m\"")]);
    w.observe("02:00:00", json!({"entities_observed_at": t("02:00:00")}));
    let grant = w.oncall("02:00:00");
    w.tick("02:15:00");
    assert_eq!(w.phase(&grant), GrantPhase::Frozen);
    w.observe("02:16:00", json!({"entities_observed_at": t("02:16:00")}));
    assert_eq!(w.phase(&grant), GrantPhase::Active);
}

#[test]
fn what_is_known_to_be_over_ends_although_the_entities_are_stale() {
    for (end, cause) in [("closed", Cause::IncidentClosed), ("merged", Cause::IncidentMerged)] {
        let mut w = World::tuned(&[("entities = \"2d\"", "entities = \"15m\"")]);
        w.observe("02:00:00", json!({"entities_observed_at": t("02:00:00")}));
        let grant = w.oncall("02:00:00");
        let waiting = w.asked("02:13:00", ask("asha", "restart", "pay-api", &["INC-1", "S-1"]));
        w.tick("02:16:00");
        assert_eq!(w.phase(&grant), GrantPhase::Frozen);
        w.incident("02:20:00", json!({"id": "INC-1", "status": end}));
        assert_eq!(w.ended(&grant), (Some(cause), Some(at("02:20:00"))));
        assert_eq!(w.request_phase(&waiting), RequestPhase::Void);
    }
    for target in [person_uid("asha"), system_uid("pay-db"), "Glasskey::Group::\"lead\"".to_owned()] {
        let mut w = World::tuned(&[("entities = \"2d\"", "entities = \"15m\"")]);
        w.observe("02:00:00", json!({"entities_observed_at": t("02:00:00")}));
        let grant = w.oncall("02:00:00");
        w.tick("02:16:00");
        let other = target.contains("lead");
        w.observe("02:20:00", json!({"locks": [{"target": target}]}));
        let expected = if other { (None, None) } else { (Some(Cause::Locked), Some(at("02:20:00"))) };
        assert_eq!(w.ended(&grant), expected);
    }
}

#[test]
fn while_entities_are_stale_a_task_or_window_that_still_runs_ends_nothing() {
    let stale = || World::tuned(&[("entities = \"2d\"", "entities = \"15m\"")]);
    let mut w = stale();
    w.observe(
        "02:00:00",
        json!({"entities_observed_at": t("02:00:00"), "tasks": [{"id": "T-1", "ends_at": t("02:18:00")}]}),
    );
    let ci = ask("Glasskey::Service::\"ci\"", "rollback", "pay-api", &["T-1"]);
    let grant = w.granted("02:10:00", ci, &[], &["vault"]);
    w.tick("02:17:59.999");
    assert_eq!((w.phase(&grant), w.ended(&grant)), (GrantPhase::Frozen, (None, None)));
    w.tick("02:18:00");
    assert_eq!(w.ended(&grant), (Some(Cause::TaskTimeout), Some(at("02:18:00"))));
    let mut w = stale();
    w.observe("04:40:00", json!({"entities_observed_at": t("04:40:00")}));
    let grant = w.granted("04:40:00", ask("asha", "patch", "pay-db", &["CHG-1"]), &[], &["vault"]);
    w.tick("04:56:00");
    assert_eq!((w.phase(&grant), w.ended(&grant)), (GrantPhase::Frozen, (None, None)));
    w.observe("04:57:00", json!({"windows": [{"id": "CHG-1", "status": "cancelled"}]}));
    assert_eq!(w.ended(&grant), (Some(Cause::WindowEnded), Some(at("04:57:00"))));
}

#[test]
fn a_fact_from_the_future_is_unknown_until_then() {
    let mut w = World::new();
    let grant = w.oncall("02:00:00");
    w.incident("02:10:00", json!({"id": "INC-1", "observed_at": t("02:20:00")}));
    assert_eq!(w.phase(&grant), GrantPhase::Frozen, "what is to come is not known");
    assert_eq!(refusal(&w.uses("02:11:00", &grant, "restart", "pay-db")), ReasonCode::GrantFrozen);
    assert_eq!(w.life.next_change(at("02:11:00")), Some(at("02:19:30")), "less the skew of clocks");
    assert!(is_permitted(&w.uses("02:19:30", &grant, "restart", "pay-db")));
}

#[test]
fn a_grant_that_is_issued_while_a_fact_is_unknown_is_frozen() {
    let mut w = World::tuned(&[("shift = \"2d\"", "shift = \"1m\"")]);
    w.observe("02:00:00", json!({"shifts": [{"id": "S-1"}]}));
    let request = w.asked("02:00:00", ask("asha", "restart", "pay-db", &["INC-1", "S-1"]));
    let grant = w.activate("02:00:00", &request).grant.clone().unwrap();
    w.tick("02:01:00");
    assert_eq!(w.phase(&grant), GrantPhase::Issuing);
    w.issued("02:01:30", &grant, &["vault"]);
    assert_eq!(w.phase(&grant), GrantPhase::Frozen);
    assert_eq!(refusal(&w.uses("02:01:31", &grant, "restart", "pay-db")), ReasonCode::GrantFrozen);
}

#[test]
fn an_unknown_fact_neither_voids_nor_grants_a_request() {
    let mut w = World::tuned(&[("shift = \"2d\"", "shift = \"5m\"")]);
    w.observe("02:00:00", json!({"shifts": [{"id": "S-1"}]}));
    let request = w.asked("02:00:00", ask("asha", "restart", "pay-db", &["INC-1", "S-1"]));
    assert_eq!(refusal(&w.activate("02:05:00", &request)), ReasonCode::FactUnknown);
    assert_eq!(w.request_phase(&request), RequestPhase::Approved);
    w.observe("02:06:00", json!({"shifts": [{"id": "S-1"}]}));
    assert!(is_permitted(&w.activate("02:06:00", &request)));
}
