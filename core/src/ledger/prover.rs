//! Proofs from one pass over the leaves, in memory that grows with the tree's height only.

use super::merkle::Frontier;
use crate::canonical::Digest;
use crate::error::{Code, Error};
use crate::prelude::*;

/// Builds one proof while the leaves of the tree go by.
///
/// A proof is the roots of disjoint parts of the tree; each part keeps its own frontier.
#[derive(Clone, Debug)]
pub struct Prover {
    size: u64,
    whole: Frontier,
    parts: Vec<Part>,
}

/// The leaves from `from` (included) to `to` (not).
#[derive(Clone, Debug)]
struct Part {
    from: u64,
    to: u64,
    tree: Frontier,
}

/// A proof, and the root of the tree that it was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The hashes, in the order of RFC 6962 sections 2.1.1 and 2.1.2.
    pub hashes: Vec<Digest>,
    /// The root.
    pub root: Digest,
}

impl Prover {
    /// For the proof that entry `index` is in the tree of the first `size` entries.
    ///
    /// # Errors
    /// `no_such_entry` unless `index < size`.
    pub fn inclusion(index: u64, size: u64) -> Result<Self, Error> {
        if index >= size {
            return Err(no_such_entry(index, size));
        }
        let mut out = Self::new(size);
        let (mut from, mut to) = (0, size);
        while let Some(middle) = split(from, to) {
            if index < middle {
                out.part(middle, to);
                to = middle;
            } else {
                out.part(from, middle);
                from = middle;
            }
        }
        out.parts.reverse();
        Ok(out)
    }

    /// For the proof that the first `old_size` entries are the beginning of the first `size`.
    ///
    /// # Errors
    /// `no_such_entry` unless `old_size <= size`.
    pub fn consistency(old_size: u64, size: u64) -> Result<Self, Error> {
        if old_size > size {
            return Err(no_such_entry(old_size.saturating_sub(1), size));
        }
        let mut out = Self::new(size);
        if old_size == 0 || old_size == size {
            return Ok(out);
        }
        let (mut from, mut to, mut known) = (0, size, true);
        while let Some(middle) = split(from, to).filter(|_| to != old_size) {
            if old_size <= middle {
                out.part(middle, to);
                to = middle;
            } else {
                out.part(from, middle);
                from = middle;
                known = false;
            }
        }
        if !known {
            out.part(from, to);
        }
        out.parts.reverse();
        Ok(out)
    }

    fn new(size: u64) -> Self {
        Self { size, whole: Frontier::default(), parts: Vec::new() }
    }

    fn part(&mut self, from: u64, to: u64) {
        self.parts.push(Part { from, to, tree: Frontier::default() });
    }

    /// Takes the hash of the next leaf; those behind the tree's size are passed over.
    pub fn push(&mut self, leaf: Digest) {
        let index = self.whole.size();
        if index >= self.size {
            return;
        }
        if let Some(part) = self.parts.iter_mut().find(|p| (p.from..p.to).contains(&index)) {
            part.tree.push(leaf);
        }
        self.whole.push(leaf);
    }

    /// The proof, once all leaves went by.
    ///
    /// # Errors
    /// `no_such_entry` if there were too few.
    pub fn finish(self) -> Result<Path, Error> {
        if self.whole.size() < self.size {
            return Err(no_such_entry(self.whole.size(), self.whole.size()));
        }
        let hashes = self.parts.iter().map(|part| part.tree.root()).collect();
        Ok(Path { hashes, root: self.whole.root() })
    }
}

fn no_such_entry(index: u64, size: u64) -> Error {
    Error::new(Code::NoSuchEntry, format!("there is no entry {index}: the tree has {size}"))
        .help("entries count from 0; take a checkpoint that is large enough")
}

/// Where RFC 6962 splits the leaves `from..to`: behind the largest power of two below
/// their number.
fn split(from: u64, to: u64) -> Option<u64> {
    let last = to.saturating_sub(from).saturating_sub(1);
    let left = 1_u64.checked_shl(last.checked_ilog2()?)?;
    from.checked_add(left)
}
