//! What happened. The state is what its events make it, and nothing else.

use crate::canonical::Digest;
use crate::cedar::Uid;
use crate::facts::FactsDocument;
use crate::lifecycle::record::{Extension, Flag, Grant, RequestRecord, ReviewRecord};
use crate::lifecycle::{Cause, GrantPhase, RequestPhase};
use crate::model::{Approval, Limit, Pair, Reason};
use crate::prelude::*;
use crate::time::{Instant, Span};
use serde::{Deserialize, Serialize};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// Facts changed.
    Observed {
        /// How.
        facts: Box<FactsDocument>,
        /// Records that were about the past.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        ignored: Vec<String>,
    },
    /// Another bundle decides from now on.
    BundleChanged {
        /// The one before.
        from: Digest,
        /// The new one.
        to: Digest,
    },
    /// The clock went back; nothing is permitted until it has caught up.
    ClockSuspect {
        /// By how much.
        behind: Span,
    },
    /// Somebody asked.
    Submitted {
        /// The request.
        record: Box<RequestRecord>,
    },
    /// Somebody approved.
    ApprovalRecorded {
        /// The request or the extension.
        request: String,
        /// The approval.
        approval: Approval,
        /// Whether it counts.
        counted: bool,
        /// Why not.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        reason: Option<Box<Reason>>,
    },
    /// A request moved.
    RequestMoved {
        /// The request.
        request: String,
        /// Where to.
        to: RequestPhase,
        /// Why, if it became void.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        cause: Option<Cause>,
        /// By whom.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        by: Option<String>,
        /// Until when it may be activated.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        until: Option<Instant>,
        /// More, in words.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        detail: Option<String>,
    },
    /// Something was granted in the chains of a request since it was made, so it moves up.
    Joined {
        /// The request.
        request: String,
        /// Its new place.
        ordinal: u32,
    },
    /// A request was looked at again.
    RequestChecked {
        /// The request.
        request: String,
        /// Until when that holds.
        valid_until: Option<Instant>,
        /// What approvals must be bound to now.
        digest: Option<Digest>,
    },
    /// A request became a grant.
    Activated {
        /// The grant.
        grant: Box<Grant>,
        /// Its place in the chain.
        ordinal: u32,
    },
    /// The grant is in force.
    Issued {
        /// The grant.
        grant: String,
        /// Where.
        points: Vec<String>,
        /// Where its credential is to be found.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        credential_ref: Option<String>,
        /// When its credential dies by itself.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        credential_expires_at: Option<Instant>,
    },
    /// What was issued cannot be accepted, or came too late.
    IssueRejected {
        /// The grant.
        grant: String,
        /// Where.
        points: Vec<String>,
        /// By when it is to be taken away, if the grant has ended.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        confirm_by: Option<Instant>,
        /// Why.
        reason: String,
    },
    /// The grant was looked at again, and goes on.
    GrantChecked {
        /// The grant.
        grant: String,
        /// Until when that holds.
        valid_until: Option<Instant>,
    },
    /// The grant froze or thawed, or its end was confirmed everywhere.
    GrantMoved {
        /// The grant.
        grant: String,
        /// Where to.
        to: GrantPhase,
        /// When.
        at: Instant,
    },
    /// The grant ends sooner than it would have.
    Shortened {
        /// The grant.
        grant: String,
        /// When.
        ends_at: Instant,
        /// By which limit.
        ends_by: Limit,
    },
    /// Another bundle allows less of it.
    Tightened {
        /// The grant.
        grant: String,
        /// How long it may go unused.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        idle: Option<Span>,
        /// How often it may be used.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        uses_max: Option<u32>,
    },
    /// The holder acted, or tried to.
    Used {
        /// The grant.
        grant: String,
        /// What was done, and on what.
        pair: Pair,
        /// Whether it was permitted.
        permitted: bool,
        /// When.
        at: Instant,
    },
    /// The holder asked for more time.
    ExtensionAsked {
        /// The extension.
        extension: Box<Extension>,
    },
    /// An extension moved.
    ExtensionMoved {
        /// The extension.
        extension: String,
        /// Where to.
        to: RequestPhase,
        /// Who sat in its seats.
        #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
        approvers: BTreeSet<Uid>,
    },
    /// The grant ended; its enforcement points have yet to confirm.
    Ended {
        /// The grant.
        grant: String,
        /// Why.
        cause: Cause,
        /// When.
        at: Instant,
        /// Who ended it, where somebody did.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        by: Option<String>,
        /// What has to confirm, and by when.
        points: BTreeMap<String, Instant>,
    },
    /// Something else would have ended it too.
    AlsoEnded {
        /// The grant.
        grant: String,
        /// What.
        cause: Cause,
    },
    /// What a grant that ended has in force at a point is another's from now on.
    Retained {
        /// The grant that ended.
        grant: String,
        /// The enforcement point.
        point: String,
        /// The grant that answers for it.
        by: String,
    },
    /// An enforcement point did not confirm its end in time.
    Late {
        /// The grant.
        grant: String,
        /// The enforcement point.
        point: String,
    },
    /// An enforcement point confirmed its end.
    Confirmed {
        /// The grant.
        grant: String,
        /// The enforcement point.
        point: String,
        /// When.
        at: Instant,
    },
    /// Something sticks to the grant from now on.
    Flagged {
        /// The grant.
        grant: String,
        /// What.
        flag: Flag,
    },
    /// A review is due.
    ReviewOpened {
        /// The grant.
        grant: String,
        /// When.
        due_by: Instant,
    },
    /// The grant was reviewed.
    Reviewed {
        /// The grant.
        grant: String,
        /// How.
        review: ReviewRecord,
    },
    /// What was done offline was accounted for.
    Reconciled {
        /// The grant.
        grant: String,
        /// By whom.
        by: String,
    },
}
