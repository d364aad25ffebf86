//! Chains: repeated "urgent" access for one reason is one access, and ends.
//!
//! The time of a chain is the time in which at least one of its grants ran, so grants side by
//! side spend it once. What a rule's `@chain_max` leaves is counted from that.

use crate::cedar::Uid;
use crate::lifecycle::state::Chain;
use crate::lifecycle::step::{self, Step};
use crate::lifecycle::{Grant, RequestRecord};
use crate::model::{History, Request, Support, SupportKind};
use crate::prelude::*;
use crate::time::{Instant, Span};

/// Chains without a reason are numbered, one after the other.
const LAST: u32 = 999_999;

impl Step<'_> {
    /// The chains of a request: one for its holder and each incident that it names, so that
    /// neither a reopening nor a second incident refills any. Without an incident each task and
    /// each window has one; without any reason each pair has one, which is over when nothing of
    /// it ran for the length of the cooldown.
    pub(super) fn chains_of(&self, request: &Request) -> BTreeSet<String> {
        let holder = self.holder(&request.principal);
        let named = |wanted: &[SupportKind]| -> BTreeSet<String> {
            let supports = request.supports.iter().filter(|s| wanted.contains(&s.kind));
            supports.map(|s| step::id("chain", &(&holder, s.kind.as_str(), &s.id))).collect()
        };
        let incidents = named(&[SupportKind::Incident]);
        let work = named(&[SupportKind::Task, SupportKind::Window]);
        match (incidents.is_empty(), work.is_empty()) {
            (false, _) => incidents,
            (true, false) => work,
            (true, true) => {
                let pairs = request.scope.iter().map(|p| step::id("chain", &(&holder, "pair", p)));
                pairs.map(|name| self.current(&name)).collect()
            }
        }
    }

    /// The chain of this name that still runs, or the next one.
    fn current(&self, name: &str) -> String {
        let numbered = |n: u32| format!("{name}.{n:06}");
        let mut known = self.life.state.chains.range(numbered(0)..=numbered(LAST));
        let Some((last, chain)) = known.next_back() else { return numbered(0) };
        if self.grants_of(chain).any(|g| self.recent(g)) {
            return last.clone();
        }
        let number = last.rsplit_once('.').and_then(|(_, n)| n.parse::<u32>().ok()).unwrap_or(0);
        numbered(number.saturating_add(1).min(LAST))
    }

    fn grants_of<'a>(&'a self, chain: &'a Chain) -> impl Iterator<Item = &'a Grant> {
        chain.grants.iter().filter_map(|id| self.life.grant(id))
    }

    /// Whether a grant runs, or ended less than the cooldown ago.
    fn recent(&self, grant: &Grant) -> bool {
        let cooldown = self.life.bundle.manifest().defaults.cooldown;
        grant.revoking_at.is_none_or(|ended| self.now < ended.plus(cooldown))
    }

    /// An agent's time counts as its operator's.
    fn holder(&self, principal: &Uid) -> Uid {
        let entity = self.life.facts.entities.get(principal);
        entity.and_then(|e| e.uid_attr("operator")).unwrap_or_else(|| principal.clone())
    }

    /// The ordinal that a request takes in its chains: 0 begins one; a request for something
    /// that a chain held within the cooldown counts as its next extension.
    pub(super) fn ordinal(&self, record: &RequestRecord) -> u32 {
        // A reopened incident is another emergency: the time already spent counts, but its first
        // request is no extension of the last one.
        let incidents = |supports: &[Support]| -> BTreeSet<Support> {
            supports.iter().filter(|s| s.kind == SupportKind::Incident).cloned().collect()
        };
        let named = incidents(&record.ask.supports);
        // Nothing in the chain of a request without incidents has any either.
        let same_emergency = |g: &Grant| named.is_empty() || !named.is_disjoint(&incidents(&g.supports));
        let joins = self
            .chains(&record.chains)
            .flat_map(|c| self.grants_of(c))
            .any(|g| self.recent(g) && record.ask.scope.iter().any(|p| g.covers(p)) && same_emergency(g));
        if joins { self.extensions(&record.chains).saturating_add(1) } else { 0 }
    }

    fn chains<'a>(&'a self, names: &'a BTreeSet<String>) -> impl Iterator<Item = &'a Chain> {
        names.iter().filter_map(|c| self.life.state.chains.get(c))
    }

    /// Extensions so far, of the chain that has most.
    pub(super) fn extensions(&self, chains: &BTreeSet<String>) -> u32 {
        self.chains(chains).map(|c| c.extensions).max().unwrap_or(0)
    }

    /// Whoever alone carried the last extension cannot alone carry the next.
    pub(super) fn barred(&self, chains: &BTreeSet<String>, seats: u32) -> BTreeSet<Uid> {
        let alone = self.chains(chains).filter(|c| seats == 1 && c.last_approvers.len() == 1);
        alone.flat_map(|c| c.last_approvers.iter().cloned()).collect()
    }

    /// From when the time of the chains counts, for something that runs from `start`.
    pub(super) fn chain_start(&self, chains: &BTreeSet<String>, start: Instant) -> Instant {
        start.minus(self.life.state.chain_time(chains, self.now))
    }

    /// What policies are told of the principal's past.
    pub(super) fn history(&self, principal: &Uid, chains: &BTreeSet<String>, at: Instant) -> History {
        let spent: Span = self.life.state.chain_time(chains, at);
        let past = self.life.state.past.get(principal).cloned().unwrap_or_default();
        past.history(principal, at, self.extensions(chains), spent)
    }
}
