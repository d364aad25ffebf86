//! `cargo xtask node`: builds the addon, packs the package, installs it into an empty folder and
//! runs everything that is said of it there: tests, types, style.

use crate::shapes;
use crate::shell::{cargo, command, output, root, run, target};
use std::path::{Path, PathBuf};
use std::process::Command;

pub fn run_all() -> Result<(), String> {
    shapes::check()?;
    let sources = root().join("bindings/node");
    addon(&sources)?;
    let place = target().join("node");
    let tarball = pack(&sources, &place)?;
    let empty = place.join("empty");
    _ = std::fs::remove_dir_all(&empty);
    copy(&sources.join("test"), &empty.join("test"))?;
    write(&empty.join("package.json"), "{\"private\": true}\n")?;
    let within = |program: &str| {
        let mut command = command(program);
        command.current_dir(&empty).env("GLASSKEY_CONFORMANCE", root().join("bindings/conformance"));
        command
    };
    run(npm(&empty)
        .args(["install", "--silent", "--no-audit", "--no-fund", "--no-package-lock"])
        .arg(tarball))?;
    run(npm(&empty)
        .args(["install", "--silent", "--no-audit", "--no-fund", "--no-package-lock"])
        .args(tools(&sources)?))?;
    run(within("node").args(["--test", "--test-reporter", "dot", "test/"]))?;
    run(within("npx").args(["tsc", "-p", "test"]))?;
    run(within("npx")
        .args(["prettier", "--check"])
        .arg(&sources)
        .arg("--ignore-path")
        .arg(sources.join(".prettierignore")))
}

/// Builds the addon and lays it where `native.js` finds it.
fn addon(sources: &Path) -> Result<(), String> {
    run(cargo().args(["build", "--locked", "-p", "glasskey-node"]))?;
    let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let built = target().join("debug").join(format!("{prefix}glasskey_node{suffix}"));
    let platform = output(command("node").args(["-p", "`${process.platform}-${process.arch}`"]))?;
    let addon = sources.join(format!("glasskey.{}.node", platform.trim()));
    std::fs::copy(&built, &addon).map(|_| ()).map_err(|e| format!("{}: {e}", built.display()))
}

fn pack(sources: &Path, place: &Path) -> Result<PathBuf, String> {
    std::fs::create_dir_all(place).map_err(|e| format!("{}: {e}", place.display()))?;
    let name = output(npm(sources).args(["pack", "--silent", "--pack-destination"]).arg(place))?;
    Ok(place.join(name.trim()))
}

/// The package's own tools, in the versions that its package.json names.
fn tools(sources: &Path) -> Result<Vec<String>, String> {
    let print = "Object.entries(require('./package.json').devDependencies).map((d) => d.join('@')).join(' ')";
    let names = output(command("node").current_dir(sources).args(["-p", print]))?;
    Ok(names.split_whitespace().map(str::to_owned).collect())
}

fn npm(folder: &Path) -> Command {
    let mut npm = command("npm");
    npm.current_dir(folder);
    npm
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let fail = |e: std::io::Error| format!("{}: {e}", from.display());
    std::fs::create_dir_all(to).map_err(fail)?;
    for file in std::fs::read_dir(from).map_err(fail)? {
        let file = file.map_err(fail)?;
        std::fs::copy(file.path(), to.join(file.file_name())).map_err(fail)?;
    }
    Ok(())
}

fn write(file: &Path, text: &str) -> Result<(), String> {
    std::fs::write(file, text).map_err(|e| format!("{}: {e}", file.display()))
}
