//! `cargo xtask shapes`: the shapes of plain data in Python and TypeScript, made from the core's
//! own types, so that no binding declares them once more. What is made is committed; the tests of
//! the bindings ask whether it is up to date.

mod core;
mod model;
mod python;
mod typescript;

use crate::shell::root;
use model::Shapes;

type Writer = fn(&Shapes) -> String;

const FILES: [(&str, Writer); 2] = [
    ("bindings/python/python/glasskey/types.py", python::write),
    ("bindings/node/types.d.ts", typescript::write),
];

/// Writes the files.
pub fn run_all() -> Result<(), String> {
    let shapes = core::read()?;
    for (path, write) in FILES {
        std::fs::write(root().join(path), write(&shapes)).map_err(|e| format!("{path}: {e}"))?;
    }
    Ok(())
}

/// Asks whether the files are up to date.
pub fn check() -> Result<(), String> {
    let shapes = core::read()?;
    for (path, write) in FILES {
        if std::fs::read_to_string(root().join(path)).ok() != Some(write(&shapes)) {
            return Err(format!("{path} is not what the core's types say; to mend: cargo xtask shapes"));
        }
    }
    Ok(())
}
