//! The core's source files, as lines and as tokens (so that neither a comment nor a
//! string is ever mistaken for code, and macros are read like the rest).

use crate::shell::root;
use proc_macro2::{TokenStream, TokenTree};
use std::fs;
use std::path::{Path, PathBuf};

/// A file of the core.
pub struct File {
    /// Its path below `core/src`, with forward slashes.
    pub path: String,
    pub lines: usize,
    pub tokens: TokenStream,
}

impl File {
    pub fn parse(path: &str, text: &str) -> Result<Self, String> {
        let tokens = text.parse().map_err(|e| format!("core/src/{path}: {e}"))?;
        Ok(Self { path: path.to_owned(), lines: text.lines().count(), tokens })
    }

    /// The path of its module: `["facts", "merge"]`, `["facts"]`, or none for `lib.rs`.
    pub fn module(&self) -> Vec<String> {
        let stem = self.path.trim_end_matches(".rs");
        let stem = stem.strip_suffix("/mod").unwrap_or(stem);
        if stem == "lib" { Vec::new() } else { stem.split('/').map(str::to_owned).collect() }
    }
}

/// Every file of the core, by path.
pub fn core() -> Result<Vec<File>, String> {
    let base = root().join("core/src");
    let mut paths = Vec::new();
    collect(&base, &mut paths)?;
    paths.sort();
    paths.iter().map(|path| read(&base, path)).collect()
}

fn read(base: &Path, path: &Path) -> Result<File, String> {
    let text = fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let below = path.strip_prefix(base).unwrap_or(path).to_string_lossy().replace('\\', "/");
    File::parse(&below, &text)
}

fn collect(dir: &Path, into: &mut Vec<PathBuf>) -> Result<(), String> {
    let entries = fs::read_dir(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    for entry in entries {
        let path = entry.map_err(|e| format!("{}: {e}", dir.display()))?.path();
        if path.is_dir() {
            collect(&path, into)?;
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            into.push(path);
        }
    }
    Ok(())
}

/// Every identifier, in groups and macros too, with its line.
pub fn idents(tokens: &TokenStream) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    for token in tokens.clone() {
        match token {
            TokenTree::Ident(ident) => found.push((ident.to_string(), ident.span().start().line)),
            TokenTree::Group(group) => found.extend(idents(&group.stream())),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
    found
}
