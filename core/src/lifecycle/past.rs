//! What a principal did lately.

use crate::cedar::Uid;
use crate::model::History;
use crate::prelude::*;
use crate::time::{Instant, Span};

const DAY: Span = Span::from_minutes(24 * 60);
const WEEK: Span = Span::from_minutes(7 * 24 * 60);
const TEN_MINUTES: Span = Span::from_minutes(10);

/// Instants that still matter, and counts that stay until they are settled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Past {
    activations: Vec<Instant>,
    emergencies: Vec<Instant>,
    refusals: Vec<Instant>,
    pub(super) overdue_reviews: u32,
    pub(super) debts: u32,
}

impl Past {
    pub(super) fn activated(&mut self, at: Instant, emergency: bool) {
        keep(&mut self.activations, at, DAY);
        if emergency {
            keep(&mut self.emergencies, at, WEEK);
        }
    }

    pub(super) fn refused(&mut self, at: Instant) {
        keep(&mut self.refusals, at, TEN_MINUTES);
    }

    pub(super) fn refusals(&self, now: Instant) -> u32 {
        within(&self.refusals, now, TEN_MINUTES)
    }

    /// The counts at one instant, as policies see them.
    pub(super) fn history(&self, principal: &Uid, now: Instant, extensions: u32, chain: Span) -> History {
        History {
            principal: principal.clone(),
            grants_24h: within(&self.activations, now, DAY),
            extensions,
            refusals_10m: self.refusals(now),
            overdue_reviews: self.overdue_reviews,
            emergencies_7d: within(&self.emergencies, now, WEEK),
            chain,
            observed_at: Some(now),
        }
    }
}

/// The instants are in order, since nothing happens before what happened.
fn keep(list: &mut Vec<Instant>, at: Instant, window: Span) {
    list.drain(..list.partition_point(|t| t.plus(window) <= at));
    list.push(at);
}

fn within(list: &[Instant], now: Instant, window: Span) -> u32 {
    let gone = list.partition_point(|t| t.plus(window) <= now);
    let happened = list.partition_point(|t| *t <= now);
    u32::try_from(happened.saturating_sub(gone)).unwrap_or(u32::MAX)
}
