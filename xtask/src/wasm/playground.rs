//! `cargo xtask playground`: the site of docs/playground, made of the package and served here.

use super::{TESTED, browser, install, package};
use crate::node::npm;
use crate::shell::{command, root, run};
use std::path::{Path, PathBuf};

/// Builds the site and serves it until somebody ends it.
pub fn run_all() -> Result<(), String> {
    let site = site(&package(TESTED)?)?;
    run(command("node").arg(folder().join("serve.mjs")).arg(site))
}

/// Everything that is said of the site, in Chromium.
pub fn test(package: &Path) -> Result<(), String> {
    browser()?;
    let site = site(package)?;
    let within = |program: &str| {
        let mut command = command(program);
        command.current_dir(folder());
        command
    };
    run(within("npx").args(["tsc", "-p", "."]))?;
    run(within("npx").args(["prettier", "--check", "."]))?;
    run(within("node").args(["--test", "--test-reporter", "dot", "test/"]).env("SITE", site))
}

fn folder() -> PathBuf {
    root().join("docs/playground")
}

fn site(package: &Path) -> Result<PathBuf, String> {
    let site = package.with_file_name("site");
    install(&folder())?;
    // Its types, for the compiler: a link to the folder.
    run(npm(&folder())
        .args(["install", "--silent", "--no-save", "--no-audit", "--no-fund", "--no-package-lock"])
        .arg(package))?;
    run(command("node").arg(folder().join("build.mjs")).arg(package).arg(&site))?;
    Ok(site)
}
