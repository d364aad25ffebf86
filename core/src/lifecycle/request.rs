//! Requests: submit, approve, deny, withdraw, activate.

use crate::bundle::{Rule, Terms};
use crate::lifecycle::effect::What;
use crate::lifecycle::step::{self, Step, because};
use crate::lifecycle::{
    Activate, Approve, Cause, Deny, Event, Flag, Grant, GrantPhase, RequestMove, RequestPhase, RequestRecord,
    Submit, Withdraw,
};
use crate::model::{
    ActorKind, Answer, Approval, Circumstances, Decision, Evidence, Limit, Missing, NextAction, Reason,
    ReasonCode, Request, Seats, SupportKind,
};
use crate::prelude::*;
use crate::time::{Instant, Span};

/// Refusals within ten minutes after which a machine is heard no more for a while.
const QUARANTINE_AFTER: u32 = 10;

impl Step<'_> {
    pub(super) fn submit(&mut self, submit: &Submit, command_id: &str) {
        let mut ask = submit.request.clone().normalised();
        for support in ask.supports.iter_mut().filter(|s| s.kind == SupportKind::Incident) {
            // The epoch is bound now: a reopened incident revives nothing.
            support.epoch = support.epoch.or_else(|| self.life.facts.incident(&support.id).map(|i| i.epoch));
        }
        let chain = self.chain_of(&ask);
        let mut record = RequestRecord {
            id: step::id("req", &(self.life.seq, command_id, &ask)),
            ask,
            phase: RequestPhase::Refused,
            rule: None,
            digest: None,
            submitted_at: self.now,
            pending_until: self.now,
            approved_until: None,
            start: submit.start.filter(|s| *s > self.now),
            parent: submit.parent.clone(),
            ordinal: 0,
            chain,
            cause: None,
            grant: None,
            valid_until: None,
        };
        self.request = Some(record.id.clone());
        if let Some(reason) = self.refused_at_the_door(&record) {
            self.refuse(reason, NextAction::Request);
            self.emit(Event::Submitted { record: Box::new(record) });
            return;
        }
        let decided = self.decide_request(&mut record);
        self.settle_submission(record, decided);
    }

    /// What needs no policy to be refused.
    fn refused_at_the_door(&self, record: &RequestRecord) -> Option<Reason> {
        if self.suspect {
            return Some(Reason::new(ReasonCode::ClockSuspect));
        }
        if let Some(pair) = record.ask.scope.iter().find(|p| !self.life.bundle.is_privileged(&p.action)) {
            let known = self.life.bundle.schema().within(&pair.action).is_some();
            if known {
                return Some(Reason { pair: Some(pair.clone()), ..Reason::new(ReasonCode::NotPrivileged) });
            }
        }
        let machine = self.life.bundle.kind_of(&record.ask.principal).is_some_and(|k| k != ActorKind::Person);
        let past = self.life.state.past.get(&record.ask.principal);
        if machine && past.is_some_and(|p| p.refusals(self.now) >= QUARANTINE_AFTER) {
            return Some(Reason::new(ReasonCode::Quarantined));
        }
        let parent = record.parent.as_deref()?;
        self.beyond_parent(record, &self.grant_of(parent)?)
    }

    /// Scope, holder and depth only shrink from hop to hop.
    fn beyond_parent(&self, record: &RequestRecord, parent: &Grant) -> Option<Reason> {
        if parent.phase != GrantPhase::Active {
            return Some(because(ReasonCode::ParentNotActive, parent.phase.as_str()));
        }
        if let Some(pair) = record.ask.scope.iter().find(|p| !parent.covers(p)) {
            return Some(Reason { pair: Some(pair.clone()), ..Reason::new(ReasonCode::BeyondParent) });
        }
        if record.ask.via.last() != Some(&parent.principal) {
            return Some(because(ReasonCode::BeyondParent, "the chain does not end at the parent's holder"));
        }
        let above = self.request_of(&parent.request).map(|r| r.ask.via).unwrap_or_default();
        let whole = record.ask.via.split_last().is_some_and(|(_, rest)| rest == above.as_slice());
        (!whole).then(|| because(ReasonCode::BeyondParent, "the chain is not the parent's own"))
    }

    /// What surrounds a request whenever it is decided.
    pub(super) fn around(&self, record: &RequestRecord, at: Instant) -> Circumstances {
        let start = record.start.map_or(at, |s| s.max(at));
        let parent = record.parent.as_deref().and_then(|p| self.life.grant(p));
        Circumstances {
            history: Some(self.history(&record.ask.principal, &record.chain, at)),
            chain_start: Some(self.chain_start(&record.chain, start, None)),
            parent_end: parent.map(|p| if p.phase.is_live() { p.ends_at } else { p.started }),
            as_of: record.start.filter(|s| *s > at),
            approvals_until: record.start.map(|s| s.plus(Span::from_minutes(24 * 60))),
            seats: match (record.ordinal, &record.digest) {
                (0, _) => Seats::Rule,
                (ordinal, _) => Seats::Extension { ordinal, bound: chain_digest(record) },
            },
            lifetime: self.joined_lifetime(record),
            ..Circumstances::default()
        }
    }

    /// A request that joins a chain lasts as long as an extension would.
    fn joined_lifetime(&self, record: &RequestRecord) -> Option<(Span, Limit)> {
        let terms = self.rule(record.rule.as_deref()?)?.terms?;
        let asked = record.ask.ttl.unwrap_or(terms.extension_ttl);
        let capped = asked.min(terms.extension_ttl);
        let by = if asked < terms.extension_ttl { Limit::RequestedTtl } else { Limit::RuleTtl };
        (record.ordinal > 0).then_some((capped, by))
    }

    fn decide_request(&self, record: &mut RequestRecord) -> (Decision, Option<Evidence>) {
        let first = self.decide(&record.ask, self.around(record, self.now), self.now);
        let rule = first.0.rule.clone().and_then(|r| self.rule(&r));
        record.rule = rule.as_ref().map(|r| r.id().to_owned());
        let Some(terms) = rule.as_ref().and_then(Rule::terms) else { return (first.0, Some(first.1)) };
        let ordinal = self.ordinal(&record.ask, &record.chain);
        if ordinal == 0 || terms.extensions == 0 {
            return (first.0, Some(first.1));
        }
        // It joins the chain: the seats are those of the chain's next extension.
        record.ordinal = ordinal;
        if ordinal > terms.extensions {
            let reason = because(
                ReasonCode::ExtensionsExhausted,
                format!("{} of {}", terms.extensions, terms.extensions),
            );
            return (self.refusal(vec![reason], NextAction::None), None);
        }
        let ask = named(&record.ask, record.rule.as_deref());
        let (decision, evidence) = self.decide(&ask, self.around(record, self.now), self.now);
        (decision, Some(evidence))
    }

    fn settle_submission(&mut self, mut record: RequestRecord, decided: (Decision, Option<Evidence>)) {
        let (mut decision, mut evidence) = decided;
        let rule = record.rule.clone().and_then(|r| self.rule(&r));
        if decision.decision != Answer::Deny
            && let Some(reason) = rule.as_ref().and_then(|r| self.held_or_in_debt(&record, r))
        {
            let (mut missing, mut next) = (Vec::new(), NextAction::Request);
            if let Some(until) = self.holder_of(&record, rule.as_ref()).map(|g| g.ends_at) {
                missing.push(Missing::Wait { until });
                next = NextAction::Retry;
            }
            decision = Decision { missing, ..self.refusal(vec![reason], next) };
            evidence = None; // the lifecycle refused, not the policies
        }
        let terms = rule.as_ref().and_then(Rule::terms).cloned();
        if let (Answer::Permit | Answer::Pending, Some(terms)) = (decision.decision, terms) {
            record.digest = decision.ask;
            record.valid_until = decision.valid_until;
            record.pending_until = self.now.plus(terms.pending);
            if decision.decision == Answer::Permit {
                record.phase =
                    if record.start.is_some() { RequestPhase::Scheduled } else { RequestPhase::Approved };
                record.approved_until = Some(self.approved_until(&record, &decision, &terms));
            } else {
                record.phase = RequestPhase::Pending;
            }
        }
        self.emit(Event::Submitted { record: Box::new(record) });
        self.decision = Some(decision);
        self.evidence = evidence;
    }

    /// Until when an approved request may be activated: as long as the approvals that it stands
    /// on count; a scheduled one, as long as what it would be used in lasts.
    fn approved_until(&self, record: &RequestRecord, decision: &Decision, terms: &Terms) -> Instant {
        if let Some(start) = record.start {
            let end = decision.ends_at.unwrap_or(start);
            return end.max(start.plus(terms.approval_ttl));
        }
        let seated =
            |a: &&Approval| self.person(&a.by).is_some_and(|by| decision.seats.iter().any(|s| s.by == by));
        let first = record.ask.approvals.iter().filter(seated).map(|a| a.at).min();
        first.unwrap_or(self.now).plus(terms.approval_ttl)
    }

    /// Exclusive targets are held by one at a time; unpaid debts bar the next of their kind.
    fn held_or_in_debt(&self, record: &RequestRecord, rule: &Rule) -> Option<Reason> {
        if let Some(other) = self.holder_of(record, Some(rule)) {
            return Some(because(ReasonCode::HeldByOther, format!("until {}", other.ends_at)));
        }
        let offline = rule.obligations.iter().any(|o| o.kind == "reconcile");
        let debts = self.life.state.past.get(&record.ask.principal).map_or(0, |p| p.debts);
        (offline && debts > 0).then(|| Reason::new(ReasonCode::ReconcileDebt))
    }

    fn holder_of(&self, record: &RequestRecord, rule: Option<&Rule>) -> Option<Grant> {
        if !rule?.obligations.iter().any(|o| o.kind == "exclusive") {
            return None;
        }
        let holders = record.ask.scope.iter().flat_map(|p| self.holding(&p.resource));
        holders
            .filter(|g| g.principal != record.ask.principal && g.has_obligation("exclusive"))
            .max_by_key(|g| g.ends_at)
    }

    pub(super) fn approve(&mut self, approve: &Approve) {
        let Some(record) = self.request_of(&approve.request) else {
            return self.approve_extension(approve);
        };
        self.request = Some(record.id.clone());
        let approval = Approval {
            by: approve.by.clone(),
            at: self.now,
            ask: approve.ask.or(record.digest),
            seat: approve.seat.clone(),
            max_ttl: approve.max_ttl,
            expires_at: None,
        };
        if record.phase.is_terminal() {
            let reason = because(ReasonCode::RequestOver, record.phase.as_str());
            self.emit(Event::ApprovalRecorded {
                request: record.id,
                approval,
                counted: false,
                reason: Some(Box::new(reason.clone())),
            });
            return self.refuse(reason, NextAction::Request);
        }
        let mut ask = named(&record.ask, record.rule.as_deref());
        ask.approvals.push(approval.clone());
        let decided = self.decide(&ask, self.around(&record, self.now), self.now);
        let reason = self.why_not_counted(&approval, &decided.0);
        self.emit(Event::ApprovalRecorded {
            request: record.id.clone(),
            approval,
            counted: reason.is_none(),
            reason: reason.map(Box::new),
        });
        let moved = if record.start.is_some() { RequestMove::Schedule } else { RequestMove::Approve };
        let terms = record.rule.as_deref().and_then(|r| self.rule(r)).and_then(|r| r.terms);
        if let (Answer::Permit, Some(to), Some(terms), false) =
            (decided.0.decision, record.phase.after(moved), terms, self.suspect)
        {
            let now = self.request_of(&record.id).unwrap_or(record);
            let until = self.approved_until(&now, &decided.0, &terms);
            self.move_request(&now.id, to, None, None, Some(until));
        }
        self.answer(decided);
    }

    /// Why an approval has no effect; `None` if it fills a seat.
    pub(super) fn why_not_counted(&self, approval: &Approval, decision: &Decision) -> Option<Reason> {
        let person = self.person(&approval.by);
        if person.as_ref().is_some_and(|p| decision.seats.iter().any(|s| s.by == *p)) {
            return None;
        }
        let about = |r: &&Reason| {
            let noted = matches!(
                r.code,
                ReasonCode::ApproverUnknown
                    | ReasonCode::ApproverConflict
                    | ReasonCode::ApproverNotEligible
                    | ReasonCode::ApprovalExpired
                    | ReasonCode::ApprovalUnbound
                    | ReasonCode::ApprovalSurplus
            );
            noted
                && (r.entity == person
                    || (r.entity.is_none() && r.detail.as_deref() == Some(approval.by.as_str())))
        };
        let noted = decision.reasons.iter().find(about).cloned();
        noted.or_else(|| decision.reasons.first().cloned())
    }

    pub(super) fn deny(&mut self, deny: &Deny) {
        let Some(record) = self.request_of(&deny.request) else {
            return self.deny_extension(deny);
        };
        self.request = Some(record.id.clone());
        let Some(to) = record.phase.after(RequestMove::Deny) else {
            return match record.grant.clone() {
                // After activation a denial is a revocation.
                Some(grant) => self.revoke_by(&grant, &deny.by),
                None => {
                    self.refuse(because(ReasonCode::RequestOver, record.phase.as_str()), NextAction::None)
                }
            };
        };
        let ask = named(&record.ask, record.rule.as_deref());
        match self.may_fill_a_seat(&ask, self.around(&record, self.now), record.digest, &deny.by) {
            None => self.move_request(&record.id, to, None, Some(&deny.by), None),
            Some(reason) => self.refuse(reason, NextAction::None),
        }
    }

    /// Whether somebody could approve this, and so may deny it: an approval is tried on.
    pub(super) fn may_fill_a_seat(
        &self,
        ask: &Request,
        around: Circumstances,
        digest: Option<crate::canonical::Digest>,
        by: &str,
    ) -> Option<Reason> {
        let mut probe = ask.clone();
        let approval = Approval {
            by: by.to_owned(),
            at: self.now,
            ask: digest,
            seat: None,
            max_ttl: None,
            expires_at: None,
        };
        probe.approvals.retain(|a| a.by != by);
        probe.approvals.push(approval.clone());
        let (decision, _) = self.decide(&probe, around, self.now);
        match self.why_not_counted(&approval, &decision) {
            Some(reason) if reason.code != ReasonCode::ApprovalSurplus => Some(reason),
            _ => None,
        }
    }

    pub(super) fn withdraw(&mut self, withdraw: &Withdraw) {
        let Some(record) = self.request_of(&withdraw.request) else { return };
        self.request = Some(record.id.clone());
        let by = withdraw.by.clone().unwrap_or_else(|| record.ask.principal.clone());
        let own = by == record.ask.principal || record.ask.requested_by.as_ref() == Some(&by);
        match record.phase.after(RequestMove::Withdraw) {
            Some(_) if !own => self.refuse(Reason::new(ReasonCode::NotRequester), NextAction::None),
            Some(to) => self.move_request(&record.id, to, None, Some(&by.to_string()), None),
            None => self.refuse(because(ReasonCode::RequestOver, record.phase.as_str()), NextAction::None),
        }
    }

    pub(super) fn activate(&mut self, activate: &Activate) {
        let Some(record) = self.request_of(&activate.request) else { return };
        self.request = Some(record.id.clone());
        if self.refuse_if_suspect() {
            return;
        }
        if record.phase == RequestPhase::Pending {
            let decided = self.decide(
                &named(&record.ask, record.rule.as_deref()),
                self.around(&record, self.now),
                self.now,
            );
            return self.answer(decided);
        }
        if record.phase.after(RequestMove::Activate).is_none() {
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
        let (decision, evidence) = self.decide(
            &named(&record.ask, record.rule.as_deref()),
            self.around(&record, self.now),
            self.now,
        );
        match decision.decision {
            Answer::Permit => self.become_grant(&record, &rule, &decision),
            Answer::Pending => self.reopen(&record),
            Answer::Deny => self.void_unless_unknown(&record, &decision, None),
        }
        self.decision = Some(decision);
        self.evidence = Some(evidence);
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
            chain: record.chain.clone(),
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

    fn actors(&self, ask: &Request) -> BTreeSet<crate::cedar::Uid> {
        let mut actors: BTreeSet<_> = ask.via.iter().cloned().collect();
        actors.insert(ask.principal.clone());
        let operators: Vec<_> = actors
            .iter()
            .filter_map(|a| self.life.facts.entities.get(a).and_then(|e| e.uid_attr("operator")))
            .collect();
        actors.extend(operators);
        actors
    }

    pub(super) fn move_request(
        &mut self,
        id: &str,
        to: RequestPhase,
        cause: Option<Cause>,
        by: Option<&str>,
        until: Option<Instant>,
    ) {
        let by = by.map(ToOwned::to_owned);
        self.emit(Event::RequestMoved { request: id.to_owned(), to, cause, by, until, detail: None });
    }

    /// A seat was lost: back to gathering, if there is time left for it.
    pub(super) fn reopen(&mut self, record: &RequestRecord) {
        let moved = if self.now < record.pending_until { RequestMove::Reopen } else { RequestMove::Void };
        if let Some(to) = record.phase.after(moved) {
            let cause = (to == RequestPhase::Void).then_some(Cause::RequesterIneligible);
            self.move_request(&record.id, to, cause, None, None);
        }
    }
}

/// The ask under one rule and no other.
pub(super) fn named(ask: &Request, rule: Option<&str>) -> Request {
    Request { rule: rule.map(ToOwned::to_owned).or_else(|| ask.rule.clone()), ..ask.clone() }
}

/// What the approvals of a request that joined a chain are bound to besides the ask.
fn chain_digest(record: &RequestRecord) -> crate::canonical::Digest {
    crate::canonical::Digest::of_canonical(&(&record.chain, record.ordinal))
}

/// A rule that says how credentials are delivered allows no other way.
fn refused_delivery(rule: &Rule, proposed: Option<&str>) -> Option<Reason> {
    let allowed: Vec<&str> =
        rule.obligations.iter().filter(|o| o.kind == "deliver").filter_map(|o| o.to.as_deref()).collect();
    let proposed = proposed?;
    if allowed.contains(&proposed) {
        return None;
    }
    Some(because(ReasonCode::DeliveryNotAllowed, format!("allowed: {}", allowed.join(", "))))
}
