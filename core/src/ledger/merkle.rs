//! The Merkle tree of RFC 6962 section 2.1 over SHA-256 (RFC 9162 keeps it unchanged).
//!
//! A ledger's leaf is `SHA-256(0x00 || hash)`, where `hash` is the 32 bytes of the entry's
//! own hash: a fixed small record, so that a ledger of entries of any length can be laid
//! out as C2SP tlog-tiles, whose records have at most 65,535 bytes.

use crate::canonical::Digest;
use crate::error::{Code, Error};
use crate::prelude::*;
use crate::wire::encode;
use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest as _, Sha256};

/// The hash of a leaf: `SHA-256(0x00 || data)`.
#[must_use]
pub fn leaf_hash(data: &[u8]) -> Digest {
    Digest::from_bytes(Sha256::new().chain_update([0]).chain_update(data).finalize().into())
}

/// The hash of an inner node: `SHA-256(0x01 || left || right)`.
#[must_use]
pub fn node_hash(left: Digest, right: Digest) -> Digest {
    let hasher = Sha256::new().chain_update([1]).chain_update(left.as_bytes()).chain_update(right.as_bytes());
    Digest::from_bytes(hasher.finalize().into())
}

/// The root of the empty tree: `SHA-256("")`.
#[must_use]
pub fn empty_root() -> Digest {
    Digest::of(b"")
}

/// All of a tree that is needed to add leaves and to know its root: the roots of its full
/// subtrees, the largest first, one for each bit of its size.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Digest>,
}

impl<'de> Deserialize<'de> for Frontier {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Parts {
            size: u64,
            peaks: Vec<Digest>,
        }
        let parts = Parts::deserialize(d)?;
        Self::new(parts.size, parts.peaks).map_err(encode)
    }
}

impl Frontier {
    /// A frontier that was kept: the tree's size and the roots of its full subtrees.
    ///
    /// # Errors
    /// `bad_frontier` unless there is one root for each bit of the size.
    pub fn new(size: u64, peaks: Vec<Digest>) -> Result<Self, Error> {
        if u32::try_from(peaks.len()).is_ok_and(|n| n == size.count_ones()) {
            return Ok(Self { size, peaks });
        }
        let needed = size.count_ones();
        Err(Error::new(
            Code::BadFrontier,
            format!("a tree of {size} leaves has {needed} full subtrees, not {}", peaks.len()),
        )
        .help("read the ledger from its start to make the frontier anew"))
    }

    /// How many leaves the tree has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The roots of the full subtrees, the largest first.
    #[must_use]
    pub fn peaks(&self) -> &[Digest] {
        &self.peaks
    }

    /// Adds a leaf, given its hash.
    pub fn push(&mut self, leaf: Digest) {
        let mut carried = leaf;
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                carried = node_hash(left, carried);
            }
        }
        self.peaks.push(carried);
        self.size = self.size.saturating_add(1);
    }

    /// The root of the tree.
    #[must_use]
    pub fn root(&self) -> Digest {
        let from_the_right = self.peaks.iter().copied().rev();
        from_the_right.reduce(|right, left| node_hash(left, right)).unwrap_or_else(empty_root)
    }
}

/// Whether `path` proves that the leaf of this hash stands at `index` in the tree of
/// `size` leaves with this root (RFC 9162 section 2.1.3.2).
#[must_use]
pub fn verify_inclusion(leaf: Digest, index: u64, size: u64, path: &[Digest], root: Digest) -> bool {
    if index >= size {
        return false;
    }
    let mut node = index;
    let mut last = size.wrapping_sub(1);
    let mut hash = leaf;
    for sibling in path {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(*sibling, hash);
            let skipped = node.trailing_zeros();
            node = node.checked_shr(skipped).unwrap_or(0);
            last = last.checked_shr(skipped).unwrap_or(0);
        } else {
            hash = node_hash(hash, *sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && hash == root
}

/// Whether `path` proves that the tree of `old_size` leaves with `old_root` is the
/// beginning of the tree of `size` leaves with `root` (RFC 9162 section 2.1.4.2).
#[must_use]
pub fn verify_consistency(old_size: u64, old_root: Digest, size: u64, root: Digest, path: &[Digest]) -> bool {
    if old_size > size {
        return false;
    }
    if old_size == size {
        return path.is_empty() && old_root == root;
    }
    if old_size == 0 {
        return path.is_empty() && old_root == empty_root();
    }
    let mut node = old_size.wrapping_sub(1);
    let mut last = size.wrapping_sub(1);
    let skipped = node.trailing_ones();
    node = node.checked_shr(skipped).unwrap_or(0);
    last = last.checked_shr(skipped).unwrap_or(0);
    // A full old tree is itself the first node of the path.
    let mut rest = path;
    let first = if old_size.is_power_of_two() {
        old_root
    } else {
        let Some((first, others)) = path.split_first() else { return false };
        rest = others;
        *first
    };
    let (mut old, mut new) = (first, first);
    for sibling in rest {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            old = node_hash(*sibling, old);
            new = node_hash(*sibling, new);
            let skipped = node.trailing_zeros();
            node = node.checked_shr(skipped).unwrap_or(0);
            last = last.checked_shr(skipped).unwrap_or(0);
        } else {
            new = node_hash(new, *sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && old == old_root && new == root
}

#[cfg(test)]
mod tests;
