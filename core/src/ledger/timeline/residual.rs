//! What is left of grants: everything whose end was not confirmed.

use crate::cedar::Uid;
use crate::lifecycle::{Applied, Archive, Cause, Event, Grant, GrantPhase};
use crate::model::{Limit, Pair};
use crate::prelude::*;
use crate::time::Instant;
use serde::{Deserialize, Serialize};

/// Whether what is left ought to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standstill {
    /// The grant is over, and this enforcement point has not confirmed it.
    Residual,
    /// The grant is in force.
    InForce,
}

/// A grant at one enforcement point that has not confirmed its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Residual {
    /// Whether it ought to be there.
    pub state: Standstill,
    /// The enforcement point; `issuer` while nobody has said where the grant is in force.
    pub point: String,
    /// The grant.
    pub grant: String,
    /// Who holds it.
    pub principal: Uid,
    /// What it is for.
    pub scope: Vec<Pair>,
    /// When it began.
    pub started: Instant,
    /// When it ends, or was to end, at the latest.
    pub ends_at: Instant,
    /// By which limit.
    pub ends_by: Limit,
    /// When it stopped being usable.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub over_at: Option<Instant>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cause: Option<Cause>,
    /// By when the end was to be confirmed here.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub confirm_by: Option<Instant>,
}

/// The point that stands for whatever may exist while nobody has said where.
const ISSUER: &str = "issuer";

/// Follows grants until their end is confirmed, and forgets them then: memory grows with what
/// is left, not with the ledger.
#[derive(Clone, Debug, Default)]
pub struct Residuals {
    archive: Archive,
    grants: u64,
}

impl Residuals {
    /// Nothing read yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in the next record.
    pub fn push(&mut self, applied: &Applied) {
        for event in &applied.events {
            match event {
                // Only grants hold privilege.
                Event::Submitted { .. }
                | Event::Observed { .. }
                | Event::RequestMoved { .. }
                | Event::RequestChecked { .. } => {}
                Event::Activated { .. } => {
                    self.grants = self.grants.saturating_add(1);
                    self.archive.take(event, applied.at);
                }
                other => self.archive.take(other, applied.at),
            }
            if let Event::GrantMoved { grant, to: GrantPhase::Closed, .. } = event {
                self.archive.forget(grant);
            }
        }
    }

    /// How many grants were read.
    #[must_use]
    pub const fn grants(&self) -> u64 {
        self.grants
    }

    /// What is left at an instant: residual privilege first, the longest over first. A grant whose
    /// limits have passed is over, whether or not anybody recorded it.
    #[must_use]
    pub fn at(&self, now: Instant) -> Vec<Residual> {
        let mut all: Vec<Residual> =
            self.archive.grants().into_iter().flat_map(|g| residuals_of(g, now)).collect();
        all.sort_by_key(|r| (r.state, r.over_at));
        all
    }
}

/// When the limits of a live grant ended it, and which; none if nothing has, or its end is recorded.
pub(super) fn end_of(grant: &Grant, now: Instant) -> Option<(Instant, Cause)> {
    let idle = grant.idle_end().filter(|_| grant.phase != GrantPhase::Issuing);
    let (at, cause) = match idle {
        Some(idle) if idle < grant.ends_at => (idle, Cause::Idle),
        _ => (grant.ends_at, Cause::Expired),
    };
    (grant.phase.is_live() && at <= now).then_some((at, cause))
}

/// What is left of one grant, point by point.
pub(super) fn residuals_of(grant: &Grant, now: Instant) -> Vec<Residual> {
    let end = end_of(grant, now);
    let over_at = grant.revoking_at.or(end.map(|(at, _)| at));
    let left = |point: &str, confirm_by, stray: bool| Residual {
        state: if over_at.is_some() || stray { Standstill::Residual } else { Standstill::InForce },
        point: point.to_owned(),
        grant: grant.id.clone(),
        principal: grant.principal.clone(),
        scope: grant.scope.clone(),
        started: grant.started,
        ends_at: grant.ends_at,
        ends_by: grant.ends_by,
        over_at,
        cause: grant.cause.or(end.map(|(_, cause)| cause)),
        confirm_by,
    };
    let open = grant.points.iter().filter(|(_, p)| p.confirmed_at.is_none());
    let mut all: Vec<Residual> = open.map(|(name, p)| left(name, p.confirm_by, p.stray)).collect();
    if grant.phase.is_live() && grant.points.values().all(|p| p.stray) {
        all.push(left(ISSUER, None, false));
    }
    all
}
