//! Reviews after the fact, and accounts of what was done offline.

use crate::cedar::Uid;
use crate::lifecycle::effect::What;
use crate::lifecycle::record::{Flag, ReviewRecord};
use crate::lifecycle::step::{Step, because};
use crate::lifecycle::{Event, Grant, Reconcile, Review};
use crate::model::{ActorKind, Answer, NextAction, Reason, ReasonCode};
use crate::prelude::*;
use crate::time::Instant;

impl Step<'_> {
    /// A review falls due from the end of the grant, or from its first use in an emergency,
    /// whichever comes first.
    pub(super) fn open_review(&mut self, id: &str, from: Instant) {
        let Some(grant) = self.grant_of(id) else { return };
        let (Some(within), None) = (grant.review_within, grant.review_by) else { return };
        let due_by = from.plus(within);
        self.emit(Event::ReviewOpened { grant: grant.id.clone(), due_by });
        let extension_ratio = self.life.state.extension_ratio(&grant.chains, from);
        let what = What::OpenReview { grant: grant.id.clone(), due_by, extension_ratio };
        self.effect(format!("{}:review", grant.id), Some(due_by), what);
    }

    pub(super) fn review(&mut self, review: &Review) {
        let Some(grant) = self.grant_of(&review.grant) else { return };
        self.grant = Some(grant.id.clone());
        let Some(person) = self.person(&review.by) else {
            return self.refuse(
                because(ReasonCode::ApproverUnknown, crate::wire::clip(&review.by)),
                NextAction::None,
            );
        };
        if grant.review_by.is_none() {
            return self.refuse(Reason::new(ReasonCode::NoReviewOpen), NextAction::None);
        }
        if grant.review.is_some() {
            return self.refuse(Reason::new(ReasonCode::AlreadyReviewed), NextAction::None);
        }
        if self.took_part(&grant, &person) {
            let reason = Reason { entity: Some(person), ..Reason::new(ReasonCode::ReviewerConflict) };
            return self.refuse(reason, NextAction::None);
        }
        let decided = self.decide_on_grant("review", &grant, &person);
        let permitted = decided.0.decision == Answer::Permit;
        self.answer(decided);
        if permitted {
            let made = ReviewRecord {
                by: person,
                at: self.now,
                verdict: review.verdict,
                classification: review.classification,
                notes: review.notes.clone(),
                extension_ratio: self.life.state.extension_ratio(&grant.chains, self.now),
            };
            self.emit(Event::Reviewed { grant: grant.id, review: made });
        }
    }

    /// Whether somebody had a part in the access, or is nobody who could look back on it.
    fn took_part(&self, grant: &Grant, person: &Uid) -> bool {
        let asked = self.request_of(&grant.request).and_then(|r| r.ask.requested_by);
        grant.actors.contains(person)
            || grant.approvers.contains(person)
            || grant.extension_approvers.contains(person)
            || asked.as_ref() == Some(person)
            || self.life.bundle.kind_of(person) != Some(ActorKind::Person)
    }

    /// Accounting for offline access is a review of its own kind: by somebody who took no part.
    pub(super) fn reconcile(&mut self, reconcile: &Reconcile) {
        let Some(grant) = self.grant_of(&reconcile.grant) else { return };
        self.grant = Some(grant.id.clone());
        if !grant.flags.contains(&Flag::ReconcileDue) || grant.phase.is_live() {
            return self.refuse(Reason::new(ReasonCode::NothingToReconcile), NextAction::None);
        }
        let Some(person) = self.person(&reconcile.by) else {
            return self.refuse(
                because(ReasonCode::ApproverUnknown, crate::wire::clip(&reconcile.by)),
                NextAction::None,
            );
        };
        if self.took_part(&grant, &person) {
            let reason = Reason { entity: Some(person), ..Reason::new(ReasonCode::ReviewerConflict) };
            return self.refuse(reason, NextAction::None);
        }
        let decided = self.decide_on_grant("review", &grant, &person);
        let permitted = decided.0.decision == Answer::Permit;
        self.answer(decided);
        if permitted {
            self.emit(Event::Reconciled { grant: grant.id, by: person.to_string() });
        }
    }
}
