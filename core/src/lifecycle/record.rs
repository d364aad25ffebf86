//! Requests, grants and extensions as the lifecycle remembers them.

use crate::canonical::Digest;
use crate::cedar::Uid;
use crate::lifecycle::phase::words;
use crate::lifecycle::{Cause, Classification, GrantPhase, RequestPhase, Verdict};
use crate::model::{Approval, Limit, Obligation, Pair, Request, Support};
use crate::prelude::*;
use crate::time::{Instant, Span};
use serde::{Deserialize, Serialize};

/// An ask, and its life until activation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestRecord {
    /// Its name: a digest.
    pub id: String,
    /// What is asked for, with the epochs of its incidents bound and the approvals so far.
    pub ask: Request,
    /// Where it stands.
    pub phase: RequestPhase,
    /// The rule that it would be granted under.
    pub rule: Option<String>,
    /// What approvals must be bound to.
    pub digest: Option<Digest>,
    /// When it was made.
    pub submitted_at: Instant,
    /// Until when seats may be filled.
    pub pending_until: Instant,
    /// Until when it may be activated.
    pub approved_until: Option<Instant>,
    /// From when it may be activated, if not at once.
    pub start: Option<Instant>,
    /// The grant that it is delegated from.
    pub parent: Option<String>,
    /// The chains that it belongs to.
    pub chains: BTreeSet<String>,
    /// Its place in the chain, if it joined one; 0 if it began one.
    pub ordinal: u32,
    /// Why it is void.
    pub cause: Option<Cause>,
    /// The grant that came of it.
    pub grant: Option<String>,
    /// When it must be looked at again.
    pub valid_until: Option<Instant>,
}

words! {
    /// What sticks to a grant, whatever happens after.
    Flag {
        /// An enforcement point did not confirm the end in time.
        RevocationUnconfirmed = "revocation_unconfirmed",
        /// The target was changed behind its back.
        ExternallyModified = "externally_modified",
        /// It has to be reviewed.
        ReviewDue = "review_due",
        /// Its review is overdue.
        ReviewOverdue = "review_overdue",
        /// What was done offline has to be accounted for.
        ReconcileDue = "reconcile_due",
    }
}

/// One place where a grant is in force.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// By when its end is to be confirmed.
    pub confirm_by: Option<Instant>,
    /// When it was.
    pub confirmed_at: Option<Instant>,
    /// What is there was not accepted, and is to be taken away whatever becomes of the grant.
    #[serde(skip_serializing_if = "core::ops::Not::not", default)]
    pub stray: bool,
    /// The confirmation did not come in time.
    #[serde(skip_serializing_if = "core::ops::Not::not", default)]
    pub late: bool,
}

/// A review that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewRecord {
    /// By whom.
    pub by: Uid,
    /// When.
    pub at: Instant,
    /// What it says.
    pub verdict: Verdict,
    /// What the emergency was.
    pub classification: Classification,
    /// More, in words.
    pub notes: String,
    /// How often more time had been asked for by then, if it was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub extension_ratio: Option<ExtensionRatio>,
}

/// How often more time was asked for in a chain: what a reviewer is to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtensionRatio {
    /// Extensions asked for, and requests that joined the chain as one.
    pub attempts: u32,
    /// Those that were granted.
    pub granted: u32,
    /// Within which time, from the first grant of the chain on.
    pub within: Span,
}

/// A privilege, and its life until its confirmed end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Its name: a digest.
    pub id: String,
    /// The number of the record that made it.
    pub seq: u64,
    /// The request that it came of.
    pub request: String,
    /// Its rule.
    pub rule: String,
    /// Who holds it.
    pub principal: Uid,
    /// The holder, its operator and its delegation chain: whom its life depends on.
    pub actors: BTreeSet<Uid>,
    /// What it is for.
    pub scope: Vec<Pair>,
    /// What it stands on.
    pub supports: Vec<Support>,
    /// Whether it was asked for as an emergency.
    pub emergency: bool,
    /// The grant that it is delegated from.
    pub parent: Option<String>,
    /// The chains that it belongs to.
    pub chains: BTreeSet<String>,
    /// Where it stands.
    pub phase: GrantPhase,
    /// When it was activated.
    pub started: Instant,
    /// When it ends at the latest.
    pub ends_at: Instant,
    /// The limit that ends it then.
    pub ends_by: Limit,
    /// How long it may go unused.
    pub idle: Option<Span>,
    /// When it was last used.
    pub last_use: Option<Instant>,
    /// How often it was used.
    pub uses: u32,
    /// How often it may be used.
    pub uses_max: Option<u32>,
    /// Duties of the enforcement points.
    pub obligations: Vec<Obligation>,
    /// Who sat in the seats.
    pub approvers: BTreeSet<Uid>,
    /// Who sat in the seats of its last extension.
    pub extension_approvers: BTreeSet<Uid>,
    /// When its last extension was asked for.
    pub extended_at: Option<Instant>,
    /// By when it must be in force.
    pub issue_by: Instant,
    /// Where it is in force.
    pub points: BTreeMap<String, Point>,
    /// Where its credential is to be found.
    pub credential_ref: Option<String>,
    /// When its credential dies by itself.
    pub credential_expires_at: Option<Instant>,
    /// Whether its credential can be taken back.
    pub revocable: bool,
    /// Why it ended.
    pub cause: Option<Cause>,
    /// What would have ended it besides, later or at the same instant.
    pub also: Vec<Cause>,
    /// When it stopped being usable; from then on enforcement points are asked to confirm.
    pub revoking_at: Option<Instant>,
    /// When its end was confirmed everywhere; never claimed before.
    pub ended_at: Option<Instant>,
    /// What sticks to it.
    pub flags: BTreeSet<Flag>,
    /// How long after its end, or its first emergency use, a review is due.
    pub review_within: Option<Span>,
    /// When its review is due.
    pub review_by: Option<Instant>,
    /// Its review.
    pub review: Option<ReviewRecord>,
    /// Until when the last decision on it holds.
    pub valid_until: Option<Instant>,
}

impl Grant {
    /// When it ends for want of use.
    #[must_use]
    pub fn idle_end(&self) -> Option<Instant> {
        let from = self.last_use.map_or(self.started, |used| used.max(self.started));
        self.idle.map(|idle| from.plus(idle))
    }

    /// Whether a pair is in its scope.
    #[must_use]
    pub fn covers(&self, pair: &Pair) -> bool {
        self.scope.contains(pair)
    }

    pub(super) fn has_obligation(&self, kind: &str) -> bool {
        self.obligations.iter().any(|o| o.kind == kind)
    }

    /// The first instant at which something is due without anybody's doing.
    pub(super) fn due(&self) -> Option<Instant> {
        let of_phase = match self.phase {
            GrantPhase::Issuing => {
                [Some(self.issue_by), Some(self.ends_at), self.valid_until].into_iter().flatten().min()
            }
            GrantPhase::Active | GrantPhase::Frozen => {
                [Some(self.ends_at), self.idle_end(), self.valid_until].into_iter().flatten().min()
            }
            GrantPhase::Revoking => {
                let waiting = self.points.values().filter(|p| p.confirmed_at.is_none() && !p.late);
                waiting.filter_map(|p| p.confirm_by).min()
            }
            GrantPhase::Closed => None,
        };
        let review =
            self.review_by.filter(|_| self.review.is_none() && !self.flags.contains(&Flag::ReviewOverdue));
        of_phase.into_iter().chain(review).min()
    }
}

impl RequestRecord {
    /// The first instant at which something is due without anybody's doing.
    pub(super) fn due(&self) -> Option<Instant> {
        let of_phase = match self.phase {
            RequestPhase::Pending => Some(self.pending_until),
            RequestPhase::Approved | RequestPhase::Scheduled => self.approved_until,
            _ => return None,
        };
        of_phase.into_iter().chain(self.valid_until).min()
    }
}

/// An ask for more time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// Its name: a digest.
    pub id: String,
    /// The grant.
    pub grant: String,
    /// Its place in the chain, from 1.
    pub ordinal: u32,
    /// When it was asked for; the new time counts from here.
    pub asked_at: Instant,
    /// The new end.
    pub ends_at: Instant,
    /// The limit that ends it then.
    pub ends_by: Limit,
    /// What approvals must be bound to besides the ask.
    pub bound: Digest,
    /// What approvals must be bound to.
    pub digest: Option<Digest>,
    /// The approvals so far.
    pub approvals: Vec<Approval>,
    /// Where it stands; `consumed` when the time was added.
    pub phase: RequestPhase,
}
