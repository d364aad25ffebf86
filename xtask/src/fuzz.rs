//! `cargo xtask fuzz [DOOR] [SECONDS]`: lets libFuzzer think up inputs for one door, or for each in
//! turn. It needs a nightly toolchain and a C++ compiler, and builds Cedar once more, which takes some
//! minutes; so it is no part of `cargo xtask test`, which only lets in the seeds and what was found before.
//!
//! Our own crates count what they run through, and tell what they compare; what they stand on is built
//! without counters. Those would double the time of the build, and cost a good part of every execution.
//! Overflows and debug assertions are checked in all of them.

use crate::shell::{command, root, target};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const SECONDS: &str = "60";
/// No input should take ten seconds, even so slowed down.
const LIMITS: [&str; 3] = ["-timeout=10", "-rss_limit_mb=4096", "-print_final_stats=1"];
const COUNTED: [&str; 3] = ["glasskey", "glasskey-cli", "glasskey-doors"];
const COUNTERS: &str = "\"--cfg=fuzzing\", \"-Cpasses=sancov-module\", \
     \"-Cllvm-args=-sanitizer-coverage-level=4\", \
     \"-Cllvm-args=-sanitizer-coverage-inline-8bit-counters\", \
     \"-Cllvm-args=-sanitizer-coverage-pc-table\", \
     \"-Cllvm-args=-sanitizer-coverage-trace-compares\"";

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
    build(&doors)?;
    println!("| door | executions | edges | features | inputs kept |\n|---|--:|--:|--:|--:|");
    let broken: Vec<String> = doors.iter().filter_map(|door| through(door, &seconds).err()).collect();
    if broken.is_empty() { Ok(()) } else { Err(broken.join("\n")) }
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

/// The targets, by the nightly toolchain, whatever toolchain runs this chore.
fn build(doors: &[String]) -> Result<(), String> {
    let mut build = command("cargo");
    for inherited in ["CARGO", "RUSTC", "RUSTDOC", "RUSTFLAGS", "LD_LIBRARY_PATH"] {
        build.env_remove(inherited);
    }
    build.current_dir(root().join("fuzz")).env("RUSTUP_TOOLCHAIN", "nightly");
    build.args(["build", "--locked", "--release", "-Zprofile-rustflags", "--target-dir"]).arg(built());
    for counted in COUNTED {
        build.arg("--config").arg(format!("profile.release.package.{counted}.rustflags=[{COUNTERS}]"));
    }
    for door in doors {
        build.args(["--bin", door]);
    }
    let built = build.status().map_err(|e| format!("cargo did not start: {e}"))?;
    if built.success() {
        return Ok(());
    }
    Err("the targets were not built; that takes a nightly toolchain (rustup toolchain install nightly) \
         and a C++ compiler"
        .to_owned())
}

fn built() -> PathBuf {
    target().join("fuzz")
}

/// Runs one target, and prints what it came to.
fn through(door: &str, seconds: &str) -> Result<(), String> {
    let fuzz = root().join("fuzz");
    let [corpus, seeds, findings] = ["corpus", "seeds", "findings"].map(|kind| fuzz.join(kind).join(door));
    let (artifacts, log) = (fuzz.join("artifacts").join(door), built().join(format!("{door}.log")));
    for folder in [&corpus, &artifacts] {
        std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    }
    let mut target = Command::new(built().join("release").join(door));
    target.current_dir(root()).arg(&corpus).arg(&seeds);
    if findings.exists() {
        target.arg(&findings);
    }
    target.args(LIMITS).arg(format!("-max_total_time={seconds}"));
    target.arg(format!("-artifact_prefix={}/", artifacts.display()));
    let file = std::fs::File::create(&log).map_err(|e| format!("{}: {e}", log.display()))?;
    target.stdout(Stdio::null()).stderr(file);
    let held = target.status().map_err(|e| format!("{door} did not start: {e}"))?.success();
    println!("{}", row(door, &log)?);
    if held {
        return Ok(());
    }
    Err(format!(
        "{door}: something did not hold, see {}; mend it, and keep the input, which is in {}, in {}",
        log.display(),
        artifacts.display(),
        findings.display()
    ))
}

/// From libFuzzer's own log: the last line of progress, and the final statistics.
fn row(door: &str, log: &Path) -> Result<String, String> {
    let log = std::fs::read(log).map_err(|e| format!("{}: {e}", log.display()))?;
    let log = String::from_utf8_lossy(&log);
    let after = |line: &str, mark: &str| -> Option<String> {
        Some(line.split_once(mark)?.1.split_whitespace().next()?.to_owned())
    };
    let last = |mark: &str| log.lines().rev().find_map(|line| after(line, mark)).unwrap_or_default();
    let executions = last("stat::number_of_executed_units:");
    let executions = if executions.is_empty() { last("#") } else { executions };
    let kept = last(" corp: ");
    let kept = kept.split('/').next().unwrap_or_default();
    Ok(format!("| `{door}` | {executions} | {} | {} | {kept} |", last(" cov: "), last(" ft: ")))
}
