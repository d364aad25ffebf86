//! `cargo xtask test`: every test of every part. Each part is a function here, or a
//! module of its own when it has to install something first.

use crate::shell::{cargo, command, run, works};
use crate::{node, prove, python, wasm};

pub fn run_all() -> Result<(), String> {
    prove::solver()?;
    doctests()?;
    rust()?;
    prove::packs()?;
    second_ledger_verifier()?;
    python::run_all()?;
    node::run_all()?;
    wasm::run_tests()
}

/// The examples in the documentation, README included.
fn doctests() -> Result<(), String> {
    run(cargo().args(["test", "--workspace", "--doc", "--locked"]))
}

/// Unit, property and integration tests of the whole workspace.
fn rust() -> Result<(), String> {
    let mut tests = cargo();
    if works(cargo().args(["nextest", "--version"])) {
        tests.args(["nextest", "run"]);
    } else {
        tests.args(["test", "--lib", "--bins", "--tests"]);
    }
    run(tests.args(["--workspace", "--locked", "--no-fail-fast"]))
}

/// The verifier that was written from docs/LEDGER.md alone must agree on every vector.
fn second_ledger_verifier() -> Result<(), String> {
    run(command("python3").args(["-B", "bindings/conformance/check_ledger_vectors.py"]))
}
