//! Every scenario of every shipped pack, by the runner that people run.

use glasskey_cli::scenario::{Packs, find, run};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The packs that are shipped, and how many scenarios each has at the least.
const SHIPPED: [(&str, usize); 6] = [
    ("ai-agent-remediation", 10),
    ("aws-on-call", 8),
    ("identity-failover", 8),
    ("kubernetes-breakglass", 11),
    ("regulated-dual-control", 7),
    ("starter", 41),
];

fn policies() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies")
}

#[test]
fn every_scenario_of_every_pack_comes_out_as_it_should() {
    let mut packs = Packs::default();
    for (name, least) in SHIPPED {
        let found = find(&[policies().join(name)]);
        assert!(found.faults.is_empty() && found.files.len() >= least, "{name}: {found:?}");
        for file in &found.files {
            let report = run(file, &mut packs);
            assert!(report.passed(), "run `cargo glasskey test {}`: {report:#?}", file.display());
        }
    }
}

#[test]
fn every_pack_is_whole() {
    let mut there: BTreeMap<String, PathBuf> = BTreeMap::new();
    for entry in std::fs::read_dir(policies()).unwrap() {
        let path = entry.unwrap().path();
        if path.join("bundle.toml").is_file() {
            there.insert(path.file_name().unwrap().to_str().unwrap().to_owned(), path);
        }
    }
    let names: Vec<&str> = there.keys().map(String::as_str).collect();
    assert_eq!(names, SHIPPED.map(|(name, _)| name));
    for (name, path) in &there {
        for part in ["facts.json", "properties.toml", "requests", "scenarios"] {
            assert!(path.join(part).exists(), "{name} has no {part}");
        }
        let page = policies().join(format!("../docs/packs/{name}.md"));
        assert!(name == "starter" || page.is_file(), "{name} has no page");
    }
}

#[test]
fn what_a_page_says_of_a_rule_is_what_the_pack_has() {
    for (name, _) in SHIPPED.iter().filter(|(name, _)| *name != "starter") {
        let page = std::fs::read_to_string(policies().join(format!("../docs/packs/{name}.md"))).unwrap();
        let pack = glasskey_cli::Pack::read(&policies().join(name)).unwrap();
        let bundle = pack.compile().unwrap();
        let own = |file: &str| !file.starts_with("../");
        let rules: Vec<_> = bundle.rules().iter().filter(|r| r.terms().is_some() && own(r.file())).collect();
        assert!(rules.len() >= 3, "{name}");
        for rule in rules {
            let row = page.lines().find(|l| l.starts_with(&format!("| `{}`", rule.id())));
            let row = row.unwrap_or_else(|| panic!("{name}: the page has no row for `{}`", rule.id()));
            let terms = rule.terms().unwrap();
            let spaced = |span: glasskey::Span| {
                let text = span.to_string();
                text.split_at(text.len() - 1).0.to_owned() + " " + text.split_at(text.len() - 1).1
            };
            let times = format!("| {}, {}", spaced(terms.ttl), spaced(terms.max_ttl));
            assert!(row.contains(&times), "{name}: `{}` is for {times}: {row}", rule.id());
            for seat in terms.quorum.seats.keys() {
                let words = seat.replace("incident-commander", "commander").replace('-', " ");
                assert!(row.contains(&words), "{name}: `{}` asks {seat}: {row}", rule.id());
            }
        }
    }
}
