//! The lifecycle: from request to confirmed end, as one aggregate without I/O.
//!
//! `apply(command, now)` returns what happened, what to carry out and what was decided;
//! `next_change(now)` says when to come back. Its state is what its own records make it, so it
//! is rebuilt by folding them. Nothing depends on a timer: whatever is due is done before the
//! next command, whenever that comes.

mod activate;
mod answers;
mod archive;
mod chain;
mod command;
mod effect;
mod event;
mod extension;
mod grant;
mod index;
mod issue;
mod name;
mod observe;
mod past;
mod phase;
mod recheck;
mod record;
mod request;
mod review;
mod revoke;
mod state;
mod step;
mod sweep;

pub use archive::Archive;
pub use command::{
    ACTS, Act, Activate, Approve, Classification, Command, Complete, Deny, Extend, Finding, IssueFailed,
    Issued, Outcome, Reconcile, Report, Review, Revoke, Revoked, Submit, Tick, Use, Verdict, Withdraw,
};
pub use effect::{EFFECTS, Effect, What};
pub use event::Event;
pub use phase::{Cause, GrantMove, GrantPhase, RequestMove, RequestPhase};
pub use record::{Extension, ExtensionRatio, Flag, Grant, Point, RequestRecord, ReviewRecord};

use crate::bundle::Bundle;
use crate::canonical::Digest;
use crate::error::{Code, Error};
use crate::facts::Facts;
use crate::limits::{APPROVALS_MAX, GRANT_POINTS_MAX};
use crate::model::{Decision, Evidence};
use crate::prelude::*;
use crate::time::Instant;
use answers::Answers;
use serde::{Deserialize, Serialize};
use state::State;
use step::Step;

/// A grant that ended in a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// The grant.
    pub grant: String,
    /// Why.
    pub cause: Cause,
    /// When.
    pub at: Instant,
}

/// Where a request, a grant or an extension stands after a command.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Its phase.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub state: Option<String>,
    /// When the grant began.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub started_at: Option<Instant>,
    /// When the grant's end was confirmed everywhere.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ended_at: Option<Instant>,
    /// What sticks to the grant.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub flags: BTreeSet<Flag>,
    /// Enforcement points that have not confirmed the end of a grant that is over.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub unconfirmed: BTreeSet<String>,
}

/// What one command did: the record to be kept, and the answer to the caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// Counts up by one with each command, from 1.
    pub seq: u64,
    /// The instant that it was applied for.
    pub at: Instant,
    /// The command's id.
    pub command_id: String,
    /// The digest of the command's content.
    pub command: Digest,
    /// What the command was, in a word.
    pub act: String,
    /// The request that it was about, or made.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub request: Option<String>,
    /// The grant that it was about, or made.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub grant: Option<String>,
    /// The extension that it was about, or made.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub extension: Option<String>,
    /// Where that stands now.
    #[serde(flatten)]
    pub standing: Standing,
    /// What was decided.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub decision: Option<Decision>,
    /// All that the decision followed from.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub evidence: Option<Evidence>,
    /// Grants that ended.
    pub ended: Vec<Ended>,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// What to carry out, in order.
    pub effects: Vec<Effect>,
}

/// The aggregate.
#[derive(Clone)]
pub struct Lifecycle {
    bundle: Bundle,
    facts: Facts,
    state: State,
    seq: u64,
    answers: Answers,
}

impl Lifecycle {
    /// A lifecycle in which nothing has happened yet.
    #[must_use]
    pub fn new(bundle: Bundle, facts: Facts) -> Self {
        Self { bundle, facts, state: State::default(), seq: 0, answers: Answers::default() }
    }

    /// Applies one command.
    ///
    /// A refusal is no error: it is a decision in the answer. Sending the same command again
    /// gives the same bytes and changes nothing.
    ///
    /// # Errors
    /// `command_conflict` for another command under a known id, `answer_forgotten` for a known
    /// one whose answer is no longer kept; `sequence_conflict` if the lifecycle is not at
    /// `expect_seq`; `unknown_request`, `unknown_grant`, `unknown_point`; those of facts in
    /// `observe`. After an error nothing has changed.
    pub fn apply(&mut self, command: &Command, now: Instant) -> Result<Arc<Applied>, Error> {
        command.check()?;
        let digest = command.digest();
        if let Some(answer) = self.answers.again(&command.command_id, digest)? {
            return Ok(answer);
        }
        if let Some(expected) = command.expect_seq
            && expected != self.seq
        {
            return Err(Error::new(
                Code::SequenceConflict,
                format!("the lifecycle is at {}, not at {expected}", self.seq),
            )
            .help("read what was applied since, and decide whether to send the command again")
            .at("expect_seq"));
        }
        let facts = self.check_known(command, now)?;
        let at = self.state.last.map_or(now, |last| last.max(now));
        let behind = self.state.last.map(|last| last.since(now)).unwrap_or_default();
        let mut step = Step::new(self, at, behind);
        step.run(command, facts);
        let applied = Arc::new(step.finish(command, digest));
        self.seq = applied.seq;
        self.answers.keep(Arc::clone(&applied));
        Ok(applied)
    }

    /// Applies commands of one instant, in an order of their own: what ends privilege goes
    /// before what gives it (lock, revoke and close, deny, withdraw, expire, approve, activate,
    /// extend, use). So any order of arrival gives the same bytes.
    pub fn apply_all(
        &mut self,
        commands: &[Command],
        now: Instant,
    ) -> Vec<(String, Result<Arc<Applied>, Error>)> {
        let mut sorted: Vec<&Command> = commands.iter().collect();
        sorted.sort_by_cached_key(|c| (c.rank(), &c.command_id, c.digest()));
        sorted.into_iter().map(|c| (c.command_id.clone(), self.apply(c, now))).collect()
    }

    /// Lets another bundle decide from now on. What it no longer permits becomes void, or ends.
    ///
    /// # Errors
    /// As [`Lifecycle::apply`]; `bad_entity` if the facts do not fit the new schema.
    pub fn change_bundle(
        &mut self,
        command_id: &str,
        bundle: Bundle,
        now: Instant,
    ) -> Result<Arc<Applied>, Error> {
        let command =
            Command { command_id: command_id.to_owned(), expect_seq: None, act: Act::Tick(Tick {}) };
        command.check()?;
        let digest = Digest::of_canonical(&(command_id, bundle.digest()));
        if let Some(answer) = self.answers.again(command_id, digest)? {
            return Ok(answer);
        }
        let facts = self.facts.rebind(&bundle)?;
        let at = self.state.last.map_or(now, |last| last.max(now));
        let behind = self.state.last.map(|last| last.since(now)).unwrap_or_default();
        let mut step = Step::new(self, at, behind);
        step.change_bundle(bundle, facts);
        let mut applied = step.finish(&command, digest);
        applied.act = "change_bundle".to_owned();
        let applied = Arc::new(applied);
        self.seq = applied.seq;
        self.answers.keep(Arc::clone(&applied));
        Ok(applied)
    }

    /// Folds one record of its own: the state after it is the state that made it.
    ///
    /// `bundle` is the one that decides from this record on, if the record changed it.
    ///
    /// # Errors
    /// `sequence_conflict` if the record is not the next one; those of facts in it.
    pub fn fold(&mut self, applied: &Applied, bundle: Option<&Bundle>) -> Result<(), Error> {
        if applied.seq != self.seq.saturating_add(1) {
            return Err(Error::new(
                Code::SequenceConflict,
                format!("record {} does not follow {}", applied.seq, self.seq),
            )
            .help("fold every record once, in order"));
        }
        for event in &applied.events {
            match event {
                Event::Observed { facts, .. } => {
                    let change = facts.as_ref().clone();
                    self.facts = self.facts.with_recorded(&self.bundle, change, applied.at)?;
                }
                Event::BundleChanged { to, .. } => {
                    let bundle = bundle.filter(|b| b.digest() == *to).ok_or_else(|| {
                        Error::new(Code::SchemaMismatch, format!("bundle {to} is needed from here on"))
                            .help("hand over the bundle of that digest")
                    })?;
                    self.facts = self.facts.rebind(bundle)?;
                    self.bundle = bundle.clone();
                }
                _ => {}
            }
            self.state.evolve(event, applied.at);
        }
        self.state.last = Some(applied.at);
        self.seq = applied.seq;
        self.answers.keep(Arc::new(applied.clone()));
        Ok(())
    }

    /// Forgets what commands were answered before an instant, to free the memory that records
    /// take: they are in the ledger. Such a command sent again is not applied again, but refused
    /// as `answer_forgotten`. Nothing else changes.
    pub fn forget_answers(&mut self, before: Instant) {
        self.answers.forget(before);
    }

    /// The first instant after `now` at which anything changes by itself, if nothing else happens.
    #[must_use]
    pub fn next_change(&self, now: Instant) -> Option<Instant> {
        let (due, _) = self.state.index.first_due()?;
        Some((*due).max(now))
    }

    /// The number of the last record.
    #[must_use]
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// The facts as they stand.
    #[must_use]
    pub const fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The bundle that decides.
    #[must_use]
    pub const fn bundle(&self) -> &Bundle {
        &self.bundle
    }

    /// A request by its id.
    #[must_use]
    pub fn request(&self, id: &str) -> Option<&RequestRecord> {
        self.state.requests.get(id.as_bytes())
    }

    /// A grant by its id.
    #[must_use]
    pub fn grant(&self, id: &str) -> Option<&Grant> {
        self.state.grants.get(id.as_bytes())
    }

    /// An extension by its id.
    #[must_use]
    pub fn extension(&self, id: &str) -> Option<&Extension> {
        self.state.extensions.get(id)
    }

    /// All requests, in order of their ids.
    pub fn requests(&self) -> impl Iterator<Item = &RequestRecord> {
        self.state.requests.values()
    }

    /// All grants, in order of their ids.
    pub fn grants(&self) -> impl Iterator<Item = &Grant> {
        self.state.grants.values()
    }

    /// Whether two lifecycles are in the same state.
    #[must_use]
    pub fn same_state(&self, other: &Self) -> bool {
        self.seq == other.seq && self.state == other.state
    }

    /// Everything that makes a command an error rather than a refusal, before anything changes.
    fn check_known(&self, command: &Command, now: Instant) -> Result<Option<Prepared>, Error> {
        let grant = |id: &str| -> Result<&Grant, Error> {
            self.grant(id).ok_or_else(|| unknown(Code::UnknownGrant, "grant", id, command.act.name()))
        };
        let request = |id: &str| -> Result<(), Error> {
            let known =
                self.state.requests.contains_key(id.as_bytes()) || self.state.extensions.contains_key(id);
            if known { Ok(()) } else { Err(unknown(Code::UnknownRequest, "request", id, command.act.name())) }
        };
        match &command.act {
            Act::Observe(change) => {
                let at = self.state.last.map_or(now, |last| last.max(now));
                let mut change = change.clone();
                change.observed_at.get_or_insert(at);
                let (facts, ignored) = self.facts.with_notes(&self.bundle, change.clone(), at)?;
                return Ok(Some(Prepared { facts, change, ignored }));
            }
            Act::Submit(submit) => {
                if let Some(parent) = &submit.parent {
                    grant(parent).map_err(|e| e.at("submit.parent"))?;
                }
            }
            Act::Approve(a) => {
                request(&a.request)?;
                let full = |n: usize| n >= APPROVALS_MAX;
                let many = self.request(&a.request).is_some_and(|r| full(r.ask.approvals.len()))
                    || self.extension(&a.request).is_some_and(|x| full(x.approvals.len()));
                if many {
                    return Err(Error::new(
                        Code::TooMany,
                        "this request has as many approvals as it may have",
                    )
                    .help("submit a new request")
                    .at("approve.request"));
                }
            }
            Act::Deny(d) => request(&d.request)?,
            Act::Withdraw(w) => request(&w.request)?,
            // An extension takes effect with its last approval.
            Act::Activate(a) if self.request(&a.request).is_none() => {
                return Err(unknown(Code::UnknownRequest, "request", &a.request, command.act.name()));
            }
            Act::Activate(_) => {}
            Act::Issued(i) => room_for(grant(&i.grant)?, &i.points).map_err(|e| e.at("issued.points"))?,
            Act::IssueFailed(i) => {
                room_for(grant(&i.grant)?, &i.points).map_err(|e| e.at("issue_failed.points"))?;
            }
            Act::Use(u) => grant(&u.grant).map(|_| ())?,
            Act::Extend(x) => grant(&x.grant).map(|_| ())?,
            Act::Revoke(r) => grant(&r.grant).map(|_| ())?,
            Act::Revoked(r) => {
                let known = grant(&r.grant)?;
                if !known.points.contains_key(&r.point) {
                    let names: Vec<&str> = known.points.keys().map(String::as_str).collect();
                    return Err(Error::new(Code::UnknownPoint, "the grant is not in force at this point")
                        .help(format!("its points: {}", names.join(", ")))
                        .at("revoked.point"));
                }
            }
            Act::Complete(c) => grant(&c.grant).map(|_| ())?,
            Act::Report(r) => grant(&r.grant).map(|_| ())?,
            Act::Review(r) => grant(&r.grant).map(|_| ())?,
            Act::Reconcile(r) => grant(&r.grant).map(|_| ())?,
            Act::Tick(_) => {}
        }
        Ok(None)
    }
}

/// Facts that were read and checked before the step begins.
pub(super) struct Prepared {
    facts: Facts,
    change: crate::facts::FactsDocument,
    ignored: Vec<crate::facts::Ignored>,
}

/// A grant has so many points at most, however often it is issued.
fn room_for(grant: &Grant, points: &[String]) -> Result<(), Error> {
    let new: BTreeSet<&String> = points.iter().filter(|p| !grant.points.contains_key(*p)).collect();
    if grant.points.len().saturating_add(new.len()) <= GRANT_POINTS_MAX {
        return Ok(());
    }
    Err(Error::new(Code::TooMany, format!("a grant has no more than {GRANT_POINTS_MAX} points"))
        .help("nothing was recorded: take away what stands at the points named here, and revoke the grant"))
}

fn unknown(code: Code, what: &str, id: &str, act: &str) -> Error {
    Error::new(code, format!("no {what} is named `{}`", crate::wire::clip(id)))
        .help("use the id that the lifecycle gave")
        .at(format!("{act}.{what}"))
}
