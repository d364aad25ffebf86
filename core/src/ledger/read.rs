//! A whole ledger in memory, read record by record.

use super::merkle::leaf_hash;
use super::{
    Checkpoint, Entry, Prover, Recorded, Records, Residual, Residuals, Timeline, TimelineReader, TlogProof,
    Verifier,
};
use crate::canonical;
use crate::error::Error;
use crate::prelude::*;
use crate::signing::Note;
use crate::time::Instant;

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

/// Who held what, why, from when until when: of one incident, or of all; as of an instant, or of
/// the last record.
///
/// # Errors
/// As [`read_records`].
pub fn timeline(ledger: &[u8], incident: Option<&str>, as_of: Option<Instant>) -> Result<Timeline, Error> {
    let mut reader = incident.map_or_else(TimelineReader::new, TimelineReader::of_incident);
    read_records(ledger, |record| {
        reader.push(&record);
        Ok(())
    })?;
    Ok(reader.timeline(as_of))
}

/// What is left at an instant: privilege that is in force, and what has ended and was not confirmed
/// to have ended.
///
/// # Errors
/// As [`read_records`].
pub fn residual(ledger: &[u8], now: Instant) -> Result<Vec<Residual>, Error> {
    let mut residuals = Residuals::new();
    read_records(ledger, |record| {
        residuals.push(&record.applied);
        Ok(())
    })?;
    Ok(residuals.at(now))
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
