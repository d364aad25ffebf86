//! `cargo xtask worst [WORD]`: takes in the worst inputs of each kind under callgrind, in three sizes, and
//! counts instructions: twice the input may cost about twice the work, and no more. With a word, only
//! the kinds with that in their name.

use crate::shell::{cargo, command, output, target};
use std::path::Path;

/// Between linear and what a sort or a tree adds.
const RATIO_MAX: f64 = 2.35;

pub fn run_all() -> Result<(), String> {
    output(command("valgrind").arg("--version")).map_err(|_| {
        "valgrind is not installed: apt-get install valgrind (or your system's way)".to_owned()
    })?;
    output(cargo().args(["build", "--quiet", "--locked", "--package", "glasskey-doors", "--bin", "worst"]))?;
    let program = target().join("debug/worst");
    let asked = std::env::args().nth(2).unwrap_or_default();
    let mut over = Vec::new();
    println!("| input | size | instructions | twice the input | four times |\n|---|--:|--:|--:|--:|");
    for line in output(&mut command(&program))?.lines() {
        let mut parts = line.split('\t');
        let kind = parts.next().unwrap_or_default();
        if !kind.contains(&asked) {
            continue;
        }
        let sizes: Vec<&str> = parts.collect();
        let counts = sizes.iter().map(|size| count(&program, kind, size)).collect::<Result<Vec<f64>, _>>()?;
        let [a, b, c] = counts[..] else { return Err(format!("`{kind}` has no three sizes")) };
        let (first, second) = (b / a, c / b);
        println!("| {kind} | {} | {:.1} M | × {first:.2} | × {second:.2} |", sizes[0], a / 1e6);
        if second > RATIO_MAX {
            over.push(format!("{kind}: twice the input costs {second:.2} times the work"));
        }
    }
    if over.is_empty() { Ok(()) } else { Err(over.join("\n")) }
}

fn count(program: &Path, kind: &str, size: &str) -> Result<f64, String> {
    let out = program.with_extension("callgrind");
    let mut valgrind = command("valgrind");
    valgrind.args([
        "--tool=callgrind",
        "--quiet",
        "--collect-atstart=no",
        "--toggle-collect=worst::measured",
    ]);
    valgrind.arg(format!("--callgrind-out-file={}", out.display())).arg(program).args([kind, size]);
    output(&mut valgrind)?;
    let text = std::fs::read_to_string(&out).map_err(|e| format!("{}: {e}", out.display()))?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
    total
        .and_then(|n| n.trim().parse().ok())
        .filter(|n| *n > 0.0)
        .ok_or_else(|| format!("{kind}: nothing was counted"))
}
