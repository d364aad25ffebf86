//! What a command gives back: texts for the two streams, and how the program exits.

use crate::fault::Fault;
use crate::screen::Screen;
use serde_json::json;

/// How the program exits. The numbers are part of the interface; `--help` lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// Permitted; or all is well.
    Ok = 0,
    /// Denied; or a test failed, a file is not formatted, something is refuted.
    Deny = 1,
    /// Pending: approvals are missing; or something is not proved.
    Pending = 2,
    /// The command line is wrong.
    Usage = 64,
    /// An input is malformed.
    BadInput = 65,
    /// A file is not there, or cannot be read or written.
    NoFile = 66,
    /// A program that is needed is not installed.
    Unavailable = 69,
    /// The program has a bug.
    Internal = 70,
}

/// The texts for the two streams, and the exit code.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// For standard output.
    pub out: String,
    /// For standard error.
    pub err: String,
    /// How the program exits.
    pub exit: Exit,
}

impl Outcome {
    /// An answer on standard output.
    #[must_use]
    pub const fn new(out: String, exit: Exit) -> Self {
        Self { out, err: String::new(), exit }
    }

    /// Faults: a report for people on standard error, or `{"errors":[…]}` on standard output.
    #[must_use]
    pub fn faults(faults: &[Fault], screen: &Screen) -> Self {
        let exit = faults.iter().map(|f| f.exit).max().unwrap_or(Exit::Internal);
        if screen.json {
            return Self::new(line(&json!({ "errors": faults })), exit);
        }
        Self { out: String::new(), err: crate::report::graphical(faults, screen), exit }
    }
}

/// One line of canonical JSON.
pub(crate) fn line<T: serde::Serialize>(value: &T) -> String {
    let mut text = glasskey::canonical::to_text(value);
    text.push('\n');
    text
}
