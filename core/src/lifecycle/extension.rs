//! More time: only shortly before the end, only with fresh approval, and never without end.

use crate::bundle::Terms;
use crate::canonical::Digest;
use crate::lifecycle::request::named;
use crate::lifecycle::step::{self, Step, because};
use crate::lifecycle::{
    Approve, Deny, Event, Extend, Extension, Grant, GrantPhase, RequestMove, RequestPhase, Withdraw,
};
use crate::model::{Answer, Circumstances, Decision, Limit, NextAction, Reason, ReasonCode, Request, Seats};
use crate::prelude::*;

impl Step<'_> {
    pub(super) fn extend(&mut self, extend: &Extend, command_id: &str) {
        let Some(grant) = self.grant_of(&extend.grant) else { return };
        self.grant = Some(grant.id.clone());
        if self.refuse_if_suspect() {
            return;
        }
        let terms = self.rule(&grant.rule).and_then(|r| r.terms);
        let Some(terms) = terms else {
            return self.refuse(Reason::new(ReasonCode::UnknownRule), NextAction::Request);
        };
        let ordinal = self.extensions(&grant.chains).saturating_add(1);
        if let Some((reason, next)) = self.not_extensible(&grant, &terms, ordinal) {
            return self.refuse(reason, next);
        }
        let asked = extend.ttl.unwrap_or(terms.extension_ttl);
        let by = if asked < terms.extension_ttl { Limit::RequestedTtl } else { Limit::RuleTtl };
        let lifetime = asked.min(terms.extension_ttl);
        let mut extension = Extension {
            id: step::id("ext", &(self.life.seq, command_id, &grant.id)),
            grant: grant.id.clone(),
            ordinal,
            asked_at: self.now,
            ends_at: self.now.plus(lifetime),
            ends_by: by,
            bound: Digest::of_canonical(&grant.id),
            digest: None,
            approvals: Vec::new(),
            phase: RequestPhase::Refused,
        };
        // What the caps of the rule and the supports leave of it; approvals are bound to that.
        let Some((ask, around)) = self.extension_ask(&grant, &extension) else { return };
        let waived = Circumstances { seats: Seats::Waived, ..around };
        let (capped, _) = self.decide(&ask, waived, self.now);
        if let (Some(at), Some(by)) = (capped.ends_at, capped.ends_by) {
            (extension.ends_at, extension.ends_by) = (at, by);
        }
        if capped.decision == Answer::Permit && extension.ends_at <= grant.ends_at {
            return self.refuse(nothing_to_extend(&grant), NextAction::None);
        }
        extension.bound = Digest::of_canonical(&(&grant.id, ordinal, extension.ends_at));
        let Some((ask, around)) = self.extension_ask(&grant, &extension) else { return };
        let decided = self.decide(&ask, around, self.now);
        extension.digest = decided.0.ask;
        extension.phase = match decided.0.decision {
            Answer::Pending | Answer::Permit => RequestPhase::Pending,
            Answer::Deny => RequestPhase::Refused,
        };
        self.extension = Some(extension.id.clone());
        let id = extension.id.clone();
        self.emit(Event::ExtensionAsked { extension: Box::new(extension) });
        if decided.0.decision == Answer::Permit {
            self.grant_extension(&id, &decided.0);
        }
        self.answer(decided);
    }

    fn not_extensible(&self, grant: &Grant, terms: &Terms, ordinal: u32) -> Option<(Reason, NextAction)> {
        if grant.phase != GrantPhase::Active {
            return Some((because(ReasonCode::GrantNotActive, grant.phase.as_str()), NextAction::Request));
        }
        let window = self.life.bundle.manifest().defaults.extension_window;
        let opens = grant.ends_at.minus(window);
        if self.now < opens {
            return Some((because(ReasonCode::ExtensionNotOpen, format!("from {opens}")), NextAction::Retry));
        }
        if self.life.state.pending_extension.contains_key(&grant.id) {
            return Some((Reason::new(ReasonCode::ExtensionPending), NextAction::Retry));
        }
        if ordinal > terms.extensions {
            return Some((
                because(ReasonCode::ExtensionsExhausted, terms.extensions.to_string()),
                NextAction::None,
            ));
        }
        None
    }

    /// The ask for more time: rooted at the instant at which it was asked for.
    fn extension_ask(&self, grant: &Grant, extension: &Extension) -> Option<(Request, Circumstances)> {
        let (mut ask, mut around) = self.holding_request(grant, grant.scope.clone(), self.now)?;
        ask.approvals.clone_from(&extension.approvals);
        around.started = Some(extension.asked_at);
        around.lifetime = Some((extension.ends_at.since(extension.asked_at), extension.ends_by));
        around.chain_start = Some(self.chain_start(&grant.chains, self.now));
        around.seats = Seats::Extension { ordinal: extension.ordinal, bound: extension.bound };
        if let Some(terms) = self.rule(&grant.rule).and_then(|r| r.terms) {
            around.barred = self.barred(&grant.chains, terms.quorum_of_extension(extension.ordinal).size());
        }
        Some((ask, around))
    }

    fn grant_extension(&mut self, id: &str, decision: &Decision) {
        let Some(extension) = self.life.extension(id).cloned() else { return };
        let Some(to) = RequestPhase::Approved.after(RequestMove::Activate) else { return };
        let approvers = decision.seats.iter().map(|s| s.by.clone()).collect();
        self.emit(Event::ExtensionMoved { extension: id.to_owned(), to, approvers });
        if let Some(grant) = self.grant_of(&extension.grant) {
            self.emit(Event::GrantChecked { grant: grant.id.clone(), valid_until: decision.valid_until });
            let renewed = Grant {
                issue_by: self.now.plus(self.life.bundle.manifest().defaults.issue_deadline),
                ..grant
            };
            self.ask_to_issue(&renewed);
        }
    }

    pub(super) fn approve_extension(&mut self, approve: &Approve) {
        let Some(extension) = self.life.extension(&approve.request).cloned() else { return };
        let Some(grant) = self.grant_of(&extension.grant) else { return };
        self.extension = Some(extension.id.clone());
        let approval = self.approval(approve, extension.digest);
        if extension.phase.is_terminal() {
            let reason = because(ReasonCode::RequestOver, extension.phase.as_str());
            self.record_approval(&extension.id, approval, Some(reason.clone()));
            return self.refuse(reason, NextAction::Request);
        }
        if self.extensions(&grant.chains) >= extension.ordinal {
            // Its place in the chain was taken by a request, so it was asked for on other terms.
            self.void_extension(&grant.id);
            let reason = because(ReasonCode::RequestOver, RequestPhase::Void.as_str());
            self.record_approval(&extension.id, approval, Some(reason.clone()));
            return self.refuse(reason, NextAction::Request);
        }
        if grant.phase != GrantPhase::Active {
            let reason = because(ReasonCode::GrantNotActive, grant.phase.as_str());
            self.record_approval(&extension.id, approval, Some(reason.clone()));
            return self.refuse(reason, NextAction::Retry);
        }
        let mut with = extension.clone();
        with.approvals.push(approval.clone());
        let Some((ask, around)) = self.extension_ask(&grant, &with) else { return };
        let decided = self.decide(&ask, around, self.now);
        let reason = self.why_not_counted(&approval, &decided.0);
        self.record_approval(&extension.id, approval, reason);
        if self.suspect || decided.0.decision != Answer::Permit {
            self.answer(decided);
            self.refuse_if_suspect();
            return;
        }
        if decided.0.ends_at.is_none_or(|ends| ends <= grant.ends_at) {
            // What the approvers agree to is less than the grant has already.
            self.void_extension(&grant.id);
            return self.refuse(nothing_to_extend(&grant), NextAction::Request);
        }
        self.shorten_extension(&extension.id, &decided.0);
        self.grant_extension(&extension.id, &decided.0);
        self.answer(decided);
    }

    /// An approver of an extension may only shorten it.
    fn shorten_extension(&mut self, id: &str, decision: &Decision) {
        let (Some(ends_at), Some(ends_by)) = (decision.ends_at, decision.ends_by) else { return };
        if let Some(extension) = self.life.extension(id).filter(|x| ends_at < x.ends_at).cloned() {
            let shorter = Extension { ends_at, ends_by, ..extension };
            self.emit(Event::ExtensionAsked { extension: Box::new(shorter) });
        }
    }

    /// What was asked for in addition to a grant is void.
    pub(super) fn void_extension(&mut self, grant: &str) {
        let Some(id) = self.life.state.pending_extension.get(grant).cloned() else { return };
        if let Some(to) = self.life.extension(&id).and_then(|x| x.phase.after(RequestMove::Void)) {
            self.emit(Event::ExtensionMoved { extension: id, to, approvers: BTreeSet::new() });
        }
    }

    pub(super) fn withdraw_extension(&mut self, withdraw: &Withdraw) {
        let Some(extension) = self.life.extension(&withdraw.request).cloned() else { return };
        let Some(grant) = self.grant_of(&extension.grant) else { return };
        self.extension = Some(extension.id.clone());
        let asked = self.request_of(&grant.request).and_then(|r| r.ask.requested_by);
        let own = withdraw.by.as_ref().is_none_or(|by| *by == grant.principal || asked.as_ref() == Some(by));
        match extension.phase.after(RequestMove::Withdraw) {
            Some(_) if !own => self.refuse(Reason::new(ReasonCode::NotRequester), NextAction::None),
            Some(to) => {
                self.emit(Event::ExtensionMoved { extension: extension.id, to, approvers: BTreeSet::new() });
            }
            None => self.refuse(because(ReasonCode::RequestOver, extension.phase.as_str()), NextAction::None),
        }
    }

    pub(super) fn deny_extension(&mut self, deny: &Deny) {
        let Some(extension) = self.life.extension(&deny.request).cloned() else { return };
        let Some(grant) = self.grant_of(&extension.grant) else { return };
        self.extension = Some(extension.id.clone());
        let Some(to) = extension.phase.after(RequestMove::Deny) else {
            return self.refuse(because(ReasonCode::RequestOver, extension.phase.as_str()), NextAction::None);
        };
        let Some((ask, around)) = self.extension_ask(&grant, &extension) else { return };
        match self.may_fill_a_seat(&named(&ask, Some(&grant.rule)), around, extension.digest, &deny.by) {
            None => {
                self.emit(Event::ExtensionMoved { extension: extension.id, to, approvers: BTreeSet::new() })
            }
            Some(reason) => self.refuse_denial(reason),
        }
    }
}

fn nothing_to_extend(grant: &Grant) -> Reason {
    because(ReasonCode::NothingToExtend, format!("until {}", grant.ends_at))
}
