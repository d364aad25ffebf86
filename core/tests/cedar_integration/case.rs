//! One of Cedar's integration tests, as its files have it: policies, a schema, entities, requests,
//! and what Cedar says to each.

use glasskey::cedar::PlainAnswer;
use serde::Deserialize;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The file of one test; other files are named from the folder of all tests.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Test {
    pub policies: PathBuf,
    pub entities: PathBuf,
    pub schema: PathBuf,
    pub should_validate: bool,
    pub requests: Vec<Ask>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ask {
    pub description: String,
    pub principal: Value,
    pub action: Value,
    pub resource: Value,
    pub context: Value,
    #[serde(default = "yes")]
    pub validate_request: bool,
    decision: Decision,
    reason: Vec<String>,
    errors: Vec<String>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Decision {
    Allow,
    Deny,
}

const fn yes() -> bool {
    true
}

impl Ask {
    /// What Cedar says to it, in order.
    pub fn expected(&self) -> PlainAnswer {
        let sorted = |ids: &[String]| {
            let mut ids = ids.to_vec();
            ids.sort();
            ids
        };
        PlainAnswer {
            allowed: self.decision == Decision::Allow,
            reasons: sorted(&self.reason),
            errors: sorted(&self.errors),
        }
    }
}

/// Every test in a folder and in those within it, by its path, in order.
pub fn find(folder: &Path) -> Vec<(PathBuf, Test)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        for path in entries.map(|entry| entry.expect("an entry").path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "json") {
                let value: Value = serde_json::from_str(&read(&path)).expect("JSON");
                // The others are entities.
                if value.get("requests").is_some() {
                    let test = Test::deserialize(value).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
                    found.push((path, test));
                }
            }
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

pub fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}
