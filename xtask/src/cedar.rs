//! `cargo xtask cedar FOLDER`: Cedar's own integration tests, in every language.
//!
//! The folder is a checkout of cedar-policy/cedar-integration-tests with its corpus unpacked. The tests
//! run through our evaluation; then each is made a bundle, facts and a request, held to what follows from
//! Cedar's answer, and written as a vector, which Python, Node.js and the module for WebAssembly (where
//! `cargo xtask wasm-test` has made it) must answer with the same bytes.

use crate::node::copy;
use crate::shell::{cargo, command, root, run, target};
use crate::{node, python};
use std::path::Path;

pub fn run_all() -> Result<(), String> {
    let folder = std::env::args().nth(2).ok_or("which folder? cargo xtask cedar FOLDER")?;
    let folder = std::fs::canonicalize(&folder).map_err(|e| format!("{folder}: {e}"))?;
    let place = target().join("cedar");
    for part in ["packs", "worlds"] {
        copy(&root().join("bindings/conformance").join(part), &place.join(part))?;
    }
    let mut test = cargo();
    test.env("GLASSKEY_CEDAR_TESTS", folder).env("GLASSKEY_CEDAR_VECTORS", place.join("cedar.json"));
    run(test.args([
        "test",
        "--locked",
        "-p",
        "glasskey",
        "--test",
        "cedar_integration",
        "--",
        "--nocapture",
    ]))?;
    let mut pytest = python::python(&python::installed()?);
    pytest.current_dir(python::sources()).env("GLASSKEY_CONFORMANCE", &place);
    run(pytest.args(["-m", "pytest", "tests/test_conformance.py", "-k", "answered", "--no-header", "-q"]))?;
    vectors(&node::installed()?, "test/conformance.test.js", &place)?;
    let module = target().join("wasm/wasm-test/empty");
    if module.exists() {
        return vectors(&module, "test/node/conformance.test.js", &place);
    }
    println!("skipped: no module for WebAssembly is there; `cargo xtask wasm-test` makes it");
    Ok(())
}

fn vectors(within: &Path, tests: &str, place: &Path) -> Result<(), String> {
    let mut node = command("node");
    node.current_dir(within).env("GLASSKEY_CONFORMANCE", place);
    run(node.args(["--test", "--test-name-pattern", "^cedar/", "--test-reporter", "dot", tests]))
}
