//! What a principal did lately, as policies see it.

use crate::cedar::Uid;
use crate::time::{Instant, Span};
use serde::{Deserialize, Serialize};

/// Counts about one principal; the lifecycle keeps them, a stateless caller supplies them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// Whose history.
    pub principal: Uid,
    /// Grants activated in the last 24 hours.
    pub grants_24h: u32,
    /// Extensions so far in the chain that the request would join.
    pub extensions: u32,
    /// Refused requests in the last ten minutes.
    pub refusals_10m: u32,
    /// Reviews of this principal's grants that are overdue.
    pub overdue_reviews: u32,
    /// Emergency grants in the last seven days.
    pub emergencies_7d: u32,
    /// Time already spent in the chain that the request would join.
    pub chain: Span,
    /// When the counts were true.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub observed_at: Option<Instant>,
}
