//! Counterexamples as files: what `glasskey test` fails on until the fault is mended.

use crate::common::Broken;
use glasskey_cli::scenario::{Packs, run};
use glasskey_prove::{Counterexample, Finding};
use std::fs;
use std::path::{Path, PathBuf};

/// A fresh folder for one test's packs.
pub fn fresh(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// The finding's counterexample, run on the broken pack and on the whole one: it fails on the
/// first, and passes on the second.
pub fn fails_until_mended(broken: &Broken, finding: &Finding, folder: &Path) -> Result<(), String> {
    let pack = broken.pack()?;
    let mut whys = Vec::new();
    for witness in &finding.witnesses {
        let example = match Counterexample::of(&pack, &finding.id, witness) {
            Ok(example) => example,
            Err(why) => {
                whys.push(why);
                continue;
            }
        };
        broken.write(&folder.join("pack"));
        example.write(&folder.join("example"), "../pack").unwrap();
        let scenario = folder.join("example/scenarios/counterexample.json");
        let report = run(&scenario, &mut Packs::default());
        assert!(report.faults.is_empty(), "{}: {:?}", finding.id, report.faults);
        if report.passed() {
            return Err("its scenario passes".to_owned());
        }
        // A policy that was seeded is gone with the fault, and there is nothing to ask of it.
        let seeded = ["never-errors", "no-dead-policy"].contains(&finding.id.as_str());
        if !seeded && witness.rule.is_none() && !witness.as_asked {
            Broken::starter().write(&folder.join("pack"));
            let mended = run(&scenario, &mut Packs::default());
            if !mended.passed() {
                return Err(format!("its scenario fails on the whole pack as well: {mended:?}"));
            }
        }
        return Ok(());
    }
    Err(format!("no counterexample can be run: {whys:?}"))
}
