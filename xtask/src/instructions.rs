//! `cargo xtask instructions`: what decisions cost in instructions, against the committed counts.
//!
//! Time is noise on a shared machine; instructions under callgrind are not. Counts over their
//! baseline by more than five per cent fail; `GLASSKEY_BLESS=1` writes the baseline anew. The
//! profile is that of the tests, so that nothing is built for this alone but one program.
//!
//! Counts are those of one compiler on one target, which stand beside them. Another compiler's
//! are not comparable, so they are printed and judged by nobody.

use crate::shell::{cargo, command, output, root, run, works};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const BASELINE: &str = "benches/instructions.json";
const MEND: &str = "GLASSKEY_BLESS=1 cargo xtask instructions";
/// In per cent.
const TOLERANCE: f64 = 5.0;

/// What was counted, and by which compiler it was made.
#[derive(Deserialize, Serialize)]
struct Counts {
    rustc: String,
    target: String,
    counts: BTreeMap<String, u64>,
}

pub fn run_all() -> Result<(), String> {
    valgrind()?;
    let counts = counted(&built()?)?;
    if std::env::var_os("GLASSKEY_BLESS").is_some() {
        let text = serde_json::to_string_pretty(&counts).map_err(|e| e.to_string())?;
        return std::fs::write(root().join(BASELINE), text + "\n").map_err(|e| e.to_string());
    }
    compare(&counts, &baseline()?)
}

/// Valgrind is there, or is installed where that is possible; it is never gone without.
fn valgrind() -> Result<(), String> {
    let there = || works(command("valgrind").arg("--version"));
    if there() {
        return Ok(());
    }
    let root = output(command("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if root && works(command("apt-get").arg("--version")) {
        run(command("apt-get").args(["update", "--quiet"]))?;
        let install = ["install", "--yes", "--quiet", "--no-install-recommends", "valgrind"];
        run(command("apt-get").args(install))?;
    }
    let wanted = "install it with your system's packages (apt-get install valgrind)";
    if there() { Ok(()) } else { Err(format!("valgrind is not installed: {wanted}")) }
}

/// The program that runs what is counted. The whole workspace is named, so that everything below
/// is built as it is for the tests, and once.
fn built() -> Result<PathBuf, String> {
    let told = output(cargo().args([
        "build",
        "--workspace",
        "--bench",
        "instructions",
        "--locked",
        "--message-format",
        "json",
    ]))?;
    told.lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == "instructions")
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .ok_or_else(|| "cargo named no program for the bench `instructions`".to_owned())
}

/// Runs the program under callgrind, which writes a file after each call that is counted.
fn counted(program: &Path) -> Result<Counts, String> {
    let folder = program.with_extension("callgrind");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).map_err(|e| e.to_string())?;
    let mut valgrind = command("valgrind");
    valgrind.args(["--tool=callgrind", "--quiet", "--collect-atstart=no"]);
    valgrind.args(["--toggle-collect=instructions::measured", "--dump-after=instructions::measured"]);
    valgrind.arg(format!("--callgrind-out-file={}", folder.join("out").display())).arg(program);
    let names = output(&mut valgrind)?;
    let count = |(nth, name): (usize, &str)| {
        let path = folder.join(format!("out.{}", nth + 1));
        let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
        let total = total.and_then(|n| n.trim().parse().ok()).filter(|n| *n > 0);
        Ok((name.to_owned(), total.ok_or_else(|| format!("{}: no total", path.display()))?))
    };
    let counts = names.lines().enumerate().map(count).collect::<Result<_, String>>()?;
    let version = output(command("rustc").arg("--version").arg("--verbose"))?;
    let told = |name: &str| version.lines().find_map(|l| l.strip_prefix(name)).unwrap_or_default().to_owned();
    Ok(Counts { rustc: told("release: "), target: told("host: "), counts })
}

fn baseline() -> Result<Counts, String> {
    let text = std::fs::read_to_string(root().join(BASELINE)).map_err(|e| format!("{BASELINE}: {e}"))?;
    serde_json::from_str(&text).map_err(|e| format!("{BASELINE}: {e}"))
}

fn compare(found: &Counts, baseline: &Counts) -> Result<(), String> {
    let mut over = Vec::new();
    for (name, count) in &found.counts {
        let Some(known) = baseline.counts.get(name) else {
            println!("{name:<28} {count:>12}");
            over.push(format!("{name} has no baseline"));
            continue;
        };
        let change = (*count as f64 / *known as f64 - 1.0) * 100.0;
        println!("{name:<28} {count:>12} {change:>+7.2} %");
        if change > TOLERANCE {
            over.push(format!("{name}: {count}, which is {change:.1} % over {known}"));
        }
    }
    for name in baseline.counts.keys().filter(|name| !found.counts.contains_key(*name)) {
        over.push(format!("{name} is counted no more"));
    }
    if (&found.rustc, &found.target) != (&baseline.rustc, &baseline.target) {
        println!(
            "not judged: {BASELINE} is of rustc {} on {}, this is {} on {}",
            baseline.rustc, baseline.target, found.rustc, found.target
        );
        return Ok(());
    }
    if over.is_empty() {
        return Ok(());
    }
    Err(format!("{}\nmake it cheaper, or, if it must cost more: {MEND}", over.join("\n")))
}
