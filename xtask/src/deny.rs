//! `cargo xtask deny`: licences, sources and banned crates, judged by cargo-deny.
//!
//! Advisories are left to whoever may reach the advisory database.

use crate::shell::{cargo, command, output, run, tools};
use std::path::PathBuf;

const VERSION: &str = "0.20.2";

pub fn run_all() -> Result<(), String> {
    let deny = installed()?;
    let check = |manifest: &str, checks: &[&str]| {
        let mut deny = command(&deny);
        run(deny.args(["--locked", "--manifest-path", manifest, "check"]).args(checks))
    };
    check("Cargo.toml", &["bans", "licenses", "sources"])?;
    // Once more for the core alone, by the stricter list that lies beside its manifest.
    check("core/Cargo.toml", &["bans"])
}

/// The program in the right version, built once (some minutes) and kept.
fn installed() -> Result<PathBuf, String> {
    let root = tools()?.join(format!("cargo-deny-{VERSION}"));
    let program = root.join("bin/cargo-deny");
    if output(command(&program).arg("--version")).is_ok_and(|version| version.contains(VERSION)) {
        return Ok(program);
    }
    println!("cargo-deny {VERSION} is built once and kept in {}", root.display());
    let mut install = cargo();
    install.args(["install", "cargo-deny", "--locked", "--debug", "--version", VERSION, "--root"]).arg(&root);
    run(&mut install)?;
    Ok(program)
}
