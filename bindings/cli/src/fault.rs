//! Faults of what the command line is given, in the one shape that errors have everywhere.

use crate::outcome::Exit;
use crate::place;
use glasskey::{Error, Label};
use serde::Serialize;
use std::path::Path;
use std::sync::Arc;

/// A fault: one of the core's errors, or one of those in [`CODES`].
#[derive(Clone, Debug, Serialize)]
pub struct Fault {
    /// The code, for programs.
    pub code: &'static str,
    /// What is wrong, for people.
    pub message: String,
    /// What to do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<Box<str>>,
    /// Where in the input document, such as `scope[0].action`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<Box<str>>,
    /// Where in which files.
    pub labels: Vec<Label>,
    /// The texts of those files, for excerpts.
    #[serde(skip)]
    pub texts: Box<[Text]>,
    /// How the program exits for it.
    #[serde(skip)]
    pub exit: Exit,
}

/// A named text.
#[derive(Clone, Debug)]
pub struct Text {
    /// The name, as labels give it.
    pub name: Arc<str>,
    /// How to show the name.
    pub shown: Arc<str>,
    /// The text, with plain line ends.
    pub text: Arc<str>,
}

/// The codes of this program besides those of the core, and when each is given.
pub const CODES: &[(&str, &str)] = &[
    ("no_such_file", "A file or folder that the command line names is not there."),
    ("unreadable_file", "A file cannot be read, or a file is given for a folder."),
    ("bad_private_key", "A file holds no Ed25519 private key in PKCS#8 and PEM."),
    ("unwritable_file", "A file cannot be written."),
    ("unknown_step", "A scenario has a step that this build does not know."),
    ("bad_usage", "The command line asks for two things that exclude each other."),
    ("no_scenarios", "Nothing that was given to `test` holds a scenario."),
    ("empty_ledger", "A ledger has no entry yet."),
    ("no_entry", "A proof does not hold its entry, and none was given beside it."),
    ("no_packs", "A folder is no pack and holds none."),
    ("no_such_incident", "No request in a ledger names the incident."),
    ("no_prover", "The program `glasskey-prove` is not installed."),
    ("not_formatted", "The formatter does not take a file."),
];

impl Fault {
    /// A fault with one of the codes in [`CODES`].
    pub(crate) fn new(code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Self {
        debug_assert!(CODES.iter().any(|(known, _)| *known == code), "`{code}` is in no catalogue");
        let exit = match code {
            "bad_usage" => Exit::Usage,
            "no_prover" => Exit::Unavailable,
            _ if code.ends_with("_file") => Exit::NoFile,
            _ => Exit::BadInput,
        };
        Self {
            code,
            message: message.into(),
            help: Some(help.into().into()),
            path: None,
            labels: Vec::new(),
            texts: Box::default(),
            exit,
        }
    }

    /// What went wrong with a file.
    pub(crate) fn of_io(path: &Path, error: &std::io::Error, writing: bool) -> Self {
        let shown = path.display();
        match error.kind() {
            std::io::ErrorKind::NotFound if !writing => {
                let help = match neighbour(path) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "mend the path".to_owned(),
                };
                Self::new("no_such_file", format!("there is no `{shown}`"), help)
            }
            _ if writing => Self::new(
                "unwritable_file",
                format!("`{shown}` cannot be written: {error}"),
                "mend the path or its rights",
            ),
            _ => Self::new(
                "unreadable_file",
                format!("`{shown}` cannot be read: {error}"),
                "mend the path or its rights",
            ),
        }
    }

    /// One of the core's errors about a file that is not shown.
    pub(crate) fn about(path: &Path, error: Error) -> Self {
        let mut fault = Self::in_sources(error, Vec::new());
        fault.message = format!("`{}`: {}", path.display(), fault.message);
        fault
    }

    /// A fault for which the program exits as for a denial: what was checked does not hold.
    pub(crate) const fn denied(mut self) -> Self {
        self.exit = Exit::Deny;
        self
    }

    /// One of the core's errors, whose labels point into `texts`.
    pub(crate) fn in_sources(error: Error, texts: Vec<Text>) -> Self {
        let Error { code, message, help, path, labels } = error;
        let (help, path) = (help.map(Into::into), path.map(Into::into));
        Self { code: code.as_str(), message, help, path, labels, texts: texts.into(), exit: Exit::BadInput }
    }

    /// One of the core's errors about a JSON document: its path becomes a place in the text.
    pub(crate) fn in_document(error: Error, text: &Text) -> Self {
        let (start, length) = place::of(&text.text, &error);
        let mut fault = Self::in_sources(error, vec![text.clone()]);
        fault.labels.push(place::label(text, start, length));
        fault
    }
}

/// The nearest name in the folder where a file was looked for.
fn neighbour(path: &Path) -> Option<String> {
    let wanted = path.file_name()?.to_str()?;
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    let read = std::fs::read_dir(folder.unwrap_or_else(|| Path::new("."))).ok()?;
    let mut names: Vec<String> = read.filter_map(|e| e.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    let near = glasskey::error::nearest(wanted, names.iter().map(String::as_str))?;
    Some(folder.map_or_else(|| near.to_owned(), |f| f.join(near).display().to_string()))
}
