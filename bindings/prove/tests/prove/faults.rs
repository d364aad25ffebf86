//! Seeded faults: for each built-in property, packs that break it in different ways. Each is
//! caught, and the counterexample is one in which Cedar itself opens.

use crate::common::{Broken, finding, finding_to_run, is_refuted, prover};
use crate::counterexamples::{fails_until_mended, fresh};

/// A privileged rule for people, made to break something.
fn rule(id: &str, terms: &str, action: &str, when: &str) -> String {
    format!(
        "@id(\"{id}\") {terms} permit (principal is Glasskey::Person, action == Ops::Action::\"{action}\", resource) {when};"
    )
}

const HOUR: &str = "@max_ttl(\"1h\") @quorum(\"none\") @priority(\"-9\")";

/// Every fault, after the property that it breaks.
fn faults() -> Vec<(&'static str, &'static str, Broken)> {
    let whole = Broken::starter;
    let offered = "when { context has offer && context.offer.ttl > duration(\"1h\") }";
    let overflow =
        rule("o", HOUR, "read", "when { context.history.grants_24h * context.history.refusals_10m > 4 }");
    let product = "@id(\"o\") forbid (principal, action == Ops::Action::\"read\", resource) \
        when { resource has tier && resource.tier * resource.tier > 9 };";
    vec![
        ("never-errors", "a product of two counts", whole().and(&overflow)),
        ("never-errors", "the square of a tier", whole().and(product)),
        (
            "no-dead-policy",
            "a rule that contradicts itself",
            whole().and(&rule("x", HOUR, "read", "when { context.emergency && !context.emergency }")),
        ),
        (
            "no-dead-policy",
            "a rule whose every offer a guardrail refuses",
            whole().and(&rule("x", HOUR, "drop", "when { context.purpose != \"\" }")),
        ),
        (
            "no-dead-policy",
            "a guardrail that never fires",
            whole().and("@id(\"x\") forbid (principal is Glasskey::Person, action == Ops::Action::\"handover_notes\", resource) when { context.emergency && !context.emergency };"),
        ),
        ("no-vacuous-rule", "a rule without a condition", whole().and(&rule("x", HOUR, "read", ""))),
        (
            "no-vacuous-rule",
            "a condition that is always true",
            whole().and(&rule("x", HOUR, "read", "when { context.purpose == \"\" || context.purpose != \"\" }")),
        ),
        (
            "no-shadowed-rule",
            "a rule twice",
            whole().and(&format!(
                "{}\n{}",
                rule("x", HOUR, "read", "when { context.emergency }"),
                rule("y", HOUR, "read", "when { context.emergency }")
            )),
        ),
        (
            "no-shadowed-rule",
            "a narrower rule after a wider one",
            whole().and(&format!(
                "{}\n{}",
                rule("x", HOUR, "read", "when { context.emergency }"),
                rule("y", HOUR, "read", "when { context.emergency && context.purpose != \"\" }")
            )),
        ),
        (
            "break-glass-relaxes",
            "systems of last resort open in any emergency",
            whole().with(
                "when { resource has emergency_only && resource.emergency_only }",
                "when { resource has emergency_only && resource.emergency_only }\nunless { action in Ops::Action::\"emergency\" }",
            ),
        ),
        (
            "break-glass-relaxes",
            "in an emergency tier 0 opens for as long as it likes",
            whole().with(offered, &format!("{offered} unless {{ action in Ops::Action::\"emergency\" }}")),
        ),
        ("no-shared-principal", "the guardrail is gone", whole().without("no-shared-accounts")),
        (
            "no-shared-principal",
            "only on call for an emergency",
            whole().with(
                "when { principal has shared && principal.shared };",
                "when { principal has shared && principal.shared && context.emergency };",
            ),
        ),
        ("emergency-only-needs-incident", "the guardrail is gone", whole().without("emergency-only-systems")),
        (
            "emergency-only-needs-incident",
            "an incident is a master key",
            whole().with(
                "when { resource has emergency_only && resource.emergency_only }\nunless { context has incident && context.incident.open && context.incident.covers };",
                "when { resource has emergency_only && resource.emergency_only }\nunless { context has incident && context.incident.open };",
            ),
        ),
        ("tier-0-time", "two hours", whole().with(offered, &offered.replace("1h", "2h"))),
        (
            "tier-0-time",
            "what nobody has classified is not tier 0",
            whole().with(
                &format!("{offered}\nunless {{ resource has tier && resource.tier >= 1 }};"),
                &format!("{offered}\nunless {{ if resource has tier then resource.tier >= 1 else true }};"),
            ),
        ),
        (
            "tier-0-seats",
            "one person is enough",
            whole().with("context.offer.seats < 2 }", "context.offer.seats < 1 }"),
        ),
        (
            "tier-0-seats",
            "looking is free",
            whole().with(
                "unless { resource has tier && resource.tier >= 1 }\nunless { action in Ops::Action::\"emergency\" };",
                "unless { resource has tier && resource.tier >= 1 }\nunless { action in [Ops::Action::\"emergency\", Ops::Action::\"look\"] };",
            ),
        ),
        ("doors-for-people", "services are let in", whole().without("no-human-door-for-services")),
        (
            "doors-for-people",
            "agents are let in, with a reason",
            whole().with(
                "principal is Glasskey::Agent,\n  action in Ops::Action::\"human_door\",\n  resource\n);",
                "principal is Glasskey::Agent,\n  action in Ops::Action::\"human_door\",\n  resource\n) when { context.purpose == \"\" };",
            ),
        ),
        (
            "no-agent-breaks-the-glass",
            "both guardrails are gone",
            whole().without("no-human-door-for-agents").without("no-agent-on-break-glass"),
        ),
        (
            "no-agent-breaks-the-glass",
            "agents may, in an incident",
            whole().without("no-human-door-for-agents").with(
                "principal is Glasskey::Agent,\n  action in Ops::Action::\"emergency\",\n  resource\n);",
                "principal is Glasskey::Agent,\n  action in Ops::Action::\"emergency\",\n  resource\n) unless { context has incident };",
            ),
        ),
    ]
}

/// Each fault of a property is caught by it, with a counterexample that fails when it is run.
fn caught(property: &str) {
    let mut prover = prover();
    let folder = fresh(&format!("faults-{property}"));
    let (mut tried, mut escaped) = (0, Vec::new());
    for (_, fault, broken) in faults().iter().filter(|(of, ..)| *of == property) {
        tried += 1;
        let pack = broken.pack().unwrap_or_else(|e| panic!("{property}: {fault}: {e}"));
        // No counterexample to this one can be run: it is refuted, and the search for more is in vain.
        let by_engine = property == "no-shared-principal";
        let find = if by_engine { finding } else { finding_to_run };
        let found = find(&pack, &mut prover, property);
        if !is_refuted(&found) {
            escaped.push(format!("{fault}: {found:?}"));
        } else if let Err(why) = fails_until_mended(broken, &found, &folder)
            && !(by_engine && why.contains("the engine sees to it"))
        {
            escaped.push(format!("{fault}: {why}"));
        }
    }
    assert!(tried >= 2, "only {tried} faults");
    assert_eq!(escaped, [""; 0]);
}

/// A test for each property, so that they run side by side.
macro_rules! each {
    ($($test:ident: $property:literal,)*) => {
        $(#[test] fn $test() { caught($property); })*

        #[test]
        fn no_fault_is_left_out() {
            let tested = [$($property),*];
            let left: Vec<&str> = faults().iter().map(|f| f.0).filter(|p| !tested.contains(p)).collect();
            assert_eq!(left, [""; 0]);
        }
    };
}

each! {
    never_errors: "never-errors",
    no_dead_policy: "no-dead-policy",
    no_vacuous_rule: "no-vacuous-rule",
    no_shadowed_rule: "no-shadowed-rule",
    break_glass_relaxes: "break-glass-relaxes",
    no_shared_principal: "no-shared-principal",
    emergency_only_needs_incident: "emergency-only-needs-incident",
    tier_0_time: "tier-0-time",
    tier_0_seats: "tier-0-seats",
    doors_for_people: "doors-for-people",
    no_agent_breaks_the_glass: "no-agent-breaks-the-glass",
}
