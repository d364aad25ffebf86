//! Who held what, why, from when until when: the account that an auditor reads, as data.
//!
//! [`TimelineReader`] takes records, from a ledger or straight from a lifecycle, and gives a
//! [`Timeline`]; [`Residuals`] keeps only the grants whose end nobody has confirmed yet. How
//! either is drawn is the caller's.

mod happened;
mod read;
mod residual;

pub use happened::{Happened, Mark};
pub use read::TimelineReader;
pub use residual::{Residual, Residuals, Standstill};

use crate::cedar::Uid;
use crate::lifecycle::{Cause, Flag, GrantPhase, RequestPhase, ReviewRecord};
use crate::model::{IncidentStatus, Limit, Pair, Support};
use crate::prelude::*;
use crate::time::{Instant, Span};
use serde::{Deserialize, Serialize};

/// What happened, to one incident or to all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline {
    /// The incident that it is about; everything, if none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub incident: Option<String>,
    /// The first instant that anything on it happened.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub since: Option<Instant>,
    /// As of when it is told.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub as_of: Option<Instant>,
    /// How the incident was seen to stand, each time it had changed.
    pub seen: Vec<IncidentSeen>,
    /// The requests, in the order in which they were made.
    pub requests: Vec<RequestLine>,
    /// The grants, in the order in which they began.
    pub grants: Vec<GrantLine>,
    /// What is left: grants whose end was not confirmed somewhere.
    pub residual: Vec<Residual>,
}

/// How an incident was seen to stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentSeen {
    /// When.
    pub at: Instant,
    /// The epoch.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub epoch: Option<u32>,
    /// Whether the epoch ran.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<IncidentStatus>,
    /// How grave it was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub severity: Option<u8>,
    /// When the epoch was opened.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub opened_at: Option<Instant>,
}

/// An ask, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestLine {
    /// Its name.
    pub id: String,
    /// Who would hold the privilege.
    pub principal: Uid,
    /// Who asked, if not the principal.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub requested_by: Option<Uid>,
    /// The delegation chain, root first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub via: Vec<Uid>,
    /// What was asked for.
    pub scope: Vec<Pair>,
    /// Why, in the requester's words.
    pub purpose: String,
    /// For how long.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ttl: Option<Span>,
    /// Whether it was asked for as an emergency.
    pub emergency: bool,
    /// What it stood on.
    pub supports: Vec<Support>,
    /// Where it came in.
    pub channel: String,
    /// When it was made.
    pub asked_at: Instant,
    /// Where it stands.
    pub phase: RequestPhase,
    /// The rule that it would be granted under.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rule: Option<String>,
    /// Why it became void.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cause: Option<Cause>,
    /// The grant that came of it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub grant: Option<String>,
    /// What happened to it, in order.
    pub marks: Vec<Mark>,
}

/// A grant, from request to confirmed end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantLine {
    /// Its name.
    pub id: String,
    /// The request that it came of.
    pub request: String,
    /// Who holds it.
    pub principal: Uid,
    /// Its rule.
    pub rule: String,
    /// What it is for.
    pub scope: Vec<Pair>,
    /// Whether it was asked for as an emergency.
    pub emergency: bool,
    /// The grant that it is delegated from.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub parent: Option<String>,
    /// Who sat in the seats.
    pub approvers: BTreeSet<Uid>,
    /// Where it stands.
    pub phase: GrantPhase,
    /// When it was asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub asked_at: Option<Instant>,
    /// When it began.
    pub started: Instant,
    /// When the last limit on it comes, or came, at the latest.
    pub ends_at: Instant,
    /// That limit.
    pub ends_by: Limit,
    /// When it stopped being usable.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub over_at: Option<Instant>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cause: Option<Cause>,
    /// The end follows from its limits alone: nobody has recorded it yet.
    #[serde(skip_serializing_if = "core::ops::Not::not", default)]
    pub unrecorded_end: bool,
    /// What would have ended it besides.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub also: Vec<Cause>,
    /// When its end was confirmed everywhere.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub confirmed_at: Option<Instant>,
    /// Where it was in force.
    pub points: Vec<PointLine>,
    /// How often it was used.
    pub uses: u32,
    /// How often a use was refused.
    pub refused_uses: u32,
    /// What sticks to it.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub flags: BTreeSet<Flag>,
    /// When its review is due.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub review_by: Option<Instant>,
    /// Its review.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub review: Option<ReviewRecord>,
    /// What happened to it, in order.
    pub marks: Vec<Mark>,
}

/// A grant at one enforcement point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointLine {
    /// The enforcement point.
    pub point: String,
    /// Since when something was in force there.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub from: Option<Instant>,
    /// By when the end was to be confirmed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub confirm_by: Option<Instant>,
    /// When it was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub confirmed_at: Option<Instant>,
    /// The confirmation did not come in time.
    #[serde(skip_serializing_if = "core::ops::Not::not", default)]
    pub late: bool,
    /// What is there was not accepted, and is to be taken away.
    #[serde(skip_serializing_if = "core::ops::Not::not", default)]
    pub stray: bool,
    /// The grant that answers for it since this one ended.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub retained_by: Option<String>,
    /// How long privilege was left behind there: from the end of the grant to the confirmation,
    /// or to the instant that the timeline is told for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub residual: Option<Span>,
}

impl PointLine {
    /// Whether the end of the grant was confirmed here.
    #[must_use]
    pub const fn is_confirmed(&self) -> bool {
        self.confirmed_at.is_some()
    }
}

impl GrantLine {
    /// Whether privilege outlived the grant, for however short a time.
    #[must_use]
    pub fn left_privilege_behind(&self) -> bool {
        self.points.iter().any(|p| p.residual.is_some_and(|r| r > Span::ZERO))
    }
}

impl Timeline {
    /// The first and the last instant that it tells of, ends to come included.
    #[must_use]
    pub fn span(&self) -> Option<(Instant, Instant)> {
        let until = self.grants.iter().filter(|g| g.over_at.is_none()).map(|g| g.ends_at);
        let until = until.chain(self.as_of).max()?;
        Some((self.since.unwrap_or(until), until))
    }
}
