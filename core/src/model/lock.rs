//! Locks and kill switches.

use crate::cedar::Uid;
use crate::error::Error;
use crate::prelude::*;
use crate::time::Instant;
use crate::wire::text_on_the_wire;
use core::fmt;
use serde::{Deserialize, Serialize};

/// What a lock holds shut: one entity and all below it, or everything (`*`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LockTarget {
    /// Everything: the kill switch.
    All,
    /// An entity, as principal or resource, and whatever stands below it.
    Entity(Uid),
}

impl LockTarget {
    /// Reads `*` or a uid.
    ///
    /// # Errors
    /// `bad_uid`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text == "*" { Ok(Self::All) } else { Uid::parse(text).map(Self::Entity) }
    }
}

impl fmt::Display for LockTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("*"),
            Self::Entity(uid) => fmt::Display::fmt(uid, f),
        }
    }
}

text_on_the_wire!(LockTarget, "`*` or an entity uid");

/// A lock: while it holds, nothing is granted to or on its target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// What is held shut.
    pub target: LockTarget,
    /// Why.
    #[serde(default)]
    pub reason: String,
    /// When it opens by itself; `None` for never.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub until: Option<Instant>,
    /// When the lock was known; the document's `observed_at`, if not said.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub observed_at: Option<Instant>,
}
