//! Proofs in a file of their own (c2sp.org/tlog-proof): one entry, shown to somebody who
//! has neither the ledger nor a network.

use super::checkpoint::Checkpoint;
use super::entry::Entry;
use super::line::whole;
use super::merkle::{leaf_hash, verify_inclusion};
use super::prover::Path;
use crate::canonical::Digest;
use crate::error::{Code, Error};
use crate::limits::PROOF_HASHES_MAX;
use crate::prelude::*;
use crate::signing::{Note, VerifierKey, base64};
use core::fmt;

/// That an entry is in the ledger that a checkpoint was signed for; by custom in a file
/// that ends in `.tlog-proof`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlogProof {
    /// Which entry.
    pub index: u64,
    /// Anything that the application adds; nobody signs it.
    pub extra: Option<Vec<u8>>,
    /// The hashes from the entry to the root.
    pub path: Vec<Digest>,
    /// The signed checkpoint.
    pub checkpoint: Note,
}

const HEADER: &str = "c2sp.org/tlog-proof@v1";

impl TlogProof {
    /// The proof of entry `index`, from a path made for the tree of the checkpoint.
    ///
    /// # Errors
    /// `bad_checkpoint`; `checkpoint_mismatch` if the path is of another tree.
    pub fn new(index: u64, path: Path, checkpoint: Note) -> Result<Self, Error> {
        if Checkpoint::parse(checkpoint.text())?.root != path.root {
            return Err(Error::new(
                Code::CheckpointMismatch,
                "the path was made for another tree than the checkpoint's",
            )
            .help("make the path over as many entries as the checkpoint has"));
        }
        Ok(Self { index, extra: None, path: path.hashes, checkpoint })
    }

    /// Reads a proof.
    ///
    /// # Errors
    /// `bad_proof`, `bad_note`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let (head, note) = text.split_once("\n\n").ok_or_else(|| bad("has no checkpoint"))?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(HEADER) {
            return Err(bad("does not begin with `c2sp.org/tlog-proof@v1`"));
        }
        let extra = lines
            .next_if(|line| line.starts_with("extra "))
            .and_then(|line| line.strip_prefix("extra "))
            .map(|line| base64::decode(line).map_err(|_| bad("has extra data that are not base64")))
            .transpose()?;
        let index = lines
            .next()
            .and_then(|line| line.strip_prefix("index "))
            .and_then(whole)
            .ok_or_else(|| bad("has no line like `index 7`"))?;
        let hash = |line| base64::decode_digest(line).map_err(|_| bad("has a line that is not a hash"));
        let path: Vec<Digest> = lines.map(hash).collect::<Result<_, _>>()?;
        if path.len() > PROOF_HASHES_MAX {
            return Err(bad("has more hashes than a tree can be high"));
        }
        Ok(Self { index, extra, path, checkpoint: Note::parse(note)? })
    }

    /// Checks that the entry is in a ledger whose checkpoint one of `keys` signed, and
    /// gives the checkpoint.
    ///
    /// # Errors
    /// `entry_altered`; those of [`Checkpoint::verify`]; `proof_fails`.
    pub fn verify(&self, entry: &Entry, keys: &[VerifierKey]) -> Result<Checkpoint, Error> {
        if entry.expected_hash() != entry.hash {
            return Err(super::entry::altered());
        }
        if entry.seq != self.index {
            return Err(fails(format!("the proof is of entry {}, not of {}", self.index, entry.seq)));
        }
        self.verify_hash(entry.hash, keys)
    }

    /// As [`TlogProof::verify`], for a reader who has the entry's hash only.
    ///
    /// # Errors
    /// Those of [`Checkpoint::verify`]; `proof_fails`.
    pub fn verify_hash(&self, entry: Digest, keys: &[VerifierKey]) -> Result<Checkpoint, Error> {
        let checkpoint = Checkpoint::verify(&self.checkpoint, keys)?;
        let leaf = leaf_hash(entry.as_bytes());
        if verify_inclusion(leaf, self.index, checkpoint.size, &self.path, checkpoint.root) {
            return Ok(checkpoint);
        }
        Err(fails(format!("the entry is not entry {} of the ledger `{}`", self.index, checkpoint.origin)))
    }
}

impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", base64::encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        for hash in &self.path {
            writeln!(f, "{}", base64::encode(hash.as_bytes()))?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

fn bad(why: &str) -> Error {
    Error::new(Code::BadProof, format!("the proof {why}"))
        .help("take the file as it was exported; it ends in `.tlog-proof` by custom")
}

fn fails(message: String) -> Error {
    Error::new(Code::ProofFails, message).help("take the proof and the entry from the same ledger")
}

#[cfg(test)]
mod tests;
