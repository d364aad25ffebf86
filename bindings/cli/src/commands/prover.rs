//! `glasskey prove`, `diff`, `lint` and `coverage`: what the program `glasskey-prove` does,
//! which is installed by itself since it brings a second Cedar and wants a solver.

use crate::fault::Fault;
use crate::outcome::{Exit, Outcome};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

const NAME: &str = "glasskey-prove";

pub(super) fn run(verb: &str, words: &[OsString], json: bool) -> Result<Outcome, Vec<Fault>> {
    let program = beside().unwrap_or_else(|| NAME.into());
    let mut command = Command::new(&program);
    command.arg(verb).args(words);
    if json {
        command.arg("--json");
    }
    let status = command.status().map_err(|error| {
        let message = format!("`glasskey {verb}` needs the program `{NAME}`, which does not start: {error}");
        let help = "install it with `cargo install --path bindings/prove`; it is looked for beside `glasskey` and in PATH";
        vec![Fault::new("no_prover", message, help)]
    })?;
    // It has said what there is to say.
    Ok(Outcome::new(String::new(), status.code().map_or(Exit::Internal, exit)))
}

/// The program that was installed with this one.
fn beside() -> Option<PathBuf> {
    let own = std::env::current_exe().ok()?;
    let other = own.with_file_name(format!("{NAME}{}", std::env::consts::EXE_SUFFIX));
    other.is_file().then_some(other)
}

fn exit(code: i32) -> Exit {
    match code {
        0 => Exit::Ok,
        1 => Exit::Deny,
        2 => Exit::Pending,
        64 => Exit::Usage,
        65 => Exit::BadInput,
        66 => Exit::NoFile,
        69 => Exit::Unavailable,
        _ => Exit::Internal,
    }
}
