//! The program itself, run as people and scripts run it.

mod check;
mod decide;
mod docs;
mod fmt_and_schema;
mod ledger;
mod malformed;
mod prover;
mod scenarios;
mod simulate;
mod streams;

use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a run of the program gave.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// Standard output as JSON; it must be one line.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.out.lines().count(), 1, "{self:?}");
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    /// The code of the first error that `--json` tells.
    pub(crate) fn error(&self) -> String {
        self.json()["errors"][0]["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// Runs the program.
pub(crate) fn glasskey(arguments: &[&str]) -> Ran {
    with_input(arguments, b"")
}

/// Runs the program with something on standard input.
pub(crate) fn with_input(arguments: &[&str], input: &[u8]) -> Ran {
    let mut child = Command::new(env!("CARGO_BIN_EXE_glasskey"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that does not read its input closes it; that is its right.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    Ran {
        code: output.status.code().expect("no signal ended it"),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

pub(crate) const PACK: &str = "tests/packs/small";
pub(crate) const FACTS: &str = "tests/packs/small/facts.json";
pub(crate) const NOW: &str = "2026-03-01T02:05:05Z";

/// `decide` or `explain` on the small pack.
pub(crate) fn ask(command: &str, request: &str, more: &[&str]) -> Ran {
    let request = format!("{PACK}/requests/{request}.json");
    let mut arguments =
        vec![command, "--bundle", PACK, "--facts", FACTS, "--request", &request, "--now", NOW];
    arguments.extend(more);
    glasskey(&arguments)
}

/// An empty folder of this name, for tests that write.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// A copy of the small pack, with changes to its files.
pub(crate) fn pack(name: &str, changes: &[(&str, &str, &str)]) -> String {
    let to = folder(name);
    copy(Path::new(env!("CARGO_MANIFEST_DIR")).join(PACK).as_path(), &to);
    for (file, from, into) in changes {
        let path = to.join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "`{from}` is not in {file}");
        std::fs::write(&path, text.replace(from, into)).unwrap();
    }
    to.display().to_string()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let into = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &into);
        } else {
            std::fs::copy(&path, &into).unwrap();
        }
    }
}

pub(crate) fn write(folder: &Path, name: &str, text: impl AsRef<[u8]>) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}
