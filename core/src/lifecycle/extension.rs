//! More time: only shortly before the end, only with fresh approval, and never without end.

use crate::bundle::Terms;
use crate::canonical::Digest;
use crate::lifecycle::request::named;
use crate::lifecycle::step::{self, Step, because};
use crate::lifecycle::{
    Approve, Deny, Event, Extend, Extension, Grant, GrantPhase, RequestMove, RequestPhase,
};
use crate::model::{
    Answer, Approval, Circumstances, Decision, Limit, NextAction, Reason, ReasonCode, Request, Seats,
};
use crate::prelude::*;
use crate::time::Instant;

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
        let ordinal = self.life.state.chains.get(&grant.chain).map_or(0, |c| c.extensions).saturating_add(1);
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
            bound: Digest::of_canonical(&(&grant.id, ordinal, self.now.plus(lifetime))),
            digest: None,
            approvals: Vec::new(),
            phase: RequestPhase::Refused,
        };
        let Some((ask, around)) = self.extension_ask(&grant, &extension) else { return };
        // What the caps of the rule and the supports leave of it.
        let waived = Circumstances { seats: Seats::Waived, ..around.clone() };
        let (capped, _) = self.decide(&ask, waived, self.now);
        if let (Some(at), Some(by)) = (capped.ends_at, capped.ends_by) {
            (extension.ends_at, extension.ends_by) = (at, by);
        }
        if capped.decision == Answer::Permit && extension.ends_at <= grant.ends_at {
            return self.refuse(
                because(ReasonCode::NothingToExtend, format!("until {}", grant.ends_at)),
                NextAction::None,
            );
        }
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
        let others = self.chain_start(&grant.chain, grant.started, Some(&grant.id));
        around.started = Some(extension.asked_at);
        around.lifetime = Some((extension.ends_at.since(extension.asked_at), extension.ends_by));
        around.chain_start = Some(others);
        around.seats = Seats::Extension { ordinal: extension.ordinal, bound: extension.bound };
        // Whoever alone carried the last extension cannot alone carry the next.
        if grant.extension_approvers.len() == 1 && self.asks_one(grant, extension.ordinal) {
            around.barred.clone_from(&grant.extension_approvers);
        }
        Some((ask, around))
    }

    fn asks_one(&self, grant: &Grant, ordinal: u32) -> bool {
        let terms = self.rule(&grant.rule).and_then(|r| r.terms);
        terms.is_some_and(|t| t.quorum_of_extension(ordinal).size() == 1)
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
        let approval = Approval {
            by: approve.by.clone(),
            at: self.now,
            ask: approve.ask.or(extension.digest),
            seat: approve.seat.clone(),
            max_ttl: approve.max_ttl,
            expires_at: None,
        };
        if extension.phase.is_terminal() || grant.phase != GrantPhase::Active {
            let reason = because(ReasonCode::RequestOver, extension.phase.as_str());
            self.emit(Event::ApprovalRecorded {
                request: extension.id,
                approval,
                counted: false,
                reason: Some(Box::new(reason.clone())),
            });
            return self.refuse(reason, NextAction::Request);
        }
        let mut with = extension.clone();
        with.approvals.push(approval.clone());
        let Some((ask, around)) = self.extension_ask(&grant, &with) else { return };
        let decided = self.decide(&ask, around, self.now);
        let reason = self.why_not_counted(&approval, &decided.0);
        self.emit(Event::ApprovalRecorded {
            request: extension.id.clone(),
            approval,
            counted: reason.is_none(),
            reason: reason.map(Box::new),
        });
        if decided.0.decision == Answer::Permit && !self.suspect {
            self.shorten_extension(&extension, decided.0.ends_at);
            self.grant_extension(&extension.id, &decided.0);
        }
        self.answer(decided);
    }

    /// An approver of an extension may only shorten it.
    fn shorten_extension(&mut self, extension: &Extension, ends_at: Option<Instant>) {
        if let Some(ends_at) = ends_at.filter(|at| *at < extension.ends_at) {
            let shorter = Extension { ends_at, ends_by: Limit::ApproverTtl, ..extension.clone() };
            let kept = self.life.extension(&extension.id).map(|x| x.approvals.clone()).unwrap_or_default();
            self.emit(Event::ExtensionAsked {
                extension: Box::new(Extension { approvals: kept, ..shorter }),
            });
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
            Some(reason) => self.refuse(reason, NextAction::None),
        }
    }
}
