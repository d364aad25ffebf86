//! Which files are scenarios.

use crate::fault::Fault;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What was found, and what was not.
#[derive(Debug, Default)]
pub struct Found {
    /// Scenario files, sorted, each once.
    pub files: BTreeSet<PathBuf>,
    /// Arguments that lead nowhere.
    pub faults: Vec<Fault>,
}

/// The scenario files that the arguments name. A file stands for itself. A folder stands for
/// every `*.json` in the folders named `scenarios` in it; or, if it has none or is in one
/// itself, for every `*.json` in it and below.
#[must_use]
pub fn find(arguments: &[PathBuf]) -> Found {
    let mut found = Found::default();
    for argument in arguments {
        match std::fs::metadata(argument) {
            Err(error) => found.faults.push(Fault::of_io(argument, &error, false)),
            Ok(about) if !about.is_dir() => drop(found.files.insert(argument.clone())),
            Ok(_) => {
                let mut all = BTreeSet::new();
                if let Err(fault) = collect(argument, &mut all, &mut BTreeSet::new()) {
                    found.faults.push(fault);
                }
                let below = |p: &PathBuf| named(p.strip_prefix(argument).ok().and_then(Path::parent));
                if all.iter().any(below) {
                    all.retain(below);
                }
                if all.is_empty() {
                    let message = format!("`{}` holds no scenario", argument.display());
                    let help = "scenarios are `*.json` files in a folder named `scenarios`";
                    found.faults.push(Fault::new("no_scenarios", message, help));
                }
                found.files.extend(all);
            }
        }
    }
    found
}

fn named(path: Option<&Path>) -> bool {
    path.is_some_and(|p| p.components().any(|c| c.as_os_str() == "scenarios"))
}

fn collect(folder: &Path, out: &mut BTreeSet<PathBuf>, seen: &mut BTreeSet<PathBuf>) -> Result<(), Fault> {
    let bad = |e: std::io::Error| Fault::of_io(folder, &e, false);
    if !seen.insert(folder.canonicalize().map_err(bad)?) {
        return Ok(());
    }
    for entry in std::fs::read_dir(folder).map_err(bad)? {
        let path = entry.map_err(bad)?.path();
        if path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.')) {
            continue;
        }
        if path.is_dir() {
            collect(&path, out, seen)?;
        } else if path.extension().is_some_and(|e| e == "json") {
            out.insert(path);
        }
    }
    Ok(())
}
