//! The starter pack compiles, and says of every policy what it is for.

use glasskey::bundle::{Bundle, Sources};
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
