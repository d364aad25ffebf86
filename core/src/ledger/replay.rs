//! Does each decision follow from its evidence, and what would another bundle have said?

use super::record::Recorded;
use crate::bundle::Bundle;
use crate::canonical::{self, Digest};
use crate::decide::decide_again;
use crate::error::{Code, Error};
use crate::lifecycle::{Applied, Event};
use crate::model::{Answer, Decision, Evidence, Missing, Pair, Reason, ReasonCode};
use crate::prelude::*;
use crate::time::{Instant, Span};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The bundles that a ledger names, by digest.
#[derive(Clone, Debug, Default)]
pub struct Replay {
    bundles: BTreeMap<Digest, Bundle>,
}

/// A decision that does not follow from its evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Divergence {
    /// The entry that holds the decision.
    pub entry: u64,
    /// The record that it belongs to.
    pub record: u64,
    /// Members that differ, as `member: recorded -> recomputed`.
    pub differences: Vec<Difference>,
}

/// One member in which two decisions differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Which.
    pub member: String,
    /// As recorded.
    pub recorded: Value,
    /// As recomputed.
    pub recomputed: Value,
}

/// What another bundle would have made of a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counterfactual {
    /// The entry that holds the decision.
    pub entry: u64,
    /// When it was made.
    pub at: Instant,
    /// What was asked: the command, in a word.
    pub act: String,
    /// For whom.
    pub principal: String,
    /// What was asked for.
    pub scope: Vec<Pair>,
    /// What was decided.
    pub was: Answer,
    /// What the other bundle would have decided.
    pub would: Answer,
    /// The rule that was open.
    pub rule: Option<String>,
    /// The rule that would have been.
    pub would_rule: Option<String>,
    /// The refusal is for want of facts: the other bundle reads some that the decision had no need
    /// of, so that its evidence does not hold them. What it would have said cannot be told.
    #[serde(skip_serializing_if = "core::ops::Not::not", default)]
    pub untold: bool,
    /// How much shorter the grant would have been.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub shorter_by: Option<Span>,
    /// How much longer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub longer_by: Option<Span>,
    /// Seats: filled and missing together.
    pub seats: u64,
    /// Seats that there would have been.
    pub would_seats: u64,
}

impl Counterfactual {
    /// Whether anything would have been different.
    #[must_use]
    pub fn differs(&self) -> bool {
        self.was != self.would
            || self.shorter_by.is_some()
            || self.longer_by.is_some()
            || self.seats != self.would_seats
    }
}

impl Replay {
    /// With these bundles.
    #[must_use]
    pub fn new(bundles: impl IntoIterator<Item = Bundle>) -> Self {
        Self { bundles: bundles.into_iter().map(|b| (b.digest(), b)).collect() }
    }

    /// Decides again what a record decided. Refusals by the lifecycle itself have no evidence
    /// and nothing to be decided again; but without evidence nothing is ever permitted.
    ///
    /// # Errors
    /// `redacted` if the record has something redacted; `unknown_bundle` if the bundle that decided is not at hand; those of reading the facts.
    pub fn check(&self, recorded: &Recorded) -> Result<Option<Divergence>, Error> {
        let found = |differences| Divergence {
            entry: recorded.decision_entry.unwrap_or(recorded.entry),
            record: recorded.applied.seq,
            differences,
        };
        let contradicted = contradictions(&recorded.applied);
        if !contradicted.is_empty() {
            return Ok(Some(found(contradicted)));
        }
        let Some((decision, evidence)) = decided(recorded) else { return Ok(None) };
        whole(recorded)?;
        let bundle = self.bundles.get(&evidence.bundle).ok_or_else(|| {
            Error::new(Code::UnknownBundle, format!("bundle {} decided, and is not at hand", evidence.bundle))
                .help("put the pack of that digest among the bundles")
        })?;
        let again = decide_again(bundle, evidence)?;
        if canonical::to_bytes(&again) == canonical::to_bytes(decision) {
            return Ok(None);
        }
        Ok(Some(found(differences(decision, &again))))
    }
}

/// What `bundle` would have decided, had it been in force.
///
/// # Errors
/// `redacted`; those of reading the facts for its schema.
pub fn counterfactual(bundle: &Bundle, recorded: &Recorded) -> Result<Option<Counterfactual>, Error> {
    let Some((decision, evidence)) = decided(recorded) else { return Ok(None) };
    whole(recorded)?;
    // Approvals name the ask that they were given for, the bundle included; given that people
    // would have approved the same, they are bound to the ask as the other bundle has it.
    let mut asked = evidence.clone();
    let given = core::mem::take(&mut asked.request.approvals);
    let first = decide_again(bundle, &asked)?;
    asked.request.approvals = given
        .into_iter()
        .map(|mut approval| {
            if approval.ask.is_some() && approval.ask == decision.ask {
                approval.ask = first.ask;
            }
            approval
        })
        .collect();
    let would = decide_again(bundle, &asked)?;
    let (shorter_by, longer_by) = match (decision.ends_at, would.ends_at) {
        (Some(was), Some(now)) if now < was => (Some(was.since(now)), None),
        (Some(was), Some(now)) if now > was => (None, Some(now.since(was))),
        _ => (None, None),
    };
    Ok(Some(Counterfactual {
        entry: recorded.decision_entry.unwrap_or(recorded.entry),
        at: recorded.applied.at,
        act: recorded.applied.act.clone(),
        principal: evidence.request.principal.to_string(),
        scope: evidence.request.scope.clone(),
        was: decision.decision,
        would: would.decision,
        rule: decision.rule.clone(),
        would_rule: would.rule.clone(),
        untold: decision.decision != Answer::Deny && wants_facts(&would),
        shorter_by,
        longer_by,
        seats: seats(decision),
        would_seats: seats(&would),
    }))
}

fn decided(recorded: &Recorded) -> Option<(&Decision, &Evidence)> {
    recorded.applied.decision.as_ref().zip(recorded.applied.evidence.as_ref())
}

fn wants_facts(would: &Decision) -> bool {
    let wanting = |r: &Reason| {
        matches!(
            r.code,
            ReasonCode::FactUnknown | ReasonCode::QuorumUnreachable | ReasonCode::SupportNotFound
        )
    };
    would.decision == Answer::Deny && would.reasons.iter().any(wanting)
}

/// What no lifecycle would have recorded: an answer without evidence that is no refusal, and a use
/// that was not what the decision on it says.
fn contradictions(applied: &Applied) -> Vec<Difference> {
    let Some(decision) = &applied.decision else { return Vec::new() };
    let mut out = Vec::new();
    if applied.evidence.is_none() && decision.decision != Answer::Deny {
        let (recorded, recomputed) = (json!(decision.decision), json!(Answer::Deny));
        out.push(Difference { member: "decision".to_owned(), recorded, recomputed });
    }
    for event in &applied.events {
        if let Event::Used { permitted, .. } = event
            && *permitted != decision.is_permit()
        {
            let (recorded, recomputed) = (json!(permitted), json!(decision.is_permit()));
            out.push(Difference { member: "event.permitted".to_owned(), recorded, recomputed });
        }
    }
    out
}

/// Nothing follows from evidence of which a part is withheld.
fn whole(recorded: &Recorded) -> Result<(), Error> {
    if !recorded.redacted {
        return Ok(());
    }
    Err(Error::new(Code::Redacted, format!("record {} has something redacted", recorded.applied.seq))
        .help("put the disclosed values back into the bodies of its entries first"))
}

fn seats(decision: &Decision) -> u64 {
    let missing = decision.missing.iter().filter(|m| matches!(m, Missing::Seat { .. })).count();
    u64::try_from(missing.saturating_add(decision.seats.len())).unwrap_or(u64::MAX)
}

fn differences(recorded: &Decision, recomputed: &Decision) -> Vec<Difference> {
    let members = |d: &Decision| match serde_json::to_value(d) {
        Ok(Value::Object(members)) => members,
        _ => serde_json::Map::new(),
    };
    let (a, b) = (members(recorded), members(recomputed));
    let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    let get = |m: &serde_json::Map<String, Value>, name: &str| m.get(name).cloned().unwrap_or(Value::Null);
    names
        .into_iter()
        .filter(|name| a.get(*name) != b.get(*name))
        .map(|name| Difference { member: name.clone(), recorded: get(&a, name), recomputed: get(&b, name) })
        .collect()
}
