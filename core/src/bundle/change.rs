//! Terms compared: what changed from one to the other, and whether it widens access.

use crate::bundle::{Handover, Terms};
use crate::prelude::*;
use crate::time::Span;
use serde::Serialize;

/// One change of a rule's terms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TermChange {
    /// In words, like `longest lifetime 1h -> 2h`.
    pub words: String,
    /// Whether it widens access, or leaves less of a trace.
    pub wider: bool,
}

impl Terms {
    /// What changed since `old`. The order in which rules are tried is no part of it: whoever
    /// asks may name the rule.
    #[must_use]
    pub fn changes_since(&self, old: &Self) -> Vec<TermChange> {
        let mut out = Vec::new();
        self.times(old, &mut out);
        self.seats(old, &mut out);
        self.extending(old, &mut out);
        let uses = |n: Option<u32>| n.map_or_else(|| "any".to_owned(), |n| n.to_string());
        say(
            &mut out,
            old.uses != self.uses,
            format!("uses {} -> {}", uses(old.uses), uses(self.uses)),
            self.uses.unwrap_or(u32::MAX) > old.uses.unwrap_or(u32::MAX),
        );
        let longer = match (old.handover, self.handover) {
            (Handover::Cut, Handover::Grace(_)) => true,
            (Handover::Grace(before), Handover::Grace(after)) => after > before,
            (_, Handover::Cut) => false,
        };
        say(
            &mut out,
            old.handover != self.handover,
            format!("handover {} -> {}", old.handover, self.handover),
            longer,
        );
        for gone in old.obligations.iter().filter(|o| !self.obligations.contains(o)) {
            say(&mut out, true, format!("obligation `{}` dropped", gone.text()), true);
        }
        for come in self.obligations.iter().filter(|o| !old.obligations.contains(o)) {
            say(&mut out, true, format!("obligation `{}` added", come.text()), false);
        }
        out
    }

    fn times(&self, old: &Self, out: &mut Vec<TermChange>) {
        for (name, before, after) in [
            ("longest lifetime", old.max_ttl, self.max_ttl),
            ("default lifetime", old.ttl, self.ttl),
            ("time to gather approvals", old.pending, self.pending),
            ("approvals count for", old.approval_ttl, self.approval_ttl),
        ] {
            say(out, before != after, format!("{name} {before} -> {after}"), after > before);
        }
        for (name, before, after) in [
            ("cap of a chain", old.chain_max, self.chain_max),
            ("idle limit", old.idle, self.idle),
            ("time until the review", old.review, self.review),
        ] {
            let text = |span: Option<Span>| span.map_or_else(|| "none".to_owned(), |s| s.to_string());
            // No limit is the widest limit.
            let wider = match (before, after) {
                (Some(_), None) => true,
                (Some(before), Some(after)) => after > before,
                (None, _) => false,
            };
            say(out, before != after, format!("{name} {} -> {}", text(before), text(after)), wider);
        }
    }

    fn seats(&self, old: &Self, out: &mut Vec<TermChange>) {
        say(
            out,
            old.quorum != self.quorum,
            format!("seats {} -> {}", old.quorum, self.quorum),
            !self.quorum.covers(&old.quorum),
        );
    }

    fn extending(&self, old: &Self, out: &mut Vec<TermChange>) {
        say(
            out,
            old.extensions != self.extensions,
            format!("extensions {} -> {}", old.extensions, self.extensions),
            self.extensions > old.extensions,
        );
        // Beyond the longer of the two lists the last quorum repeats.
        let listed = self.extension_quorum.len().max(old.extension_quorum.len()).max(1);
        let listed = u32::try_from(listed).unwrap_or(u32::MAX);
        for ordinal in 1..=self.extensions.min(old.extensions).min(listed) {
            let (before, after) = (old.quorum_of_extension(ordinal), self.quorum_of_extension(ordinal));
            say(
                out,
                before != after,
                format!("seats of extension {ordinal} {before} -> {after}"),
                !after.covers(before),
            );
        }
        say(
            out,
            old.extension_ttl != self.extension_ttl && self.extensions > 0 && old.extensions > 0,
            format!("lifetime of an extension {} -> {}", old.extension_ttl, self.extension_ttl),
            self.extension_ttl > old.extension_ttl,
        );
    }
}

fn say(out: &mut Vec<TermChange>, changed: bool, words: String, wider: bool) {
    if changed {
        out.push(TermChange { words, wider });
    }
}
