//! `cargo xtask test`: every test of every part. Each part is a function here, or a
//! module of its own when it has to install something first.

use crate::shell::{cargo, command, run, works};
use crate::{node, python, wasm};

/// Has a chore of its own, `cargo xtask prove`: it needs a solver, and a Cedar of its own.
const PROVER: &str = "glasskey-prove";

pub fn run_all() -> Result<(), String> {
    doctests()?;
    rust()?;
    second_ledger_verifier()?;
    python::run_all()?;
    node::run_all()?;
    wasm::run_tests()
}

/// The examples in the documentation, README included.
fn doctests() -> Result<(), String> {
    run(cargo().args(["test", "--workspace", "--exclude", PROVER, "--doc", "--locked"]))
}

/// Unit, property and integration tests of the whole workspace.
fn rust() -> Result<(), String> {
    if works(cargo().args(["nextest", "--version"])) {
        run(cargo().args([
            "nextest",
            "run",
            "--workspace",
            "--exclude",
            PROVER,
            "--locked",
            "--no-fail-fast",
        ]))
    } else {
        run(cargo().args([
            "test",
            "--workspace",
            "--exclude",
            PROVER,
            "--lib",
            "--bins",
            "--tests",
            "--locked",
            "--no-fail-fast",
        ]))
    }
}

/// The verifier that was written from docs/LEDGER.md alone must agree on every vector.
fn second_ledger_verifier() -> Result<(), String> {
    run(command("python3").args(["-B", "bindings/conformance/check_ledger_vectors.py"]))
}
