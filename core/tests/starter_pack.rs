//! The starter pack compiles, and says of every policy what it is for.

use glasskey::{Answer, Bundle, Facts, Instant, Request, Sources, decide};
use std::fs;
use std::path::Path;

fn starter() -> Bundle {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies/starter");
    let mut sources = Sources::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name == "bundle.toml" || name.ends_with(".cedar") || name.ends_with(".cedarschema") {
            sources = sources.with(name, fs::read(&path).unwrap());
        }
    }
    Bundle::compile(&sources).unwrap_or_else(|faults| {
        let list: Vec<String> = faults.0.iter().map(|f| format!("{f} {f:?}")).collect();
        panic!("{}", list.join("\n"))
    })
}

#[test]
fn the_starter_pack_compiles_without_warnings() {
    assert_eq!(starter().warnings(), []);
}

#[test]
fn every_policy_has_a_title_and_controls() {
    let bundle = starter();
    let mut bare = Vec::new();
    for rule in bundle.rules() {
        if rule.title().is_none() || rule.controls().is_empty() {
            bare.push(rule.id());
        }
    }
    for guard in bundle.guards() {
        if guard.title().is_none() || guard.controls().is_empty() {
            bare.push(guard.id());
        }
    }
    assert_eq!(bare, [""; 0]);
}

#[test]
fn every_guardrail_and_every_rule_with_terms_says_what_to_do_next() {
    let bundle = starter();
    let rules = bundle.rules().iter().filter(|r| r.terms().is_some() && r.advice().is_none()).map(|r| r.id());
    let guards = bundle.guards().iter().filter(|g| g.advice().is_none()).map(|g| g.id());
    assert_eq!(rules.chain(guards).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn its_facts_and_requests_fit_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies/starter");
    let bundle = starter();
    let facts = Facts::from_json(&bundle, &fs::read(folder.join("facts.json")).unwrap()).unwrap();
    let now = Instant::parse("2026-03-01T02:05:05Z").unwrap();
    let answer = |name: &str| {
        let json = fs::read(folder.join("requests").join(format!("{name}.json"))).unwrap();
        decide(&bundle, &facts, &Request::from_json(&json).unwrap(), now).decision
    };
    for name in ["oncall-restart", "agent-restart-pod", "rollback"] {
        assert_eq!(answer(name), Answer::Permit, "{name}");
    }
    for name in ["dual-approval", "break-glass"] {
        assert_eq!(answer(name), Answer::Pending, "{name}");
    }
    for name in ["out-of-scope", "agent-break-glass", "identity-failover", "shared-account", "staging-bot"] {
        assert_eq!(answer(name), Answer::Deny, "{name}");
    }
}
