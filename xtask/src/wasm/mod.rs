//! `cargo xtask wasm`: builds the module, makes the npm package of it, installs that into an empty
//! folder and runs everything that is said of it there, in Node.js and in Chromium.

pub mod playground;
pub mod toolchain;

use crate::node::{copy, npm, write};
use crate::shapes;
use crate::shell::{cargo, command, output, root, run, target};
use std::path::{Path, PathBuf};

/// The profile of what is published; see Cargo.toml.
const PUBLISHED: &str = "wasm";
/// The profile that every change is tested with.
const TESTED: &str = "wasm-test";
/// The tests of the Node.js package that the module is held to.
const SHARED: [&str; 4] = ["border", "conformance", "desk", "scenarios"];
/// The browser that the tests drive.
const CHROMIUM: &str = "/usr/bin/chromium";

/// The package as it is published, tested.
pub fn run_all() -> Result<(), String> {
    test(PUBLISHED)
}

/// The same tests on a package that is built quickly.
pub fn run_tests() -> Result<(), String> {
    test(TESTED)?;
    playground::test(&package_of(TESTED))
}

/// Where the package of a profile is made.
fn package_of(profile: &str) -> PathBuf {
    target().join("wasm").join(profile).join("package")
}

/// Makes the package of a profile, and gives its folder.
fn package(profile: &str) -> Result<PathBuf, String> {
    shapes::check()?;
    let toolchain = toolchain::find()?;
    let package = package_of(profile);
    let modules = package.with_file_name("modules");
    for (name, features) in [("edge", ""), ("glasskey", "full")] {
        run(toolchain.build(profile).args(["--no-default-features", "--features", features]))?;
        let mut bindgen = cargo();
        bindgen.args(["run", "-q", "--locked", "-p", "glasskey-bindgen", "--"]);
        run(bindgen.arg(toolchain::module(profile)).arg(name).arg(modules.join(name)))?;
    }
    let sources = root().join("bindings/wasm");
    install(&sources)?;
    let mut make = command("node");
    make.current_dir(sources).args(["build.mjs", profile]);
    run(make.arg(modules).arg(&package))?;
    Ok(package)
}

/// The tools of a folder, in the versions of its lock file.
pub fn install(folder: &Path) -> Result<(), String> {
    let changed = |file: &str| std::fs::metadata(folder.join(file)).and_then(|about| about.modified()).ok();
    if changed("node_modules/.package-lock.json") >= changed("package-lock.json") {
        return Ok(());
    }
    run(npm(folder).args(["ci", "--silent", "--no-audit", "--no-fund"]))
}

/// Puts a package into an empty folder, and the tools that another folder's package.json names.
fn install_packed(package: &Path, empty: &Path, sources: &Path) -> Result<(), String> {
    let place = package.with_file_name("packed");
    _ = std::fs::remove_dir_all(&place);
    std::fs::create_dir_all(&place).map_err(|e| format!("{}: {e}", place.display()))?;
    let name = output(npm(package).args(["pack", "--silent", "--pack-destination"]).arg(&place))?;
    let print = "Object.entries(require('./package.json').devDependencies).map((d) => d.join('@')).join(' ')";
    let tools = output(command("node").current_dir(sources).args(["-p", print]))?;
    let mut install = npm(empty);
    install.args(["install", "--silent", "--no-audit", "--no-fund", "--no-package-lock"]);
    run(install.arg(place.join(name.trim())).args(tools.split_whitespace()))
}

/// Finds the browser, or installs it.
pub fn browser() -> Result<(), String> {
    if Path::new(CHROMIUM).exists() { Ok(()) } else { toolchain::apt(&["chromium"]) }
}

/// Measures what is published beside its peer, in Node.js and in Chromium.
pub fn measure() -> Result<(), String> {
    let package = package(PUBLISHED)?;
    browser()?;
    let bench = root().join("bindings/wasm/bench");
    install(&bench)?;
    run(command("node").arg(bench.join("run.mjs")).arg(package))
}

/// Everything that is said of the package, in an empty folder.
fn test(profile: &str) -> Result<(), String> {
    let package = package(profile)?;
    browser()?;
    let sources = root().join("bindings/wasm");
    let empty = package.with_file_name("empty");
    _ = std::fs::remove_dir_all(&empty);
    write_all(&sources, &empty)?;
    install_packed(&package, &empty, &sources)?;
    let alias = empty.join("node_modules/glasskey");
    write(&alias.join("package.json"), "{\"name\": \"glasskey\"}\n")?;
    write(&alias.join("index.js"), "module.exports = require('glasskey-wasm')\n")?;
    let within = |program: &str| {
        let mut command = command(program);
        command.current_dir(&empty).env("GLASSKEY_CONFORMANCE", root().join("bindings/conformance"));
        command
    };
    let own = ["node", "edge", "browser"].map(|test| format!("test/{test}.test.js"));
    let shared = SHARED.map(|test| format!("test/node/{test}.test.js"));
    run(within("node").args(["--expose-gc", "--test", "--test-reporter", "dot"]).args(own).args(shared))?;
    run(within("npx").args(["tsc", "-p", "test"]))?;
    run(within("npx").args(["prettier", "--check"]).arg(&sources))?;
    let edge = sources.join("examples/edge");
    install(&edge)?;
    run(command("node")
        .current_dir(&edge)
        .args(["--test", "--test-reporter", "dot"])
        .env("PACKAGE", &package))
}

/// The tests of the module, and those of the Node.js package, which find the module in the addon's
/// place.
fn write_all(sources: &Path, empty: &Path) -> Result<(), String> {
    let tests = empty.join("test");
    copy(&sources.join("test"), &tests)?;
    let files = SHARED.iter().map(|test| format!("{test}.test.js")).chain(["conformance.js".to_owned()]);
    for file in files {
        let text = std::fs::read_to_string(root().join("bindings/node/test").join(&file));
        write(&tests.join("node").join(&file), &text.map_err(|e| format!("{file}: {e}"))?)?;
    }
    write(&tests.join("node/package.json"), "{\"type\": \"commonjs\"}\n")?;
    write(&empty.join("package.json"), "{\"private\": true, \"type\": \"module\"}\n")
}
