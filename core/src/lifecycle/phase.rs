//! The two transition tables. Nothing else moves a request or a grant.

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$meta:meta])* $type:ident { $($(#[doc = $doc:literal])+ $name:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $type {
            $($(#[doc = $doc])+ #[serde(rename = $text)] $name,)+
        }

        impl $type {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The word on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// One sentence for people.
            #[must_use]
            pub const fn describe(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+),)+ }
            }
        }
    };
}
pub(super) use words;

words! {
    /// Where a request stands.
    RequestPhase {
        /// Seats are missing.
        Pending = "pending",
        /// It may be activated.
        Approved = "approved",
        /// It may be activated from its start on.
        Scheduled = "scheduled",
        /// A grant came of it.
        Consumed = "consumed",
        /// It was never open.
        Refused = "refused",
        /// An eligible approver said no.
        Denied = "denied",
        /// The requester took it back.
        Withdrawn = "withdrawn",
        /// The time to gather approvals ran out.
        TimedOut = "timed_out",
        /// It was approved and not activated in time.
        Lapsed = "lapsed",
        /// What it stood on is gone.
        Void = "void",
    }
}

words! {
    /// What can happen to a request.
    RequestMove {
        /// Its seats are filled, and it starts now.
        Approve = "approve",
        /// Its seats are filled, and it starts later.
        Schedule = "schedule",
        /// A counted approver is no longer eligible.
        Reopen = "reopen",
        /// It is activated.
        Activate = "activate",
        /// An eligible approver says no.
        Deny = "deny",
        /// The requester takes it back.
        Withdraw = "withdraw",
        /// Time runs out.
        Expire = "expire",
        /// What it stands on ends.
        Void = "void",
    }
}

words! {
    /// Where a grant stands.
    GrantPhase {
        /// Enforcement points are asked to put it in force.
        Issuing = "issuing",
        /// In force.
        Active = "active",
        /// In force, but a fact that it needs is unknown: no use, and the clock runs.
        Frozen = "frozen",
        /// Over; enforcement points are asked to confirm.
        Revoking = "revoking",
        /// Over, and confirmed by every enforcement point.
        Closed = "closed",
    }
}

words! {
    /// What can happen to a grant.
    GrantMove {
        /// An enforcement point put it in force.
        Issue = "issue",
        /// A fact that it needs became unknown.
        Freeze = "freeze",
        /// The fact is known again, and true.
        Thaw = "thaw",
        /// A limit passed, or its reason ended.
        End = "end",
        /// The last enforcement point confirmed.
        Confirm = "confirm",
    }
}

impl RequestPhase {
    /// Where a move leads from here; `None` if it cannot be made.
    #[must_use]
    pub const fn after(self, event: RequestMove) -> Option<Self> {
        use RequestMove as M;
        use RequestPhase as P;
        match (self, event) {
            (P::Pending, M::Approve) => Some(P::Approved),
            (P::Pending, M::Schedule) => Some(P::Scheduled),
            (P::Approved | P::Scheduled, M::Reopen) => Some(P::Pending),
            (P::Approved | P::Scheduled, M::Activate) => Some(P::Consumed),
            (P::Pending | P::Approved | P::Scheduled, M::Deny) => Some(P::Denied),
            (P::Pending | P::Approved | P::Scheduled, M::Withdraw) => Some(P::Withdrawn),
            (P::Pending, M::Expire) => Some(P::TimedOut),
            (P::Approved | P::Scheduled, M::Expire) => Some(P::Lapsed),
            (P::Pending | P::Approved | P::Scheduled, M::Void) => Some(P::Void),
            (P::Pending, M::Reopen | M::Activate)
            | (P::Approved | P::Scheduled, M::Approve | M::Schedule) => None,
            // Terminal stays terminal.
            (
                P::Consumed | P::Refused | P::Denied | P::Withdrawn | P::TimedOut | P::Lapsed | P::Void,
                M::Approve
                | M::Schedule
                | M::Reopen
                | M::Activate
                | M::Deny
                | M::Withdraw
                | M::Expire
                | M::Void,
            ) => None,
        }
    }

    /// Whether nothing can move it any more.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        !matches!(self, Self::Pending | Self::Approved | Self::Scheduled)
    }
}

impl GrantPhase {
    /// Where a move leads from here; `None` if it cannot be made.
    #[must_use]
    pub const fn after(self, event: GrantMove) -> Option<Self> {
        use GrantMove as M;
        use GrantPhase as P;
        match (self, event) {
            (P::Issuing, M::Issue) => Some(P::Active),
            (P::Active, M::Freeze) => Some(P::Frozen),
            (P::Frozen, M::Thaw) => Some(P::Active),
            (P::Issuing | P::Active | P::Frozen, M::End) => Some(P::Revoking),
            (P::Revoking, M::Confirm) => Some(P::Closed),
            (P::Issuing, M::Freeze | M::Thaw | M::Confirm)
            | (P::Active, M::Issue | M::Thaw | M::Confirm)
            | (P::Frozen, M::Issue | M::Freeze | M::Confirm)
            | (P::Revoking, M::Issue | M::Freeze | M::Thaw | M::End)
            | (P::Closed, M::Issue | M::Freeze | M::Thaw | M::End | M::Confirm) => None,
        }
    }

    /// Whether a privilege may still be in force somewhere.
    #[must_use]
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::Closed)
    }

    /// Whether it has not ended.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Issuing | Self::Active | Self::Frozen)
    }
}

words! {
    /// Why a grant ended, or a request became void.
    Cause {
        /// Its time was up.
        Expired = "expired",
        /// It went unused for too long.
        Idle = "idle",
        /// It was used as often as it may be.
        UsesExhausted = "uses_exhausted",
        /// The incident was closed.
        IncidentClosed = "incident_closed",
        /// The incident is no longer grave enough.
        IncidentDowngraded = "incident_downgraded",
        /// The incident was merged into another.
        IncidentMerged = "incident_merged",
        /// The shift ended.
        ShiftEnded = "shift_ended",
        /// The shift went to somebody else.
        ShiftSwapped = "shift_swapped",
        /// The window ended, or was called off.
        WindowEnded = "window_ended",
        /// The task is done.
        TaskDone = "task_done",
        /// The task failed.
        TaskFailed = "task_failed",
        /// The task ran out of time.
        TaskTimeout = "task_timeout",
        /// The contract ended.
        ContractEnded = "contract_ended",
        /// The principal may no longer hold it.
        RequesterIneligible = "requester_ineligible",
        /// A lock was put on.
        Locked = "locked",
        /// The holder gave it back.
        RevokedByRequester = "revoked_by_requester",
        /// An approver took it back.
        RevokedByApprover = "revoked_by_approver",
        /// A responder of the incident took it back.
        RevokedByCommander = "revoked_by_commander",
        /// Somebody whom the policies let revoke took it back.
        RevokedBySecurity = "revoked_by_security",
        /// The policies became stricter, or no longer permit it.
        PolicyTightened = "policy_tightened",
        /// The grant that it was delegated from ended.
        ParentEnded = "parent_ended",
        /// The target was changed behind its back.
        Drift = "drift",
        /// The credential leaked.
        Leak = "leak",
        /// What had failed works again.
        GovernorRecovered = "governor_recovered",
        /// It could not be put in force.
        IssueFailed = "issue_failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminal_requests_and_closed_grants_never_move() {
        for phase in RequestPhase::ALL.iter().filter(|p| p.is_terminal()) {
            assert!(RequestMove::ALL.iter().all(|m| phase.after(*m).is_none()), "{phase:?}");
        }
        assert!(GrantMove::ALL.iter().all(|m| GrantPhase::Closed.after(*m).is_none()));
    }

    #[test]
    fn a_grant_is_closed_only_by_confirmation_and_only_after_its_end() {
        for phase in GrantPhase::ALL {
            for event in GrantMove::ALL {
                if phase.after(*event) == Some(GrantPhase::Closed) {
                    assert_eq!((*phase, *event), (GrantPhase::Revoking, GrantMove::Confirm));
                }
            }
        }
    }
}
