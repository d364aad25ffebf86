//! Requests: submit, approve, deny, withdraw.

use crate::bundle::{Rule, Terms};
use crate::canonical::Digest;
use crate::lifecycle::step::{self, Step, because};
use crate::lifecycle::{
    Approve, Cause, Deny, Event, Grant, GrantPhase, RequestMove, RequestPhase, RequestRecord, Submit,
    Withdraw,
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
        let chains = self.chains_of(&ask);
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
            chains,
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
        let barred = match self.joined_terms(record) {
            Some(terms) => self.barred(&record.chains, terms.quorum_of_extension(record.ordinal).size()),
            None => BTreeSet::new(),
        };
        Circumstances {
            history: Some(self.history(&record.ask.principal, &record.chains, at)),
            chain_start: Some(self.chain_start(&record.chains, start)),
            barred,
            parent_end: parent.map(|p| if p.phase.is_live() { p.ends_at } else { p.started }),
            as_of: record.start.filter(|s| *s > at),
            approvals_until: record.start.map(|s| s.plus(Span::from_minutes(24 * 60))),
            seats: match record.ordinal {
                0 => Seats::Rule,
                ordinal => Seats::Extension { ordinal, bound: chain_digest(record) },
            },
            lifetime: self.joined_lifetime(record),
            ..Circumstances::default()
        }
    }

    /// The terms of a request that joined a chain.
    fn joined_terms(&self, record: &RequestRecord) -> Option<Terms> {
        self.rule(record.rule.as_deref()?)?.terms.filter(|_| record.ordinal > 0)
    }

    /// A request that joins a chain lasts as long as an extension would.
    fn joined_lifetime(&self, record: &RequestRecord) -> Option<(Span, Limit)> {
        let terms = self.joined_terms(record)?;
        let asked = record.ask.ttl.unwrap_or(terms.extension_ttl);
        let capped = asked.min(terms.extension_ttl);
        let by = if asked < terms.extension_ttl { Limit::RequestedTtl } else { Limit::RuleTtl };
        Some((capped, by))
    }

    /// Decides a request under the rule that it was made under.
    pub(super) fn decide_record(&self, record: &RequestRecord, at: Instant) -> (Decision, Evidence) {
        self.decide(&named(&record.ask, record.rule.as_deref()), self.around(record, at), at)
    }

    /// The request at the place that it has in its chains now. Whatever was granted since it was
    /// made moves it up, and then it takes the seats of that place: asks kept in store are no way
    /// around them.
    pub(super) fn moved_up(&mut self, record: RequestRecord) -> RequestRecord {
        let terms = record.rule.as_deref().and_then(|r| self.rule(r)).and_then(|r| r.terms);
        let ordinal = self.ordinal(&record);
        if ordinal <= record.ordinal || terms.is_none_or(|t| t.extensions == 0) {
            return record;
        }
        let id = record.id.clone();
        self.emit(Event::Joined { request: id.clone(), ordinal });
        let Some(record) = self.request_of(&id) else { return record };
        let (decision, _) = self.decide_record(&record, self.now);
        let digest = decision.ask.or(record.digest);
        let valid_until = holds_until(&record, &decision, self.now);
        self.emit(Event::RequestChecked { request: id.clone(), valid_until, digest });
        self.request_of(&id).unwrap_or(record)
    }

    /// Whether a request would be an extension beyond the last that its rule gives.
    pub(super) fn exhausted(&self, record: &RequestRecord) -> Option<Reason> {
        let extensions = self.joined_terms(record)?.extensions;
        let spent = || because(ReasonCode::ExtensionsExhausted, format!("{extensions} of {extensions}"));
        (record.ordinal > extensions).then(spent)
    }

    fn decide_request(&self, record: &mut RequestRecord) -> (Decision, Option<Evidence>) {
        let (decision, evidence) = self.decide(&record.ask, self.around(record, self.now), self.now);
        let rule = decision.rule.clone().and_then(|r| self.rule(&r));
        record.rule = rule.as_ref().map(|r| r.id().to_owned());
        let extensible = rule.as_ref().and_then(Rule::terms).is_some_and(|t| t.extensions > 0);
        record.ordinal = if extensible { self.ordinal(record) } else { 0 };
        if record.ordinal == 0 {
            return (decision, Some(evidence));
        }
        // It joins the chain: the seats are those of the chain's next extension.
        if let Some(reason) = self.exhausted(record) {
            return (self.refusal(vec![reason], NextAction::None), None);
        }
        let (decision, evidence) = self.decide_record(record, self.now);
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
            record.valid_until = holds_until(&record, &decision, self.now);
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

    pub(super) fn approve(&mut self, approve: &Approve) {
        let Some(record) = self.request_of(&approve.request) else {
            return self.approve_extension(approve);
        };
        self.request = Some(record.id.clone());
        if record.phase.is_terminal() {
            let reason = because(ReasonCode::RequestOver, record.phase.as_str());
            let approval = self.approval(approve, record.digest);
            self.record_approval(&record.id, approval, Some(reason.clone()));
            return self.refuse(reason, NextAction::Request);
        }
        let record = self.moved_up(record);
        let approval = self.approval(approve, record.digest);
        let mut with = record.clone();
        with.ask.approvals.push(approval.clone());
        let decided = self.decide_record(&with, self.now);
        let reason = self.why_not_counted(&approval, &decided.0);
        self.record_approval(&record.id, approval, reason);
        match decided.0.decision {
            Answer::Permit => self.promote(&with, &decided.0),
            Answer::Pending => self.reopen(&record, self.now),
            Answer::Deny => {}
        }
        self.answer(decided);
        self.refuse_if_suspect();
    }

    /// The approval that a command gives. The person behind an alias is settled now: whom the
    /// alias stands for later does not matter.
    pub(super) fn approval(&self, approve: &Approve, digest: Option<Digest>) -> Approval {
        Approval {
            by: self.person(&approve.by).map_or_else(|| approve.by.clone(), |uid| uid.to_string()),
            at: self.now,
            ask: approve.ask.or(digest),
            seat: approve.seat.clone(),
            max_ttl: approve.max_ttl,
            expires_at: None,
        }
    }

    pub(super) fn record_approval(&mut self, request: &str, approval: Approval, reason: Option<Reason>) {
        let counted = reason.is_none();
        let reason = reason.map(Box::new);
        self.emit(Event::ApprovalRecorded { request: request.to_owned(), approval, counted, reason });
    }

    /// The seats are filled: from now on it may be activated.
    pub(super) fn promote(&mut self, record: &RequestRecord, decision: &Decision) {
        let moved = if record.start.is_some() { RequestMove::Schedule } else { RequestMove::Approve };
        let terms = record.rule.as_deref().and_then(|r| self.rule(r)).and_then(|r| r.terms);
        if let (Some(to), Some(terms), false) = (record.phase.after(moved), terms, self.suspect) {
            let until = self.approved_until(record, decision, &terms);
            self.move_request(&record.id, to, None, None, Some(until));
        }
    }

    /// Why an approval has no effect; `None` if it fills a seat.
    pub(super) fn why_not_counted(&self, approval: &Approval, decision: &Decision) -> Option<Reason> {
        let person = self.person(&approval.by);
        if person.as_ref().is_some_and(|p| decision.seats.iter().any(|s| s.by == *p)) {
            return None;
        }
        let name = crate::wire::clip(&approval.by);
        // A note on somebody whom nobody knows has the name as it was given.
        let about = |r: &&Reason| {
            is_about_an_approval(r.code)
                && match &r.entity {
                    Some(noted) => person.as_ref() == Some(noted),
                    None => r.detail.as_ref() == Some(&name),
                }
        };
        let noted = decision.reasons.iter().find(about).cloned();
        let refused = || decision.reasons.first().filter(|_| decision.decision == Answer::Deny).cloned();
        let no_seat = || Reason { entity: person.clone(), ..Reason::new(ReasonCode::ApproverNotEligible) };
        noted.or_else(refused).or_else(|| Some(no_seat()))
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
            Some(reason) => self.refuse_denial(reason),
        }
    }

    /// A denial that does not count; one that could not be judged may be sent again.
    pub(super) fn refuse_denial(&mut self, reason: Reason) {
        let unknown = reason.code == ReasonCode::FactUnknown;
        self.refuse(reason, if unknown { NextAction::Retry } else { NextAction::None });
    }

    /// Whether somebody could approve this, and so may deny it: an approval is tried on.
    pub(super) fn may_fill_a_seat(
        &self,
        ask: &Request,
        around: Circumstances,
        digest: Option<Digest>,
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
        // Alone: whoever approved before makes nobody one too many, and shortens nothing.
        probe.approvals = vec![approval.clone()];
        let (decision, _) = self.decide(&probe, around, self.now);
        self.why_not_counted(&approval, &decision)
    }

    pub(super) fn withdraw(&mut self, withdraw: &Withdraw) {
        let Some(record) = self.request_of(&withdraw.request) else {
            return self.withdraw_extension(withdraw);
        };
        self.request = Some(record.id.clone());
        let by = withdraw.by.clone().unwrap_or_else(|| record.ask.principal.clone());
        let own = by == record.ask.principal || record.ask.requested_by.as_ref() == Some(&by);
        match record.phase.after(RequestMove::Withdraw) {
            Some(_) if !own => self.refuse(Reason::new(ReasonCode::NotRequester), NextAction::None),
            Some(to) => self.move_request(&record.id, to, None, Some(&by.to_string()), None),
            None => self.refuse(because(ReasonCode::RequestOver, record.phase.as_str()), NextAction::None),
        }
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
    pub(super) fn reopen(&mut self, record: &RequestRecord, at: Instant) {
        let moved = if at < record.pending_until { RequestMove::Reopen } else { RequestMove::Void };
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

/// Until when a decision on a request holds: at the latest until it may be activated.
pub(super) fn holds_until(record: &RequestRecord, decision: &Decision, at: Instant) -> Option<Instant> {
    decision.valid_until.into_iter().chain(record.start.filter(|start| at < *start)).min()
}

/// What the approvals of a request that joined a chain are bound to besides the ask.
fn chain_digest(record: &RequestRecord) -> Digest {
    Digest::of_canonical(&(&record.chains, record.ordinal))
}

const fn is_about_an_approval(code: ReasonCode) -> bool {
    matches!(
        code,
        ReasonCode::ApproverUnknown
            | ReasonCode::ApproverConflict
            | ReasonCode::ApproverNotEligible
            | ReasonCode::ApprovalExpired
            | ReasonCode::ApprovalUnbound
            | ReasonCode::ApprovalSurplus
    )
}
