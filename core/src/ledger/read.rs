//! A whole ledger in memory, read record by record.

use super::merkle::leaf_hash;
use super::{Checkpoint, Entry, Prover, Recorded, Records, TlogProof, Verifier};
use crate::canonical;
use crate::error::Error;
use crate::prelude::*;
use crate::signing::Note;

/// Reads the text of a ledger from its first line, and hands over every record of a lifecycle in
/// it. Each entry is verified; a last line whose writing was cut short is passed over.
///
/// # Errors
/// The ledger's first fault, with the entry that is due there as its path; `bad_record`; those
/// of `each`.
pub fn read_records(ledger: &[u8], mut each: impl FnMut(Recorded) -> Result<(), Error>) -> Result<(), Error> {
    let mut records = Records::new();
    read_entries(ledger, |entry| records.push(entry)?.map_or(Ok(()), &mut each))
}

/// The proof that entry `index` is in the ledger of a checkpoint's note.
///
/// # Errors
/// As [`read_records`]; `bad_checkpoint`; `no_such_entry` if the checkpoint or the ledger is too
/// short for it; `checkpoint_mismatch` if the checkpoint is not of this ledger.
pub fn prove(ledger: &[u8], index: u64, checkpoint: Note) -> Result<TlogProof, Error> {
    let mut prover = Prover::inclusion(index, Checkpoint::parse(checkpoint.text())?.size)?;
    read_entries(ledger, |entry| {
        prover.push(leaf_hash(entry.hash.as_bytes()));
        Ok(())
    })?;
    TlogProof::new(index, prover.finish()?, checkpoint)
}

fn read_entries(ledger: &[u8], mut each: impl FnMut(&Entry) -> Result<(), Error>) -> Result<(), Error> {
    let mut verifier = Verifier::new();
    let mut lines = ledger.split(|b| *b == b'\n').peekable();
    while let Some(line) = lines.next() {
        let last = lines.peek().is_none();
        if last && (line.is_empty() || canonical::parse(line).is_err()) {
            break;
        }
        let entry = verifier.line(line).map_err(|fault| {
            let place = format!("entry {}", fault.seq);
            fault.error.at(place)
        })?;
        each(&entry)?;
    }
    Ok(())
}
