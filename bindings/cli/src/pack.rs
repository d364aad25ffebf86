//! Packs and documents as files.

use crate::fault::{Fault, Text};
use glasskey::bundle::MANIFEST;
use glasskey::secret::masked;
use glasskey::{Bundle, Error, Facts, Instant, Request, Sources};
use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The folder of a pack whose files are scenarios, not policies.
const SCENARIOS: &str = "scenarios";

/// The files of a pack's folder.
#[derive(Debug)]
pub struct Pack {
    /// The folder.
    pub root: PathBuf,
    /// What a bundle is compiled from.
    pub sources: Sources,
    /// How the names of files begin that belong to packs which this one extends.
    bases: Vec<String>,
}

impl Pack {
    /// Reads a folder: `bundle.toml`, and every `*.cedar` and `*.cedarschema` in it or below;
    /// and the folders of the packs that it extends.
    /// Folders named `scenarios`, names that begin with a dot and all other files are left out.
    ///
    /// # Errors
    /// `no_such_file`, `unreadable_file`.
    pub fn read(root: &Path) -> Result<Self, Fault> {
        let about = std::fs::metadata(root).map_err(|e| Fault::of_io(root, &e, false))?;
        if !about.is_dir() {
            let message = format!("`{}` is a file, not the folder of a pack", root.display());
            let folder = root.parent().filter(|p| p.join(MANIFEST).is_file());
            let help = match folder {
                Some(folder) => format!("give its folder, `{}`", shown_folder(folder)),
                None => "give the folder that holds `bundle.toml`".to_owned(),
            };
            return Err(Fault::new("unreadable_file", message, help));
        }
        let mut pack = Self { root: root.to_owned(), sources: Sources::new(), bases: Vec::new() };
        pack.take(root, "", &mut BTreeSet::new())?;
        while let Some(base) = pack.sources.missing_base() {
            let folder = root.join(&base);
            let there = folder.join(MANIFEST);
            std::fs::metadata(&there).map_err(|e| Fault::of_io(&there, &e, false))?;
            pack.take(&folder, &format!("{base}/"), &mut BTreeSet::new())?;
            pack.bases.push(format!("{base}/"));
        }
        Ok(pack)
    }

    fn take(&mut self, folder: &Path, prefix: &str, seen: &mut BTreeSet<PathBuf>) -> Result<(), Fault> {
        let bad = |e: std::io::Error| Fault::of_io(folder, &e, false);
        // A link to a folder above would lead in circles.
        if !seen.insert(folder.canonicalize().map_err(bad)?) {
            return Ok(());
        }
        let mut entries =
            std::fs::read_dir(folder).map_err(bad)?.collect::<Result<Vec<_>, _>>().map_err(bad)?;
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            let within = format!("{prefix}{name}");
            let wanted = name == MANIFEST || name.ends_with(".cedar") || name.ends_with(".cedarschema");
            let is_folder = std::fs::metadata(&path).is_ok_and(|m| m.is_dir());
            if is_folder && name != SCENARIOS {
                self.take(&path, &format!("{within}/"), seen)?;
            } else if wanted && !is_folder {
                let content = std::fs::read(&path).map_err(|e| Fault::of_io(&path, &e, false))?;
                self.sources = std::mem::take(&mut self.sources).with(within, content);
            }
        }
        Ok(())
    }

    /// Compiles the pack.
    ///
    /// # Errors
    /// Every fault of every file.
    pub fn compile(&self) -> Result<Bundle, Vec<Fault>> {
        // A folder of packs is no pack, and what is in the packs is not at fault.
        let whole = self.sources.iter().any(|(name, _)| name == MANIFEST);
        let sources = if whole { &self.sources } else { &Sources::new() };
        Bundle::compile(sources).map_err(|errors| {
            let mut faults = self.faults(errors.0);
            for fault in faults.iter_mut().filter(|_| !whole) {
                fault.message = format!("`{}` has no `{MANIFEST}`", self.root.display());
                fault.help = self.packs_below().map(Into::into).or(fault.help.take());
            }
            faults
        })
    }

    /// The core's errors about these files.
    #[must_use]
    pub fn faults(&self, errors: Vec<Error>) -> Vec<Fault> {
        let fault = |error: Error| {
            let named: BTreeSet<&str> = error.labels.iter().map(|l| l.file.as_str()).collect();
            let texts =
                self.sources.iter().filter(|(name, _)| named.contains(name)).map(|(name, content)| Text {
                    name: name.into(),
                    shown: self.root.join(name).display().to_string().into(),
                    // As the core reads it: places count in plain line ends.
                    text: masked(&String::from_utf8_lossy(content).replace("\r\n", "\n")).into(),
                });
            let texts = texts.collect();
            Fault::in_sources(error, texts)
        };
        errors.into_iter().map(fault).collect()
    }

    /// The pack's own files, those of a pack that it extends left out.
    pub fn own(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.sources.iter().filter(|(name, _)| !self.bases.iter().any(|base| name.starts_with(base)))
    }

    /// Where a file of the pack is.
    #[must_use]
    pub fn path_of(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    fn packs_below(&self) -> Option<String> {
        let read = std::fs::read_dir(&self.root).ok()?;
        let mut packs: Vec<String> = read
            .filter_map(|e| Some(e.ok()?.path()))
            .filter(|p| p.join(MANIFEST).is_file())
            .map(|p| format!("`{}`", p.display()))
            .collect();
        packs.sort();
        (!packs.is_empty()).then(|| format!("packs below it: {}", packs.join(", ")))
    }
}

fn shown_folder(folder: &Path) -> String {
    if folder.as_os_str().is_empty() { ".".to_owned() } else { folder.display().to_string() }
}

/// A JSON document from a file, or from standard input for `-`.
#[derive(Clone, Debug)]
pub struct Document {
    bytes: Vec<u8>,
    text: Text,
}

impl Document {
    /// Reads the file.
    ///
    /// # Errors
    /// `no_such_file`, `unreadable_file`.
    pub fn read(path: &Path) -> Result<Self, Fault> {
        let bytes = if path == Path::new("-") {
            let mut bytes = Vec::new();
            std::io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
        } else {
            std::fs::read(path)
        };
        let bytes = bytes.map_err(|e| Fault::of_io(path, &e, false))?;
        let name =
            if path == Path::new("-") { "(standard input)".to_owned() } else { path.display().to_string() };
        let name: std::sync::Arc<str> = name.into();
        // For excerpts alone; the core reads the bytes.
        let text = masked(&String::from_utf8_lossy(&bytes)).into();
        Ok(Self { bytes, text: Text { shown: name.clone(), name, text } })
    }

    /// The document as any JSON.
    ///
    /// # Errors
    /// The core's errors, with their place in the text.
    pub fn json(&self) -> Result<serde_json::Value, Fault> {
        glasskey::canonical::parse(&self.bytes).map_err(|e| self.fault(e))
    }

    /// The document as a snapshot of facts.
    ///
    /// # Errors
    /// The core's errors, with their place in the text.
    pub fn facts(&self, bundle: &Bundle) -> Result<Facts, Fault> {
        Facts::from_json(bundle, &self.bytes).map_err(|e| self.fault(e))
    }

    /// The document as a request.
    ///
    /// # Errors
    /// The core's errors, with their place in the text.
    pub fn request(&self) -> Result<Request, Fault> {
        Request::from_json(&self.bytes).map_err(|e| self.fault(e))
    }

    /// An error about this document.
    #[must_use]
    pub fn fault(&self, error: Error) -> Fault {
        Fault::in_document(error, &self.text)
    }
}

/// The system's time, for where none is given.
#[must_use]
pub fn system_now() -> Instant {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let ms = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
    Instant::from_ms(ms).unwrap_or_else(|_| Instant::from_ms(0).expect("the epoch can be written"))
}
