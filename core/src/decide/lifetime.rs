//! How long: the lifetime that a rule gives, and the limits that end a grant.

use crate::bundle::Terms;
use crate::decide::Engine;
use crate::decide::pair::Examined;
use crate::decide::supports::Standing;
use crate::model::{Limit, SupportKind, Validity};
use crate::prelude::*;
use crate::time::{Instant, Span};

/// The lifetime before any approval shortens it: asked for or default, never over the maximum.
pub(crate) fn of_rule(terms: &Terms, requested: Option<Span>) -> (Span, Limit) {
    match requested {
        Some(asked) if asked < terms.max_ttl => (asked, Limit::RequestedTtl),
        Some(_) => (terms.max_ttl, Limit::RuleTtl),
        None => (terms.ttl, Limit::RuleTtl),
    }
}

impl Engine<'_> {
    /// When a grant under these terms ends for want of use.
    pub(crate) fn idle_end(&self, terms: &Terms) -> Option<Instant> {
        let start = self.situation.around.started.unwrap_or(self.at);
        let last = self.situation.around.last_use.map_or(start, |used| used.max(start));
        terms.idle.map(|idle| last.plus(idle))
    }

    /// Every hard limit on a grant under these terms; the first one ends it.
    pub(crate) fn limits(
        &self,
        terms: &Terms,
        examined: &[Examined<'_>],
        approved: Option<Span>,
    ) -> Vec<Validity> {
        let situation = &self.situation;
        let start = situation.around.started.unwrap_or(self.at);
        let mut out = Vec::new();
        let mut add = |at, by| out.push(Validity { at, by });
        let (lifetime, by) = match situation.around.lifetime {
            Some(fixed) => fixed,
            None => of_rule(terms, situation.request.ttl),
        };
        add(start.plus(lifetime), by);
        if let Some(approved) = approved {
            add(start.plus(approved), Limit::ApproverTtl);
        }
        if let Some(chain_max) = terms.chain_max {
            add(situation.around.chain_start.unwrap_or(start).plus(chain_max), Limit::ChainMax);
        }
        if let Some(end) = situation.around.parent_end {
            add(end, Limit::ParentEnd);
        }
        for holder in &self.holders {
            let contract = self.facts.entities.get(holder).and_then(|e| e.instant_attr("contract_ends"));
            if let Some(end) = contract {
                add(end, Limit::ContractEnd);
            }
        }
        for kind in examined.iter().flat_map(|e| &e.kinds) {
            let by = match kind.kind {
                SupportKind::Incident => continue, // it ends when it is closed, at no time known before
                SupportKind::Shift => Limit::ShiftEnd,
                SupportKind::Window => Limit::WindowEnd,
                SupportKind::Task => Limit::TaskEnd,
            };
            match kind.standing {
                Standing::Live { until: Some(end) } if kind.kind == SupportKind::Shift => {
                    add(terms.grace().map_or(end, |grace| end.plus(grace)), by);
                }
                Standing::Live { until: Some(end) } => add(end, by),
                Standing::Dead => {
                    if let Some(end) = kind.ended.zip(terms.grace()).map(|(end, grace)| end.plus(grace)) {
                        add(end, by);
                    }
                }
                Standing::Live { until: None } | Standing::Unknown => {}
            }
        }
        out.sort();
        out
    }
}
