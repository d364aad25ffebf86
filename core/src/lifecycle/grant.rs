//! Using a grant: every use is decided anew.

use crate::lifecycle::request::named;
use crate::lifecycle::step::{Step, because};
use crate::lifecycle::{Cause, Event, Grant, GrantPhase, Use};
use crate::model::{Answer, Circumstances, GrantView, NextAction, Pair, Reason, ReasonCode, Request, Seats};
use crate::prelude::*;
use crate::time::Instant;

/// A grant, as policies see it.
pub(super) fn view(grant: &Grant) -> GrantView {
    GrantView {
        id: grant.id.clone(),
        rule: grant.rule.clone(),
        started: grant.started,
        ends: grant.ends_at,
        uses: grant.uses,
    }
}

impl Step<'_> {
    /// The request of a grant for some pairs of its scope, under its own rule, and what
    /// surrounds it.
    pub(super) fn holding_request(
        &self,
        grant: &Grant,
        scope: Vec<Pair>,
        at: Instant,
    ) -> Option<(Request, Circumstances)> {
        let record = self.request_of(&grant.request)?;
        let ask = Request { scope, approvals: Vec::new(), ..named(&record.ask, Some(&grant.rule)) };
        let parent = grant.parent.as_deref().and_then(|p| self.life.grant(p));
        let around = Circumstances {
            history: Some(self.history(&grant.principal, &grant.chains, at)),
            grant: Some(view(grant)),
            started: Some(grant.started),
            lifetime: Some((grant.ends_at.since(grant.started), grant.ends_by)),
            parent_end: parent.filter(|p| p.phase.is_live()).map(|p| p.ends_at),
            last_use: grant.last_use,
            seats: Seats::Waived,
            ..Circumstances::default()
        };
        Some((ask, around))
    }

    pub(super) fn use_grant(&mut self, used: &Use) {
        let Some(grant) = self.grant_of(&used.grant) else { return };
        self.grant = Some(grant.id.clone());
        let pair = Pair { action: used.action.clone(), resource: used.resource.clone() };
        if let Some((reason, next)) = self.unusable(&grant, &pair) {
            let exhausted = reason.code == ReasonCode::UsesExhausted && grant.phase.is_live();
            self.refuse(reason, next);
            self.note_use(&grant, pair, false);
            if exhausted {
                self.end(&grant.id, Cause::UsesExhausted, self.now);
            }
            return;
        }
        let Some((ask, mut around)) = self.holding_request(&grant, vec![pair.clone()], self.now) else {
            return;
        };
        around.last_use = Some(self.now);
        let decided = self.decide(&ask, around, self.now);
        let permitted = decided.0.decision == Answer::Permit;
        self.answer(decided);
        self.note_use(&grant, pair, permitted);
        if permitted && grant.emergency && grant.uses == 0 {
            // A review of emergency access is due from its first use.
            self.open_review(&grant.id, self.now);
        }
    }

    fn note_use(&mut self, grant: &Grant, pair: Pair, permitted: bool) {
        self.emit(Event::Used { grant: grant.id.clone(), pair, permitted, at: self.now });
    }

    fn unusable(&self, grant: &Grant, pair: &Pair) -> Option<(Reason, NextAction)> {
        if self.suspect {
            return Some((Reason::new(ReasonCode::ClockSuspect), NextAction::Retry));
        }
        let exhausted = grant.uses_max.is_some_and(|max| grant.uses >= max);
        match grant.phase {
            GrantPhase::Issuing => return Some((Reason::new(ReasonCode::GrantNotActive), NextAction::Retry)),
            GrantPhase::Frozen => return Some((Reason::new(ReasonCode::GrantFrozen), NextAction::Retry)),
            GrantPhase::Revoking | GrantPhase::Closed if grant.cause == Some(Cause::UsesExhausted) => {
                return Some((Reason::new(ReasonCode::UsesExhausted), NextAction::Request));
            }
            GrantPhase::Revoking | GrantPhase::Closed => {
                let cause = grant.cause.map_or("", Cause::as_str);
                return Some((because(ReasonCode::GrantEnded, cause), NextAction::Request));
            }
            GrantPhase::Active => {}
        }
        if !grant.covers(pair) {
            let reason = Reason { pair: Some(pair.clone()), ..Reason::new(ReasonCode::OutOfScope) };
            return Some((reason, NextAction::Request));
        }
        exhausted.then(|| (Reason::new(ReasonCode::UsesExhausted), NextAction::Request))
    }
}
