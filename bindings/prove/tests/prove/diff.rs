//! Two packs compared, pack against pack: what a change to the starter pack does.

use crate::common::{Broken, prover};
use glasskey_prove::{Change, Diff, Pack, coverage, diff, lint};

fn against_starter(changed: &Broken) -> Diff {
    let old = Broken::starter().pack().unwrap();
    diff(&old, &changed.pack().unwrap(), &mut prover()).unwrap()
}

#[test]
fn a_pack_equals_itself_and_a_comment_changes_nothing() {
    let same = against_starter(&Broken::starter().with("// ---- Machines ----", "// Machines."));
    assert!(same.rows.is_empty() && same.terms.is_empty(), "{same:?}");
    assert!(same.equal > 40 && !same.widens() && !same.unknown());
}

#[test]
fn a_weaker_condition_is_more_permissive_and_shown_by_an_example() {
    let changed = Broken::starter().with("when { context.incident.severity <= 2 };", ";");
    let found = against_starter(&changed);
    assert_eq!(found.rows.len(), 1, "{found:?}");
    let row = &found.rows[0];
    assert_eq!(row.change, Change::MorePermissive);
    assert!(row.about.contains("break_glass") && row.closed.is_none());
    let example = row.opened.as_ref().unwrap();
    let severity = example.context["incident"]["severity"].as_i64().unwrap();
    assert!(severity > 2, "{example:?}");
    assert!(found.widens());
}

#[test]
fn a_new_guardrail_is_stricter_and_widens_nothing() {
    let found = against_starter(&Broken::starter().and(
        "@id(\"x\") forbid (principal, action == Ops::Action::\"drop\", resource) when { context.channel == \"chat\" };",
    ));
    assert!(!found.rows.is_empty() && found.rows.iter().all(|r| r.change == Change::Stricter), "{found:?}");
    assert!(!found.widens());
    assert_eq!(found.added, ["x"]);
}

#[test]
fn a_longer_lifetime_a_seat_less_and_a_dropped_duty_are_wider_and_said_in_words() {
    let found = against_starter(&Broken::starter().with(
        "@max_ttl(\"10m\")\n@quorum(\"owner=1\")\n@uses(\"1\")\n@obligations(\"record_session, notify:sre\")",
        "@max_ttl(\"12m\")\n@quorum(\"owner=1\")\n@uses(\"1\")\n@obligations(\"record_session\")",
    ));
    let words: Vec<&str> = found.terms.iter().map(|t| t.words.as_str()).collect();
    assert_eq!(words, ["longest lifetime 10m -> 12m", "obligation `notify:sre` dropped"]);
    assert!(found.terms.iter().all(|t| t.wider));
    assert!(
        found.rows.iter().all(|r| r.change == Change::MorePermissive && r.about.contains("agent")),
        "{found:?}"
    );
    assert!(!found.rows.is_empty());
}

#[test]
fn one_thing_opened_and_another_closed_is_incomparable() {
    let found = against_starter(&Broken::starter().with(
        "when { context.incident.severity <= 2 };",
        "when { context.incident.severity <= 3 && context.channel == \"console\" };",
    ));
    let row = found.rows.iter().find(|r| r.about.contains("break_glass")).unwrap();
    assert_eq!(row.change, Change::Incomparable, "{row:?}");
    assert!(row.opened.is_some() && row.closed.is_some());
}

#[test]
fn the_starter_pack_has_no_advice_to_take_and_an_unwise_rule_has() {
    let starter = Broken::starter().pack().unwrap();
    assert_eq!(lint(&starter), []);
    let unwise = Broken::starter().and(
        "@id(\"x\") @max_ttl(\"48h\") @quorum(\"none\") @extensions(\"2\") permit (principal is Glasskey::Person, action == Ops::Action::\"break_glass\", resource);",
    );
    let found: Vec<&str> = lint(&unwise.pack().unwrap()).iter().map(|a| a.lint).collect();
    for expected in [
        "emergency-without-review",
        "silent-emergency",
        "unconditional-self-service",
        "long-lifetime",
        "endless-chain",
        "extension-without-approval",
        "no-advice",
    ] {
        assert!(found.contains(&expected), "{expected} is not in {found:?}");
    }
}

#[test]
fn coverage_says_supports_by_which_policy_with_which_evidence() {
    let starter: Pack = Broken::starter().pack().unwrap();
    let all = coverage(&starter, None).unwrap();
    assert!(all.frameworks.len() >= 7, "{:?}", all.frameworks.keys());
    let page = coverage(&starter, Some("NIST-CSF-2.0")).unwrap().markdown();
    assert!(page.contains("| PR.AA-05 |") && page.contains("`emergency-only-systems`"), "{page}");
    assert!(!page.contains("satisf") && !page.contains("ISO-27001"), "{page}");
    assert!(coverage(&starter, Some("NIST-CSF")).unwrap_err().contains("NIST-CSF-2.0"));
}
