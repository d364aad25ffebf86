//! docs/LEDGER.md says what stands in the bodies; every ledger that the scenarios write must agree.

use glasskey::ledger::Entry;
use glasskey::lifecycle::{EFFECTS, Event};
use glasskey::model::Limit;
use glasskey::{Digest, Instant, Span};
use glasskey_cli::scenario::{Packs, find, run};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The cells of the table below a head.
fn table(page: &str, head: &str) -> Vec<Vec<String>> {
    let (_, rest) = page.split_once(head).unwrap_or_else(|| panic!("no table `{head}`"));
    let rows = rest.lines().skip(2).take_while(|l| l.starts_with('|'));
    rows.map(|l| l.trim_matches('|').split('|').map(|c| c.trim().to_owned()).collect()).collect()
}

/// What stands in backticks.
fn names(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Members, and whether each must be there.
#[derive(Debug)]
struct Shape(BTreeMap<String, bool>);

impl Shape {
    fn of(cell: &str) -> Self {
        let member = |n: String| (n.trim_end_matches('?').to_owned(), !n.ends_with('?'));
        Self(names(cell).into_iter().map(member).collect())
    }

    fn check(&self, what: &str, value: &Value, besides: &[&str]) {
        let members = value.as_object().unwrap_or_else(|| panic!("{what} is no object: {value}"));
        let known = |n: &String| self.0.contains_key(n) || besides.contains(&n.as_str());
        let unknown: Vec<&String> = members.keys().filter(|n| !known(n)).collect();
        assert!(unknown.is_empty(), "docs/LEDGER.md does not tell of {unknown:?} in {what}");
        let missing: Vec<&String> =
            self.0.iter().filter(|(n, must)| **must && !members.contains_key(*n)).map(|(n, _)| n).collect();
        assert!(
            missing.is_empty(),
            "docs/LEDGER.md says that {missing:?} stand in {what}, and they do not: {value}"
        );
    }
}

struct Page {
    bodies: BTreeMap<String, Shape>,
    events: BTreeMap<String, (Vec<String>, Shape)>,
    effects: BTreeMap<String, Shape>,
    inside: BTreeMap<String, Shape>,
}

impl Page {
    fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/LEDGER.md");
        let page = std::fs::read_to_string(path).unwrap();
        let first = |r: &Vec<String>| names(&r[0]).first().cloned().unwrap_or_default();
        Self {
            bodies: table(&page, "| kind | body |").iter().map(|r| (first(r), Shape::of(&r[1]))).collect(),
            events: table(&page, "| kind | `type` | members |")
                .iter()
                .map(|r| (names(&r[1])[0].clone(), (names(&r[0]), Shape::of(&r[2]))))
                .collect(),
            effects: table(&page, "\n| `type` | members |")
                .iter()
                .map(|r| (first(r), Shape::of(&r[1])))
                .collect(),
            inside: table(&page, "| where | members |")
                .iter()
                .map(|r| (first(r), Shape::of(&r[1])))
                .collect(),
        }
    }

    fn event(&self, kind: Option<&str>, event: &Value) -> String {
        let name = event["type"].as_str().unwrap().to_owned();
        let (kinds, shape) =
            self.events.get(&name).unwrap_or_else(|| panic!("no event `{name}` in docs/LEDGER.md"));
        if let Some(kind) = kind {
            assert!(kinds.iter().any(|k| k == kind), "{name} stands in an entry of kind {kind}");
        }
        shape.check(&name, event, &["type"]);
        for (member, value) in event.as_object().unwrap() {
            if let Some(shape) = self.inside.get(&format!("{name}.{member}")) {
                shape.check(member, value, &[]);
            }
        }
        name
    }

    fn entry(&self, entry: &Entry, seen: &mut BTreeSet<String>) {
        let body = &entry.body;
        if let Some(event) = body.get("event") {
            assert!(body.get("record").is_some() && body.as_object().unwrap().len() == 2, "{body}");
            seen.insert(self.event(Some(entry.kind.as_str()), event));
            return;
        }
        self.bodies[entry.kind.as_str()].check(entry.kind.as_str(), body, &[]);
        if let Some(effect) = body.get("effect") {
            let name = effect["type"].as_str().unwrap();
            self.effects[name].check(name, effect, &["type", "key", "deadline"]);
            seen.insert(format!("effect {name}"));
        }
        for member in ["decision", "evidence"] {
            if let Some(value) = body.get(member) {
                self.inside[member].check(member, value, &[]);
            }
        }
    }
}

#[test]
fn the_page_on_the_ledger_tells_of_every_body() {
    let page = Page::read();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found =
        find(&[root.join("../../policies/starter"), root.join("tests/packs/small/night/scenario.json")]);
    let (mut packs, mut seen) = (Packs::default(), BTreeSet::new());
    for file in &found.files {
        let recording = run(file, &mut packs).recording.unwrap();
        recording.entries("example.com/x").unwrap().iter().for_each(|e| page.entry(e, &mut seen));
    }
    // What no scenario makes.
    let digest = Digest::of(b"");
    let rare = [
        Event::ClockSuspect { behind: Span::from_minutes(2) },
        Event::BundleChanged { from: digest, to: digest },
        Event::Tightened { grant: "g".into(), idle: Some(Span::ZERO), uses_max: Some(1) },
        Event::Joined { request: "r".into(), ordinal: 1 },
        Event::Retained { grant: "g".into(), point: "p".into(), by: "h".into() },
        Event::Shortened {
            grant: "g".into(),
            ends_at: Instant::from_ms(0).unwrap(),
            ends_by: Limit::RuleTtl,
        },
        Event::Reconciled { grant: "g".into(), by: "x".into() },
    ];
    seen.extend(rare.iter().map(|e| page.event(None, &serde_json::to_value(e).unwrap())));
    let unseen: Vec<&String> = page.events.keys().filter(|e| !seen.contains(*e)).collect();
    assert!(unseen.is_empty(), "nothing shows what stands in {unseen:?}");

    // The names in the code are exactly those on the page.
    let error = serde_json::from_value::<Event>(json!({"type": "?"})).unwrap_err().to_string();
    let known: BTreeSet<String> = names(&error).into_iter().filter(|n| n != "?").collect();
    assert_eq!(known, page.events.keys().cloned().collect());
    let effects: BTreeSet<String> = EFFECTS.iter().map(|e| (*e).to_owned()).collect();
    assert_eq!(effects, page.effects.keys().cloned().collect());
}

#[test]
fn a_member_that_the_page_does_not_tell_of_is_found() {
    let page = Page::read();
    let mut event = Map::from_iter([
        ("type".to_owned(), json!("late")),
        ("grant".to_owned(), json!("g")),
        ("point".to_owned(), json!("p")),
    ]);
    page.event(Some("check"), &Value::Object(event.clone()));
    event.insert("more".to_owned(), json!(1));
    assert!(std::panic::catch_unwind(|| page.event(None, &Value::Object(event.clone()))).is_err());
    event.remove("more");
    event.remove("point");
    assert!(std::panic::catch_unwind(|| page.event(None, &Value::Object(event.clone()))).is_err());
}
