//! docs/POLICIES.md is true: its pack goes from empty to proved as it says.

use crate::common::Broken;
use crate::counterexamples::fresh;
use crate::program::glasskey_prove;
use glasskey::Sources;
use glasskey_cli::scenario::{Packs, run};
use glasskey_prove::Pack;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The files of the page up to the end of a step, by name.
fn files(until: usize) -> BTreeMap<String, String> {
    let page = include_str!("../../../../docs/POLICIES.md");
    let upto = page.find(&format!("\n## {}.", until + 1)).unwrap_or(page.len());
    let mut files = BTreeMap::new();
    for block in page[..upto].split("\n```").skip(1).step_by(2) {
        let (head, text) = block.split_once('\n').unwrap();
        if let Some((_, name)) = head.split_once("file=") {
            files.insert(name.to_owned(), format!("{text}\n"));
        }
    }
    files
}

fn pack(files: &BTreeMap<String, String>) -> Result<Pack, String> {
    let mut sources = Sources::new();
    for (name, text) in files.iter().filter(|(name, _)| *name != "properties.toml") {
        sources = sources.with(name.clone(), text.as_bytes());
    }
    Pack::from_sources(&sources, files.get("properties.toml").map(String::as_str))
}

/// The pack as it stands after a step, in a folder of its own.
fn written(step: usize) -> PathBuf {
    let folder = fresh(&format!("page-{step}")).join("small");
    put(&folder, &files(step));
    folder
}

fn put(folder: &Path, files: &BTreeMap<String, String>) {
    std::fs::create_dir_all(folder).unwrap();
    files.iter().for_each(|(name, text)| std::fs::write(folder.join(name), text).unwrap());
}

/// A command of the page: its exit code, and what it prints.
fn said(words: &[&str]) -> (i32, String) {
    let (code, out, err) = glasskey_prove(words, "cvc5");
    (code, out + &err)
}

#[test]
fn the_page_leads_from_an_empty_pack_to_a_proved_one() {
    assert_eq!(files(5).len(), 5);
    assert!(pack(&files(1)).unwrap_err().contains("no policy"));
    assert!(pack(&files(2)).is_ok());

    // glasskey prove small --out counterexamples
    let (third, found) = (written(3), fresh("page-counterexamples"));
    let (code, out) = said(&["prove", third.to_str().unwrap(), "--out", found.to_str().unwrap()]);
    assert_eq!(code, 1, "{out}");
    let verdicts: BTreeSet<&str> = out.lines().filter_map(|l| l.strip_prefix("REFUTED ")).collect();
    let refuted: BTreeSet<&str> =
        verdicts.iter().map(|l| l.split_whitespace().next().unwrap_or_default()).collect();
    let expected = [
        "no-shared-principal",
        "emergency-only-needs-incident",
        "tier-0-time",
        "tier-0-seats",
        "no-agent-breaks-the-glass",
    ];
    assert_eq!(refuted, expected.into(), "{out}");
    assert!(out.lines().any(|l| l.starts_with("proved ") && l.contains("incident-first")), "{out}");
    // glasskey test counterexamples
    let example = found.join("tier-0-time/scenarios/counterexample.json");
    let report = run(&example, &mut Packs::default());
    assert!(report.faults.is_empty() && !report.passed(), "{report:?}");

    // glasskey prove small, glasskey lint small
    let fourth = written(4);
    let (code, out) = said(&["prove", fourth.to_str().unwrap()]);
    assert_eq!(code, 0, "{out}");
    let (code, out) = said(&["lint", fourth.to_str().unwrap()]);
    assert_eq!(code, 0, "{out}");
}

#[test]
fn the_pages_changes_are_seen() {
    let old = written(5);
    let mut weaker = files(5);
    let rules = weaker.get_mut("rules.cedar").unwrap();
    *rules = rules.replace("context.emergency && ", "").replace("@max_ttl(\"2h\")", "@max_ttl(\"3h\")");
    let new = fresh("page-weaker").join("small");
    put(&new, &weaker);
    // glasskey diff OLD NEW
    let (code, out) = said(&["diff", old.to_str().unwrap(), new.to_str().unwrap()]);
    assert_eq!(code, 1, "{out}");
    let row = out.lines().find(|l| l.starts_with("MORE PERMISSIVE")).unwrap_or_default();
    assert!(row.contains("break_glass") && row.contains("by a person"), "{out}");
    assert!(out.contains("longest lifetime 2h -> 3h"), "{out}");
    assert_eq!(said(&["diff", old.to_str().unwrap(), old.to_str().unwrap()]).0, 0);
}

#[test]
fn the_pack_upon_a_pack_is_one() {
    let page = include_str!("../../../../docs/POLICIES.md");
    let manifest = page.split("```toml extends\n").nth(1).unwrap().split("```").next().unwrap();
    let ours = |manifest: &str| {
        let mut sources = Sources::new().with("bundle.toml", manifest);
        for (name, text) in Broken::starter().files() {
            sources = sources.with(format!("../starter/{name}"), text.as_bytes());
        }
        Pack::from_sources(&sources, None)
    };
    let pack = ours(manifest).unwrap();
    assert_eq!(pack.bundle.rule("dual-approval").unwrap().terms().unwrap().max_ttl.to_string(), "30m");
    let unsaid = ours(manifest.split("[extends.weaken]").next().unwrap()).unwrap_err();
    assert!(unsaid.contains("`freshness.incident` is weaker than in `../starter`: 1m became 5m"), "{unsaid}");
}

#[test]
fn a_pack_is_held_to_what_its_base_states() {
    let folder = crate::common::folder().join("../regulated-dual-control");
    let (pack, base) = (Pack::read(&folder).unwrap(), Broken::starter().pack().unwrap());
    let ids = |p: &Pack| p.stated.properties.iter().map(|p| p.id.clone()).collect::<Vec<_>>();
    assert!(ids(&base).iter().all(|id| ids(&pack).contains(id)));
    assert!(ids(&pack).len() > ids(&base).len());
    assert_eq!(pack.stated.emergency.relaxes, ["tier-0-takes-two"]);
    assert!(pack.stated.tier_0.is_some());
}
