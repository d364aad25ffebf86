//! That a bundle decides from now on: the entry a host writes when it loads one.

use super::{Entry, Kind, Ledger};
use crate::bundle::Bundle;
use crate::error::Error;
use crate::prelude::*;
use crate::time::Instant;
use serde_json::json;

impl Ledger {
    /// Makes the entry that a bundle decides from now on: its digest, its name, its version and
    /// who signed it.
    /// A change of bundles in the course of a lifecycle stands in a record of its own.
    ///
    /// # Errors
    /// Those of [`Ledger::append`].
    pub fn enact(&mut self, bundle: &Bundle, at: Instant) -> Result<Entry, Error> {
        let manifest = bundle.manifest();
        let mut body = json!({
            "bundle": bundle.digest(), "name": manifest.name, "version": manifest.version,
        });
        if let Some(members) = body.as_object_mut().filter(|_| !bundle.signed_by().is_empty()) {
            members.insert("signed_by".to_owned(), json!(bundle.signed_by()));
        }
        self.append(Kind::BUNDLE, body, at)
    }
}
