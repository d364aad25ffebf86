//! A whole ledger in memory, read record by record.

use super::{Recorded, Records, Verifier};
use crate::canonical;
use crate::error::Error;

/// Reads the text of a ledger from its first line, and hands over every record of a lifecycle in
/// it. Each entry is verified; a last line whose writing was cut short is passed over.
///
/// # Errors
/// The ledger's first fault, with the entry that is due there as its path; `bad_record`; those
/// of `each`.
pub fn read_records(ledger: &[u8], mut each: impl FnMut(Recorded) -> Result<(), Error>) -> Result<(), Error> {
    let (mut verifier, mut records) = (Verifier::new(), Records::new());
    let mut lines = ledger.split(|b| *b == b'\n').peekable();
    while let Some(line) = lines.next() {
        let last = lines.peek().is_none();
        if last && (line.is_empty() || canonical::parse(line).is_err()) {
            break;
        }
        let entry = verifier.line(line).map_err(|fault| {
            let place = alloc::format!("entry {}", fault.seq);
            fault.error.at(place)
        })?;
        if let Some(record) = records.push(&entry)? {
            each(record)?;
        }
    }
    Ok(())
}
