//! Rules with their terms, as Cedar permits whose offer is in the context.

use crate::pack::{Pack, Way, parse};
use cedar_policy::Policy;
use glasskey::bundle::Rule;
use std::fmt::Write;

/// The id of the permit that a question is about.
pub(crate) const ASKED: &str = "(asked)";

/// What the engine sees to, whatever the policies say.
fn engine(way: &Way) -> String {
    way.kind.map_or_else(String::new, |kind| format!("context.actor.kind == \"{kind}\""))
}

/// A permit that holds always, with any offer: every rule that could ever be added.
pub(crate) fn any_rule(way: &Way) -> Result<Policy, String> {
    if !way.privileged {
        return parse(ASKED, "permit (principal, action, resource);");
    }
    let mut when =
        "context has offer && context.offer.ttl > duration(\"0ms\") && context.offer.seats >= 0".to_owned();
    let engine = engine(way);
    if !engine.is_empty() {
        write!(when, " && {engine}").map_err(|e| e.to_string())?;
    }
    parse(ASKED, &format!("permit (principal, action, resource) when {{ {when} }};"))
}

/// A rule, with every offer that the engine can make in its name: its own seats and at most
/// its own time; where it can be extended, the seats of each extension, for any time.
pub(crate) fn with_offer(pack: &Pack, rule: &Rule, way: &Way) -> Result<Policy, String> {
    let Some(terms) = rule.terms().filter(|_| way.privileged) else {
        return pack.policies.get(rule.id()).cloned().ok_or_else(|| format!("no rule `{}`", rule.id()));
    };
    let texts: Vec<String> = terms.obligations.iter().map(|o| quoted(&o.text())).collect();
    let obligations = if texts.is_empty() {
        "context.offer.obligations.isEmpty()".to_owned()
    } else {
        format!("context.offer.obligations == [{}]", texts.join(", "))
    };
    let mut seats = vec![terms.quorum.size()];
    seats.extend((1..=terms.extensions.min(16)).map(|n| terms.quorum_of_extension(n).size()));
    seats.sort_unstable();
    seats.dedup();
    let seats: Vec<String> = seats.iter().map(|n| format!("context.offer.seats == {n}")).collect();
    let time = if terms.extensions == 0 {
        format!(" && context.offer.ttl <= duration(\"{}\")", terms.max_ttl)
    } else {
        String::new()
    };
    let offer = format!(
        "context has offer && context.offer.rule == {} && context.offer.ttl > duration(\"0ms\"){time} && ({}) && {obligations}",
        quoted(rule.id()),
        seats.join(" || "),
    );
    let engine = engine(way);
    let engine = if engine.is_empty() { String::new() } else { format!(" when {{ {engine} }}") };
    parse(ASKED, &format!("{}{engine} when {{ {offer} }};", body(rule.text())))
}

/// A permit of exactly what the condition says; what is privileged has an offer.
pub(crate) fn permit_when(condition: &str, privileged: bool) -> Result<Policy, String> {
    let offer = if privileged { " when { context has offer }" } else { "" };
    parse("(must)", &format!("permit (principal, action, resource){offer} when {{ {condition} }};"))
}

/// A policy's text without its full stop.
fn body(text: &str) -> &str {
    text.trim_end().trim_end_matches(';')
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.escape_debug())
}
