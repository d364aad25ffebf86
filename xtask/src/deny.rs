//! `cargo xtask deny`: licences, sources and banned crates, judged by cargo-deny; and whether the lock files
//! of what is built apart from the workspace still say all that it takes in.
//!
//! Advisories are left to whoever may reach the advisory database.

use crate::shell::{cargo, command, kept, root, run};

const VERSION: &str = "0.20.2";
const APART: [&str; 2] = ["fuzz", "benches/peers"];

pub fn run_all() -> Result<(), String> {
    let deny = kept("cargo-deny", VERSION)?;
    let check = |manifest: &str, checks: &[&str]| {
        let mut deny = command(&deny);
        run(deny.args(["--locked", "--manifest-path", manifest, "check"]).args(checks))
    };
    check("Cargo.toml", &["bans", "licenses", "sources"])?;
    // Once more for the core alone, by the stricter list that lies beside its manifest.
    check("core/Cargo.toml", &["bans"])?;
    APART.iter().try_for_each(|folder| locked(folder))
}

fn locked(folder: &str) -> Result<(), String> {
    let mut update = cargo();
    update.current_dir(root().join(folder)).args(["update", "--workspace", "--locked"]);
    run(&mut update).map_err(|why| format!("{why}; mend it by `cargo update --workspace` in {folder}"))
}
