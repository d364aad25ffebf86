//! The chores of this workspace, one file each: `cargo xtask CHORE`.

mod auditable;
mod borders;
mod cedar;
mod coverage;
mod deny;
mod fuzz;
mod instructions;
mod locks;
mod mutants;
mod node;
mod package;
mod prove;
mod python;
mod reproducible;
mod sanitize;
mod sbom;
mod shapes;
mod shell;
mod test;
mod wasm;
mod worst;

use std::process::ExitCode;

/// A chore: its name, what it does, and how.
type Chore = (&'static str, &'static str, fn() -> Result<(), String>);

const CHORES: &[Chore] = &[
    ("test", "run every test; installs what the tests need", test::run_all),
    ("locks", "break each purity lock of the core on purpose; all must object", locks::run_all),
    ("python", "build the wheel and test it in an empty environment", python::run_all),
    ("node", "build the Node package and test it in an empty folder", node::run_all),
    ("package", "build the wheel and the Node package to be installed", package::run_all),
    ("borders", "measure Python and Node.js beside native Rust and the peers", borders::run_all),
    ("wasm", "build the npm package for browsers and workers, and test it there", wasm::run_all),
    ("wasm-test", "test it and the playground with a module that is built sooner", wasm::run_tests),
    ("wasm-bench", "measure the module in Node.js and Chromium beside its peer", wasm::measure),
    ("playground", "serve the playground on this machine", wasm::playground::run_all),
    ("prove", "prove every pack; installs the solver", prove::run_all),
    ("shapes", "write the types of Python and TypeScript from the core's", shapes::run_all),
    (
        "instructions",
        "count the instructions of decisions against the committed counts",
        instructions::run_all,
    ),
    ("fuzz", "let libFuzzer think up inputs: fuzz [DOOR] [SECONDS]", fuzz::run_all),
    ("mutants", "see whether a test objects to each small change: mutants [FILE…] [K/N]", mutants::run_all),
    ("worst", "count what the worst inputs cost; needs valgrind", worst::run_all),
    ("sbom", "say what each artefact is made of, as CycloneDX", sbom::run_all),
    ("auditable", "build with the list of what is in it, and read that back", auditable::run_all),
    ("reproducible", "build twice and compare: reproducible [PART] [PROFILE]", reproducible::run_all),
    ("cedar", "ask Cedar's own tests in every language: cedar FOLDER", cedar::run_all),
    ("sanitize", "run tests under a sanitizer: sanitize [threads | python | node]", sanitize::run_all),
    ("coverage", "measure which lines of the core its tests run through", coverage::run_all),
    ("deny", "check licences, sources, banned crates and lock files", deny::run_all),
];

fn main() -> ExitCode {
    let asked = std::env::args().nth(1).unwrap_or_default();
    let Some((name, _, chore)) = CHORES.iter().find(|(name, ..)| *name == asked) else {
        return help();
    };
    match chore() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("\nxtask {name}: {why}");
            ExitCode::FAILURE
        }
    }
}

fn help() -> ExitCode {
    eprintln!("usage: cargo xtask CHORE\n");
    for (name, purpose, _) in CHORES {
        eprintln!("  {name:<12} {purpose}");
    }
    ExitCode::from(2)
}
