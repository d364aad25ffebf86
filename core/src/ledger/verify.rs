//! Reading a ledger as an auditor does: line by line, in constant memory, to the first fault.

use super::chain::Ledger;
use super::checkpoint::Checkpoint;
use super::entry::{Entry, Link};
use super::merkle::empty_root;
use crate::canonical::Digest;
use crate::error::{Code, Error};
use crate::limits::JSON_BYTES_MAX;
use crate::prelude::*;
use crate::time::Instant;
use serde::{Deserialize, Serialize};

/// The first thing that is wrong with a ledger, and where.
///
/// The codes: those of reading JSON, `not_canonical`, `entry_altered`, `entry_missing`,
/// `entry_misplaced`, `link_broken`, `time_backwards`, `bad_genesis`,
/// `checkpoint_mismatch`, `ledger_truncated`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("entry {seq} (line {line}, byte {offset}): {error}")]
pub struct Fault {
    /// The entry that is due at this place.
    pub seq: u64,
    /// The line, from 1.
    pub line: u64,
    /// The bytes before that line.
    pub offset: u64,
    /// The first entry that may be affected, when that is an earlier one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub since: Option<u64>,
    /// What is wrong.
    pub error: Error,
}

/// What stands behind the last newline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Tail {
    /// Nothing: the file ends as a writer ends it.
    Whole,
    /// A whole entry, which counts; only its newline is missing. Write it before appending.
    Unterminated,
    /// The beginning of an entry whose writing was cut short. Nothing before it is
    /// affected; cut the file back to `VerifyReport::bytes` before appending.
    Torn {
        /// How many bytes.
        bytes: u64,
    },
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyReport {
    /// The ledger's name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub origin: Option<String>,
    /// The entries before the first fault: whole, in order, linked.
    pub entries: u64,
    /// Bytes of these entries.
    pub bytes: u64,
    /// The hash of the last of them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub head: Option<Digest>,
    /// The root of the Merkle tree over them.
    pub root: Digest,
    /// When the first was written.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub first_at: Option<Instant>,
    /// When the last was written.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_at: Option<Instant>,
    /// How many of the given checkpoints agree.
    pub checkpoints: u64,
    /// How the file ends.
    pub tail: Tail,
    /// The first fault.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fault: Option<Box<Fault>>,
}

impl VerifyReport {
    /// Whether no fault was found. A torn tail is none: no entry is lost by it.
    #[must_use]
    pub const fn is_intact(&self) -> bool {
        self.fault.is_none()
    }
}

/// Reads a ledger to its first fault.
#[derive(Clone, Debug)]
pub struct Verifier {
    ledger: Option<Ledger>,
    /// Those not reached yet, the nearest last.
    ahead: Vec<Checkpoint>,
    agreed: u64,
    agreed_size: u64,
    first_at: Option<Instant>,
    lines: u64,
    bytes: u64,
    pending: Vec<u8>,
    tail: Tail,
    fault: Option<Box<Fault>>,
}

impl Default for Verifier {
    fn default() -> Self {
        Self {
            ledger: None,
            ahead: Vec::new(),
            agreed: 0,
            agreed_size: 0,
            first_at: None,
            lines: 0,
            bytes: 0,
            pending: Vec::new(),
            tail: Tail::Whole,
            fault: None,
        }
    }
}

impl Verifier {
    /// For a ledger from its first line.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// For the lines behind a state that is trusted already.
    #[must_use]
    pub fn resume(ledger: Ledger) -> Self {
        Self { agreed_size: ledger.len(), ledger: Some(ledger), ..Self::default() }
    }

    /// Holds the ledger to older checkpoints, whose signatures the caller has verified.
    ///
    /// Only this finds a ledger that was rewritten and hashed anew, or cut at its end. Of
    /// a resumed ledger, checkpoints smaller than its state are not looked at.
    #[must_use]
    pub fn against(mut self, checkpoints: impl IntoIterator<Item = Checkpoint>) -> Self {
        self.ahead.extend(checkpoints);
        self.ahead.retain(|c| c.size >= self.agreed_size);
        self.ahead.sort_by_key(|c| core::cmp::Reverse(c.size));
        self
    }

    /// Takes the next bytes of the file, cut anywhere.
    ///
    /// # Errors
    /// The first fault; every call after it gives the same.
    pub fn feed(&mut self, chunk: &[u8]) -> Result<(), Box<Fault>> {
        let mut rest = chunk;
        while let Some(end) = rest.iter().position(|b| *b == b'\n') {
            let (line, behind) = rest.split_at_checked(end).unwrap_or((rest, &[]));
            rest = behind.split_first().map_or(&[][..], |(_, after)| after);
            if self.pending.is_empty() {
                self.check(line, true)?;
            } else {
                let mut whole = core::mem::take(&mut self.pending);
                whole.extend_from_slice(line);
                self.check(&whole, true)?;
            }
        }
        self.stand()?;
        // Longer than any entry: one byte more than the limit is enough to say so.
        let room = JSON_BYTES_MAX.saturating_add(1).saturating_sub(self.pending.len());
        self.pending.extend(rest.iter().take(room));
        if self.pending.len() > JSON_BYTES_MAX {
            let whole = core::mem::take(&mut self.pending);
            return self.check(&whole, false);
        }
        Ok(())
    }

    /// Takes the next line, without its newline, and gives its entry: for a reader who
    /// needs the entries too. Not to be mixed with [`Verifier::feed`] inside a line.
    ///
    /// # Errors
    /// As [`Verifier::feed`].
    pub fn line(&mut self, line: &[u8]) -> Result<Entry, Box<Fault>> {
        self.check(line, true)?;
        crate::canonical::read(line).map_err(|error| self.fault_here(error))
    }

    /// Ends the file and says what was found.
    pub fn finish(&mut self) -> VerifyReport {
        let pending = core::mem::take(&mut self.pending);
        if !pending.is_empty() && self.fault.is_none() {
            // A cut-off entry is never a JSON text, so whatever is one was not cut off.
            if crate::canonical::parse(&pending).is_ok() {
                if self.check(&pending, false).is_ok() {
                    self.tail = Tail::Unterminated;
                }
            } else {
                self.tail = Tail::Torn { bytes: count(pending.len()) };
            }
        }
        if self.fault.is_none() {
            self.check_checkpoints();
            if let Some(next) = self.ahead.last() {
                let error = Error::new(
                    Code::LedgerTruncated,
                    format!("the ledger ends after {} entries; a checkpoint has {}", self.len(), next.size),
                )
                .help("find the missing entries in a copy of the ledger");
                self.fault = Some(self.fault_here(error));
            }
        }
        VerifyReport {
            origin: self.ledger.as_ref().map(|l| l.origin().to_owned()),
            entries: self.len(),
            bytes: self.bytes,
            head: self.ledger.as_ref().map(Ledger::head),
            root: self.root(),
            first_at: self.first_at,
            last_at: self.ledger.as_ref().map(Ledger::last_at),
            checkpoints: self.agreed,
            tail: self.tail,
            fault: self.fault.clone(),
        }
    }

    /// The state behind the last good entry: what a writer appends to.
    #[must_use]
    pub fn into_ledger(self) -> Option<Ledger> {
        self.ledger
    }

    fn len(&self) -> u64 {
        self.ledger.as_ref().map_or(0, Ledger::len)
    }

    fn root(&self) -> Digest {
        self.ledger.as_ref().map_or_else(empty_root, Ledger::root)
    }

    fn stand(&self) -> Result<(), Box<Fault>> {
        self.fault.clone().map_or(Ok(()), Err)
    }

    fn check(&mut self, line: &[u8], terminated: bool) -> Result<(), Box<Fault>> {
        self.stand()?;
        self.check_checkpoints();
        self.stand()?;
        if let Err(error) = self.take(line) {
            let fault = self.fault_here(error);
            self.fault = Some(fault.clone());
            return Err(fault);
        }
        self.lines = self.lines.saturating_add(1);
        self.bytes = self.bytes.saturating_add(count(line.len())).saturating_add(u64::from(terminated));
        self.check_checkpoints();
        self.stand()
    }

    fn take(&mut self, line: &[u8]) -> Result<(), Error> {
        if let Some(ledger) = &mut self.ledger {
            return ledger.follow(Link::parse(line)?);
        }
        let first = Entry::parse(line)?;
        self.ledger = Some(Ledger::open(&first)?);
        self.first_at = Some(first.at);
        Ok(())
    }

    /// Compares with the checkpoints of exactly the size reached.
    fn check_checkpoints(&mut self) {
        let size = self.len();
        while let Some(checkpoint) = self.ahead.pop_if(|c| c.size == size) {
            if let Err(error) = self.compare(&checkpoint) {
                // The place is the last entry that the checkpoint covers.
                let (seq, line) = (size.saturating_sub(1), self.lines);
                let since = Some(self.agreed_size);
                self.fault = Some(Box::new(Fault { seq, line, offset: self.bytes, since, error }));
                return;
            }
            self.agreed = self.agreed.saturating_add(1);
            self.agreed_size = size;
        }
    }

    fn compare(&self, checkpoint: &Checkpoint) -> Result<(), Error> {
        let mismatch = |message| Error::new(Code::CheckpointMismatch, message);
        let Checkpoint { origin, size, root } = checkpoint;
        if let Some(own) = self.ledger.as_ref().map(Ledger::origin).filter(|own| own != origin) {
            return Err(mismatch(format!("the checkpoint is of the ledger `{origin}`, not `{own}`"))
                .help("give the checkpoints of this ledger"));
        }
        if *root != self.root() {
            let since = self.agreed_size;
            return Err(mismatch(format!(
                "entries {since} to {} are not all those that a checkpoint was signed for",
                size.saturating_sub(1)
            ))
            .help("the ledger was rewritten; compare with a copy made before that checkpoint"));
        }
        Ok(())
    }

    fn fault_here(&self, error: Error) -> Box<Fault> {
        let line = self.lines.saturating_add(1);
        Box::new(Fault { seq: self.len(), line, offset: self.bytes, since: None, error })
    }
}

fn count(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
