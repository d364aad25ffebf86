//! `cargo xtask reproducible [PART] [PROFILE]`: builds the extension of the wheel, or the module of the
//! npm package, twice, in two folders and from nothing, and compares the bytes.
//!
//! Cedar is built for each anew, some minutes on each core; so this is no part of `cargo xtask test`.
//! The folders themselves are kept out of what is built by `--remap-path-prefix`, as whoever publishes
//! must do, too.

use crate::shell::{cargo, command, copy_tree, output, run, target};
use crate::wasm::toolchain;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Of different lengths, so that a path that is kept moves everything behind it.
const FOLDERS: [&str; 2] = ["one", "another-folder"];
const PARTS: [&str; 2] = ["python", "wasm"];

pub fn run_all() -> Result<(), String> {
    let mut asked = std::env::args().skip(2);
    let part = asked.next();
    let profile = asked.next();
    for name in PARTS {
        if part.as_deref().is_none_or(|part| part == name) {
            twice(name, profile.as_deref())?;
        }
    }
    match part {
        Some(part) if !PARTS.contains(&part.as_str()) => {
            Err(format!("nothing is named `{part}`; there are {}", PARTS.join(", ")))
        }
        _ => Ok(()),
    }
}

fn twice(part: &str, profile: Option<&str>) -> Result<(), String> {
    let mut digests = Vec::new();
    for folder in FOLDERS {
        let place = target().join("reproducible").join(part).join(folder);
        _ = fs::remove_dir_all(&place);
        copy_tree(&[], &place.join("tree"))?;
        let built = if part == "python" {
            python(&place, profile.unwrap_or("dev"))
        } else {
            wasm(&place, profile.unwrap_or("wasm-test"))
        }?;
        let digest = output(command("sha256sum").arg(&built))?;
        println!("{part} in `{folder}`: {digest}");
        digests.push(digest.split_whitespace().next().map(str::to_owned));
        // Half of a gigabyte that nobody needs.
        _ = fs::remove_dir_all(place.join("build"));
    }
    if digests[0].is_some() && digests[0] == digests[1] {
        println!("{part}: the same bytes");
        return Ok(());
    }
    Err(format!("{part}: two folders gave two different files"))
}

fn python(place: &Path, profile: &str) -> Result<PathBuf, String> {
    let mut build = cargo();
    build.args(["build", "--locked", "-p", "glasskey-python", "--profile", profile]);
    run(within(&mut build, place, ""))?;
    let folder = if profile == "dev" { "debug" } else { profile };
    let name = format!("{}_native{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    Ok(place.join("build").join(folder).join(name))
}

fn wasm(place: &Path, profile: &str) -> Result<PathBuf, String> {
    let mut build = toolchain::find()?.build(profile);
    let flags = build.get_envs().find(|(name, _)| *name == "RUSTFLAGS").and_then(|(_, flags)| flags);
    let flags = flags.map(|flags| flags.to_string_lossy().into_owned()).unwrap_or_default();
    run(within(&mut build, place, &flags))?;
    Ok(place.join("build/wasm32-unknown-unknown").join(profile).join("glasskey_wasm.wasm"))
}

/// Builds what is in a place there, and leaves no word of the place in it.
fn within<'c>(build: &'c mut Command, place: &Path, flags: &str) -> &'c mut Command {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo"))).unwrap_or_default();
    let remap = |from: &Path, to: &str| format!("--remap-path-prefix={}={to}", from.display());
    let flags = format!("{flags} {} {}", remap(place, "/glasskey"), remap(&home, "/cargo"));
    build.current_dir(place.join("tree")).env("CARGO_TARGET_DIR", place.join("build"));
    build.env("RUSTFLAGS", flags.trim()).env("CARGO_INCREMENTAL", "0")
}
