//! The properties that every pack is held to.

use crate::pack::Pack;
use crate::property::{By, Property};
use glasskey::model::ActorKind;

/// The built-in properties, with the pack's own names and limits filled in. What a pack has
/// no words for (tiers, emergencies, doors for people) is not asked of it.
pub(crate) fn properties(pack: &Pack) -> Vec<Property> {
    let stated = &pack.stated;
    let mut out = vec![
        property(
            "no-shared-principal",
            "Nothing opens for a shared account",
            By::AnyRule,
            "!(principal has shared && principal.shared)",
        ),
        property(
            "emergency-only-needs-incident",
            "A system for emergencies only opens for an open incident that covers it",
            By::AnyRule,
            "!(resource has emergency_only && resource.emergency_only) || \
             (context has incident && context.incident.open && context.incident.covers)",
        ),
    ];
    if let Some(limits) = &stated.tier_0 {
        out.push(property(
            "tier-0-time",
            &format!("Whatever the rule, tier 0 opens for {} at the most", limits.max_ttl),
            By::AnyRule,
            &format!(
                "(resource has tier && resource.tier >= 1) || context.offer.ttl <= duration(\"{}\")",
                limits.max_ttl
            ),
        ));
        let except = in_groups(&stated.emergency.actions);
        out.push(property(
            "tier-0-seats",
            &format!("Whatever the rule, tier 0 takes {} people, emergencies apart", limits.seats),
            By::AnyRule,
            &format!(
                "(resource has tier && resource.tier >= 1) || context.offer.seats >= {}{except}",
                limits.seats
            ),
        ));
    }
    if !stated.human_doors.actions.is_empty() {
        let mut closed = property(
            "doors-for-people",
            "No service and no agent comes through a door made for people",
            By::AnyRule,
            "false",
        );
        closed.principals = vec![ActorKind::Service, ActorKind::Agent];
        closed.actions.clone_from(&stated.human_doors.actions);
        out.push(closed);
    }
    if !stated.emergency.actions.is_empty() {
        let mut closed =
            property("no-agent-breaks-the-glass", "No agent breaks the glass", By::AnyRule, "false");
        closed.principals = vec![ActorKind::Agent];
        closed.actions.clone_from(&stated.emergency.actions);
        out.push(closed);
    }
    for property in &mut out {
        property.guards = stated.guards.get(&property.id).cloned().unwrap_or_default();
    }
    out
}

fn property(id: &str, title: &str, by: By, must: &str) -> Property {
    Property {
        id: id.to_owned(),
        title: title.to_owned(),
        principals: Vec::new(),
        actions: Vec::new(),
        by,
        must: must.to_owned(),
        guards: Vec::new(),
    }
}

fn in_groups(groups: &[String]) -> String {
    if groups.is_empty() { String::new() } else { format!(" || action in [{}]", groups.join(", ")) }
}
