//! What a host can ask of the lifecycle.

use crate::canonical::{self, Digest};
use crate::cedar::Uid;
use crate::error::{Code, Error};
use crate::facts::FactsDocument;
use crate::limits::{COMMAND_ID_BYTES_MAX, POINTS_MAX};
use crate::model::Request;
use crate::prelude::*;
use crate::time::{Instant, Span};
use crate::wire::refuse_secrets;
use serde::{Deserialize, Serialize};

/// A command: what to do, and a name of the host's own that makes it safe to send again.
///
/// On the wire `{"command_id":"c-1","submit":{…}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// The same id with the same content gives the same bytes; with other content it is refused.
    pub command_id: String,
    /// Refuse the command unless the lifecycle is at this sequence number.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expect_seq: Option<u64>,
    /// What to do.
    #[serde(flatten)]
    pub act: Act,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Act {
    /// Facts changed.
    Observe(FactsDocument),
    /// Somebody asks.
    Submit(Submit),
    /// Somebody approves a request or an extension.
    Approve(Approve),
    /// Somebody denies a request or an extension.
    Deny(Deny),
    /// The requester takes the request back.
    Withdraw(Withdraw),
    /// An approved request becomes a grant.
    Activate(Activate),
    /// Enforcement points put the grant in force.
    Issued(Issued),
    /// An enforcement point could not.
    IssueFailed(IssueFailed),
    /// The holder acts.
    Use(Use),
    /// The holder asks for more time.
    Extend(Extend),
    /// Somebody ends the grant.
    Revoke(Revoke),
    /// An enforcement point confirms its end.
    Revoked(Revoked),
    /// The work is over.
    Complete(Complete),
    /// Somebody found that the target was changed, or the credential leaked.
    Report(Report),
    /// Somebody reviews the grant.
    Review(Review),
    /// Somebody accounts for what was done offline.
    Reconcile(Reconcile),
    /// Nothing but the time.
    Tick(Tick),
}

/// Somebody asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Submit {
    /// For what.
    pub request: Request,
    /// When it shall start, if not now.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub start: Option<Instant>,
    /// The grant that it is delegated from.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub parent: Option<String>,
}

/// Somebody approves a request or an extension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approve {
    /// The request or the extension.
    pub request: String,
    /// Who: a uid, or an alias that the facts know.
    pub by: String,
    /// The one seat that is meant.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub seat: Option<String>,
    /// The longest lifetime that the approver agrees to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub max_ttl: Option<Span>,
    /// The digest of the ask that the approver saw; the present one, if not given.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ask: Option<Digest>,
}

/// Somebody denies a request or an extension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deny {
    /// The request or the extension.
    pub request: String,
    /// Who.
    pub by: String,
    /// Why.
    #[serde(default)]
    pub reason: String,
}

/// The requester takes the request back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdraw {
    /// The request.
    pub request: String,
    /// Who; the principal, if not given.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub by: Option<Uid>,
}

/// An approved request becomes a grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Activate {
    /// The request.
    pub request: String,
    /// How the credential is to be delivered, such as `vault` or `broker`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub delivery: Option<String>,
}

/// Enforcement points put the grant in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issued {
    /// The grant.
    pub grant: String,
    /// Where it is in force now; each confirms its own end later.
    pub points: Vec<String>,
    /// Where the credential is to be found; never the credential itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub credential_ref: Option<String>,
    /// When the credential dies by itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires_at: Option<Instant>,
}

/// An enforcement point could not put the grant in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssueFailed {
    /// The grant.
    pub grant: String,
    /// Where something may have been left behind all the same.
    #[serde(default)]
    pub points: Vec<String>,
    /// Why.
    #[serde(default)]
    pub reason: String,
}

/// The holder acts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Use {
    /// The grant.
    pub grant: String,
    /// What is done.
    pub action: Uid,
    /// On what.
    pub resource: Uid,
}

/// The holder asks for more time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extend {
    /// The grant.
    pub grant: String,
    /// For how long from now; the rule's `@extension_ttl`, if not given.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ttl: Option<Span>,
    /// Why.
    #[serde(default)]
    pub purpose: String,
}

/// Somebody ends the grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revoke {
    /// The grant.
    pub grant: String,
    /// Who.
    pub by: String,
    /// Why.
    #[serde(default)]
    pub reason: String,
}

/// An enforcement point confirms its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revoked {
    /// The grant.
    pub grant: String,
    /// The enforcement point.
    pub point: String,
}

/// How the work came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Finished.
    Done,
    /// Given up or aborted.
    Failed,
    /// Ran out of time.
    Timeout,
}

/// The work is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Complete {
    /// The grant.
    pub grant: String,
    /// How it came out.
    pub outcome: Outcome,
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// The target was changed behind the grant's back; certainty is gone for good.
    Drift,
    /// The credential leaked.
    Leak,
}

/// Somebody found that the target was changed, or the credential leaked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The grant.
    pub grant: String,
    /// What.
    pub finding: Finding,
    /// More, in words.
    #[serde(default)]
    pub detail: String,
}

/// What a review says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// All was as it should be.
    Accepted,
    /// Something has to be followed up.
    Findings,
}

/// What the emergency was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Classification {
    /// A drill.
    Drill,
    /// A real emergency.
    Actual,
    /// No emergency at all.
    Misuse,
}

/// Somebody reviews the grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// The grant.
    pub grant: String,
    /// Who.
    pub by: String,
    /// What the review says.
    pub verdict: Verdict,
    /// What the emergency was.
    pub classification: Classification,
    /// More, in words.
    #[serde(default)]
    pub notes: String,
}

/// Somebody accounts for what was done offline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reconcile {
    /// The grant.
    pub grant: String,
    /// Who.
    pub by: String,
}

/// Nothing but the time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tick {}

impl Command {
    /// Reads a command.
    ///
    /// # Errors
    /// Those of [`canonical::read`], of [`Request::check`], and `secret_in_input` for a text
    /// that looks like a secret: credentials are named by reference only.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        Self::from_value(canonical::parse(json)?)
    }

    /// Reads a command from a strictly read value.
    ///
    /// # Errors
    /// As [`Command::from_json`].
    pub fn from_value(value: serde_json::Value) -> Result<Self, Error> {
        let serde_json::Value::Object(mut members) = value else {
            return Err(Error::new(Code::WrongType, "a command is an object")
                .help("write `{\"command_id\":\"…\",\"submit\":{…}}`"));
        };
        let head = ["command_id", "expect_seq"].map(|name| members.remove(name));
        let [command_id, expect_seq] = head;
        let mut acts = members.into_iter();
        let (Some((act, body)), None) = (acts.next(), acts.next()) else {
            return Err(Error::new(Code::BadCommand, "a command does exactly one thing")
                .help("write `{\"command_id\":\"…\",\"submit\":{…}}`"));
        };
        if !ACTS.contains(&act.as_str()) {
            let error =
                Error::new(Code::BadCommand, format!("no command is named `{}`", crate::wire::clip(&act)));
            return Err(match crate::error::nearest(&act, ACTS) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error.help(format!("known here: {}", ACTS.join(", "))),
            });
        }
        let command_id = command_id.ok_or_else(|| {
            Error::new(Code::MissingMember, "member `command_id` is missing")
                .help("give each command an id of its own, and the same one when sending it again")
        })?;
        let at = |name: &'static str| move |e: Error| e.at(name);
        let command = Self {
            command_id: canonical::from_value(command_id).map_err(at("command_id"))?,
            expect_seq: expect_seq.map(canonical::from_value).transpose().map_err(at("expect_seq"))?,
            act: canonical::from_value(serde_json::Value::Object(core::iter::once((act, body)).collect()))?,
        };
        command.check()?;
        Ok(command)
    }

    /// Checks what a shape alone does not show.
    ///
    /// # Errors
    /// As [`Command::from_json`], but for the text.
    pub fn check(&self) -> Result<(), Error> {
        if self.command_id.is_empty() || self.command_id.len() > COMMAND_ID_BYTES_MAX {
            let message = format!("a `command_id` has 1 to {COMMAND_ID_BYTES_MAX} bytes");
            return Err(Error::new(Code::BadCommand, message)
                .help("give each command an id of its own, and the same one when sending it again")
                .at("command_id"));
        }
        if let Act::Submit(submit) = &self.act {
            submit.request.check().map_err(|e| {
                let path = format!("submit.request.{}", e.path.as_deref().unwrap_or_default());
                e.at(path)
            })?;
            if !submit.request.approvals.is_empty() {
                return Err(Error::new(Code::BadCommand, "a submission brings no approvals of its own")
                    .help("send an `approve` for each, so that it is on record who gave it")
                    .at("submit.request.approvals"));
            }
        }
        if let Act::Issued(issued) = &self.act
            && (issued.points.is_empty() || issued.points.len() > POINTS_MAX)
        {
            let message = format!("a grant is in force at 1 to {POINTS_MAX} points");
            return Err(Error::new(Code::BadCommand, message)
                .help("name every place that will have to confirm the end")
                .at("issued.points"));
        }
        if let Act::IssueFailed(failed) = &self.act
            && failed.points.len() > POINTS_MAX
        {
            let message = format!("a command names no more than {POINTS_MAX} points");
            return Err(Error::new(Code::BadCommand, message)
                .help("name the places where something may have been left behind")
                .at("issue_failed.points"));
        }
        refuse_secrets(&serde_json::to_value(self).unwrap_or_default())
    }

    /// The digest that tells a repeated command from another with the same id.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of_canonical(&(&self.command_id, &self.act))
    }

    /// Of commands at one instant, the lower rank goes first: what ends privilege before what
    /// gives it.
    pub(super) fn rank(&self) -> u8 {
        match &self.act {
            Act::Observe(facts) if !facts.locks.is_empty() => 0,
            Act::Revoke(_) | Act::Report(_) | Act::Complete(_) | Act::Observe(_) => 1,
            Act::Revoked(_) | Act::IssueFailed(_) => 2,
            Act::Deny(_) => 3,
            Act::Withdraw(_) => 4,
            Act::Tick(_) => 5,
            Act::Submit(_) => 6,
            Act::Approve(_) => 7,
            Act::Activate(_) | Act::Issued(_) => 8,
            Act::Extend(_) => 9,
            Act::Use(_) => 10,
            Act::Review(_) | Act::Reconcile(_) => 11,
        }
    }
}

impl Act {
    /// What the command does, in a word.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Observe(_) => "observe",
            Self::Submit(_) => "submit",
            Self::Approve(_) => "approve",
            Self::Deny(_) => "deny",
            Self::Withdraw(_) => "withdraw",
            Self::Activate(_) => "activate",
            Self::Issued(_) => "issued",
            Self::IssueFailed(_) => "issue_failed",
            Self::Use(_) => "use",
            Self::Extend(_) => "extend",
            Self::Revoke(_) => "revoke",
            Self::Revoked(_) => "revoked",
            Self::Complete(_) => "complete",
            Self::Report(_) => "report",
            Self::Review(_) => "review",
            Self::Reconcile(_) => "reconcile",
            Self::Tick(_) => "tick",
        }
    }
}

/// Every command by name.
pub const ACTS: [&str; 17] = [
    "observe",
    "submit",
    "approve",
    "deny",
    "withdraw",
    "activate",
    "issued",
    "issue_failed",
    "use",
    "extend",
    "revoke",
    "revoked",
    "complete",
    "report",
    "review",
    "reconcile",
    "tick",
];
