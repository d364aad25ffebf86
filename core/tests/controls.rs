//! The control map holds together, and every control that a pack names is in it.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn policies() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies")
}

fn map() -> Value {
    serde_json::from_slice(&fs::read(policies().join("controls.json")).unwrap()).unwrap()
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap_or_else(|| panic!("no `{member}` in {value}"))
}

fn names(map: &Value) -> BTreeSet<String> {
    let all = map["controls"].as_array().unwrap();
    all.iter().map(|c| format!("{}:{}", text(c, "framework"), text(c, "id"))).collect()
}

/// The texts below a folder whose names end so.
fn texts(folder: &Path, ending: &str, found: &mut BTreeMap<PathBuf, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            texts(&path, ending, found);
        } else if path.to_string_lossy().ends_with(ending) {
            let text = fs::read_to_string(&path).unwrap();
            found.insert(path, text);
        }
    }
}

#[test]
fn every_control_that_a_pack_names_exists() {
    let known = names(&map());
    let mut packs = BTreeMap::new();
    texts(&policies(), ".cedar", &mut packs);
    let mut unknown = Vec::new();
    let mut named = 0;
    for (path, text) in &packs {
        for part in text.split("@controls(\"").skip(1) {
            for id in part.split('"').next().unwrap().split(',').map(str::trim) {
                named += 1;
                if !known.contains(id) {
                    unknown.push(format!("{}: {id}", path.display()));
                }
            }
        }
    }
    assert!(named > 100, "only {named} controls were found in the packs");
    assert_eq!(unknown, [""; 0], "add them to policies/controls.json, or mend them");
}

#[test]
fn the_map_says_supports_and_never_satisfies() {
    let map = map();
    let controls = map["controls"].as_array().unwrap();
    assert_eq!(names(&map).len(), controls.len(), "a control stands twice");
    let mut frameworks = BTreeSet::new();
    for control in controls {
        let relation = text(control, "relation");
        assert!(["supports", "evidences", "partially"].contains(&relation), "{control}");
        assert!(!text(control, "title").is_empty() && !text(control, "mechanism").is_empty(), "{control}");
        frameworks.insert(text(control, "framework").to_owned());
        let fields = control["evidence_fields"].as_array().unwrap();
        assert!(!fields.is_empty(), "no evidence: {control}");
        for field in fields {
            assert!(
                map["fields"][field.as_str().unwrap()].is_string(),
                "undescribed field {field}: {control}"
            );
        }
    }
    let described: BTreeSet<String> = map["frameworks"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(frameworks, described);
}

#[test]
fn every_evidence_field_is_a_member_of_a_record() {
    let mut sources = BTreeMap::new();
    for folder in ["model", "lifecycle", "ledger"] {
        texts(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder), ".rs", &mut sources);
    }
    let all: String = sources.into_values().collect();
    let missing: Vec<String> = map()["fields"]
        .as_object()
        .unwrap()
        .keys()
        .filter(|field| !all.contains(&format!("pub {}:", field.rsplit('.').next().unwrap())))
        .cloned()
        .collect();
    assert_eq!(missing, [""; 0]);
}
