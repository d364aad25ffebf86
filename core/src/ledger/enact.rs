//! That a bundle decides from now on: the entry a host writes when it loads one.

use super::{Entry, Kind, Ledger};
use crate::bundle::Bundle;
use crate::error::Error;
use crate::time::Instant;
use serde_json::json;

impl Ledger {
    /// Makes the entry that a bundle decides from now on: its digest, its name and its version.
    /// A change of bundles in the course of a lifecycle stands in a record of its own.
    ///
    /// # Errors
    /// Those of [`Ledger::append`].
    pub fn enact(&mut self, bundle: &Bundle, at: Instant) -> Result<Entry, Error> {
        let manifest = bundle.manifest();
        let body = json!({
            "bundle": bundle.digest(), "name": manifest.name, "version": manifest.version,
        });
        self.append(Kind::BUNDLE, body, at)
    }
}
