//! Agents and services: delegation, uses, tasks, noise.

use crate::lifecycle_world::*;
use glasskey::lifecycle::{Cause, GrantPhase, RequestPhase};
use glasskey::model::{Limit, ReasonCode};
use serde_json::{Value, json};

const BOT: &str = "Glasskey::Agent::\"bot\"";
const SUB: &str = "Glasskey::Agent::\"sub\"";

fn delegated(who: &str, via: &[String], pairs: &[(&str, &str)], parent: &str) -> Value {
    let ask = with(asks(who, pairs, &[]), "via", json!(via));
    json!({"submit": {"request": ask, "parent": parent}})
}

/// Asha looks at `pay-db` until 03:00, her bot with her, its helper with it.
fn family(w: &mut World) -> (String, String, String) {
    let parent = w.granted("02:00:00", ask("asha", "look", "pay-db", &["INC-1"]), &[], &["vault"]);
    let asha = person_uid("asha");
    let mut grant = |who: &str, via: &[String], above: &str| {
        let request =
            w.act("02:10:00", delegated(who, via, &[("look", "pay-db")], above)).request.clone().unwrap();
        let grant = w.activate("02:10:00", &request).grant.clone().unwrap();
        w.issued("02:10:00", &grant, &["vault"]);
        grant
    };
    let child = grant(BOT, std::slice::from_ref(&asha), &parent);
    let grandchild = grant(SUB, &[asha, BOT.to_owned()], &child);
    (parent, child, grandchild)
}

#[test]
fn the_end_of_an_ancestor_ends_all_that_descends_from_it() {
    let mut w = World::new();
    let (parent, child, grandchild) = family(&mut w);
    let asha = person_uid("asha");
    let request = w
        .act("02:15:00", delegated(SUB, &[asha, BOT.to_owned()], &[("look", "pay-db")], &child))
        .request
        .clone()
        .unwrap();
    w.revoke("02:20:00", &parent, "asha");
    assert_eq!(w.grant(&parent).cause, Some(Cause::RevokedByRequester));
    for grant in [&child, &grandchild] {
        assert_eq!(w.ended(grant), (Some(Cause::ParentEnded), Some(at("02:20:00"))));
    }
    assert_eq!(w.request_phase(&request), RequestPhase::Void);
    assert_eq!(w.life.request(&request).unwrap().cause, Some(Cause::ParentEnded));
}

#[test]
fn the_end_of_a_child_leaves_its_parent() {
    let mut w = World::new();
    let (parent, child, grandchild) = family(&mut w);
    w.act("02:20:00", json!({"complete": {"grant": child, "outcome": "done"}}));
    assert_eq!(w.phase(&grandchild), GrantPhase::Revoking);
    assert_eq!(w.phase(&parent), GrantPhase::Active);
}

#[test]
fn a_delegation_ends_with_its_parent_at_the_latest_and_follows_it_down() {
    let mut w = World::new();
    let (parent, child, grandchild) = family(&mut w);
    for grant in [&child, &grandchild] {
        assert_eq!((w.grant(grant).ends_at, w.grant(grant).ends_by), (at("03:00:00"), Limit::ParentEnd));
    }
    let mut asha = person("asha", &["eng"]);
    asha["attrs"] = json!({"contract_ends": {"__extn": {"fn": "datetime", "arg": t("02:30:00")}}});
    w.observe("02:20:00", json!({"entities": [asha]}));
    w.tick("02:30:00");
    assert_eq!(w.ended(&parent).1, Some(at("02:30:00")));
    for grant in [&child, &grandchild] {
        assert_eq!(w.ended(grant).1, Some(at("02:30:00")));
    }
    let mut w = World::new();
    let (_, child, grandchild) = family(&mut w);
    w.tick("03:00:00");
    for grant in [&child, &grandchild] {
        assert_eq!(w.ended(grant), (Some(Cause::ParentEnded), Some(at("03:00:00"))));
    }
}

#[test]
fn from_hop_to_hop_everything_only_shrinks() {
    let mut w = World::new();
    let (parent, child, _) = family(&mut w);
    let asha = person_uid("asha");
    let cases = [
        // Another target, another action.
        (BOT, vec![asha.clone()], vec![("look", "pay-api")], &parent),
        (BOT, vec![asha.clone()], vec![("pod", "pay-db")], &parent),
        // A chain that is not the parent's, or leaves a hop out, or goes round it.
        (BOT, vec![person_uid("ben")], vec![("look", "pay-db")], &parent),
        (BOT, vec![], vec![("look", "pay-db")], &parent),
        (SUB, vec![asha.clone()], vec![("look", "pay-db")], &child),
        (SUB, vec![BOT.to_owned()], vec![("look", "pay-db")], &child),
        (SUB, vec![asha.clone(), BOT.to_owned()], vec![("look", "pay-db")], &parent),
    ];
    for (who, via, pairs, above) in cases {
        let applied = w.act("02:15:00", delegated(who, &via, &pairs, above));
        assert_eq!(refusal(&applied), ReasonCode::BeyondParent, "{who} via {via:?}");
    }
    w.revoke("02:20:00", &parent, "asha");
    let applied = w.act("02:21:00", delegated(BOT, &[asha], &[("look", "pay-db")], &parent));
    assert_eq!(refusal(&applied), ReasonCode::ParentNotActive);
}

#[test]
fn a_child_asked_for_before_the_end_of_its_parent_is_not_activated_after() {
    let mut w = World::new();
    let parent = w.granted("02:00:00", ask("asha", "look", "pay-db", &["INC-1"]), &[], &["vault"]);
    let request = w
        .act("02:55:00", delegated(BOT, &[person_uid("asha")], &[("look", "pay-db")], &parent))
        .request
        .clone()
        .unwrap();
    assert_eq!(refusal(&w.activate("03:00:00", &request)), ReasonCode::RequestOver);
    assert_eq!(w.life.grants().count(), 1);
}

#[test]
fn an_agent_acts_inside_its_pattern_and_no_further() {
    let mut w = World::new();
    let grant = w.granted("14:00:00", ask(BOT, "pod", "pay-api", &["T-1"]), &[], &["cluster"]);
    assert_eq!(refusal(&w.uses("14:02:00", &grant, "drop", "pay-api")), ReasonCode::OutOfScope);
    for clock in ["14:01:00", "14:03:00", "14:05:00"] {
        let clock = if clock == "14:01:00" { "14:02:30" } else { clock };
        assert!(is_permitted(&w.uses(clock, &grant, "pod", "pay-api")));
    }
    assert_eq!(refusal(&w.uses("14:06:00", &grant, "pod", "pay-api")), ReasonCode::UsesExhausted);
}

#[test]
fn a_machine_does_not_come_through_a_human_door_nor_approve() {
    let mut w = World::new();
    let ci = "Glasskey::Service::\"ci\"";
    assert_eq!(
        refusal(&w.submit("16:00:00", ask(ci, "restart", "pay-db", &["INC-1"]))),
        ReasonCode::ActorKind
    );
    let request = w.asked("16:01:00", ask("asha", "work", "pay-db", &["INC-1"]));
    for machine in [ci, BOT] {
        assert_eq!(counted(&w.approve("16:02:00", &request, machine)), Some(false));
    }
}

#[test]
fn the_pipeline_that_aborts_gives_its_grant_back() {
    let mut w = World::new();
    let ci = ask("Glasskey::Service::\"ci\"", "rollback", "pay-api", &["T-1"]);
    let grant = w.granted("16:01:00", ci, &[], &["broker"]);
    let aborted = w.act("16:04:00", json!({"complete": {"grant": grant, "outcome": "failed"}}));
    assert_eq!(causes(&aborted), [Cause::TaskFailed]);
}

#[test]
fn a_noisy_bot_is_not_heard_for_a_while_and_nobody_else_pays_for_it() {
    let mut w = World::new();
    let bad = || ask(BOT, "pod", "hr-db", &["T-1"]);
    let good = || ask(BOT, "pod", "pay-api", &["T-1"]);
    for second in 0..10 {
        assert_ne!(refusal(&w.submit(&format!("02:00:0{second}"), bad())), ReasonCode::Quarantined);
    }
    assert_eq!(refusal(&w.submit("02:01:00", good())), ReasonCode::Quarantined);
    assert!(is_permitted(&w.submit("02:01:00", ask(SUB, "pod", "pay-api", &["T-1"]))), "another bot");
    for second in 0..10 {
        w.submit(&format!("02:02:0{second}"), ask("max", "drop", "hr-db", &["INC-1"]));
    }
    assert_ne!(
        refusal(&w.submit("02:03:00", ask("max", "drop", "hr-db", &["INC-1"]))),
        ReasonCode::Quarantined
    );
    assert!(is_permitted(&w.submit("02:11:01", good())), "ten quiet minutes later it is heard");
}

#[test]
fn refused_uses_are_noise_too() {
    let mut w = World::new();
    let grant = w.granted("02:00:00", ask(BOT, "pod", "pay-api", &["T-1"]), &[], &["cluster"]);
    for second in 0..10 {
        w.uses(&format!("02:01:0{second}"), &grant, "drop", "pay-api");
    }
    assert_eq!(refusal(&w.submit("02:02:00", ask(BOT, "pod", "pay-db", &["T-1"]))), ReasonCode::Quarantined);
}
