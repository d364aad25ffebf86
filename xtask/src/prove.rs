//! `cargo xtask prove`: the proofs of every pack, several side by side. The prover's own tests are
//! among those of the workspace.

use crate::shell::{cargo, command, output, root, run, target, works};
use std::path::PathBuf;
use std::sync::Mutex;
use std::thread;

const INSTALL: &str = "apt-get install cvc5 (Debian, Ubuntu), brew install cvc5 (macOS), \
     or https://cvc5.github.io/downloads.html";

pub fn run_all() -> Result<(), String> {
    solver()?;
    packs()
}

/// Proves every pack. One that is as it was when it was proved is not proved again.
pub fn packs() -> Result<(), String> {
    // As the tests are built, so that nothing is built a second time with other features.
    run(cargo().args(["test", "--workspace", "--no-run", "--quiet", "--locked"]))?;
    let prover = target().join("debug").join(format!("glasskey-prove{}", std::env::consts::EXE_SUFFIX));
    let cache = target().join("proofs");
    let waiting = Mutex::new(stating_properties()?);
    let next = || waiting.lock().ok().and_then(|mut packs| packs.pop());
    let prove = || {
        while let Some(pack) = next() {
            let proved = command(&prover).arg("prove").arg(&pack).arg("--cache").arg(&cache).output();
            let proved = proved.map_err(|e| format!("`{}` did not start: {e}", prover.display()))?;
            print!("{}", String::from_utf8_lossy(&proved.stdout));
            if !proved.status.success() {
                let why = String::from_utf8_lossy(&proved.stderr);
                return Err(format!("{} is not proved\n{why}", pack.display()));
            }
        }
        Ok(())
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(prove)).collect();
        let ended = workers.into_iter().map(|worker| worker.join().unwrap_or(Err("it panicked".to_owned())));
        ended.collect::<Vec<_>>().into_iter().collect()
    })
}

/// The solver is there, or is installed where that is possible; it is never gone without.
pub fn solver() -> Result<(), String> {
    let program = std::env::var_os("CVC5").unwrap_or_else(|| "cvc5".into());
    let there = || works(command(&program).arg("--version"));
    if there() {
        return Ok(());
    }
    let root = output(command("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if root && works(command("apt-get").arg("--version")) {
        run(command("apt-get").args(["update", "--quiet"]))?;
        let install = ["install", "--yes", "--quiet", "--no-install-recommends", "cvc5"];
        run(command("apt-get").args(install))?;
    }
    if there() { Ok(()) } else { Err(format!("the solver cvc5 is not installed: {INSTALL}")) }
}

/// Every pack that states properties of itself.
fn stating_properties() -> Result<Vec<PathBuf>, String> {
    let folder = root().join("policies");
    let entries = std::fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut packs: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok())
        .filter(|entry| entry.path().join("properties.toml").is_file())
        .map(|entry| PathBuf::from("policies").join(entry.file_name()))
        .collect();
    packs.sort();
    if packs.is_empty() { Err("no pack states properties".to_owned()) } else { Ok(packs) }
}
