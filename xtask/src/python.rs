//! `cargo xtask python`: builds the wheel, installs it into an empty environment and runs
//! everything that is said of it there: tests, examples, types, style, reference.

use crate::shapes;
use crate::shell::{command, root, run, target};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

const BUILD: &[&str] = &["maturin==1.16.0"];
const TEST: &[&str] = &["matplotlib==3.11.2", "mypy==2.4.1", "pdoc==16.0.0", "pytest==9.2.0", "ruff==0.17.6"];
/// Warnings are errors, but for one that pdoc has for every typed dictionary with a member `type`.
const PDOC: &[&str] = &["-W", "error", "-W", "ignore:Cannot determine where:UserWarning", "-m", "pdoc"];

pub fn run_all() -> Result<(), String> {
    shapes::check()?;
    let place = target().join("python");
    let empty = installed()?;
    let within = |tool: &str, words: &[&str]| {
        run(python(&empty).current_dir(sources()).args(["-m", tool]).args(words))
    };
    within("pytest", &[])?;
    within("mypy", &[])?;
    within("mypy.stubtest", &["glasskey._native"])?;
    within("ruff", &["check", "."])?;
    within("ruff", &["format", "--check", "."])?;
    run(python(&empty).args(PDOC).arg("-o").arg(place.join("api")).args(["glasskey", "glasskey.types"]))
}

/// An environment that was empty, with the wheel in it and what tests it.
pub fn installed() -> Result<PathBuf, String> {
    let place = target().join("python");
    let wheel = wheel(&place.join("dist"), "dev", None)?;
    let empty = environment(&place.join("empty"), true)?;
    pip(&empty, TEST)?;
    run(python(&empty).args(["-m", "pip", "install", "-q", "--no-index", "--no-deps"]).arg(wheel))?;
    Ok(empty)
}

pub fn sources() -> PathBuf {
    root().join("bindings/python")
}

/// The wheel, alone in its folder, with its bill of materials where one is given. The profile for tests is the one that everything is tested with.
pub fn wheel(dist: &Path, profile: &str, sbom: Option<&Path>) -> Result<PathBuf, String> {
    let tools = environment(&target().join("python/tools"), false)?;
    pip(&tools, BUILD)?;
    // Whatever lies there from before would hide that nothing was built.
    _ = std::fs::remove_dir_all(dist);
    let mut build = python(&tools);
    build.current_dir(sources()).env("CARGO_TARGET_DIR", target());
    build.args(["-m", "maturin", "build", "-q", "--locked", "--profile", profile, "--out"]).arg(dist);
    run(build.args(sbom.iter().flat_map(|sbom| [OsStr::new("--sbom-include"), sbom.as_os_str()])))?;
    let built = std::fs::read_dir(dist).map_err(|e| format!("{}: {e}", dist.display()))?;
    let wheel =
        built.flatten().map(|file| file.path()).find(|path| path.extension().is_some_and(|e| e == "whl"));
    wheel.ok_or_else(|| format!("maturin left no wheel in {}", dist.display()))
}

/// A virtual environment: emptied, or as it was left.
pub fn environment(place: &Path, emptied: bool) -> Result<PathBuf, String> {
    if emptied || !program(place).exists() {
        run(command("python3").args(["-m", "venv", "--clear"]).arg(place))?;
    }
    Ok(place.to_owned())
}

pub fn pip(environment: &Path, packages: &[&str]) -> Result<(), String> {
    let mut pip = python(environment);
    run(pip.args(["-m", "pip", "install", "-q", "--disable-pip-version-check"]).args(packages))
}

pub fn python(environment: &Path) -> Command {
    command(program(environment))
}

fn program(environment: &Path) -> PathBuf {
    environment.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" })
}
