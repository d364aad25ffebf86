//! Chains: repeated "urgent" access on one incident is one access, and ends.

use crate::cedar::Uid;
use crate::lifecycle::step::Step;
use crate::lifecycle::{Grant, step};
use crate::model::{History, Request, Support, SupportKind};
use crate::prelude::*;
use crate::time::{Instant, Span};

impl Step<'_> {
    /// The chain of a request: by holder and incident, so that a reopened incident does not
    /// refill it; without an incident by holder and scope.
    pub(super) fn chain_of(&self, request: &Request) -> String {
        let holder = self.holder(&request.principal);
        let incidents: BTreeSet<&str> = request
            .supports
            .iter()
            .filter(|s| s.kind == SupportKind::Incident)
            .map(|s| s.id.as_str())
            .collect();
        if incidents.is_empty() {
            step::id("chain", &(&holder, "scope", &request.scope))
        } else {
            step::id("chain", &(&holder, "incidents", &incidents))
        }
    }

    /// An agent's time counts as its operator's.
    fn holder(&self, principal: &Uid) -> Uid {
        let entity = self.life.facts.entities.get(principal);
        entity.and_then(|e| e.uid_attr("operator")).unwrap_or_else(|| principal.clone())
    }

    /// The ordinal that a request takes in its chain: 0 begins one; a request for something that
    /// the chain held within the cooldown counts as its next extension.
    pub(super) fn ordinal(&self, request: &Request, chain: &str) -> u32 {
        let cooldown = self.life.bundle.manifest().defaults.cooldown;
        let Some(known) = self.life.state.chains.get(chain) else { return 0 };
        // A reopened incident is another emergency: the time already spent counts, but its first
        // request is no extension of the last one.
        let incidents = |supports: &[Support]| -> BTreeSet<Support> {
            supports.iter().filter(|s| s.kind == SupportKind::Incident).cloned().collect()
        };
        let named = incidents(&request.supports);
        let overlaps = |g: &&Grant| {
            let before = incidents(&g.supports);
            request.scope.iter().any(|p| g.covers(p))
                && (named.is_empty() && before.is_empty() || !named.is_disjoint(&before))
        };
        let recent = known
            .grants
            .iter()
            .filter_map(|id| self.life.grant(id))
            .filter(overlaps)
            .any(|g| g.revoking_at.is_none_or(|ended| self.now < ended.plus(cooldown)));
        if recent { known.extensions.saturating_add(1) } else { 0 }
    }

    /// From when the time of a chain counts, for something that starts at `start`.
    pub(super) fn chain_start(&self, chain: &str, start: Instant, without: Option<&str>) -> Instant {
        start.minus(self.life.state.chain_time(chain, self.now, without))
    }

    /// What policies are told of the principal's past.
    pub(super) fn history(&self, principal: &Uid, chain: &str, at: Instant) -> History {
        let extensions = self.life.state.chains.get(chain).map_or(0, |c| c.extensions);
        let spent: Span = self.life.state.chain_time(chain, at, None);
        let past = self.life.state.past.get(principal).cloned().unwrap_or_default();
        past.history(principal, at, extensions, spent)
    }
}
