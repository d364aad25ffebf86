//! `cargo xtask auditable [PROFILE]`: builds the CLI and the Node.js addon by cargo-auditable, which lays
//! the list of what they are made of into them, and reads it back. Every package that `cargo tree` shows
//! must be there. (More may be: the list is of what the lock file resolves to; `cargo xtask sbom` is exact.)

use crate::sbom;
use crate::shell::{command, kept, output, run, target};
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::Command;

const VERSION: &str = "0.7.7";
const READER: &str = "0.5.4";

pub fn run_all() -> Result<(), String> {
    let profile = std::env::args().nth(2).unwrap_or_else(|| "dev".to_owned());
    let folder = target().join(if profile == "dev" { "debug" } else { &profile });
    let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let addon = format!("{prefix}glasskey_node{suffix}");
    let cli = format!("glasskey{}", std::env::consts::EXE_SUFFIX);
    for (name, package, file) in [("cli", "glasskey-cli", cli), ("node", "glasskey-node", addon)] {
        run(build()?.args(["--locked", "-p", package, "--profile", &profile]))?;
        let file = folder.join(file);
        let said = output(command(kept("rust-audit-info", READER)?).arg(&file))?;
        let list: Value = serde_json::from_str(&said).map_err(|e| format!("{}: {e}", file.display()))?;
        let named: BTreeSet<String> = list["packages"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|one| Some(format!("{} {}", one["name"].as_str()?, one["version"].as_str()?)))
            .collect();
        let missing: Vec<String> = sbom::tree_of(name)?.difference(&named).cloned().collect();
        if !missing.is_empty() {
            return Err(format!("{} does not name {}", file.display(), missing.join(", ")));
        }
        println!("{} packages are named in {}", named.len(), file.display());
    }
    Ok(())
}

/// `cargo build`, with the list.
pub fn build() -> Result<Command, String> {
    let mut build = command(kept("cargo-auditable", VERSION)?);
    build.args(["auditable", "build"]);
    Ok(build)
}
