//! Terms compared, in words.

use glasskey::bundle::Terms;

/// Whether the first asks for more than the second, or gives less.
pub(crate) fn asks_more(first: &Terms, second: &Terms) -> bool {
    changes(second, first).iter().any(|(_, wider)| !wider)
}

/// What changed from one to the other: in words, and whether it widens access.
pub(crate) fn changes(old: &Terms, new: &Terms) -> Vec<(String, bool)> {
    let mut out = Vec::new();
    let mut say = |changed: bool, words: String, wider: bool| {
        if changed {
            out.push((words, wider));
        }
    };
    let opt = |span: &Option<_>| span.map_or_else(|| "none".to_owned(), |s: glasskey::Span| s.to_string());
    // No limit is the widest limit.
    let wider = |old: Option<glasskey::Span>, new: Option<glasskey::Span>| match (old, new) {
        (Some(_), None) => true,
        (Some(a), Some(b)) => b > a,
        (None, _) => false,
    };
    say(
        old.max_ttl != new.max_ttl,
        format!("longest lifetime {} -> {}", old.max_ttl, new.max_ttl),
        new.max_ttl > old.max_ttl,
    );
    say(old.ttl != new.ttl, format!("default lifetime {} -> {}", old.ttl, new.ttl), new.ttl > old.ttl);
    say(
        old.quorum != new.quorum,
        format!("seats {} -> {}", old.quorum, new.quorum),
        !new.quorum.covers(&old.quorum),
    );
    say(
        old.extensions != new.extensions,
        format!("extensions {} -> {}", old.extensions, new.extensions),
        new.extensions > old.extensions,
    );
    for ordinal in 1..=new.extensions.min(old.extensions).min(16) {
        let (before, after) = (old.quorum_of_extension(ordinal), new.quorum_of_extension(ordinal));
        say(
            before != after,
            format!("seats of extension {ordinal} {before} -> {after}"),
            !after.covers(before),
        );
    }
    say(
        old.extension_ttl != new.extension_ttl && new.extensions > 0,
        format!("lifetime of an extension {} -> {}", old.extension_ttl, new.extension_ttl),
        new.extension_ttl > old.extension_ttl,
    );
    for (name, before, after) in [
        ("cap of a chain", old.chain_max, new.chain_max),
        ("idle limit", old.idle, new.idle),
        ("time until the review", old.review, new.review),
    ] {
        let words = format!("{name} {} -> {}", opt(&before), opt(&after));
        say(before != after, words, wider(before, after));
    }
    let uses = |n: Option<u32>| n.map_or_else(|| "any".to_owned(), |n| n.to_string());
    say(
        old.uses != new.uses,
        format!("uses {} -> {}", uses(old.uses), uses(new.uses)),
        new.uses.unwrap_or(u32::MAX) > old.uses.unwrap_or(u32::MAX),
    );
    say(
        old.approval_ttl != new.approval_ttl,
        format!("approvals count for {} -> {}", old.approval_ttl, new.approval_ttl),
        new.approval_ttl > old.approval_ttl,
    );
    say(
        old.handover != new.handover,
        format!("handover {:?} -> {:?}", old.handover, new.handover),
        old.handover == glasskey::bundle::Handover::Cut,
    );
    for gone in old.obligations.iter().filter(|o| !new.obligations.contains(o)) {
        say(true, format!("obligation `{}` dropped", gone.text()), true);
    }
    for come in new.obligations.iter().filter(|o| !old.obligations.contains(o)) {
        say(true, format!("obligation `{}` added", come.text()), false);
    }
    out
}
