//! `cargo xtask deny`: licences, sources and banned crates, judged by cargo-deny.
//!
//! Advisories are left to whoever may reach the advisory database.

use crate::shell::{command, kept, run};

const VERSION: &str = "0.20.2";

pub fn run_all() -> Result<(), String> {
    let deny = kept("cargo-deny", VERSION)?;
    let check = |manifest: &str, checks: &[&str]| {
        let mut deny = command(&deny);
        run(deny.args(["--locked", "--manifest-path", manifest, "check"]).args(checks))
    };
    check("Cargo.toml", &["bans", "licenses", "sources"])?;
    // Once more for the core alone, by the stricter list that lies beside its manifest.
    check("core/Cargo.toml", &["bans"])
}
