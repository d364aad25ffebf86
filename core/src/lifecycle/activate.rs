//! Activation: an approved request becomes a grant, if everything still holds.

use crate::bundle::{Rule, Terms};
use crate::cedar::Uid;
use crate::lifecycle::effect::What;
use crate::lifecycle::index::Key;
use crate::lifecycle::recheck::Trigger;
use crate::lifecycle::step::{self, Step, because};
use crate::lifecycle::{Activate, Event, Flag, Grant, GrantPhase, RequestMove, RequestPhase, RequestRecord};
use crate::model::{Answer, Decision, NextAction, Reason, ReasonCode, Request};
use crate::prelude::*;

impl Step<'_> {
    pub(super) fn activate(&mut self, activate: &Activate) {
        let Some(record) = self.request_of(&activate.request) else { return };
        self.request = Some(record.id.clone());
        if self.refuse_if_suspect() {
            return;
        }
        if record.phase.is_terminal() {
            return self.refuse(because(ReasonCode::RequestOver, record.phase.as_str()), NextAction::Request);
        }
        if record.start.is_some_and(|start| self.now < start) {
            return self.refuse(Reason::new(ReasonCode::NotYet), NextAction::Retry);
        }
        let Some(rule) = record.rule.as_deref().and_then(|r| self.rule(r)) else { return };
        if let Some(reason) = refused_delivery(&rule, activate.delivery.as_deref()) {
            self.alert(&record.id, "delivery_not_allowed");
            return self.refuse(reason, NextAction::Request);
        }
        if let Some(reason) = self.held_or_in_debt(&record, &rule) {
            return self.refuse(reason, NextAction::Retry);
        }
        let record = self.moved_up(record);
        if let Some(reason) = self.exhausted(&record) {
            return self.refuse(reason, NextAction::None);
        }
        let decided = self.decide_record(&record, self.now);
        match decided.0.decision {
            Answer::Permit => {
                if let Some(record) = self.promoted(record, &decided.0) {
                    self.become_grant(&record, &rule, &decided.0);
                }
            }
            Answer::Pending => self.reopen(&record, self.now),
            Answer::Deny => self.void_unless_unknown(&record, &decided.0, self.now, Trigger::Time),
        }
        self.answer(decided);
    }

    /// The request in a phase from which it can be activated. Its seats may have been filled by a
    /// change that nobody told us of, such as a moment's passing.
    fn promoted(&mut self, record: RequestRecord, decision: &Decision) -> Option<RequestRecord> {
        if record.phase == RequestPhase::Pending {
            self.promote(&record, decision);
        }
        self.request_of(&record.id).filter(|r| r.phase.after(RequestMove::Activate).is_some())
    }

    /// Exclusive targets are held by one at a time; unpaid debts bar the next of their kind.
    pub(super) fn held_or_in_debt(&self, record: &RequestRecord, rule: &Rule) -> Option<Reason> {
        if let Some(other) = self.holder_of(record, Some(rule)) {
            return Some(because(ReasonCode::HeldByOther, format!("until {}", other.ends_at)));
        }
        let offline = rule.obligations.iter().any(|o| o.kind == "reconcile");
        let debts = self.life.state.past.get(&record.ask.principal).map_or(0, |p| p.debts);
        (offline && debts > 0).then(|| Reason::new(ReasonCode::ReconcileDebt))
    }

    pub(super) fn holder_of(&self, record: &RequestRecord, rule: Option<&Rule>) -> Option<Grant> {
        if !rule?.obligations.iter().any(|o| o.kind == "exclusive") {
            return None;
        }
        let keys: Vec<Key> = record.ask.scope.iter().map(|p| Key::Exclusive(p.resource.clone())).collect();
        let holders = keys.iter().flat_map(|key| self.life.state.index.grants(key));
        holders
            .filter_map(|id| self.life.grant(id))
            .filter(|g| g.principal != record.ask.principal)
            .max_by_key(|g| g.ends_at)
            .cloned()
    }

    fn become_grant(&mut self, record: &RequestRecord, rule: &Rule, decision: &Decision) {
        let (Some(terms), Some(ends_at), Some(ends_by)) = (rule.terms(), decision.ends_at, decision.ends_by)
        else {
            return;
        };
        let defaults = self.life.bundle.manifest().defaults.clone();
        let revocable = self.revocable(&record.ask.scope);
        let grant = Grant {
            id: step::id("grant", &record.id),
            seq: self.life.seq.saturating_add(1),
            request: record.id.clone(),
            rule: rule.id().to_owned(),
            principal: record.ask.principal.clone(),
            actors: self.actors(&record.ask),
            scope: record.ask.scope.clone(),
            supports: record.ask.supports.clone(),
            emergency: record.ask.emergency,
            parent: record.parent.clone(),
            chains: record.chains.clone(),
            phase: GrantPhase::Issuing,
            started: self.now,
            ends_at,
            ends_by,
            idle: terms.idle,
            last_use: None,
            uses: 0,
            uses_max: terms.uses,
            obligations: rule.obligations.clone(),
            approvers: decision.seats.iter().map(|s| s.by.clone()).collect(),
            extension_approvers: BTreeSet::new(),
            extended_at: None,
            issue_by: self.now.plus(defaults.issue_deadline),
            points: BTreeMap::new(),
            credential_ref: None,
            credential_expires_at: None,
            revocable,
            cause: None,
            also: Vec::new(),
            revoking_at: None,
            ended_at: None,
            flags: terms.review.map(|_| Flag::ReviewDue).into_iter().collect(),
            review_within: terms.review,
            review_by: None,
            review: None,
            valid_until: decision.valid_until,
        };
        self.grant = Some(grant.id.clone());
        self.emit(Event::Activated { grant: Box::new(grant.clone()), ordinal: record.ordinal });
        if rule.obligations.iter().any(|o| o.kind == "reconcile") {
            self.emit(Event::Flagged { grant: grant.id.clone(), flag: Flag::ReconcileDue });
        }
        self.ask_to_issue(&grant);
        if grant.emergency || grant.has_obligation("alert") {
            self.alert(&grant.id, "activated");
        }
        if grant.has_obligation("notify_skipped_approvers") {
            let seats = self.skipped_seats(&record.ask, terms);
            let what = What::NotifySkippedApprovers { request: record.id.clone(), seats };
            self.effect(format!("{}:skipped", record.id), None, what);
        }
    }

    /// Seats that other rules for the same ask would have filled.
    fn skipped_seats(&self, ask: &Request, terms: &Terms) -> Vec<String> {
        let kind = self.life.bundle.kind_of(&ask.principal);
        let mut seats: BTreeSet<String> = BTreeSet::new();
        for pair in &ask.scope {
            for rule in
                self.life.bundle.rules_for(&pair.action).filter(|r| r.kinds().any(|k| Some(k) == kind))
            {
                seats.extend(rule.terms().into_iter().flat_map(|t| t.quorum.seats.keys().cloned()));
            }
        }
        seats.retain(|seat| !terms.quorum.seats.contains_key(seat));
        seats.into_iter().collect()
    }

    fn actors(&self, ask: &Request) -> BTreeSet<Uid> {
        let mut actors: BTreeSet<_> = ask.via.iter().cloned().collect();
        actors.insert(ask.principal.clone());
        let operators: Vec<_> = actors
            .iter()
            .filter_map(|a| self.life.facts.entities.get(a).and_then(|e| e.uid_attr("operator")))
            .collect();
        actors.extend(operators);
        actors
    }
}

/// A rule that says how credentials are delivered allows no other way.
fn refused_delivery(rule: &Rule, proposed: Option<&str>) -> Option<Reason> {
    let allowed: Vec<&str> =
        rule.obligations.iter().filter(|o| o.kind == "deliver").filter_map(|o| o.to.as_deref()).collect();
    let proposed = proposed?;
    if allowed.is_empty() || allowed.contains(&proposed) {
        return None;
    }
    Some(because(ReasonCode::DeliveryNotAllowed, format!("allowed: {}", allowed.join(", "))))
}
