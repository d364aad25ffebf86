//! Two grants on one entitlement: what one leaves in force, the other answers for.

use crate::lifecycle_world::*;
use glasskey::lifecycle::{Cause, GrantPhase};
use serde_json::json;

fn look(incident: &str) -> serde_json::Value {
    ask("asha", "look", "pay-db", &[incident])
}

#[test]
fn ending_one_grant_leaves_what_another_covers() {
    let mut w = World::new();
    let first = w.granted("02:00:00", look("INC-1"), &[], &["vault"]);
    let second = w.granted("02:10:00", look("INC-2"), &[], &["vault"]);
    let closed = w.incident("02:20:00", json!({"id": "INC-1", "status": "closed"}));
    assert_eq!((effects(&closed), w.phase(&first)), (vec!["retain"], GrantPhase::Closed), "{closed:#?}");
    assert!(is_permitted(&w.uses("02:21:00", &second, "look", "pay-db")));
    let closed = w.incident("02:30:00", json!({"id": "INC-2", "status": "closed"}));
    assert_eq!(
        (points(&closed, "revoke"), w.phase(&second)),
        (vec!["vault".to_owned()], GrantPhase::Revoking)
    );
}

#[test]
fn what_was_left_in_force_somewhere_else_is_ended_with_the_grant_that_kept_it() {
    let mut w = World::new();
    let first = w.granted("02:00:00", look("INC-1"), &[], &["vault", "proxy"]);
    let second = w.granted("02:10:00", look("INC-2"), &[], &["vault"]);
    w.incident("02:20:00", json!({"id": "INC-1", "status": "closed"}));
    assert_eq!(w.phase(&first), GrantPhase::Closed);
    let closed = w.incident("02:30:00", json!({"id": "INC-2", "status": "closed"}));
    assert_eq!(points(&closed, "revoke"), ["proxy", "vault"], "nothing is forgotten at the proxy");
    assert_eq!(state(&w.revoked("02:30:01", &second, "vault")), "revoking");
    assert_eq!(state(&w.revoked("02:30:02", &second, "proxy")), "closed");
}

#[test]
fn what_is_kept_for_a_grant_that_fails_to_issue_is_ended_all_the_same() {
    let mut w = World::new();
    let first = w.granted("02:00:00", look("INC-1"), &[], &["vault"]);
    let request = w.asked("02:19:00", look("INC-2"));
    let second = w.activate("02:19:00", &request).grant.clone().unwrap();
    let closed = w.incident("02:20:00", json!({"id": "INC-1", "status": "closed"}));
    assert_eq!(effects(&closed), ["retain"], "no gap between the two");
    assert_eq!(w.phase(&first), GrantPhase::Closed);
    let failed = w.act("02:20:30", json!({"issue_failed": {"grant": second, "reason": "no"}}));
    assert_eq!(causes(&failed), [Cause::IssueFailed]);
    assert!(points(&failed, "revoke").contains(&"vault".to_owned()), "{failed:#?}");
}

/// A grant beside another, in force at the vault; at the proxy something was issued that nobody accepted.
fn beside_one_and_wrong_at_the_proxy(w: &mut World) -> String {
    w.granted("02:00:00", look("INC-1"), &[], &["vault", "proxy"]);
    let request = w.asked("02:10:00", look("INC-2"));
    let second = w.activate("02:10:00", &request).grant.clone().unwrap();
    let too_long = json!({"grant": second, "points": ["proxy"], "expires_at": t("12:00:00")});
    w.act("02:10:01", json!({"issued": too_long}));
    w.issued("02:10:02", &second, &["vault"]);
    second
}

#[test]
fn what_was_issued_wrongly_is_taken_away_whoever_else_covers_it() {
    let mut w = World::new();
    let second = beside_one_and_wrong_at_the_proxy(&mut w);
    let closed = w.incident("02:20:00", json!({"id": "INC-2", "status": "closed"}));
    assert_eq!(points(&closed, "revoke"), ["proxy"], "{closed:#?}");
    assert_eq!(w.phase(&second), GrantPhase::Revoking);
}

#[test]
fn what_is_kept_where_something_was_issued_wrongly_is_kept_again() {
    let mut w = World::new();
    let second = beside_one_and_wrong_at_the_proxy(&mut w);
    // From here on it is the second one's own at both points.
    let closed = w.incident("02:20:00", json!({"id": "INC-1", "status": "closed"}));
    assert_eq!(points(&closed, "retain"), ["proxy", "vault"], "{closed:#?}");
    w.granted("02:25:00", look("INC-2"), &[], &["vault"]);
    let ended = w.revoke("02:30:00", &second, "asha");
    assert_eq!(
        (points(&ended, "retain"), points(&ended, "revoke").len()),
        (vec!["proxy".into(), "vault".into()], 0)
    );
}

#[test]
fn contiguous_grants_neither_gap_nor_cut() {
    let mut w = World::new();
    let first = w.granted("02:00:00", look("INC-1"), &[], &["vault"]);
    let request = w.asked("02:55:00", look("INC-2"));
    // At the very instant of the end: the new one begins, the old one ends, nothing is revoked.
    w.tick("02:59:59.999");
    let second = w.activate("02:59:59.999", &request).grant.clone().unwrap();
    w.issued("02:59:59.999", &second, &["vault"]);
    let ended = w.tick("03:00:00");
    assert_eq!((causes(&ended), effects(&ended)), (vec![Cause::Expired], vec!["retain"]));
    assert_eq!(w.phase(&first), GrantPhase::Closed);
}

#[test]
fn only_the_part_that_nothing_else_covers_is_ended() {
    let mut w = World::new();
    let wide = asks("asha", &[("look", "pay-db"), ("look", "pay-api")], &["INC-1"]);
    let first = w.granted("02:00:00", wide, &[], &["vault", "proxy"]);
    let second = w.granted("02:10:00", look("INC-2"), &[], &["vault"]);
    let closed = w.incident("02:20:00", json!({"id": "INC-1", "status": "closed"}));
    assert_eq!(points(&closed, "revoke"), ["proxy", "vault"]);
    let scopes: Vec<usize> = closed
        .effects
        .iter()
        .filter_map(|e| match &e.what {
            glasskey::lifecycle::What::Revoke { scope, .. } => Some(scope.len()),
            _ => None,
        })
        .collect();
    assert_eq!(scopes, [1, 1], "the other pair stays");
    w.revoked("02:20:01", &first, "vault");
    assert_eq!(state(&w.revoked("02:20:02", &first, "proxy")), "closed");
    let closed = w.incident("02:30:00", json!({"id": "INC-2", "status": "closed"}));
    assert_eq!(points(&closed, "revoke"), ["proxy", "vault"], "that pair is ended everywhere");
    assert_eq!(w.phase(&second), GrantPhase::Revoking);
}

#[test]
fn another_persons_grant_keeps_nothing_for_me() {
    let mut w = World::new();
    w.granted("02:00:00", look("INC-1"), &[], &["vault"]);
    w.granted("02:10:00", ask("ben", "look", "pay-db", &["INC-2"]), &[], &["vault"]);
    let closed = w.incident("02:20:00", json!({"id": "INC-1", "status": "closed"}));
    assert_eq!(effects(&closed), ["revoke"]);
}

#[test]
fn grants_that_end_together_keep_nothing_for_each_other() {
    let mut w = World::new();
    w.granted("02:00:00", look("INC-1"), &[], &["vault"]);
    w.granted("02:10:00", look("INC-2"), &[], &["vault"]);
    let locked = w.observe("02:20:00", json!({"locks": [{"target": "*"}]}));
    assert_eq!(effects(&locked), ["revoke", "revoke"]);
}

#[test]
fn what_ended_unseen_is_settled_as_if_somebody_had_looked_at_each_instant() {
    for (later, settled) in [("02:00:00", ["revoke", "revoke"]), ("02:00:00.001", ["retain", "revoke"])] {
        let mut w = World::new();
        w.granted("02:00:00", look("INC-1"), &[], &["vault"]);
        w.granted(later, look("INC-2"), &[], &["vault"]);
        let ended = w.tick("04:00:00");
        let points: Vec<&str> =
            effects(&ended).into_iter().filter(|kind| *kind == "revoke" || *kind == "retain").collect();
        assert_eq!(points, settled, "{ended:#?}");
    }
}

#[test]
fn the_summary_of_an_incident_is_ended_only_when_every_point_of_every_grant_is() {
    let mut w = World::new();
    let db = w.granted("14:00:00", ask("asha", "look", "pay-db", &["INC-1"]), &[], &["vault", "proxy"]);
    let net = w.granted("14:00:00", ask("ben", "look", "pay-api", &["INC-1"]), &[], &["firewall"]);
    let closed = w.incident("14:30:00", json!({"id": "INC-1", "status": "closed"}));
    assert_eq!(points(&closed, "revoke").len(), 3);
    w.revoked("14:30:01", &db, "vault");
    w.revoked("14:30:01", &db, "proxy");
    assert_eq!((w.phase(&db), w.phase(&net)), (GrantPhase::Closed, GrantPhase::Revoking));
    assert!(effects(&w.tick("14:35:00")).contains(&"page"));
    assert_eq!(state(&w.revoked("14:50:00", &net, "firewall")), "closed");
}
