//! `cargo xtask fuzz [DOOR] [SECONDS]`: lets cargo-fuzz think up inputs for one door, or for each in
//! turn. It needs a nightly toolchain and a C++ compiler, and builds Cedar anew with coverage counters,
//! which takes some minutes; so it is no part of `cargo xtask test`, which only lets in the seeds and
//! what was found before. Overflows are checked; no sanitizer is used unless `GLASSKEY_SANITIZER`
//! names one (`address`), since there is no `unsafe` in the core or in Cedar.

use crate::shell::{cargo, command, output, root, run, target, tools};
use std::path::{Path, PathBuf};
use std::process::Command;

const VERSION: &str = "0.13.2";
const SECONDS: &str = "60";
/// Nothing that is smaller than this should take longer than ten seconds, even so slowed down.
const LIMITS: [&str; 3] = ["-timeout=10", "-rss_limit_mb=4096", "-print_final_stats=1"];

pub fn run_all() -> Result<(), String> {
    let asked: Vec<String> = std::env::args().skip(2).collect();
    let (mut doors, mut seconds) = (doors()?, SECONDS.to_owned());
    for word in asked {
        if word.bytes().all(|b| b.is_ascii_digit()) {
            seconds = word;
        } else if doors.contains(&word) {
            doors = vec![word];
        } else {
            return Err(format!("no door is named `{word}`; there are {}", doors.join(", ")));
        }
    }
    let fuzz = installed()?;
    for door in doors {
        let folders = ["corpus", "seeds", "findings"].map(|kind| root().join("fuzz").join(kind).join(&door));
        for folder in &folders {
            std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        }
        let mut command = nightly(&fuzz);
        let sanitizer = std::env::var("GLASSKEY_SANITIZER").unwrap_or_else(|_| "none".to_owned());
        command.args(["run", "--fuzz-dir", "fuzz", "--sanitizer", &sanitizer]);
        command.arg("--target-dir").arg(target().join("fuzz"));
        command.arg(&door).args(&folders).arg("--").args(LIMITS).arg(format!("-max_total_time={seconds}"));
        run(&mut command).map_err(|e| {
            format!("{e}\nwhat it found is in fuzz/artifacts/{door}: mend it, and keep the input in fuzz/findings/{door}")
        })?;
        // A folder that nothing was found for is not kept.
        _ = std::fs::remove_dir(&folders[2]);
    }
    Ok(())
}

/// The doors are the targets.
fn doors() -> Result<Vec<String>, String> {
    let folder = root().join("fuzz/fuzz_targets");
    let entries = std::fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut doors: Vec<String> = entries
        .filter_map(|entry| Some(entry.ok()?.path().file_stem()?.to_string_lossy().into_owned()))
        .collect();
    doors.sort();
    Ok(doors)
}

/// cargo-fuzz by the nightly toolchain, whatever toolchain runs this chore.
fn nightly(fuzz: &Path) -> Command {
    let mut command = command(fuzz);
    command.env("RUSTUP_TOOLCHAIN", "nightly");
    for inherited in ["CARGO", "RUSTC", "RUSTDOC", "CARGO_TARGET_DIR", "RUSTFLAGS"] {
        command.env_remove(inherited);
    }
    command
}

/// The program in the right version, built once and kept.
fn installed() -> Result<PathBuf, String> {
    let root = tools()?.join(format!("cargo-fuzz-{VERSION}"));
    let program = root.join("bin/cargo-fuzz");
    if output(command(&program).arg("--version")).is_ok_and(|version| version.contains(VERSION)) {
        return Ok(program);
    }
    println!("cargo-fuzz {VERSION} is built once and kept in {}", root.display());
    let mut install = cargo();
    install.args(["install", "cargo-fuzz", "--locked", "--debug", "--version", VERSION, "--root"]).arg(&root);
    run(&mut install)?;
    Ok(program)
}
