//! Putting a grant in force: deadlines, credentials, and what may be left behind.

use crate::lifecycle_world::*;
use glasskey::lifecycle::{Cause, Flag, GrantPhase, What};
use glasskey::model::ReasonCode;
use glasskey::{Applied, Instant};
use serde_json::json;

fn activated(w: &mut World, when: &str, target: &str) -> (String, std::sync::Arc<Applied>) {
    let request = w.asked(when, ask("asha", "mint", target, &[]));
    let applied = w.activate(when, &request);
    (applied.grant.clone().unwrap(), applied)
}

fn issued(grant: &str, point: &str, expires: Option<&str>) -> serde_json::Value {
    let mut act = json!({"grant": grant, "points": [point], "credential_ref": "vault:db/creds/mint"});
    if let Some(clock) = expires {
        act["expires_at"] = json!(t(clock));
    }
    json!({"issued": act})
}

fn bound(applied: &Applied) -> Option<Instant> {
    applied.effects.iter().find_map(|e| match &e.what {
        What::Issue { credential_expires_by, .. } => Some(*credential_expires_by),
        _ => None,
    })
}

#[test]
fn a_credential_never_outlives_its_grant() {
    let mut w = World::new();
    let (grant, applied) = activated(&mut w, "19:00:00", "pay-db");
    assert_eq!(bound(&applied), Some(at("20:00:00")));
    let long = w.act("19:00:01", issued(&grant, "vault", Some("+1 02:00:00")));
    assert_eq!(
        (refusal(&long), points(&long, "compensate")),
        (ReasonCode::CredentialTooLong, vec!["vault".into()])
    );
    assert_eq!(w.phase(&grant), GrantPhase::Issuing, "nothing is active");
    let right = w.act("19:00:05", issued(&grant, "vault", Some("19:55:05")));
    assert_eq!(state(&right), "active");
    assert_eq!(w.grant(&grant).credential_ref.as_deref(), Some("vault:db/creds/mint"));
}

#[test]
fn what_was_issued_wrongly_is_watched_until_it_is_taken_away() {
    let mut w = World::new();
    let (grant, _) = activated(&mut w, "19:00:00", "pay-db");
    w.act("19:00:01", issued(&grant, "vault-a", Some("+1 02:00:00")));
    // Taking it away is what was asked for, and no drift.
    let taken = w.revoked("19:00:03", &grant, "vault-a");
    assert!(taken.ended.is_empty() && !w.has_flag(&grant, Flag::ExternallyModified), "{taken:#?}");
    w.act("19:00:05", issued(&grant, "vault-b", Some("19:55:05")));
    let ended = w.revoke("19:10:00", &grant, "asha");
    assert_eq!(points(&ended, "revoke"), ["vault-b"]);
    assert_eq!(state(&w.revoked("19:10:01", &grant, "vault-b")), "closed");
    // If nobody says that it is gone, the grant is not closed before.
    let (grant, _) = activated(&mut w, "19:20:00", "pay-db");
    w.act("19:20:01", issued(&grant, "vault-a", Some("+1 02:00:00")));
    w.act("19:20:05", issued(&grant, "vault-b", Some("19:55:05")));
    let ended = w.revoke("19:30:00", &grant, "asha");
    assert_eq!(points(&ended, "revoke"), ["vault-a", "vault-b"]);
    assert_eq!(state(&w.revoked("19:30:01", &grant, "vault-b")), "revoking");
    assert_eq!(state(&w.revoked("19:30:02", &grant, "vault-a")), "closed");
}

#[test]
fn a_point_that_was_taken_back_once_is_in_force_again_after_a_new_issue() {
    let mut w = World::new();
    let (grant, _) = activated(&mut w, "19:00:00", "pay-db");
    w.act("19:00:01", issued(&grant, "vault", Some("+1 02:00:00")));
    w.revoked("19:00:03", &grant, "vault");
    w.act("19:00:05", issued(&grant, "vault", Some("19:55:05")));
    let ended = w.revoke("19:10:00", &grant, "asha");
    assert_eq!((points(&ended, "revoke"), state(&ended)), (vec!["vault".into()], "revoking"));
}

#[test]
fn a_failed_issue_ends_the_grant_and_undoes_what_may_be_there() {
    let mut w = World::new();
    let (grant, _) = activated(&mut w, "19:00:00", "pay-db");
    let failed = w
        .act("19:00:10", json!({"issue_failed": {"grant": grant, "points": ["vault"], "reason": "timeout"}}));
    assert_eq!((causes(&failed), state(&failed)), (vec![Cause::IssueFailed], "revoking"));
    assert_eq!(points(&failed, "compensate"), ["vault"]);
    assert_eq!(state(&w.revoked("19:00:20", &grant, "vault")), "closed");
    let again = w.act("19:00:30", json!({"issue_failed": {"grant": grant}}));
    assert_eq!(refusal(&again), ReasonCode::GrantNotIssuing);
}

#[test]
fn an_issue_that_nobody_reports_fails_at_its_deadline() {
    let mut w = World::new();
    let (grant, applied) = activated(&mut w, "19:00:00", "pay-db");
    assert_eq!(applied.effects[0].deadline, Some(at("19:02:00")));
    assert!(w.tick("19:01:59.999").ended.is_empty());
    let late = w.tick("19:02:00");
    assert_eq!(causes(&late), [Cause::IssueFailed]);
    assert_eq!(points(&late, "compensate"), ["issuer"], "something may exist: {late:#?}");
    assert_eq!(w.ended(&grant).1, Some(at("19:02:00")));
    assert_eq!(state(&w.revoked("19:03:00", &grant, "issuer")), "closed");
}

#[test]
fn a_credential_that_appears_after_the_end_is_born_revoked() {
    let mut w = World::new();
    let (grant, _) = activated(&mut w, "19:00:00", "pay-db");
    let revoked = w.revoke("19:00:30", &grant, "asha");
    assert_eq!((state(&revoked), points(&revoked, "revoke")), ("revoking", vec!["issuer".into()]));
    let born = w.act("19:00:40", issued(&grant, "vault", Some("19:55:00")));
    assert_eq!((refusal(&born), points(&born, "compensate")), (ReasonCode::GrantEnded, vec!["vault".into()]));
    assert_eq!(refusal(&w.uses("19:00:41", &grant, "mint", "pay-db")), ReasonCode::GrantEnded);
    assert_eq!(state(&w.revoked("19:00:45", &grant, "issuer")), "revoking");
    let mut silent = w.life.clone();
    let late = silent.apply(&w.command(json!({"tick": {}})), at("23:00:00")).unwrap();
    let paged = late
        .effects
        .iter()
        .filter(|e| matches!(&e.what, What::Page { reason, .. } if reason.contains("vault")));
    assert_eq!(paged.count(), 1, "somebody is woken if that is not confirmed: {late:#?}");
    assert_eq!(state(&w.revoked("19:00:50", &grant, "vault")), "closed");
}

#[test]
fn a_credential_that_appears_after_the_close_wakes_somebody_and_leaves_a_mark() {
    let mut w = World::new();
    let (grant, _) = activated(&mut w, "19:00:00", "pay-db");
    w.revoke("19:00:30", &grant, "asha");
    w.revoked("19:00:35", &grant, "issuer");
    let born = w.act("19:00:40", issued(&grant, "vault", Some("19:55:00")));
    assert_eq!(w.phase(&grant), GrantPhase::Closed, "terminal stays terminal");
    assert!(effects(&born).contains(&"compensate") && effects(&born).contains(&"page"), "{born:#?}");
    assert!(w.has_flag(&grant, Flag::ExternallyModified));
}

#[test]
fn what_cannot_be_taken_back_dies_soon_by_itself() {
    let mut w = World::new();
    let (grant, applied) = activated(&mut w, "19:00:00", "cloud");
    assert_eq!(bound(&applied), Some(at("19:15:00")), "the bound on revocations, not the grant's end");
    let never = w.act("19:00:01", issued(&grant, "sts", None));
    assert_eq!(refusal(&never), ReasonCode::CredentialTooLong, "it must die by itself");
    let long = w.act("19:00:02", issued(&grant, "sts", Some("19:15:02.001")));
    assert_eq!(refusal(&long), ReasonCode::CredentialTooLong);
    assert_eq!(state(&w.act("19:00:02", issued(&grant, "sts", Some("19:15:02")))), "active");
    // Minted again by a fresh decision.
    assert!(is_permitted(&w.uses("19:14:00", &grant, "mint", "cloud")));
    assert_eq!(state(&w.act("19:14:00", issued(&grant, "sts", Some("19:29:00")))), "active");
    let ended = w.revoke("19:20:00", &grant, "asha");
    assert_eq!(effects(&ended), ["revoke", "deny_tokens_issued_before"]);
    let deny = ended.effects.iter().find_map(|e| match &e.what {
        What::DenyTokensIssuedBefore { instant, .. } => Some(*instant),
        _ => None,
    });
    assert_eq!(deny, Some(at("19:20:00")));
    assert!(!effects(&w.tick("19:28:59.999")).contains(&"page"), "it is over when it dies");
    assert!(effects(&w.tick("19:29:00")).contains(&"page"));
}

#[test]
fn a_shared_account_is_lent_to_one_and_gets_a_new_secret() {
    let mut w = World::new();
    let out = |who: &str| ask(who, "checkout", "root@legacy", &[]);
    let waiting = w.asked("17:55:00", out("ben"));
    let kai = w.granted("18:00:00", out("asha"), &[], &["broker"]);
    assert_eq!(refusal(&w.activate("18:01:00", &waiting)), ReasonCode::HeldByOther);
    let beside = w.submit("18:02:00", ask("ben", "mint", "root@legacy", &[]));
    assert!(is_permitted(&beside), "what nobody has to hold alone is not held: {beside:#?}");
    let lea = w.submit("18:10:00", out("eve"));
    assert_eq!((refusal(&lea), state(&lea)), (ReasonCode::HeldByOther, "refused"));
    let missing = json!(lea.decision.as_ref().unwrap().missing);
    assert_eq!(missing[0]["until"], json!(at("18:30:00")), "until the other one's end: {lea:#?}");
    let ended = w.tick("18:30:00");
    assert_eq!(effects(&ended), ["revoke", "rotate"]);
    w.revoked("18:30:05", &kai, "broker");
    assert_eq!(
        refusal(&w.submit("18:31:00", out("eve"))),
        ReasonCode::HeldByOther,
        "the old secret is still good"
    );
    assert!(effects(&w.tick("18:45:00")).contains(&"page"));
    assert_eq!(state(&w.revoked("18:50:00", &kai, "rotation")), "closed");
    assert!(w.has_flag(&kai, Flag::RevocationUnconfirmed));
    assert!(is_permitted(&w.submit("18:51:00", out("eve"))));
}
