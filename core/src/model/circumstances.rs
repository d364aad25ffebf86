//! What surrounds a request when it is decided in the course of a lifecycle.

use crate::canonical::Digest;
use crate::cedar::Uid;
use crate::model::{History, Limit};
use crate::prelude::*;
use crate::time::{Instant, Span};
use serde::{Deserialize, Serialize};

/// Everything besides bundle, facts, request and now that a decision can depend on. A stateless
/// call has none of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Circumstances {
    /// The lifecycle's own count; else the facts'.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history: Option<History>,
    /// The grant that is used or extended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant: Option<GrantView>,
    /// When the grant began; now, if it is only asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started: Option<Instant>,
    /// A lifetime in place of the rule's, and the limit that fixed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifetime: Option<(Span, Limit)>,
    /// From when the time of the chain counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chain_start: Option<Instant>,
    /// When the grant that this one is delegated from ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_end: Option<Instant>,
    /// When the grant was last used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_use: Option<Instant>,
    /// Which seats are asked for.
    #[serde(skip_serializing_if = "Seats::is_rule")]
    pub seats: Seats,
    /// For what starts later: everything is judged as of then, but facts are as old as they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Instant>,
    /// Approvals count until then, whatever the rule's `@approval_ttl`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approvals_until: Option<Instant>,
    /// People who may not approve besides those in the request.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub barred: BTreeSet<Uid>,
    /// Requests and grants that stand as resources, each with what it stands under.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub own: BTreeMap<Uid, Uid>,
}

/// Which seats a decision asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seats {
    /// The rule's quorum.
    #[default]
    Rule,
    /// None: they were filled when the grant began.
    Waived,
    /// Those of an extension, bound to what is extended.
    Extension {
        /// From 1.
        ordinal: u32,
        /// What the approvals are bound to besides the ask.
        bound: Digest,
    },
}

impl Seats {
    fn is_rule(&self) -> bool {
        *self == Self::Rule
    }
}

/// A grant, as policies see it in `context.grant`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantView {
    /// The grant.
    pub id: String,
    /// Its rule.
    pub rule: String,
    /// When it began.
    pub started: Instant,
    /// When it ends at the latest.
    pub ends: Instant,
    /// How often it was used.
    pub uses: u32,
}
