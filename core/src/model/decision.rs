//! The answer, and everything that comes with it.

use crate::canonical::Digest;
use crate::cedar::Uid;
use crate::error::Label;
use crate::model::{Obligation, Pair, Reason, ReasonCode, SupportKind};
use crate::prelude::*;
use crate::time::{Instant, Span};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Yes, not yet, or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The privilege may be held, until `ends_at`, under the obligations.
    Permit,
    /// It may, once the seats in `missing` are filled.
    Pending,
    /// It may not.
    Deny,
}

/// What the asker can do about the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NextAction {
    /// Nothing: it is permitted, or nothing helps.
    None,
    /// Ask for something else, or in another way: see `missing` and the reasons.
    Request,
    /// Ask again later: something is about to change.
    Retry,
}

/// What ends a grant, or the validity of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// The rule's `@ttl` or `@max_ttl`.
    RuleTtl,
    /// The `ttl` of the request.
    RequestedTtl,
    /// The `max_ttl` of an approval.
    ApproverTtl,
    /// The rule's `@chain_max`, counted from the start of the chain.
    ChainMax,
    /// The end of the on-call shift, with its grace.
    ShiftEnd,
    /// The end of the window.
    WindowEnd,
    /// The end of the task.
    TaskEnd,
    /// The end of the principal's contract.
    ContractEnd,
    /// The end of the grant that this one was delegated from.
    ParentEnd,
    /// The rule's `@idle`, counted from the last use.
    Idle,
    /// The bound on credentials that cannot be revoked.
    RevocationSlo,
    /// The incident's record grows stale.
    IncidentFreshness,
    /// The shift's record grows stale.
    ShiftFreshness,
    /// The window's record grows stale.
    WindowFreshness,
    /// The task's record grows stale.
    TaskFreshness,
    /// A signal grows stale.
    SignalFreshness,
    /// The history grows stale.
    HistoryFreshness,
    /// The entities grow stale.
    EntitiesFreshness,
    /// The locks grow stale.
    LocksFreshness,
    /// An approval stops counting.
    ApprovalExpiry,
    /// A lock opens.
    LockExpiry,
    /// A support that was named begins.
    SupportStart,
    /// A record from the near future becomes usable.
    RecordStart,
    /// A comparison with the time in a policy flips.
    PolicyTime,
}

/// Until when something holds, and what ends that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Validity {
    /// The first instant at which it might be otherwise.
    pub at: Instant,
    /// What ends it.
    pub by: Limit,
}

/// Who could fill a seat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidates {
    /// The seat.
    pub seat: String,
    /// Who may fill it, in order of their uids.
    pub candidates: Vec<Uid>,
    /// There are others besides.
    #[serde(skip_serializing_if = "core::ops::Not::not", default)]
    pub more: bool,
}

/// One thing that would bring the answer nearer to a permit. Items of one rule are needed
/// together; items of different rules are alternatives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Missing {
    /// A seat to be filled by one more person.
    Seat {
        /// The rule that asks for it.
        rule: String,
        /// The seat and who could fill it.
        #[serde(flatten)]
        seat: Candidates,
        /// Seats that could be filled instead, since an approver could move over.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        or: Vec<Candidates>,
    },
    /// A fact to be brought up to date.
    Fact {
        /// The rule that reads it, if one alone does.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        rule: Option<String>,
        /// Which: `incident:INC-100`, `signal:idp`, `history`, `entities`.
        fact: String,
        /// How old it may be.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        max_age: Option<Span>,
    },
    /// A live support of this kind that covers the resource.
    Support {
        /// Which kind.
        kind: SupportKind,
        /// What it must cover.
        resource: Uid,
    },
    /// A pair that must be dropped for the others to be open.
    Drop {
        /// The pair.
        pair: Pair,
    },
    /// Time: nothing else can help before.
    Wait {
        /// Until when.
        until: Instant,
    },
}

/// A seat and who fills it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatFilled {
    /// The seat.
    pub seat: String,
    /// The person.
    pub by: Uid,
}

/// The answer to one request at one instant.
///
/// Equal bundle, facts, request and `now` give equal bytes, in every language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
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
    /// Why.
    pub reasons: Vec<Reason>,
    /// What would change it.
    pub missing: Vec<Missing>,
    /// Seats that are filled.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub seats: Vec<SeatFilled>,
    /// What the asker can do.
    pub next_action: NextAction,
    /// What an approval must be bound to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ask: Option<Digest>,
    /// Permits that erred and were ignored.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub warnings: Vec<Reason>,
    /// Names this evaluation: equal inputs, equal id. Absent if no evidence was asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub evaluation_id: Option<String>,
    /// The bundle's digest.
    pub bundle: Digest,
    /// Who signed the bundle, if the host demanded a signature: names and ids of keys.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub signed_by: Vec<String>,
    /// The digest of the facts that were read. Absent if no evidence was asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub evidence: Option<Digest>,
}

impl Decision {
    /// Whether it is a permit.
    #[must_use]
    pub const fn is_permit(&self) -> bool {
        matches!(self.decision, Answer::Permit)
    }

    /// Whether some reason has this code.
    #[must_use]
    pub fn has_reason(&self, code: ReasonCode) -> bool {
        self.reasons.iter().any(|r| r.code == code)
    }
}

/// All that a decision followed from: enough to decide again, and no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The bundle's digest.
    pub bundle: Digest,
    /// Who signed the bundle, if the host demanded a signature.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub signed_by: Vec<String>,
    /// The request as it was decided.
    pub request: crate::model::Request,
    /// The instant that it was decided for.
    pub now: Instant,
    /// What surrounded it, if it was decided in the course of a lifecycle.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub circumstances: Option<Box<crate::model::Circumstances>>,
    /// The facts that were read, as a facts document.
    pub facts: Value,
}

/// What became of a rule that was considered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailedAt {
    /// It is open.
    Open,
    /// It is for another kind of actor.
    ActorKind,
    /// It is for other principals, actions or resources.
    Scope,
    /// It reads a fact that is unknown.
    UnknownFact,
    /// A condition does not hold.
    Condition,
    /// It erred, and so does not hold.
    Error,
    /// A guardrail refuses its offer.
    Refused,
    /// It does not hold for every pair of the scope.
    OtherPairs,
    /// A better rule was open.
    NotNeeded,
}

/// One rule, and how far it came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Considered {
    /// The rule.
    pub rule: String,
    /// Its title.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub title: Option<String>,
    /// Where it stopped.
    pub outcome: FailedAt,
    /// The pair that it stopped at.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pair: Option<Pair>,
    /// The first condition that does not hold, or the scope, in the source.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failed: Option<Label>,
    /// Facts that are unknown, and guardrails that refuse.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub because: Vec<String>,
}

/// A decision, and every rule that was considered for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// The decision.
    pub decision: Decision,
    /// The rules, best first.
    pub considered: Vec<Considered>,
    /// Every limit on a grant under the open rule, activated now: the first one ends it.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub limits: Vec<Validity>,
}
