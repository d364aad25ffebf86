//! `cargo xtask mutants [FILE…] [K/N]`: changes the code in one small place after the other, and sees
//! whether a test objects. It works in a copy of the tree with a build folder of its own, which are kept,
//! so that each mutant costs one incremental build of the core. First the few tests that decide most run,
//! the vectors of every language among them; what survives them meets all the others. `K/N` takes one N-th
//! of the mutants.

use crate::shell::{command, copy_tree, kept, root, run, target};
use serde::Deserialize;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const VERSION: &str = "27.1.0";
const EQUIVALENT: &str = "docs/MUTANTS.md";

/// Files whose mutants the same tests find.
struct Part {
    name: &'static str,
    files: &'static [&'static str],
    /// The tests that find most of them, soonest.
    first: &'static [&'static str],
}

const PARTS: &[Part] = &[
    Part { name: "words", files: &["core/src/time.rs", "core/src/bundle/quorum.rs"], first: &["--lib"] },
    Part {
        name: "decide",
        files: &["core/src/decide/**"],
        first: &[
            "--test=decide",
            "--test=decide_seats",
            "--test=decide_supports",
            "--test=decide_told",
            "--test=vectors",
        ],
    },
    Part {
        name: "lifecycle",
        files: &["core/src/lifecycle/**"],
        first: &["--test=lifecycle", "--test=vectors"],
    },
    Part {
        name: "ledger",
        files: &["core/src/ledger/verify.rs", "core/src/ledger/scan.rs", "core/src/ledger/merkle.rs"],
        first: &["--lib"],
    },
];

/// The tests of the core that meet what survives; those that make worlds by the thousand make few.
const ALL: &[&str] = &[
    "--lib",
    "--test=decide",
    "--test=decide_seats",
    "--test=decide_supports",
    "--test=decide_told",
    "--test=vectors",
    "--test=starter_scenarios",
    "--test=lifecycle",
    "--test=lifecycle_table",
    "--test=lifecycle_docs",
    "--test=ledger_vectors",
    "--test=ledger_timeline",
    "--test=signed_bundle",
    "--test=extend",
    "--test=limits",
    "--test=decide_laws",
    "--test=lifecycle_laws",
];
const FEW: (&str, &str) = ("PROPTEST_CASES", "64");

/// What cargo-mutants writes down of a run.
#[derive(Deserialize)]
struct Outcomes {
    outcomes: Vec<Outcome>,
}

#[derive(Deserialize)]
struct Outcome {
    scenario: serde_json::Value,
    summary: String,
}

impl Outcome {
    fn mutant(&self) -> Option<&str> {
        self.scenario["Mutant"]["name"].as_str()
    }
}

pub fn run_all() -> Result<(), String> {
    let mut files = Vec::new();
    let mut shard = None;
    for word in std::env::args().skip(2) {
        let share = word.split_once('/').map(|(k, n)| [k, n].map(|n| n.parse::<u32>().is_ok()));
        if share == Some([true, true]) { shard = Some(word) } else { files.push(word) }
    }
    if let Some(file) = files.iter().find(|file| !PARTS.iter().any(|part| part.holds(file))) {
        return Err(format!("`{file}` is none of the files whose mutants are tried; see {}", file!()));
    }
    let program = kept("cargo-mutants", VERSION)?;
    let tree = home().join("tree");
    copy_tree(&[], &tree)?;
    let mut survivors = Vec::new();
    let listed = fs::read_to_string(root().join(EQUIVALENT)).map_err(|e| format!("{EQUIVALENT}: {e}"))?;
    for part in PARTS {
        let chosen: Vec<String> = if files.is_empty() {
            part.files.iter().map(|&file| file.to_owned()).collect()
        } else {
            files.iter().filter(|file| part.holds(file)).cloned().collect()
        };
        if !chosen.is_empty() {
            survivors.extend(part.try_all(&program, &tree, &chosen, shard.as_deref())?);
        }
    }
    survivors.retain(|name| !listed.contains(&format!("`{}`", without_line(name))));
    if survivors.is_empty() {
        return Ok(());
    }
    let what = survivors.join("\n  ");
    Err(format!("no test objects to these; write one, or say in {EQUIVALENT} why none can:\n  {what}"))
}

impl Part {
    fn holds(&self, file: &str) -> bool {
        self.files.iter().any(|glob| glob.strip_suffix("**").map_or(*glob == file, |at| file.starts_with(at)))
    }

    fn try_all(
        &self,
        program: &Path,
        tree: &Path,
        files: &[String],
        shard: Option<&str>,
    ) -> Result<Vec<String>, String> {
        let out = home().join(self.name);
        if out.exists() {
            fs::remove_dir_all(&out).map_err(|e| format!("{}: {e}", out.display()))?;
        }
        fs::create_dir_all(&out).map_err(|e| format!("{}: {e}", out.display()))?;
        let once = |tests: &[&str], which: &[String]| {
            let mut mutants = mutants(program, tree, &out);
            mutants.args(files.iter().flat_map(|file| ["--file", file.as_str()]));
            mutants.args(which);
            // Not behind `--`: there they would say what to run, and everything would be built.
            mutants.args(tests.iter().map(|test| format!("--cargo-arg={test}")));
            // That some survive is told by what it writes.
            _ = run(&mut mutants);
            read(&out)
        };
        let share = shard.map(|shard| ["--sharding=round-robin".to_owned(), format!("--shard={shard}")]);
        let share: Vec<String> = share.into_iter().flatten().collect();
        let first = once(self.first, &share)?;
        let (mut caught, mut unviable, mut missed, mut slow) = sorted(&first);
        if !(missed.is_empty() && slow.is_empty()) {
            let left: Vec<&String> = missed.iter().chain(&slow).collect();
            let names = left.iter().map(|name| format!("--re=^{}$", escaped(name)));
            let mut then = once(ALL, &names.collect::<Vec<_>>())?;
            // Mutants that take a field out of an expression come whatever the pattern says.
            then.outcomes
                .retain(|outcome| outcome.mutant().is_some_and(|name| left.iter().any(|l| *l == name)));
            let (caught_then, unviable_then, missed_then, slow_then) = sorted(&then);
            (caught, unviable) = (caught + caught_then, unviable + unviable_then);
            (missed, slow) = (missed_then, slow_then);
        }
        println!(
            "{}: {} mutants: {caught} caught, {} timed out, {unviable} not compiled, {} survived",
            self.name,
            caught + unviable + missed.len() + slow.len(),
            slow.len(),
            missed.len()
        );
        Ok(missed)
    }
}

/// How many were caught and did not compile, and which survived and took too long.
fn sorted(outcomes: &Outcomes) -> (usize, usize, Vec<String>, Vec<String>) {
    let mutants = |summary: &str| {
        let of = |outcome: &&Outcome| outcome.summary == summary;
        let name = |outcome: &Outcome| outcome.mutant().map(str::to_owned);
        outcomes.outcomes.iter().filter(of).filter_map(name).collect::<Vec<_>>()
    };
    (mutants("CaughtMutant").len(), mutants("Unviable").len(), mutants("MissedMutant"), mutants("Timeout"))
}

/// A pattern that only this name has.
fn escaped(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '_' | '/' | ':');
    name.chars()
        .map(|c| if plain(c) { c.to_string() } else { format!("\\x{{{:x}}}", u32::from(c)) })
        .collect()
}

fn read(out: &Path) -> Result<Outcomes, String> {
    let file = out.join("mutants.out/outcomes.json");
    let text = fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
    let outcomes: Outcomes = serde_json::from_str(&text).map_err(|e| format!("{}: {e}", file.display()))?;
    let baseline = outcomes.outcomes.iter().find(|outcome| outcome.scenario == "Baseline");
    if baseline.is_some_and(|baseline| baseline.summary != "Success") {
        return Err("the tests do not pass without any mutant".to_owned());
    }
    Ok(outcomes)
}

/// A mutant's name without the place in its file, which moves.
fn without_line(name: &str) -> String {
    let mut parts = name.splitn(4, ':');
    let file = parts.next().unwrap_or_default();
    format!("{file}:{}", parts.nth(2).unwrap_or_default())
}

fn mutants(program: &Path, tree: &Path, out: &Path) -> Command {
    let mut mutants = command(program);
    mutants.current_dir(tree).env("CARGO_TARGET_DIR", home().join("build")).env(FEW.0, FEW.1);
    for inherited in ["CARGO", "RUSTC", "RUSTDOC", "RUST_BACKTRACE"] {
        mutants.env_remove(inherited);
    }
    mutants.args(["mutants", "--in-place", "--no-shuffle", "--colors=never", "--package", "glasskey"]);
    // Its `--test-package` would leave the build without mutants alone.
    mutants.arg("--cargo-arg=--package=glasskey-conformance");
    mutants.arg("--output").arg(out);
    mutants
}

fn home() -> PathBuf {
    target().join("mutants")
}
