//! What is legal but unwise. No solver is needed.

use crate::pack::Pack;
use glasskey::Span;
use glasskey::bundle::Rule;
use glasskey::model::ActorKind;
use serde::Serialize;

/// One piece of advice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Advice {
    /// The lint.
    pub lint: &'static str,
    /// The policy.
    pub policy: String,
    /// What is unwise about it, and what to do.
    pub words: String,
}

/// Reads a pack for what is legal but unwise.
#[must_use]
pub fn lint(pack: &Pack) -> Vec<Advice> {
    let mut out = Vec::new();
    let mut say = |lint, policy: &str, words: &str| {
        out.push(Advice { lint, policy: policy.to_owned(), words: words.to_owned() });
    };
    if pack.bundle.guards().is_empty() {
        say("no-guardrail", "", "no forbid at all: whatever rule is added next is bound by nothing");
    }
    for (name, reason) in pack.bundle.manifest().extends.iter().flat_map(|e| &e.weaken) {
        say(
            "weaker-than-its-base",
            name,
            &format!("it is weaker on purpose (“{reason}”): see whether it still must be"),
        );
    }
    for rule in pack.bundle.rules() {
        let Some(terms) = rule.terms() else { continue };
        let text = code(rule);
        let emergency = pack.stated.emergency.actions.iter().any(|group| {
            let mut own = pack.policies[rule.id()].get_valid_request_envs(&pack.schema);
            own.any(|env| {
                pack.stands_in(&env.action().to_string(), std::slice::from_ref(group)).unwrap_or(false)
            })
        });
        let machine = rule.kinds().all(|k| k != ActorKind::Person);
        let alone = terms.quorum.size() == 0;
        if emergency && terms.review.is_none() {
            say(
                "emergency-without-review",
                rule.id(),
                "it breaks the glass and nobody looks at it: add `@review`",
            );
        }
        let notes = terms.obligations.iter().any(|o| o.text().starts_with("notify"));
        if emergency && !notes {
            say(
                "silent-emergency",
                rule.id(),
                "it breaks the glass and tells nobody: add `notify:…` to `@obligations`",
            );
        }
        if alone && !text.contains("context.") && !text.contains("context has") {
            say(
                "unconditional-self-service",
                rule.id(),
                "nobody approves and no condition is read: ask for a support, or for a seat",
            );
        }
        if terms.max_ttl > Span::from_minutes(12 * 60) {
            say("long-lifetime", rule.id(), "more than half a day is standing privilege: shorten `@max_ttl`");
        }
        if alone && !machine && terms.max_ttl > Span::from_minutes(8 * 60) {
            say("long-and-alone", rule.id(), "more than a working day on nobody's word: ask for a seat");
        }
        if terms.extensions > 0 && terms.chain_max.is_none() {
            say(
                "endless-chain",
                rule.id(),
                "it can be extended without a cap on the whole: add `@chain_max`",
            );
        }
        if machine && terms.max_ttl > Span::from_minutes(60) {
            say("long-lived-machine", rule.id(), "machines ask again at no cost: give them minutes");
        }
        if terms.extensions > 0 && alone && terms.quorum_of_extension(1).size() == 0 {
            say(
                "extension-without-approval",
                rule.id(),
                "it is extended on nobody's word: add `@extension_quorum`",
            );
        }
        if rule.advice().is_none() {
            say("no-advice", rule.id(), "a refused person learns nothing: add `@advice`");
        }
    }
    for guard in pack.bundle.guards().iter().filter(|g| g.advice().is_none()) {
        say("no-advice", guard.id(), "a refused person learns nothing: add `@advice`");
    }
    for seat in pack.bundle.manifest().seats.keys() {
        let used = pack.bundle.rules().iter().filter_map(Rule::terms).any(|t| {
            t.quorum.seats.contains_key(seat) || t.extension_quorum.iter().any(|q| q.seats.contains_key(seat))
        });
        if !used {
            say("unused-seat", seat, "no rule asks for this seat: drop it from bundle.toml");
        }
    }
    out
}

/// The policy's text without its comments and annotations.
fn code(rule: &Rule) -> String {
    let lines =
        rule.text().lines().filter(|l| !l.trim_start().starts_with("//") && !l.trim_start().starts_with('@'));
    lines.collect::<Vec<_>>().join("\n")
}
