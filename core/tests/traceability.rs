//! docs/TRACEABILITY.md keeps its word: each number once, and whatever it names exists.

use std::fs;
use std::path::{Path, PathBuf};

const NUMBERS: usize = 125;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn rows() -> Vec<(usize, String)> {
    let text = fs::read_to_string(root().join("docs/TRACEABILITY.md")).unwrap();
    let row = |line: &str| {
        let number = line.strip_prefix("| ")?.split(" |").next()?.parse().ok()?;
        Some((number, line.to_owned()))
    };
    text.lines().filter_map(row).collect()
}

/// What stands in backticks.
fn quoted(row: &str) -> impl Iterator<Item = &str> {
    row.split('`').skip(1).step_by(2)
}

#[test]
fn each_requirement_stands_there_once_in_order() {
    let numbers: Vec<usize> = rows().into_iter().map(|(number, _)| number).collect();
    assert_eq!(numbers, (1..=NUMBERS).collect::<Vec<_>>());
}

#[test]
fn every_row_is_shown_by_something_that_exists() {
    let starter: String = fs::read_dir(root().join("policies/starter"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "cedar"))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    let mut faults = Vec::new();
    for (number, row) in rows() {
        let shown = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        if quoted(shown).next().is_none() {
            faults.push(format!("{number}: shown by nothing"));
        }
        for name in quoted(shown) {
            let (file, test) = name.split_once("::").map_or((name, None), |(f, t)| (f, Some(t)));
            match (fs::read_to_string(root().join(file)), test) {
                (Err(_), _) => faults.push(format!("{number}: no file `{file}`")),
                (Ok(text), Some(test)) if !text.contains(&format!("fn {test}(")) => {
                    faults.push(format!("{number}: no test `{test}` in `{file}`"));
                }
                _ => {}
            }
        }
        for policy in quoted(&row).filter_map(|name| name.strip_prefix("starter:")) {
            if !starter.contains(&format!("@id(\"{policy}\")")) {
                faults.push(format!("{number}: the starter pack has no policy `{policy}`"));
            }
        }
    }
    assert_eq!(faults, [""; 0]);
}
