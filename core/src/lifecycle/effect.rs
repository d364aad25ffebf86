//! What the host is asked to carry out. Effects are data: the lifecycle calls nobody.

use crate::cedar::Uid;
use crate::lifecycle::{Cause, ExtensionRatio};
use crate::model::{Obligation, Pair};
use crate::prelude::*;
use crate::time::Instant;
use serde::{Deserialize, Serialize};

/// One thing to carry out. Carrying it out twice under the same key must do no more than once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// The same effect has the same key whenever it is asked for.
    pub key: String,
    /// By when.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub deadline: Option<Instant>,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// What to carry out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum What {
    /// Put the grant in force, or prolong it, and answer with `issued` or `issue_failed`.
    Issue {
        /// The grant.
        grant: String,
        /// For whom.
        principal: Uid,
        /// What.
        scope: Vec<Pair>,
        /// Until when.
        ends_at: Instant,
        /// No credential may live longer than this.
        credential_expires_by: Instant,
        /// Duties of the enforcement points.
        obligations: Vec<Obligation>,
    },
    /// End the grant at this enforcement point, and answer with `revoked`.
    Revoke {
        /// The grant.
        grant: String,
        /// The enforcement point.
        point: String,
        /// What is to end: the part of the scope that no other grant covers.
        scope: Vec<Pair>,
        /// Why.
        cause: Cause,
    },
    /// Leave the entitlement in force: another grant of the same holder covers all of it.
    Retain {
        /// The grant that ended.
        grant: String,
        /// The enforcement point.
        point: String,
        /// The grant that goes on.
        by: String,
    },
    /// Undo what may have been left behind.
    Compensate {
        /// The grant.
        grant: String,
        /// Where.
        point: String,
        /// Why.
        reason: String,
    },
    /// Tell those who watch.
    Alert {
        /// About what: a grant or a request.
        about: String,
        /// Why.
        reason: String,
    },
    /// Wake somebody.
    Page {
        /// About what: a grant or a request.
        about: String,
        /// Why.
        reason: String,
    },
    /// Tell those whose approval was not asked for that access was taken without them.
    NotifySkippedApprovers {
        /// The request.
        request: String,
        /// The seats that other rules would have asked for.
        seats: Vec<String>,
    },
    /// Open a review.
    OpenReview {
        /// The grant.
        grant: String,
        /// Until when it is due.
        due_by: Instant,
        /// How often more time was asked for, if it was.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        extension_ratio: Option<ExtensionRatio>,
    },
    /// Change the secret of a shared account, and answer with `revoked` for the point `rotation`.
    Rotate {
        /// The grant.
        grant: String,
        /// Of what.
        scope: Vec<Pair>,
    },
    /// Refuse tokens that were issued before this instant, where they cannot be taken back.
    DenyTokensIssuedBefore {
        /// The grant.
        grant: String,
        /// The instant.
        instant: Instant,
        /// On what.
        scope: Vec<Pair>,
    },
}

/// Every effect by name.
pub const EFFECTS: [&str; 10] = [
    "issue",
    "revoke",
    "retain",
    "compensate",
    "alert",
    "page",
    "notify_skipped_approvers",
    "open_review",
    "rotate",
    "deny_tokens_issued_before",
];

impl What {
    /// What is to be carried out, in a word.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Issue { .. } => "issue",
            Self::Revoke { .. } => "revoke",
            Self::Retain { .. } => "retain",
            Self::Compensate { .. } => "compensate",
            Self::Alert { .. } => "alert",
            Self::Page { .. } => "page",
            Self::NotifySkippedApprovers { .. } => "notify_skipped_approvers",
            Self::OpenReview { .. } => "open_review",
            Self::Rotate { .. } => "rotate",
            Self::DenyTokensIssuedBefore { .. } => "deny_tokens_issued_before",
        }
    }
}

impl Effect {
    pub(super) fn new(key: String, deadline: Option<Instant>, what: What) -> Self {
        Self { key, deadline, what }
    }
}
