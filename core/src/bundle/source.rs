//! A bundle's files, as an embedder or a folder reader hands them over.

use crate::canonical::Digest;
use crate::cedar::File;
use crate::error::{Code, Error};
use crate::limits::{BUNDLE_BYTES_MAX, BUNDLE_FILES_MAX};
use crate::prelude::*;

/// The name of the manifest.
pub const MANIFEST: &str = "bundle.toml";

/// The files of a pack by name: one `bundle.toml`, any number of `*.cedar` and `*.cedarschema`.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: BTreeMap<String, Vec<u8>>,
}

/// The files by their use, in order of their names.
pub(super) struct Sorted {
    pub(super) manifest: Option<File>,
    pub(super) schemas: Vec<File>,
    pub(super) policies: Vec<File>,
    pub(super) faults: Vec<Error>,
}

impl Sources {
    /// No files yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file; a later one of the same name replaces it.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        self.files.insert(name.into(), content.into());
        self
    }

    /// The names and contents, in order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(name, content)| (name.as_str(), content.as_slice()))
    }

    pub(super) fn sort(&self) -> Sorted {
        let mut out =
            Sorted { manifest: None, schemas: Vec::new(), policies: Vec::new(), faults: self.over_limits() };
        if !out.faults.is_empty() {
            return out;
        }
        for (name, content) in &self.files {
            let Ok(text) = core::str::from_utf8(content) else {
                out.faults.push(
                    Error::new(Code::NotText, format!("`{name}` is not UTF-8 text"))
                        .help("save the file as UTF-8")
                        .at(name.clone()),
                );
                continue;
            };
            let file = File { name: name.as_str().into(), text: normal_lines(text).into() };
            if name == MANIFEST {
                out.manifest = Some(file);
            } else if name.ends_with(".cedarschema") {
                out.schemas.push(file);
            } else if name.ends_with(".cedar") {
                out.policies.push(file);
            } else {
                out.faults.push(
                    Error::new(Code::UnknownFile, format!("`{name}` is no file of a bundle"))
                        .help("a bundle takes `bundle.toml`, `*.cedarschema` and `*.cedar`")
                        .at(name.clone()),
                );
            }
        }
        if out.manifest.is_none() && out.faults.is_empty() {
            out.faults.push(
                Error::new(Code::NoManifest, "the bundle has no `bundle.toml`")
                    .help("add one that gives at least `name` and `version`"),
            );
        }
        out
    }

    fn over_limits(&self) -> Vec<Error> {
        let bytes: usize = self.files.values().map(Vec::len).fold(0, usize::saturating_add);
        let mut faults = Vec::new();
        if self.files.len() > BUNDLE_FILES_MAX {
            faults.push(
                Error::new(Code::TooMany, format!("the bundle has more than {BUNDLE_FILES_MAX} files"))
                    .help("put several policies into one file"),
            );
        }
        if bytes > BUNDLE_BYTES_MAX {
            faults.push(
                Error::new(Code::TooLarge, format!("the bundle has more than {BUNDLE_BYTES_MAX} bytes"))
                    .help("split the bundle"),
            );
        }
        faults
    }
}

/// Line endings must not change a digest.
fn normal_lines(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// The digests of texts, sorted: independent of names and order.
pub(super) fn digests(files: &[File]) -> Vec<Digest> {
    let mut all: Vec<Digest> = files.iter().map(|f| Digest::of(f.text.as_bytes())).collect();
    all.sort();
    all
}
