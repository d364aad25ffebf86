//! `cargo xtask prove`: the prover's own tests, then the proofs of every pack. It stands
//! apart from `cargo xtask test` because it needs a solver, and builds Cedar a second time.

use crate::shell::{cargo, command, output, root, run, works};
use std::path::PathBuf;

const INSTALL: &str = "apt-get install cvc5 (Debian, Ubuntu), brew install cvc5 (macOS), \
     or https://cvc5.github.io/downloads.html";

pub fn run_all() -> Result<(), String> {
    solver()?;
    run(cargo().args(["test", "--package", "glasskey-prove", "--locked", "--no-fail-fast"]))?;
    // A pack that is as it was when it was proved is not proved again.
    let cache = target()?.join("proofs");
    for pack in packs()? {
        let mut prove = cargo();
        prove.args(["run", "--quiet", "--package", "glasskey-prove", "--locked", "--", "prove"]);
        prove.arg(pack).arg("--cache").arg(&cache);
        run(&mut prove)?;
    }
    Ok(())
}

/// The solver is there, or is installed where that is possible; it is never gone without.
fn solver() -> Result<(), String> {
    let program = std::env::var_os("CVC5").unwrap_or_else(|| "cvc5".into());
    let there = || works(command(&program).arg("--version"));
    if there() {
        return Ok(());
    }
    let root = output(command("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if root && works(command("apt-get").arg("--version")) {
        run(command("apt-get").args(["update", "--quiet"]))?;
        let install = ["install", "--yes", "--quiet", "--no-install-recommends", "cvc5"];
        run(command("apt-get").args(install))?;
    }
    if there() { Ok(()) } else { Err(format!("the solver cvc5 is not installed: {INSTALL}")) }
}

/// The folder that cargo builds into.
fn target() -> Result<PathBuf, String> {
    let asked = ["metadata", "--format-version", "1", "--no-deps", "--offline"];
    let text = output(cargo().args(asked))?;
    let (_, rest) = text.split_once("\"target_directory\":\"").ok_or("cargo names no target directory")?;
    Ok(PathBuf::from(rest.split('"').next().unwrap_or("target")))
}

/// Every pack that states properties of itself.
fn packs() -> Result<Vec<PathBuf>, String> {
    let folder = root().join("policies");
    let entries = std::fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut packs: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok())
        .filter(|entry| entry.path().join("properties.toml").is_file())
        .map(|entry| PathBuf::from("policies").join(entry.file_name()))
        .collect();
    packs.sort();
    if packs.is_empty() { Err("no pack states properties".to_owned()) } else { Ok(packs) }
}
