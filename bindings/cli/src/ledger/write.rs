//! A ledger of what a scenario did.

use glasskey::ledger::{Entry, Ledger};
use glasskey::{Applied, Bundle, Error, Instant};
use std::sync::Arc;

/// What a scenario did, in order: enough to write the ledger that a host would have written.
#[derive(Clone, Debug)]
pub struct Recording {
    /// The bundle at the beginning.
    pub bundle: Bundle,
    /// Every record of the lifecycle.
    pub applied: Vec<Arc<Applied>>,
}

impl Recording {
    /// The entries: the ledger's name, the bundle that decides, then the records.
    ///
    /// # Errors
    /// `bad_origin`; those of appending.
    pub fn entries(&self, origin: &str) -> Result<Vec<Entry>, Error> {
        let first = self.applied.first().map_or_else(|| Instant::from_ms(0), |a| Ok(a.at))?;
        let (mut ledger, genesis) = Ledger::begin(origin, first)?;
        let mut entries = vec![genesis, ledger.enact(&self.bundle, first)?];
        for applied in &self.applied {
            entries.extend(ledger.record(applied)?);
        }
        Ok(entries)
    }
}

/// The file: an entry a line.
pub(crate) fn text_of(entries: &[Entry]) -> String {
    entries.iter().map(|e| e.to_line() + "\n").collect()
}
