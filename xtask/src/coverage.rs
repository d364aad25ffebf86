//! `cargo xtask coverage`: which lines of the core its own tests run through, module by module. It is
//! information, and nothing is judged by it.
//!
//! Only the crates of the workspace count what they run through: cargo has a wrapper for the compiler
//! that it uses for them alone, so that what they stand on is the same as in every other build. The tools
//! that read the counts must be of the compiler's own LLVM, or a newer one.

use crate::shell::{cargo, command, output, run, target, works};
use crate::wasm::toolchain::apt;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const PACKAGES: &[&str] = &["llvm-22"];
const MERGE: &str = "llvm-profdata-22";
const READ: &str = "llvm-cov-22";
/// What is added to the compiler's own words.
const WRAPPER: &str = "#!/bin/sh\nexec \"$@\" -Cinstrument-coverage\n";

pub fn run_all() -> Result<(), String> {
    if !works(command(READ).arg("--version")) {
        apt(PACKAGES)?;
    }
    let place = target().join("coverage");
    _ = std::fs::remove_dir_all(&place);
    std::fs::create_dir_all(&place).map_err(|e| format!("{}: {e}", place.display()))?;
    let wrapper = wrapper(&place)?;
    let counts = place.join("counts");
    let tests = || {
        let mut tests = cargo();
        tests.env("RUSTC_WORKSPACE_WRAPPER", &wrapper).env("LLVM_PROFILE_FILE", counts.join("%m.profraw"));
        tests.args(["test", "--locked", "--package", "glasskey", "--lib", "--tests"]);
        tests
    };
    let told = output(tests().args(["--no-run", "--message-format", "json"]))?;
    run(&mut tests())?;
    let mut merge = command(MERGE);
    let merged = place.join("all.profdata");
    run(merge.arg("merge").arg("--sparse").arg(&counts).arg("--output").arg(&merged))?;
    let mut read = command(READ);
    read.args(["export", "--summary-only", "--instr-profile"]).arg(&merged);
    for program in programs(&told) {
        read.arg("--object").arg(program);
    }
    let report =
        serde_json::from_str(&output(&mut read)?).map_err(|e| format!("{READ} wrote no JSON: {e}"))?;
    print(&report)
}

fn wrapper(place: &Path) -> Result<PathBuf, String> {
    let file = place.join("rustc");
    std::fs::write(&file, WRAPPER).map_err(|e| format!("{}: {e}", file.display()))?;
    run(command("chmod").arg("+x").arg(&file))?;
    Ok(file)
}

/// The test programs, as cargo names them.
fn programs(told: &str) -> Vec<PathBuf> {
    let messages = told.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    messages.filter_map(|message| message["executable"].as_str().map(PathBuf::from)).collect()
}

/// Covered, and all there is.
type Share = (u64, u64);

/// A row for every module at the top of the core, and one for all.
fn print(report: &Value) -> Result<(), String> {
    let files = report["data"][0]["files"].as_array().ok_or("the report names no files")?;
    let mut rows: BTreeMap<String, [Share; 3]> = BTreeMap::new();
    for file in files {
        let name = file["filename"].as_str().unwrap_or_default();
        let Some((_, within)) = name.split_once("core/src/") else { continue };
        let module = within.split('/').next().unwrap_or(within).trim_end_matches(".rs").to_owned();
        for row in [module, "all".to_owned()] {
            let shares = rows.entry(row).or_default();
            for (share, kind) in shares.iter_mut().zip(["lines", "regions", "functions"]) {
                let summary = &file["summary"][kind];
                share.0 += summary["covered"].as_u64().unwrap_or(0);
                share.1 += summary["count"].as_u64().unwrap_or(0);
            }
        }
    }
    let all = rows.remove("all").ok_or("nothing of the core was run through")?;
    println!("| module | lines | regions | functions |\n|---|--:|--:|--:|");
    for (module, shares) in rows.iter().map(|(m, s)| (format!("`{m}`"), s)).chain([("all".to_owned(), &all)])
    {
        let [lines, regions, functions] = shares.map(|(covered, count)| {
            format!("{:.1} % of {count}", covered as f64 * 100.0 / (count.max(1)) as f64)
        });
        println!("| {module} | {lines} | {regions} | {functions} |");
    }
    Ok(())
}
