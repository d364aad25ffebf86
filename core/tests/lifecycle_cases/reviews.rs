//! After the fact: emergencies are reviewed, offline access is accounted for, debts bar the next.

use crate::lifecycle_world::*;
use glasskey::lifecycle::{Cause, Flag};
use glasskey::model::ReasonCode;
use serde_json::{Value, json};

fn smash(who: &str) -> Value {
    with(ask(who, "smash", "pay-db", &[]), "emergency", json!(true))
}

fn review(grant: &str, by: &str) -> Value {
    json!({"review": {"grant": grant, "by": name(by), "verdict": "accepted", "classification": "actual"}})
}

#[test]
fn an_emergency_is_told_and_names_whom_it_did_not_ask() {
    let mut w = World::new();
    let drop = with(ask("asha", "drop", "pay-db", &["INC-1"]), "emergency", json!(true));
    let request = w.asked("02:00:00", with(drop, "rule", json!("breakglass")));
    w.approve("02:00:00", &request, "cal");
    let activated = w.activate("02:00:00", &request);
    assert_eq!(effects(&activated), ["issue", "alert", "notify_skipped_approvers"]);
    let skipped = activated.effects.iter().find_map(|e| match &e.what {
        glasskey::lifecycle::What::NotifySkippedApprovers { seats, .. } => Some(seats.clone()),
        _ => None,
    });
    assert_eq!(skipped.unwrap(), ["eng", "sec"]);
    assert!(w.has_flag(activated.grant.as_ref().unwrap(), Flag::ReviewDue));
}

#[test]
fn a_review_is_due_from_the_first_use_of_an_emergency() {
    let mut w = World::new();
    let grant = w.granted("02:00:00", smash("asha"), &["cal"], &["vault"]);
    assert_eq!(refusal(&w.act("02:01:00", review(&grant, "rae"))), ReasonCode::NoReviewOpen);
    let used = w.uses("02:05:00", &grant, "smash", "pay-db");
    assert_eq!(effects(&used), ["open_review"]);
    assert_eq!(w.grant(&grant).review_by, Some(at("+1 02:05:00")));
    assert!(effects(&w.uses("02:06:00", &grant, "smash", "pay-db")).is_empty());
    w.revoke("02:10:00", &grant, "asha");
    assert_eq!(w.grant(&grant).review_by, Some(at("+1 02:05:00")), "the first of the two counts");
}

#[test]
fn an_unused_emergency_is_reviewed_from_its_end() {
    let mut w = World::new();
    let grant = w.granted("02:00:00", smash("asha"), &["cal"], &["vault"]);
    // Noticed late, dated right.
    let ended = w.tick("02:45:00");
    assert_eq!(causes(&ended), [Cause::Expired]);
    assert_eq!(w.grant(&grant).review_by, Some(at("+1 02:30:00")));
}

#[test]
fn nobody_reviews_what_they_had_a_part_in() {
    let mut w = World::new();
    let grant = w.granted("02:00:00", smash("asha"), &["cal"], &["vault"]);
    w.revoke("02:10:00", &grant, "asha");
    for by in ["asha", "cal"] {
        assert_eq!(refusal(&w.act("03:00:00", review(&grant, by))), ReasonCode::ReviewerConflict, "{by}");
    }
    for by in ["max", "nobody@corp", "Glasskey::Agent::\"bot\""] {
        refusal(&w.act("03:00:00", review(&grant, by)));
    }
    let mut asked_for = World::new();
    let ask = with(smash("asha"), "requested_by", json!(person_uid("rae")));
    let other = asked_for.granted("02:00:00", ask, &["cal"], &["vault"]);
    asked_for.revoke("02:10:00", &other, "asha");
    assert_eq!(refusal(&asked_for.act("03:00:00", review(&other, "rae"))), ReasonCode::ReviewerConflict);
    assert!(w.grant(&grant).review.is_none());
    assert!(is_permitted(&w.act("04:00:00", review(&grant, "rae"))));
    assert_eq!(w.grant(&grant).review.as_ref().unwrap().by.to_string(), person_uid("rae"));
    assert_eq!(refusal(&w.act("05:00:00", review(&grant, "rae"))), ReasonCode::AlreadyReviewed);
}

#[test]
fn an_overdue_review_bars_the_next_emergency_until_it_is_made() {
    let mut w = World::new();
    let grant = w.granted("02:00:00", smash("asha"), &["cal"], &["vault"]);
    w.revoke("02:10:00", &grant, "asha");
    w.revoked("02:10:01", &grant, "vault");
    assert_eq!(w.life.next_change(at("03:00:00")), Some(at("+1 02:10:00")));
    assert!(w.tick("+1 02:09:59.999").events.is_empty());
    let overdue = w.tick("+1 02:10:00");
    assert_eq!(effects(&overdue), ["alert"]);
    assert!(w.has_flag(&grant, Flag::ReviewOverdue));
    assert_eq!(refusal(&w.submit("+1 03:00:00", smash("asha"))), ReasonCode::Forbidden);
    assert_eq!(state(&w.submit("+1 03:00:00", smash("eve"))), "pending", "hers alone");
    w.act("+1 04:00:00", review(&grant, "rae"));
    assert_eq!(state(&w.submit("+1 05:00:00", smash("asha"))), "pending");
}

#[test]
fn offline_access_is_a_debt_that_bars_the_next() {
    let mut w = World::new();
    let down = |source: &str| json!({"name": "idp", "state": "down", "source": source});
    let login = || ask("asha", "login", "pay-db", &[]);
    w.observe("02:00:00", json!({"signals": [down("a")]}));
    refusal(&w.submit("02:00:01", login()));
    w.observe("02:00:02", json!({"signals": [down("b")]}));
    let grant = w.granted("02:00:03", login(), &[], &["bastion"]);
    assert!(w.has_flag(&grant, Flag::ReconcileDue));
    let account = |by: &str| json!({"reconcile": {"grant": grant, "by": person_uid(by)}});
    assert_eq!(
        refusal(&w.act("02:00:04", account("rae"))),
        ReasonCode::NothingToReconcile,
        "not while it runs"
    );
    // The outage ends, and so does what it was for.
    let recovered =
        w.observe("02:01:00", json!({"signals": [{"name": "idp", "state": "up", "source": "a"}]}));
    assert_eq!(causes(&recovered), [Cause::GovernorRecovered]);
    w.observe("02:01:30", json!({"signals": [down("a"), down("b")]}));
    assert_eq!(refusal(&w.submit("02:01:31", login())), ReasonCode::ReconcileDebt);
    assert_eq!(state(&w.submit("02:01:31", ask("eve", "login", "pay-db", &[]))), "approved");
    assert_eq!(refusal(&w.act("02:01:32", account("asha"))), ReasonCode::ReviewerConflict);
    refusal(&w.act("02:01:32", account("max")));
    assert!(is_permitted(&w.act("02:01:33", account("rae"))));
    assert!(!w.has_flag(&grant, Flag::ReconcileDue));
    assert_eq!(refusal(&w.act("02:01:34", account("rae"))), ReasonCode::NothingToReconcile);
    assert_eq!(state(&w.submit("02:01:35", login())), "approved");
}

#[test]
fn probes_that_fall_silent_freeze_and_do_not_end() {
    let mut w = World::new();
    let down = |source: &str| json!({"name": "idp", "state": "down", "source": source});
    w.observe("02:00:00", json!({"signals": [down("a"), down("b")]}));
    let grant = w.granted("02:00:00", ask("asha", "login", "pay-db", &[]), &[], &["bastion"]);
    assert_eq!(refusal(&w.uses("02:02:00", &grant, "login", "pay-db")), ReasonCode::GrantFrozen);
    w.observe("02:03:00", json!({"signals": [down("a"), down("b")]}));
    assert!(is_permitted(&w.uses("02:03:00", &grant, "login", "pay-db")));
}

#[test]
fn policies_are_told_what_a_principal_did() {
    let policies = format!(
        "{POLICIES}\n@id(\"enough\") forbid (principal, action == Ops::Action::\"look\", resource)\n\
         when {{ context.history.grants_24h >= 2 || context.history.chain >= duration(\"30m\") }};"
    );
    let mut w = World::of(compile(MANIFEST, &policies), &world());
    let look = |who: &str| ask(who, "look", "pay-db", &["INC-1"]);
    let restart = |w: &mut World, when: &str, who: &str, shift: &str| {
        let grant = w.granted(when, ask(who, "restart", "pay-api", &["INC-2", shift]), &[], &["vault"]);
        w.revoke(when, &grant, who);
    };
    restart(&mut w, "02:00:00", "asha", "S-1");
    assert_eq!(state(&w.submit("02:01:00", look("asha"))), "approved");
    restart(&mut w, "02:40:00", "asha", "S-1");
    assert_eq!(refusal(&w.submit("02:41:00", look("asha"))), ReasonCode::Forbidden, "two grants in a day");
    let eve = w.granted("03:00:00", look("eve"), &[], &["vault"]);
    assert!(is_permitted(&w.uses("03:29:59.999", &eve, "look", "pay-db")));
    assert_eq!(
        refusal(&w.submit("03:30:00", look("eve"))),
        ReasonCode::Forbidden,
        "half an hour in the chain"
    );
}
