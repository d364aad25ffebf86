//! SECURITY.md and docs/ASSURANCE.md name tests, files and commands: all of them are there.

use std::path::{Path, PathBuf};

const PAGES: [&str; 3] = ["SECURITY.md", "docs/ASSURANCE.md", "docs/LIMITS.md"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// What stands in backquotes.
fn quoted(page: &str) -> Vec<String> {
    let text = read(page);
    let lines = text.lines().filter(|l| !l.starts_with("```"));
    lines.flat_map(|l| l.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()).collect()
}

#[test]
fn every_file_and_test_that_is_named_exists() {
    let mut named = 0;
    for page in PAGES {
        for word in quoted(page) {
            let (path, test) = word.split_once("::").map_or((word.as_str(), None), |(p, t)| (p, Some(t)));
            let is_path =
                ["core/", "fuzz/", "bindings/", "xtask/", "docs/"].iter().any(|top| path.starts_with(top));
            if !is_path || path.contains(['*', '<', ' ']) {
                continue;
            }
            named += 1;
            assert!(root().join(path).exists(), "{page} names `{path}`, which is not there");
            if let Some(test) = test {
                assert!(read(path).contains(&format!("fn {test}(")), "{page}: `{path}` has no test `{test}`");
            }
        }
    }
    assert!(named > 20, "the pages name what they rest on");
}

#[test]
fn every_chore_that_is_named_exists() {
    let chores = read("xtask/src/main.rs");
    for page in PAGES {
        for word in quoted(page) {
            let Some(chore) = word.strip_prefix("cargo xtask ").and_then(|rest| rest.split(' ').next())
            else {
                continue;
            };
            assert!(chores.contains(&format!("(\"{chore}\",")), "{page} names the chore `{chore}`");
        }
    }
}

#[test]
fn every_door_and_every_flaw_is_told_of() {
    let page = read("docs/ASSURANCE.md");
    for file in std::fs::read_dir(root().join("fuzz/fuzz_targets")).unwrap() {
        let name = file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned();
        assert!(page.contains(&format!("| `{name}` |")), "the door `{name}`");
    }
    let flaws = read("core/tests/faults/host.rs");
    let body = flaws.split("pub enum Flaw {").nth(1).unwrap().split('}').next().unwrap();
    for flaw in body.lines().map(str::trim).filter(|l| l.ends_with(',') && *l != "None,") {
        assert!(page.contains(&format!("`{}`", flaw.trim_end_matches(','))), "the flaw {flaw}");
    }
}
