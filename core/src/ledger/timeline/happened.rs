//! One thing that happened to a request or a grant.

use crate::cedar::Uid;
use crate::lifecycle::{
    Applied, Cause, Classification, Effect, Event, Flag, GrantPhase, RequestPhase, Verdict, What,
};
use crate::model::{Limit, Pair, Reason};
use crate::prelude::*;
use crate::time::{Instant, Span};
use serde::{Deserialize, Serialize};

/// One thing that happened, when, by whom, and which entries of the ledger say so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// When.
    pub at: Instant,
    /// Who did it, where somebody did.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub by: Option<String>,
    /// What.
    #[serde(flatten)]
    pub what: Happened,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub reasons: Vec<Reason>,
    /// The entry that holds it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub entry: Option<u64>,
    /// The entry that holds the decision on it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub decision_entry: Option<u64>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Happened {
    /// Somebody asked.
    Asked {
        /// Where the request stood at once.
        phase: RequestPhase,
    },
    /// Somebody approved the request, or an extension of the grant.
    Approved {
        /// Whether it counted.
        counted: bool,
        /// The one seat that was meant.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        seat: Option<String>,
        /// The longest lifetime that the approver agreed to.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        max_ttl: Option<Span>,
    },
    /// The request moved.
    Moved {
        /// Where to.
        phase: RequestPhase,
        /// Why, if it became void.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        cause: Option<Cause>,
        /// More, in words.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        detail: Option<String>,
    },
    /// The request became a grant.
    Activated {
        /// When it was to end.
        ends_at: Instant,
        /// By which limit.
        ends_by: Limit,
    },
    /// The grant was put in force.
    Issued {
        /// Where.
        points: Vec<String>,
    },
    /// What was issued was not accepted, or came too late.
    IssueRejected {
        /// Where.
        points: Vec<String>,
        /// Why.
        detail: String,
    },
    /// The holder acted, or tried to.
    Used {
        /// What was done, and on what.
        pair: Pair,
        /// Whether it was permitted.
        permitted: bool,
    },
    /// More time was asked for.
    ExtensionAsked {
        /// Its place in the chain.
        ordinal: u32,
        /// The new end.
        ends_at: Instant,
        /// Where the extension stood at once.
        phase: RequestPhase,
    },
    /// An extension moved; `consumed` when the time was added.
    ExtensionMoved {
        /// Where to.
        phase: RequestPhase,
    },
    /// The grant ends sooner than it would have.
    Shortened {
        /// When.
        ends_at: Instant,
        /// By which limit.
        ends_by: Limit,
    },
    /// A fact that it needs became unknown: no use, and the clock runs.
    Frozen,
    /// The fact is known again.
    Thawed,
    /// The grant ended.
    Ended {
        /// Why.
        cause: Cause,
    },
    /// Something else would have ended it too.
    AlsoEnded {
        /// What.
        cause: Cause,
    },
    /// What was in force at a point is another grant's from now on.
    Retained {
        /// The enforcement point.
        point: String,
        /// The grant that answers for it.
        by_grant: String,
    },
    /// The grant answers from now on for what another one had in force.
    TookOver {
        /// The enforcement point.
        point: String,
        /// The grant that ended.
        from_grant: String,
    },
    /// An enforcement point did not confirm the end in time.
    Late {
        /// The enforcement point.
        point: String,
    },
    /// An enforcement point confirmed the end.
    Confirmed {
        /// The enforcement point.
        point: String,
    },
    /// The end was confirmed everywhere.
    Closed,
    /// Something sticks to the grant.
    Flagged {
        /// What.
        flag: Flag,
    },
    /// Those who watch were told, or somebody was woken.
    Told {
        /// `alert` or `page`.
        how: String,
        /// Why.
        detail: String,
    },
    /// Those whose approval was not asked were told.
    SkippedApproversTold {
        /// The seats that other rules would have asked for.
        seats: Vec<String>,
    },
    /// A review came due.
    ReviewOpened {
        /// By when.
        due_by: Instant,
    },
    /// The grant was reviewed.
    Reviewed {
        /// What the review says.
        verdict: Verdict,
        /// What the emergency was.
        classification: Classification,
        /// More, in words.
        #[serde(skip_serializing_if = "String::is_empty", default)]
        notes: String,
    },
    /// What was done offline was accounted for.
    Reconciled,
}

/// Whom something concerns: a request, an extension or a grant.
pub(super) enum About<'e> {
    Request(&'e str),
    Extension(&'e str),
    Grant(&'e str),
}

pub(super) fn about(event: &Event) -> Option<About<'_>> {
    Some(match event {
        Event::Observed { .. } | Event::BundleChanged { .. } | Event::ClockSuspect { .. } => return None,
        Event::Submitted { record } => About::Request(&record.id),
        // The name of an extension may stand here as well.
        Event::ApprovalRecorded { request, .. }
        | Event::RequestMoved { request, .. }
        | Event::Joined { request, .. }
        | Event::RequestChecked { request, .. } => About::Request(request),
        Event::Activated { grant, .. } => About::Request(&grant.request),
        Event::ExtensionAsked { extension } => About::Grant(&extension.grant),
        Event::ExtensionMoved { extension, .. } => About::Extension(extension),
        Event::Issued { grant, .. }
        | Event::IssueRejected { grant, .. }
        | Event::GrantChecked { grant, .. }
        | Event::GrantMoved { grant, .. }
        | Event::Shortened { grant, .. }
        | Event::Tightened { grant, .. }
        | Event::Used { grant, .. }
        | Event::Ended { grant, .. }
        | Event::AlsoEnded { grant, .. }
        | Event::Retained { grant, .. }
        | Event::Late { grant, .. }
        | Event::Confirmed { grant, .. }
        | Event::Flagged { grant, .. }
        | Event::ReviewOpened { grant, .. }
        | Event::Reviewed { grant, .. }
        | Event::Reconciled { grant, .. } => About::Grant(grant),
    })
}

impl Mark {
    fn new(at: Instant, by: Option<String>, what: Happened) -> Self {
        Self { at, by, what, reasons: Vec::new(), entry: None, decision_entry: None }
    }

    /// What an event says, if it says anything to an auditor: checks that found all as it was do not.
    pub(super) fn of(event: &Event, applied: &Applied) -> Option<Self> {
        let now = applied.at;
        let named = |uid: &Uid| Some(uid.to_string());
        let mark = |what| Self::new(now, None, what);
        Some(match event {
            Event::Submitted { record } => Self::new(
                now,
                named(record.ask.requested_by.as_ref().unwrap_or(&record.ask.principal)),
                Happened::Asked { phase: record.phase },
            ),
            Event::ApprovalRecorded { approval, counted, reason, .. } => Self {
                reasons: reason.iter().map(|r| r.as_ref().clone()).collect(),
                ..Self::new(
                    approval.at,
                    Some(approval.by.clone()),
                    Happened::Approved {
                        counted: *counted,
                        seat: approval.seat.clone(),
                        max_ttl: approval.max_ttl,
                    },
                )
            },
            Event::RequestMoved { to, cause, by, detail, .. } => Self::new(
                now,
                by.clone(),
                Happened::Moved { phase: *to, cause: *cause, detail: detail.clone() },
            ),
            Event::Activated { grant, .. } => Self::new(
                grant.started,
                named(&grant.principal),
                Happened::Activated { ends_at: grant.ends_at, ends_by: grant.ends_by },
            ),
            Event::Issued { points, .. } => mark(Happened::Issued { points: points.clone() }),
            Event::IssueRejected { points, reason, .. } => {
                mark(Happened::IssueRejected { points: points.clone(), detail: reason.clone() })
            }
            Event::GrantMoved { to, at, .. } => {
                let what = match to {
                    GrantPhase::Frozen => Happened::Frozen,
                    GrantPhase::Active => Happened::Thawed,
                    GrantPhase::Closed => Happened::Closed,
                    GrantPhase::Issuing | GrantPhase::Revoking => return None,
                };
                Self::new(*at, None, what)
            }
            Event::Shortened { ends_at, ends_by, .. } => {
                mark(Happened::Shortened { ends_at: *ends_at, ends_by: *ends_by })
            }
            Event::Used { pair, permitted, at, .. } => {
                Self::new(*at, None, Happened::Used { pair: pair.clone(), permitted: *permitted })
            }
            Event::ExtensionAsked { extension } => Self::new(
                extension.asked_at,
                None,
                Happened::ExtensionAsked {
                    ordinal: extension.ordinal,
                    ends_at: extension.ends_at,
                    phase: extension.phase,
                },
            ),
            Event::ExtensionMoved { to, .. } => mark(Happened::ExtensionMoved { phase: *to }),
            Event::Ended { cause, at, by, .. } => {
                Self::new(*at, by.clone(), Happened::Ended { cause: *cause })
            }
            Event::AlsoEnded { cause, .. } => mark(Happened::AlsoEnded { cause: *cause }),
            Event::Retained { point, by, .. } => {
                mark(Happened::Retained { point: point.clone(), by_grant: by.clone() })
            }
            Event::Late { point, .. } => mark(Happened::Late { point: point.clone() }),
            Event::Confirmed { point, at, .. } => {
                Self::new(*at, None, Happened::Confirmed { point: point.clone() })
            }
            Event::Flagged { flag, .. } => mark(Happened::Flagged { flag: *flag }),
            Event::ReviewOpened { due_by, .. } => mark(Happened::ReviewOpened { due_by: *due_by }),
            Event::Reviewed { review, .. } => Self::new(
                review.at,
                named(&review.by),
                Happened::Reviewed {
                    verdict: review.verdict,
                    classification: review.classification,
                    notes: review.notes.clone(),
                },
            ),
            Event::Reconciled { by, .. } => Self::new(now, Some(by.clone()), Happened::Reconciled),
            Event::Observed { .. }
            | Event::BundleChanged { .. }
            | Event::ClockSuspect { .. }
            | Event::Joined { .. }
            | Event::RequestChecked { .. }
            | Event::GrantChecked { .. }
            | Event::Tightened { .. } => return None,
        })
    }

    /// What an effect says, and of whom, if people were told.
    pub(super) fn told(effect: &Effect, at: Instant) -> Option<(&str, Self)> {
        match &effect.what {
            What::Alert { about, reason } | What::Page { about, reason } => {
                let how = effect.what.name().to_owned();
                Some((about, Self::new(at, None, Happened::Told { how, detail: reason.clone() })))
            }
            What::NotifySkippedApprovers { request, seats } => {
                Some((request, Self::new(at, None, Happened::SkippedApproversTold { seats: seats.clone() })))
            }
            _ => None,
        }
    }

    /// Whether the decision of a record is about what this event says.
    pub(super) const fn is_decided(&self) -> bool {
        matches!(
            self.what,
            Happened::Asked { .. }
                | Happened::Activated { .. }
                | Happened::Used { .. }
                | Happened::ExtensionAsked { .. }
        )
    }
}
