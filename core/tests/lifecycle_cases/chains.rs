//! More time, and asking again: fresh seats, more of them each time, and an end to it.

use crate::lifecycle_world::*;
use glasskey::lifecycle::{Cause, GrantPhase, RequestPhase};
use glasskey::model::{Limit, Missing, ReasonCode};
use glasskey::{Answer, Applied};
use serde_json::json;

fn seats(applied: &Applied) -> Vec<String> {
    let missing = &applied.decision.as_ref().unwrap().missing;
    let mut out: Vec<String> = missing
        .iter()
        .filter_map(|m| match m {
            Missing::Seat { seat, .. } => Some(seat.seat.clone()),
            _ => None,
        })
        .collect();
    out.sort();
    out
}

/// Extends, with the approvals given at the same instant.
fn extended(w: &mut World, when: &str, grant: &str, by: &[&str]) -> Applied {
    let mut last = w.extend(when, grant);
    let extension = last.extension.clone().unwrap_or_else(|| panic!("{last:#?}"));
    for by in by {
        last = w.approve(when, &extension, by);
    }
    (*last).clone()
}

#[test]
fn each_extension_asks_for_fresh_seats_and_one_more() {
    let mut w = World::new();
    let grant = w.oncall("01:10:00");
    let first = w.extend("02:00:00", &grant);
    assert_eq!(
        (answer(&first), state(&first), seats(&first)),
        (Answer::Pending, "pending", vec!["lead".into()])
    );
    let extension = first.extension.clone().unwrap();
    assert_eq!(w.grant(&grant).ends_at, at("02:10:00"), "not before it is approved");
    let approved = w.approve("02:00:00", &extension, "lena");
    assert_eq!((state(&approved), effects(&approved)), ("consumed", vec!["issue"]));
    assert_eq!(w.grant(&grant).ends_at, at("02:30:00"), "rooted at the instant of the ask");
    assert_eq!(seats(&w.extend("02:25:00", &grant)), ["commander", "lead"]);
}

#[test]
fn repeated_urgent_extensions_end() {
    let mut w = World::new();
    let grant = w.oncall("01:10:00");
    assert_eq!(state(&extended(&mut w, "02:00:00", &grant, &["lena"])), "consumed");
    assert_eq!(state(&extended(&mut w, "02:25:00", &grant, &["lena", "cal"])), "consumed");
    assert_eq!(w.grant(&grant).ends_at, at("02:55:00"));
    let third = extended(&mut w, "02:50:00", &grant, &["lena"]);
    assert_eq!((state(&third), seats(&third)), ("pending", vec!["commander".into(), "sec".into()]));
    w.tick("02:55:00");
    assert_eq!(w.ended(&grant), (Some(Cause::Expired), Some(at("02:55:00"))));
    assert_eq!(w.extension(&third.extension.unwrap()).phase, RequestPhase::Void);
    // Asking anew within the cooldown is the third extension under another name.
    let again = w.submit("03:05:00", ask("asha", "restart", "pay-db", &["INC-1", "S-1"]));
    assert_eq!(
        (answer(&again), seats(&again)),
        (Answer::Pending, vec!["commander".into(), "lead".into(), "sec".into()])
    );
    let request = again.request.clone().unwrap();
    for by in ["lena", "cal", "sue"] {
        w.approve("03:05:00", &request, by);
    }
    let grant = w.activate("03:05:00", &request).grant.clone().unwrap();
    assert_eq!(w.grant(&grant).ends_at, at("03:35:00"), "as long as an extension");
    w.issued("03:05:00", &grant, &["vault"]);
    assert_eq!(refusal(&w.extend("03:30:00", &grant)), ReasonCode::ExtensionsExhausted);
    let more = w.submit("03:40:00", ask("asha", "restart", "pay-db", &["INC-1", "S-1"]));
    assert_eq!(refusal(&more), ReasonCode::ExtensionsExhausted);
}

#[test]
fn an_extension_is_asked_for_shortly_before_the_end_and_one_at_a_time() {
    let mut w = World::new();
    let grant = w.oncall("01:00:00");
    let early = w.extend("01:44:59.999", &grant);
    assert_eq!(refusal(&early), ReasonCode::ExtensionNotOpen);
    w.extend("01:45:00", &grant);
    assert_eq!(refusal(&w.extend("01:46:00", &grant)), ReasonCode::ExtensionPending);
    assert_eq!(refusal(&w.extend("02:00:00", &grant)), ReasonCode::GrantNotActive, "at the end is over");
}

#[test]
fn the_first_approval_does_not_count_for_more_time() {
    let mut w = World::new();
    let grant = w.granted("01:00:00", ask("asha", "drop", "pay-db", &["INC-1"]), &["bob", "ann"], &["vault"]);
    let asked = w.extend("01:20:00", &grant);
    assert_eq!((answer(&asked), seats(&asked)), (Answer::Pending, vec!["eng".into(), "sec".into()]));
}

#[test]
fn whoever_alone_carried_the_last_extension_cannot_alone_carry_the_next() {
    let alone = POLICIES.replace("lead=1 | commander=1, lead=1 | commander=1, lead=1, sec=1", "lead=1");
    let mut w = World::of(compile(MANIFEST, &alone), &world());
    let grant = w.oncall("01:10:00");
    assert_eq!(state(&extended(&mut w, "02:00:00", &grant, &["lena"])), "consumed");
    let second = extended(&mut w, "02:25:00", &grant, &["lena"]);
    assert_eq!((counted_last(&w), state(&second)), (Some(false), "pending"));
    let extension = second.extension.unwrap();
    assert_eq!(state(&w.approve("02:26:00", &extension, "lars")), "consumed");
    // The same holds when the next one comes as a request of its own.
    w.revoke("02:30:00", &grant, "asha");
    let request = w.asked("02:31:00", ask("asha", "restart", "pay-db", &["INC-1", "S-1"]));
    assert_eq!(state(&w.approve("02:31:00", &request, "lars")), "pending");
    assert_eq!(state(&w.approve("02:31:00", &request, "lena")), "approved");
}

fn counted_last(w: &World) -> Option<bool> {
    w.records.last().and_then(|r| counted(r))
}

#[test]
fn a_denied_extension_leaves_the_grant_its_end() {
    let mut w = World::new();
    let grant = w.oncall("01:00:00");
    let extension = w.extend("01:50:00", &grant).extension.clone().unwrap();
    assert_eq!(refusal(&w.deny("01:51:00", &extension, "max")), ReasonCode::ApproverNotEligible);
    assert_eq!(state(&w.deny("01:51:00", &extension, "lena")), "denied");
    assert_eq!(refusal(&w.approve("01:52:00", &extension, "lars")), ReasonCode::RequestOver);
    w.tick("02:00:00");
    assert_eq!(w.ended(&grant).1, Some(at("02:00:00")));
}

#[test]
fn the_holder_takes_an_extension_back() {
    let mut w = World::new();
    let grant = w.oncall("01:00:00");
    let extension = w.extend("01:50:00", &grant).extension.clone().unwrap();
    let other = w.act("01:51:00", json!({"withdraw": {"request": extension, "by": person_uid("max")}}));
    assert_eq!(refusal(&other), ReasonCode::NotRequester);
    assert_eq!(state(&w.withdraw("01:51:00", &extension)), "withdrawn");
    assert_eq!(refusal(&w.approve("01:52:00", &extension, "lena")), ReasonCode::RequestOver);
    assert_eq!(state(&w.extend("01:53:00", &grant)), "pending", "and may ask for another");
}

#[test]
fn whoever_holds_a_grant_or_asked_for_it_takes_its_extension_back_and_nobody_else() {
    for (by, becomes) in [("asha", "withdrawn"), ("max", "withdrawn"), ("ben", "pending")] {
        let mut w = World::new();
        let ask =
            with(ask("asha", "restart", "pay-db", &["INC-1", "S-1"]), "requested_by", json!(name("max")));
        let grant = w.granted("01:10:00", ask, &[], &["vault"]);
        let extension = w.extend("02:00:00", &grant).extension.clone().unwrap();
        let taken = w.act("02:01:00", json!({"withdraw": {"request": extension, "by": name(by)}}));
        assert_eq!(state(&taken), becomes, "{by}: {taken:#?}");
        if becomes == "pending" {
            assert_eq!(refusal(&taken), ReasonCode::NotRequester);
        }
    }
}

#[test]
fn an_extension_approved_after_the_end_has_no_effect() {
    let mut w = World::new();
    let grant = w.oncall("01:00:00");
    let extension = w.extend("01:50:00", &grant).extension.clone().unwrap();
    let late = w.approve("02:00:00", &extension, "lena");
    assert_eq!((refusal(&late), counted(&late)), (ReasonCode::RequestOver, Some(false)));
    assert_eq!(w.phase(&grant), GrantPhase::Revoking);
}

#[test]
fn the_caps_hold_for_extensions_and_are_named() {
    // The shift's end cuts an extension short; its approvals are bound to the end that remains.
    let mut w = World::new();
    let grant = w.oncall("06:50:00");
    let asked = w.extend("07:40:00", &grant);
    let extension = asked.extension.clone().unwrap();
    assert_eq!(
        (w.extension(&extension).ends_at, w.extension(&extension).ends_by),
        (at("08:00:00"), Limit::ShiftEnd)
    );
    let approved = w.approve("07:41:00", &extension, "lena");
    assert_eq!((counted(&approved), state(&approved)), (Some(true), "consumed"), "{approved:#?}");
    assert_eq!((w.grant(&grant).ends_at, w.grant(&grant).ends_by), (at("08:00:00"), Limit::ShiftEnd));
    // Nothing is left to extend into.
    assert_eq!(refusal(&w.extend("07:50:00", &grant)), ReasonCode::NothingToExtend);
}

#[test]
fn an_approver_may_shorten_an_extension_but_not_the_grant() {
    let mut w = World::new();
    let grant = w.oncall("01:00:00");
    let approve =
        |x: &str, max: &str| json!({"approve": {"request": x, "by": person_uid("lena"), "max_ttl": max}});
    let extension = w.extend("01:45:00", &grant).extension.clone().unwrap();
    let short = w.act("01:45:00", approve(&extension, "20m"));
    assert_eq!(state(&short), "consumed");
    assert_eq!((w.grant(&grant).ends_at, w.grant(&grant).ends_by), (at("02:05:00"), Limit::ApproverTtl));
    let mut w = World::new();
    let grant = w.oncall("01:00:00");
    let extension = w.extend("01:45:00", &grant).extension.clone().unwrap();
    let shorter = w.act("01:45:00", approve(&extension, "5m"));
    assert_eq!(w.grant(&grant).ends_at, at("02:00:00"), "{shorter:#?}");
}

#[test]
fn the_chain_cap_holds_over_extensions_requests_and_a_reopening() {
    let mut w = World::new();
    let drop = || ask("asha", "drop", "pay-db", &["INC-1"]);
    // 2 h in all. One hour is used up.
    let first = w.granted("01:00:00", with(drop(), "ttl", json!("1h")), &["bob", "ann"], &["vault"]);
    w.incident("02:00:00", json!({"id": "INC-1", "status": "closed"}));
    assert_eq!(w.grant(&first).revoking_at, Some(at("02:00:00")));
    w.incident("03:00:00", json!({"id": "INC-1", "epoch": 2, "status": "open"}));
    // Out of the cooldown it is no extension, but the chain goes on: one hour is left.
    let second = w.granted("03:00:00", with(drop(), "ttl", json!("4h")), &["bob", "ann"], &["vault"]);
    assert_eq!((w.grant(&second).ends_at, w.grant(&second).ends_by), (at("04:00:00"), Limit::ChainMax));
    w.tick("04:00:00");
    let spent = w.submit("05:00:00", drop());
    assert_eq!(refusal(&spent), ReasonCode::NoTimeLeft);
}

#[test]
fn naming_another_incident_beside_it_does_not_refill_the_chain() {
    let mut w = World::new();
    let on = |incidents: &[&str]| with(ask("asha", "drop", "pay-db", incidents), "ttl", json!("2h"));
    w.granted("01:00:00", on(&["INC-1"]), &["bob", "ann"], &["vault"]);
    w.tick("03:00:00");
    for incidents in [&["INC-1"][..], &["INC-1", "INC-2"]] {
        assert_eq!(refusal(&w.submit("04:00:00", on(incidents))), ReasonCode::NoTimeLeft, "{incidents:?}");
    }
    assert_eq!(state(&w.submit("04:00:00", on(&["INC-2"]))), "pending", "another incident is another chain");
}

#[test]
fn a_scope_that_only_overlaps_joins_the_chain_of_what_it_overlaps() {
    let mut w = World::new();
    w.granted("01:00:00", ask("asha", "drop", "pay-db", &["INC-1"]), &["bob", "ann"], &["vault"]);
    w.tick("01:30:00");
    let wider = asks("asha", &[("drop", "pay-db"), ("drop", "pay-api")], &["INC-1"]);
    let asked = w.submit("01:40:00", wider);
    assert_eq!(w.life.request(asked.request.as_ref().unwrap()).unwrap().ordinal, 1);
    let apart = w.submit("01:40:00", ask("asha", "drop", "pay-api", &["INC-1"]));
    assert_eq!(w.life.request(apart.request.as_ref().unwrap()).unwrap().ordinal, 0);
    let after = w.submit("02:00:00", ask("asha", "drop", "pay-db", &["INC-1"]));
    assert_eq!(w.life.request(after.request.as_ref().unwrap()).unwrap().ordinal, 0, "the cooldown is over");
}

#[test]
fn what_is_asked_on_no_support_is_a_chain_of_its_own_for_each_person_and_pair() {
    let once = POLICIES.replace("@id(\"mint\")", "@id(\"mint\") @chain_max(\"1h\")");
    let mut w = World::of(compile(MANIFEST, &once), &world());
    w.granted("01:00:00", ask("asha", "mint", "pay-db", &[]), &[], &["vault"]);
    w.tick("02:00:00");
    let spent = w.submit("02:10:00", ask("asha", "mint", "pay-db", &[]));
    assert_eq!(refusal(&spent), ReasonCode::NoTimeLeft, "{spent:#?}");
    for (who, target) in [("asha", "hr-db"), ("ben", "pay-db")] {
        let asked = w.submit("02:10:00", ask(who, "mint", target, &[]));
        assert!(is_permitted(&asked), "{who} on {target}: {asked:#?}");
    }
}

#[test]
fn requests_made_in_store_do_not_go_round_the_extension_seats() {
    let mut w = World::new();
    let restart = || ask("asha", "restart", "pay-db", &["INC-1", "S-1"]);
    // Two asks at once, neither of which sees the other.
    let first = w.asked("01:00:00", restart());
    let second = w.asked("01:00:00", restart());
    assert!(is_permitted(&w.activate("01:00:00", &first)));
    let late = w.activate("01:09:00", &second);
    assert_eq!((answer(&late), seats(&late)), (Answer::Pending, vec!["lead".into()]), "{late:#?}");
    assert_eq!(w.life.grants().count(), 1);
    assert_eq!(state(&w.approve("01:10:00", &second, "lena")), "approved");
    assert!(is_permitted(&w.activate("01:10:00", &second)));
}

#[test]
fn what_joined_a_chain_is_cut_to_what_a_new_bundle_gives_an_extension() {
    let mut w = World::new();
    let restart = || ask("asha", "restart", "pay-db", &["INC-1", "S-1"]);
    w.oncall("01:00:00");
    let joined = w.granted("01:10:00", restart(), &["lena"], &["vault"]);
    assert_eq!(w.grant(&joined).ends_at, at("01:40:00"));
    let to = |ttl: &str| {
        let ttl = format!("@extension_ttl(\"{ttl}\") @chain_max(\"4h\")");
        compile(MANIFEST, &POLICIES.replace("@extension_ttl(\"30m\") @chain_max(\"4h\")", &ttl))
    };
    w.change_bundle("01:15:00", &to("20m"));
    assert_eq!((w.grant(&joined).ends_at, w.grant(&joined).ends_by), (at("01:30:00"), Limit::RuleTtl));
    w.change_bundle("01:21:00", &to("10m"));
    assert_eq!(w.ended(&joined), (Some(Cause::PolicyTightened), Some(at("01:21:00"))));
}

#[test]
fn what_joins_a_chain_lasts_as_asked_and_no_longer_than_an_extension() {
    for (ttl, ends, by) in [
        ("29m", "01:39:00", Limit::RequestedTtl),
        ("30m", "01:40:00", Limit::RuleTtl),
        ("31m", "01:40:00", Limit::RuleTtl),
    ] {
        let mut w = World::new();
        w.oncall("01:00:00");
        let restart = with(ask("asha", "restart", "pay-db", &["INC-1", "S-1"]), "ttl", json!(ttl));
        let joined = w.granted("01:10:00", restart, &["lena"], &["vault"]);
        assert_eq!((w.grant(&joined).ends_at, w.grant(&joined).ends_by), (at(ends), by), "{ttl}");
    }
}

#[test]
fn an_extension_lasts_as_asked_and_no_longer_than_the_rule_gives_it() {
    for (ttl, ends, by) in [
        ("29m", "02:19:00", Limit::RequestedTtl),
        ("30m", "02:20:00", Limit::RuleTtl),
        ("31m", "02:20:00", Limit::RuleTtl),
    ] {
        let mut w = World::new();
        let grant = w.oncall("01:00:00");
        let asked = w.act("01:50:00", json!({"extend": {"grant": grant, "ttl": ttl}}));
        let extension = w.extension(asked.extension.as_ref().unwrap());
        assert_eq!((extension.ends_at, extension.ends_by), (at(ends), by), "{ttl}");
    }
}

#[test]
fn a_reopened_incident_is_another_emergency_within_the_cooldown_too() {
    let mut w = World::new();
    let drop = || ask("asha", "drop", "pay-db", &["INC-1"]);
    w.granted("01:00:00", drop(), &["bob", "ann"], &["vault"]);
    w.incident("01:10:00", json!({"id": "INC-1", "status": "closed"}));
    w.incident("01:15:00", json!({"id": "INC-1", "epoch": 2, "status": "open"}));
    let asked = w.submit("01:20:00", drop());
    assert_eq!(w.life.request(asked.request.as_ref().unwrap()).unwrap().ordinal, 0, "{asked:#?}");
}

#[test]
fn the_reviewer_is_told_how_often_more_time_was_asked_for_and_given() {
    let reviewed = POLICIES.replace("@id(\"oncall\") ", "@id(\"oncall\") @review(\"24h\") ");
    let mut w = World::of(compile(MANIFEST, &reviewed), &world());
    let restart = || ask("asha", "restart", "pay-db", &["INC-1", "S-1"]);
    let first = w.asked("01:00:00", restart());
    let second = w.asked("01:00:00", restart());
    let grant = w.activate("01:00:00", &first).grant.clone().unwrap();
    w.issued("01:00:00", &grant, &["vault"]);
    // It was an ask of its own; now it is one for more time. The third is one from the beginning.
    w.activate("01:09:00", &second);
    w.submit("01:10:00", restart());
    let ended = w.revoke("01:20:00", &grant, "asha");
    let told = ended.effects.iter().find_map(|e| match &e.what {
        glasskey::lifecycle::What::OpenReview { extension_ratio, .. } => Some(json!(extension_ratio)),
        _ => None,
    });
    assert_eq!(told, Some(json!({"attempts": 2, "granted": 0, "within": "20m"})), "{ended:#?}");
}

#[test]
fn one_extension_and_one_request_do_not_share_an_ordinal() {
    let mut w = World::new();
    let grant = w.oncall("01:00:00");
    let request = w.asked("01:50:00", ask("asha", "restart", "pay-db", &["INC-1", "S-1"]));
    let extension = w.extend("01:50:00", &grant).extension.clone().unwrap();
    w.approve("01:51:00", &request, "lena");
    assert!(is_permitted(&w.activate("01:51:00", &request)), "that was the first");
    let second = w.approve("01:52:00", &extension, "lars");
    assert_eq!((state(&second), w.grant(&grant).ends_at), ("void", at("02:00:00")), "{second:#?}");
    assert_eq!(seats(&w.extend("01:53:00", &grant)), ["commander", "lead"], "the next one is the second");
}

#[test]
fn an_agent_spends_the_time_of_its_operator() {
    let policies = format!(
        "{POLICIES}\n@id(\"agent-drop\") @ttl(\"1h\") @max_ttl(\"4h\") @quorum(\"none\") @chain_max(\"2h\")\n\
         permit (principal is Glasskey::Agent, action == Ops::Action::\"drop\", resource);"
    );
    let mut w = World::of(compile(MANIFEST, &policies), &world());
    let of = |who: &str| with(ask(who, "drop", "pay-db", &["INC-1"]), "ttl", json!("90m"));
    w.granted("01:00:00", of("asha"), &["bob", "ann"], &["vault"]);
    w.tick("02:30:00");
    let agent = w.granted("04:00:00", of("Glasskey::Agent::\"bot\""), &[], &["vault"]);
    assert_eq!((w.grant(&agent).ends_at, w.grant(&agent).ends_by), (at("04:30:00"), Limit::ChainMax));
}

#[test]
fn grants_side_by_side_use_the_time_once_and_end_together() {
    let mut w = World::new();
    let on = |target: &str| with(ask("asha", "drop", target, &["INC-1"]), "ttl", json!("2h"));
    let first = w.granted("01:00:00", on("pay-db"), &["bob", "ann"], &["vault"]);
    let second = w.granted("01:30:00", on("pay-api"), &["bob", "ann"], &["vault"]);
    assert_eq!(w.grant(&first).ends_at, at("03:00:00"));
    assert_eq!((w.grant(&second).ends_at, w.grant(&second).ends_by), (at("03:00:00"), Limit::ChainMax));
}
