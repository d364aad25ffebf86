//! Signals: what probes say of the world.

use crate::prelude::*;
use crate::time::Instant;
use serde::{Deserialize, Serialize};

/// What one probe says of one thing, such as `idp` is `down`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signal {
    /// What is probed.
    pub name: String,
    /// How it is, in the pack's own words.
    pub state: String,
    /// The probe; two probes are independent when their sources differ.
    #[serde(default)]
    pub source: String,
    /// When it was seen; the document's `observed_at`, if not said.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub observed_at: Option<Instant>,
}
