//! Why an answer is what it is: the catalogue of reasons.

use crate::cedar::Uid;
use crate::model::{Pair, Support};
use crate::prelude::*;
use core::fmt;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! reasons {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal;)+) => {
        /// A reason by name. The names are stable: programs may match on them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum ReasonCode { $($(#[doc = $doc])+ $name,)+ }

        impl ReasonCode {
            /// Every reason, in the order of the catalogue.
            pub const ALL: &'static [ReasonCode] = &[$(ReasonCode::$name,)+];

            /// The reason as it stands on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(ReasonCode::$name => $text,)+ }
            }

            /// One sentence for people.
            #[must_use]
            pub const fn describe(self) -> &'static str {
                match self { $(ReasonCode::$name => concat!($($doc),+),)+ }
            }
        }
    };
}

reasons! {
    /// A rule permits it and no guardrail refuses.
    Permitted = "permitted";
    /// A rule would permit it once its seats are filled.
    ApprovalsMissing = "approvals_missing";

    /// The principal, the resource or something above them is locked.
    Locked = "locked";
    /// The principal is a shared account, which no privilege is granted to.
    NotAPerson = "not_a_person";
    /// The facts know no such principal, or no such actor in the chain.
    UnknownPrincipal = "unknown_principal";
    /// The facts know no such resource.
    UnknownResource = "unknown_resource";
    /// The bundle's schema has no such action.
    UnknownAction = "unknown_action";
    /// The action is not one for this type of principal and resource.
    NotApplicable = "not_applicable";
    /// The request's `host` member is not what the pack's schema asks for.
    BadHostContext = "bad_host_context";
    /// The facts were read for another schema.
    SchemaMismatch = "schema_mismatch";
    /// The clock is behind what the facts have already seen.
    ClockSuspect = "clock_suspect";
    /// The rules for this are for another kind of actor.
    ActorKind = "actor_kind";

    /// No record of that support is known.
    SupportNotFound = "support_not_found";
    /// The incident is closed.
    IncidentClosed = "incident_closed";
    /// The incident was merged into another.
    IncidentMerged = "incident_merged";
    /// The incident is in another epoch than the one named.
    IncidentEpoch = "incident_epoch";
    /// The incident is not about this resource.
    OutOfIncidentScope = "out_of_incident_scope";
    /// The shift has not begun.
    ShiftNotStarted = "shift_not_started";
    /// The shift is over.
    ShiftEnded = "shift_ended";
    /// The shift is another person's.
    ShiftOfAnother = "shift_of_another";
    /// The shift is not about this resource.
    OutOfShiftScope = "out_of_shift_scope";
    /// It is not the time of the window.
    OutsideWindow = "outside_window";
    /// The window is not approved, or is done or called off.
    WindowNotUsable = "window_not_usable";
    /// The window is not about this resource.
    OutOfWindowScope = "out_of_window_scope";
    /// The task is done.
    TaskDone = "task_done";
    /// The task failed.
    TaskFailed = "task_failed";
    /// The task ran out of time.
    TaskTimeout = "task_timeout";
    /// The task is another's.
    TaskOfAnother = "task_of_another";
    /// The task is not about this resource.
    OutOfTaskScope = "out_of_task_scope";

    /// A fact that is needed is stale, missing or from the future.
    FactUnknown = "fact_unknown";
    /// A guardrail refuses it.
    Forbidden = "forbidden";
    /// A policy erred: a guardrail that errs refuses, a rule that errs does not hold.
    PolicyError = "policy_error";
    /// No rule permits it.
    NotPermitted = "not_permitted";
    /// The bundle has no rule of that name.
    UnknownRule = "unknown_rule";
    /// The pairs are open, but under no one rule.
    NoCommonRule = "no_common_rule";
    /// Not enough people are there to fill the seats.
    QuorumUnreachable = "quorum_unreachable";
    /// No time is left: a limit has passed already.
    NoTimeLeft = "no_time_left";

    /// The approver is no person that the facts know.
    ApproverUnknown = "approver_unknown";
    /// The approver has a part in the request.
    ApproverConflict = "approver_conflict";
    /// The approver may fill none of the seats.
    ApproverNotEligible = "approver_not_eligible";
    /// The approval has expired, or is not yet valid.
    ApprovalExpired = "approval_expired";
    /// The approval is not bound to exactly this ask.
    ApprovalUnbound = "approval_unbound";
    /// The approval counts, but every seat that it could fill is filled.
    ApprovalSurplus = "approval_surplus";

    /// The action is not privileged, so there is nothing to grant.
    NotPrivileged = "not_privileged";
    /// Too many refusals in a short time: the machine is not heard for a while.
    Quarantined = "quarantined";
    /// The grant that it would be delegated from is not active.
    ParentNotActive = "parent_not_active";
    /// It asks for more than the grant that it would be delegated from.
    BeyondParent = "beyond_parent";
    /// Somebody else holds the target, and it is held by one at a time.
    HeldByOther = "held_by_other";
    /// Earlier offline access has not been accounted for.
    ReconcileDebt = "reconcile_debt";
    /// The request is over.
    RequestOver = "request_over";
    /// Only the requester may take a request back.
    NotRequester = "not_requester";
    /// Its start has not come.
    NotYet = "not_yet";
    /// The credential may not be delivered in that way.
    DeliveryNotAllowed = "delivery_not_allowed";
    /// The credential would live too long.
    CredentialTooLong = "credential_too_long";
    /// The grant is not in force.
    GrantNotActive = "grant_not_active";
    /// The grant is not being issued.
    GrantNotIssuing = "grant_not_issuing";
    /// A fact that the grant needs is unknown, so it may not be used for now.
    GrantFrozen = "grant_frozen";
    /// The grant has ended.
    GrantEnded = "grant_ended";
    /// The grant is not for this.
    OutOfScope = "out_of_scope";
    /// The grant was used as often as it may be.
    UsesExhausted = "uses_exhausted";
    /// It is too early to ask for more time.
    ExtensionNotOpen = "extension_not_open";
    /// More time has been asked for already.
    ExtensionPending = "extension_pending";
    /// The grant was extended as often as it may be.
    ExtensionsExhausted = "extensions_exhausted";
    /// The limits leave no more time than the grant has.
    NothingToExtend = "nothing_to_extend";
    /// No review of the grant is due yet.
    NoReviewOpen = "no_review_open";
    /// The grant was reviewed already.
    AlreadyReviewed = "already_reviewed";
    /// The reviewer had a part in the access.
    ReviewerConflict = "reviewer_conflict";
    /// There is nothing to account for, or not yet.
    NothingToReconcile = "nothing_to_reconcile";
}

impl fmt::Display for ReasonCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for ReasonCode {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ReasonCode {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        let found = Self::ALL.iter().copied().find(|c| c.as_str() == text);
        found.ok_or_else(|| serde::de::Error::custom(format_args!("unknown reason `{text}`")))
    }
}

/// One reason, and what it is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reason {
    /// Which.
    pub code: ReasonCode,
    /// The policy that it comes from.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub policy: Option<String>,
    /// The pair of the scope that it is about, when not all of them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pair: Option<Pair>,
    /// The support that it is about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub support: Option<Support>,
    /// The fact that it is about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fact: Option<String>,
    /// The entity that it is about: an approver, a locked target.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub entity: Option<Uid>,
    /// More, in words.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub detail: Option<String>,
    /// What the policy's author advises.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub advice: Option<String>,
}

impl Reason {
    /// A reason with nothing but its code.
    #[must_use]
    pub const fn new(code: ReasonCode) -> Self {
        Self {
            code,
            policy: None,
            pair: None,
            support: None,
            fact: None,
            entity: None,
            detail: None,
            advice: None,
        }
    }
}
