//! docs/POLICIES.md is true: its pack goes from empty to proved as it says.

use crate::common::{Broken, prover};
use glasskey::Sources;
use glasskey_prove::{Change, Pack, Verdict, Wanted, diff, lint, prove};
use std::collections::BTreeMap;

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

#[test]
fn the_page_leads_from_an_empty_pack_to_a_proved_one() {
    assert_eq!(files(5).len(), 5);
    assert!(pack(&files(1)).unwrap_err().contains("no policy"));
    assert!(pack(&files(2)).is_ok());

    let mut prover = prover();
    let mut verdicts = |step| {
        let pack = pack(&files(step)).unwrap();
        prove(&pack, &mut prover, &Wanted { first: true, ..Wanted::default() }, &mut |_| {}).unwrap()
    };
    let third = verdicts(3);
    let refuted: Vec<&str> = third
        .findings
        .iter()
        .filter(|f| matches!(f.verdict, Verdict::Refuted))
        .map(|f| f.id.as_str())
        .collect();
    assert_eq!(
        refuted,
        [
            "no-shared-principal",
            "emergency-only-needs-incident",
            "tier-0-time",
            "tier-0-seats",
            "no-agent-breaks-the-glass"
        ]
    );
    assert!(matches!(third.finding("incident-first").unwrap().verdict, Verdict::Proved));
    let fourth = verdicts(4);
    assert!(fourth.all_proved(), "{:#?}", fourth.findings);
    assert_eq!(lint(&pack(&files(4)).unwrap()), []);
}

#[test]
fn the_pages_changes_are_seen() {
    let old = files(5);
    let mut weaker = old.clone();
    let rules = weaker.get_mut("rules.cedar").unwrap();
    *rules = rules.replace("context.emergency && ", "").replace("@max_ttl(\"2h\")", "@max_ttl(\"3h\")");
    let found = diff(&pack(&old).unwrap(), &pack(&weaker).unwrap(), &mut prover()).unwrap();
    assert!(found.widens());
    let row = found.rows.iter().find(|r| r.about.contains("break_glass")).unwrap();
    assert_eq!(row.change, Change::MorePermissive);
    assert!(row.about.contains("by a person") && row.opened.is_some());
    assert_eq!(found.terms[0].words, "longest lifetime 2h -> 3h");
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
