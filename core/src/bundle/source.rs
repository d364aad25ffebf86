//! A bundle's files, as an embedder or a folder reader hands them over.

use crate::bundle::extend;
use crate::canonical::Digest;
use crate::cedar::File;
use crate::error::{Code, Error, Label};
use crate::limits::{BUNDLE_BYTES_MAX, BUNDLE_FILES_MAX, EXTENDS_MAX};
use crate::prelude::*;
use crate::secret::looks_secret;
use crate::wire::secret_at;

/// The name of the manifest.
pub const MANIFEST: &str = "bundle.toml";

/// The files of a pack by name: one `bundle.toml`, any number of `*.cedar` and `*.cedarschema`.
/// If the manifest extends another pack, that one's files stand among them under its name.
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

    /// The folder of the pack that this one extends, if its files are not among these: a path
    /// relative to the pack, to be put before the names of what is read there. To be asked
    /// again afterwards, since that pack may extend another.
    ///
    /// ```
    /// # use glasskey::Sources;
    /// let pack = Sources::new().with("bundle.toml", "extends = { pack = \"../starter\" }");
    /// assert_eq!(pack.missing_base().as_deref(), Some("../starter"));
    /// let whole = pack.with("../starter/bundle.toml", "name = \"starter\"");
    /// assert_eq!(whole.missing_base(), None);
    /// ```
    #[must_use]
    pub fn missing_base(&self) -> Option<String> {
        let mut folder = String::new();
        for _ in 0..EXTENDS_MAX {
            let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
            let base = extend::named(self.files.get(&format!("{prefix}{MANIFEST}"))?)?;
            folder = format!("{prefix}{base}");
            if !self.files.contains_key(&format!("{folder}/{MANIFEST}")) {
                return Some(folder);
            }
        }
        None
    }

    pub(super) fn manifest(&self) -> Option<&[u8]> {
        self.files.get(MANIFEST).map(Vec::as_slice)
    }

    /// The files whose names begin so, without that beginning, and the others.
    pub(super) fn split(self, prefix: &str) -> (Self, Self) {
        let (mut with, mut without) = (Self::default(), Self::default());
        for (name, content) in self.files {
            match name.strip_prefix(prefix) {
                Some(rest) => drop(with.files.insert(rest.to_owned(), content)),
                None => drop(without.files.insert(name, content)),
            }
        }
        (with, without)
    }

    /// The files by their use; a label names them with the prefix.
    pub(super) fn sort(&self, prefix: &str) -> Sorted {
        let mut out =
            Sorted { manifest: None, schemas: Vec::new(), policies: Vec::new(), faults: Vec::new() };
        for (name, content) in &self.files {
            let shown = format!("{prefix}{name}");
            let Ok(text) = core::str::from_utf8(content) else {
                out.faults.push(
                    Error::new(Code::NotText, format!("`{shown}` is not UTF-8 text"))
                        .help("save the file as UTF-8")
                        .at(shown),
                );
                continue;
            };
            let file = File { name: shown.as_str().into(), text: normal_lines(text).into() };
            if name == MANIFEST {
                out.manifest = Some(file);
            } else if name.ends_with(".cedarschema") {
                out.schemas.push(file);
            } else if name.ends_with(".cedar") {
                out.policies.push(file);
            } else {
                out.faults.push(
                    Error::new(Code::UnknownFile, format!("`{shown}` is no file of a bundle"))
                        .help("a bundle takes `bundle.toml`, `*.cedarschema` and `*.cedar`")
                        .at(shown),
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

    /// The faults of files with credentials in them: packs are read by many, and quoted in answers.
    /// Nothing else is said of such a pack, since other faults would quote it.
    pub(super) fn secrets(&self) -> Vec<Error> {
        let texts =
            self.files.iter().filter_map(|(n, content)| Some((n, core::str::from_utf8(content).ok()?)));
        texts.filter_map(|(name, text)| secret(name, text)).collect()
    }

    pub(super) fn over_limits(&self) -> Vec<Error> {
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

/// The fault of a text with a credential in it.
fn secret(name: &str, text: &str) -> Option<Error> {
    let (number, line) = text.lines().enumerate().find(|(_, line)| looks_secret(line))?;
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let length = count(line.chars().count());
    let line_number = count(number.saturating_add(1));
    let label = Label { file: name.to_owned(), line: line_number, column: 1, length, text: line.to_owned() };
    Some(secret_at(name).label(label))
}

/// Line endings must not change a digest.
fn normal_lines(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// The digests of texts, sorted: independent of names and order.
pub(super) fn digests<'a>(files: impl IntoIterator<Item = &'a File>) -> Vec<Digest> {
    let mut all: Vec<Digest> = files.into_iter().map(|f| Digest::of(f.text.as_bytes())).collect();
    all.sort();
    all
}
