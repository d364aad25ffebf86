//! `cargo xtask node`: builds the addon, packs the package, installs it into an empty folder and
//! runs everything that is said of it there: tests, examples, types, style, reference.

use crate::auditable;
use crate::package::PROFILE;
use crate::shapes;
use crate::shell::{cargo, command, output, root, run, target};
use std::path::{Path, PathBuf};
use std::process::Command;

pub fn run_all() -> Result<(), String> {
    shapes::check()?;
    let sources = root().join("bindings/node");
    let place = target().join("node");
    tools()?;
    let empty = installed()?;
    let within = |tool: &str| {
        let mut command = command("npx");
        command.current_dir(&empty).env("GLASSKEY_CONFORMANCE", root().join("bindings/conformance"));
        command.arg("--no-install").arg(tool);
        command
    };
    run(within("node").args(["--test", "--test-reporter", "dot", "test/"]))?;
    run(within("tsc").args(["-p", "test"]))?;
    run(within("prettier")
        .arg("--check")
        .arg(&sources)
        .arg("--ignore-path")
        .arg(sources.join(".prettierignore")))?;
    run(within("typedoc").args(["--options", "test/typedoc.json", "--out"]).arg(place.join("api")))
}

/// A folder that was empty, with the package in it and its tests; within the folder of the tools, so
/// that tests find them above.
pub fn installed() -> Result<PathBuf, String> {
    let sources = root().join("bindings/node");
    let place = target().join("node");
    let tarball = tarball(&place, "dev")?;
    let empty = place.join("empty");
    _ = std::fs::remove_dir_all(&empty);
    copy(&sources.join("test"), &empty.join("test"))?;
    copy(&sources.join("examples"), &empty.join("examples"))?;
    write(&empty.join("package.json"), "{\"private\": true}\n")?;
    let quiet = ["--silent", "--no-audit", "--no-fund", "--no-package-lock"];
    run(npm(&empty).arg("install").args(quiet).arg(tarball))?;
    Ok(empty)
}

/// What the tests are run with, in the versions of the lock file.
pub fn tools() -> Result<(), String> {
    let (sources, place) = (root().join("bindings/node"), target().join("node"));
    let (wanted, there) = (sources.join("test/package-lock.json"), place.join("package-lock.json"));
    let read = |file: &Path| std::fs::read(file).ok();
    if place.join("node_modules").exists() && read(&wanted) == read(&there) {
        return Ok(());
    }
    std::fs::create_dir_all(&place).map_err(|e| format!("{}: {e}", place.display()))?;
    for name in ["package.json", "package-lock.json"] {
        let from = sources.join("test").join(name);
        std::fs::copy(&from, place.join(name)).map_err(|e| format!("{}: {e}", from.display()))?;
    }
    run(npm(&place).args(["ci", "--silent", "--no-audit", "--no-fund"]))
}

/// The package, with the addon built for this platform.
pub fn tarball(place: &Path, profile: &str) -> Result<PathBuf, String> {
    let sources = root().join("bindings/node");
    addon(&sources, profile)?;
    std::fs::create_dir_all(place).map_err(|e| format!("{}: {e}", place.display()))?;
    let name = output(npm(&sources).args(["pack", "--silent", "--pack-destination"]).arg(place))?;
    Ok(place.join(name.trim()))
}

/// Builds the addon and lays it where `native.js` finds it.
fn addon(sources: &Path, profile: &str) -> Result<(), String> {
    let mut build = if profile == PROFILE {
        // What is published tells what it is made of.
        auditable::build()?
    } else {
        let mut build = cargo();
        build.arg("build");
        build
    };
    run(build.args(["--locked", "-p", "glasskey-node", "--profile", profile]))?;
    let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let folder = if profile == "dev" { "debug" } else { profile };
    let built = target().join(folder).join(format!("{prefix}glasskey_node{suffix}"));
    let platform = output(command("node").args(["-p", "`${process.platform}-${process.arch}`"]))?;
    let addon = sources.join(format!("glasskey.{}.node", platform.trim()));
    std::fs::copy(&built, &addon).map(|_| ()).map_err(|e| format!("{}: {e}", built.display()))
}

pub fn npm(folder: &Path) -> Command {
    let mut npm = command("npm");
    npm.current_dir(folder);
    npm
}

pub fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let fail = |e: std::io::Error| format!("{}: {e}", from.display());
    std::fs::create_dir_all(to).map_err(fail)?;
    for file in std::fs::read_dir(from).map_err(fail)? {
        let file = file.map_err(fail)?;
        let (path, place) = (file.path(), to.join(file.file_name()));
        if path.is_dir() {
            copy(&path, &place)?;
        } else {
            std::fs::copy(path, place).map_err(fail)?;
        }
    }
    Ok(())
}

pub fn write(file: &Path, text: &str) -> Result<(), String> {
    let folder = file.parent().unwrap_or(file);
    let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(file, text));
    written.map_err(|e| format!("{}: {e}", file.display()))
}
