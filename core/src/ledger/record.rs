//! From what the lifecycle did to entries of the ledger, and back.
//!
//! Each event stands in an entry of its own, so that intent, approval, issue, use, end,
//! confirmation and review can be told apart and proved one by one; the decision stands with
//! its evidence; and a last entry of kind `record` says that the whole was written. Entries
//! without it are the beginning of a record that a crash cut short, and count for nothing.

use super::{Entry, Kind, Ledger};
use crate::canonical;
use crate::canonical::Digest;
use crate::error::{Code, Error};
use crate::lifecycle::{Applied, Effect, Ended, Event, GrantPhase, RequestPhase, Standing};
use crate::model::{Decision, Evidence};
use crate::prelude::*;
use crate::time::Instant;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The body of an entry of kind `record`: all of [`Applied`] that stands in no other entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Seal {
    record: u64,
    at: Instant,
    command_id: String,
    command: Digest,
    act: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    request: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    grant: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    extension: Option<String>,
    standing: Standing,
    ended: Vec<Ended>,
    events: u64,
    effects: u64,
    decided: bool,
}

impl Ledger {
    /// Makes the entries of one record, in the order in which they must be written.
    ///
    /// # Errors
    /// Those of [`Ledger::append`]; then the ledger is where it was.
    pub fn record(&mut self, applied: &Applied) -> Result<Vec<Entry>, Error> {
        let mut next = self.clone();
        let at = next.not_before(applied.at);
        let append = |(kind, body)| next.link(kind, body, at);
        let out = bodies(applied).into_iter().map(append).collect::<Result<_, _>>()?;
        *self = next;
        Ok(out)
    }
}

/// What [`Ledger::record`] appends: for a host that redacts some of it first, and then appends
/// the bodies itself, in this order, at [`Ledger::not_before`] of the record's instant.
#[must_use]
pub fn bodies(applied: &Applied) -> Vec<(Kind, Value)> {
    let mut out = Vec::new();
    let mut decision = applied.decision.as_ref();
    for event in &applied.events {
        out.push((kind_of(event), json!({ "record": applied.seq, "event": event })));
        if matches!(event, Event::Submitted { .. })
            && let Some(decision) = decision.take()
        {
            out.push((Kind::DECISION, decided(applied, decision)));
        }
    }
    if let Some(decision) = decision {
        out.push((Kind::DECISION, decided(applied, decision)));
    }
    for effect in &applied.effects {
        out.push((Kind::EFFECT, json!({ "record": applied.seq, "effect": effect })));
    }
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    let seal = Seal {
        record: applied.seq,
        at: applied.at,
        command_id: applied.command_id.clone(),
        command: applied.command,
        act: applied.act.clone(),
        request: applied.request.clone(),
        grant: applied.grant.clone(),
        extension: applied.extension.clone(),
        standing: applied.standing.clone(),
        ended: applied.ended.clone(),
        events: count(applied.events.len()),
        effects: count(applied.effects.len()),
        decided: applied.decision.is_some(),
    };
    out.push((Kind::RECORD, json!(seal)));
    out
}

fn decided(applied: &Applied, decision: &Decision) -> Value {
    let mut body = json!({ "record": applied.seq, "decision": decision });
    if let (Some(evidence), Some(members)) = (&applied.evidence, body.as_object_mut()) {
        members.insert("evidence".to_owned(), json!(evidence));
    }
    body
}

fn kind_of(event: &Event) -> Kind {
    match event {
        Event::Observed { .. } => Kind::OBSERVE,
        Event::BundleChanged { .. } => Kind::BUNDLE,
        Event::Submitted { .. } => Kind::INTENT,
        Event::ApprovalRecorded { .. } => Kind::APPROVAL,
        Event::RequestMoved { to: RequestPhase::Denied, .. } => Kind::DENIAL,
        Event::RequestMoved { to, .. } if to.is_terminal() => Kind::CLOSURE,
        Event::RequestMoved { .. } => Kind::APPROVAL,
        Event::Activated { .. } | Event::Issued { .. } | Event::IssueRejected { .. } => Kind::ISSUE,
        Event::Used { .. } => Kind::USE,
        Event::ExtensionAsked { .. } | Event::ExtensionMoved { .. } => Kind::EXTENSION,
        Event::Ended { .. } | Event::AlsoEnded { .. } => Kind::END,
        Event::Confirmed { .. }
        | Event::Retained { .. }
        | Event::GrantMoved { to: GrantPhase::Closed, .. } => Kind::CONFIRMATION,
        Event::ReviewOpened { .. } | Event::Reviewed { .. } | Event::Reconciled { .. } => Kind::REVIEW,
        Event::ClockSuspect { .. }
        | Event::Joined { .. }
        | Event::RequestChecked { .. }
        | Event::Tightened { .. }
        | Event::Late { .. }
        | Event::GrantChecked { .. }
        | Event::GrantMoved { .. }
        | Event::Shortened { .. }
        | Event::Flagged { .. } => Kind::CHECK,
    }
}

/// Puts records together again from entries, one by one.
#[derive(Clone, Debug, Default)]
pub struct Records {
    of: Option<u64>,
    parts: Vec<Placed>,
}

/// A part, and where it stands.
#[derive(Clone, Debug)]
struct Placed {
    part: Part,
    entry: u64,
    redacted: bool,
}

/// A record, and where it stands in the ledger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    /// What the lifecycle did.
    pub applied: Applied,
    /// The entries that hold its events, one for each.
    pub event_entries: Vec<u64>,
    /// The entries that hold its effects, one for each.
    pub effect_entries: Vec<u64>,
    /// The entry that holds its decision.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub decision_entry: Option<u64>,
    /// The entry that closes it.
    pub entry: u64,
    /// Something in it is redacted: in its place stands `redacted:` and the digest.
    pub redacted: bool,
}

#[derive(Clone, Debug, Deserialize)]
struct Part {
    record: u64,
    #[serde(default)]
    event: Option<Event>,
    #[serde(default)]
    effect: Option<Effect>,
    #[serde(default)]
    decision: Option<Decision>,
    #[serde(default)]
    evidence: Option<Evidence>,
}

impl Records {
    /// Nothing read yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next entry; gives a record when it is whole. Entries of the host's own kinds,
    /// and of records that were cut short, are passed over.
    ///
    /// # Errors
    /// `bad_record` if the parts of a record do not fit together, or have another shape.
    pub fn push(&mut self, entry: &Entry) -> Result<Option<Recorded>, Error> {
        if entry.kind == Kind::RECORD {
            return self.close(entry).map(Some);
        }
        if !Kind::KNOWN.contains(&entry.kind) || entry.body.get("record").is_none() {
            return Ok(None);
        }
        let (part, redacted): (Part, bool) = read(entry)?;
        if self.of != Some(part.record) {
            *self = Self { of: Some(part.record), parts: Vec::new() };
        }
        self.parts.push(Placed { part, entry: entry.seq, redacted });
        Ok(None)
    }

    fn close(&mut self, entry: &Entry) -> Result<Recorded, Error> {
        let (seal, redacted): (Seal, bool) = read(entry)?;
        let Self { of, mut parts } = core::mem::take(self);
        // Parts ahead of those that are counted are of an earlier try, which a crash cut short: the
        // command was sent again, and its record has the same number.
        let counted = seal.events.saturating_add(seal.effects).saturating_add(u64::from(seal.decided));
        let first = usize::try_from(counted).ok().and_then(|n| parts.len().checked_sub(n));
        let parts = first.map(|first| parts.split_off(first)).unwrap_or_default();
        let (mut events, mut effects, mut decided) = (Vec::new(), Vec::new(), None);
        let (mut event_entries, mut effect_entries, mut decision_entry) = (Vec::new(), Vec::new(), None);
        let mut hidden = redacted;
        for Placed { part, entry, redacted } in parts {
            hidden |= redacted;
            event_entries.extend(part.event.as_ref().map(|_| entry));
            effect_entries.extend(part.effect.as_ref().map(|_| entry));
            events.extend(part.event);
            effects.extend(part.effect);
            if let Some(decision) = part.decision {
                decided = Some((decision, part.evidence));
                decision_entry = Some(entry);
            }
        }
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        let whole = of.is_none_or(|of| of == seal.record)
            && seal.events == count(events.len())
            && seal.effects == count(effects.len())
            && seal.decided == decided.is_some();
        if !whole {
            return Err(bad(entry, "its parts are not those that it counts"));
        }
        let (decision, evidence) = decided.unzip();
        let applied = Applied {
            seq: seal.record,
            at: seal.at,
            command_id: seal.command_id,
            command: seal.command,
            act: seal.act,
            request: seal.request,
            grant: seal.grant,
            extension: seal.extension,
            standing: seal.standing,
            decision,
            evidence: evidence.flatten(),
            ended: seal.ended,
            events,
            effects,
        };
        Ok(Recorded {
            applied,
            event_entries,
            effect_entries,
            decision_entry,
            entry: entry.seq,
            redacted: hidden,
        })
    }
}

/// The shape of a body, and whether something in it is redacted.
fn read<T: serde::de::DeserializeOwned>(entry: &Entry) -> Result<(T, bool), Error> {
    let mut body = entry.body.clone();
    let redacted = super::redact::withhold(&mut body);
    let read = canonical::from_value(body).map_err(|e| bad(entry, &e.message))?;
    Ok((read, redacted))
}

fn bad(entry: &Entry, why: &str) -> Error {
    Error::new(Code::BadRecord, format!("entry {} holds no record of a lifecycle: {why}", entry.seq))
        .help("it was not written by a lifecycle, or by a later version of one")
}
