//! The bare answer.

use crate::canonical::Digest;
use crate::cedar::Uid;
use crate::model::{Answer, Decision, Limit, Obligation, Pair};
use crate::prelude::*;
use crate::time::Instant;
use serde::{Deserialize, Serialize};

/// What an enforcement point needs and no more: the answer, until when, and its duties.
///
/// It is what the [`Decision`] for the same inputs says, without reasons, without what is
/// missing and without the digests that a record needs; so it is the quickest to make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Yes, not yet, or no.
    pub decision: Answer,
    /// The open rule that scope, time and quorum come from.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rule: Option<String>,
    /// When a grant activated now would end.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ends_at: Option<Instant>,
    /// The limit that ends it first.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ends_by: Option<Limit>,
    /// Until when this answer holds without being asked again.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub valid_until: Option<Instant>,
    /// What ends its validity first.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub valid_by: Option<Limit>,
    /// What the enforcement point must do.
    pub obligations: Vec<Obligation>,
    /// What an approval must be bound to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ask: Option<Digest>,
    /// The bundle's digest.
    pub bundle: Digest,
}

impl Verdict {
    /// Whether it is a permit.
    #[must_use]
    pub const fn is_permit(&self) -> bool {
        matches!(self.decision, Answer::Permit)
    }
}

impl From<Decision> for Verdict {
    fn from(decision: Decision) -> Self {
        let Decision {
            decision,
            rule,
            ends_at,
            ends_by,
            valid_until,
            valid_by,
            obligations,
            ask,
            bundle,
            ..
        } = decision;
        Self { decision, rule, ends_at, ends_by, valid_until, valid_by, obligations, ask, bundle }
    }
}

/// Somebody who can do something, found by a search.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Who.
    pub principal: Uid,
    /// What.
    pub scope: Vec<Pair>,
    /// On which terms.
    #[serde(flatten)]
    pub verdict: Verdict,
}
