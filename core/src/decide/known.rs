//! What is known at the moment of decision: the context that policies see, and what is unknown.

use crate::bundle::Bundle;
use crate::cedar::{Reads, Record, Uid};
use crate::decide::Situation;
use crate::decide::horizon::Horizon;
use crate::decide::slice::Slice;
use crate::decide::supports::{Kind, Standing};
use crate::facts::Facts;
use crate::model::{ActorKind, History, Limit, Signal, SupportKind};
use crate::prelude::*;
use crate::time::{Instant, Span};

/// An unknown fact: its name, and how old it may be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Unknown {
    pub(crate) fact: String,
    pub(crate) max_age: Option<Span>,
}

/// The actor, as the policies see it.
pub(crate) struct Actor {
    pub(crate) kind: Option<ActorKind>,
    pub(crate) operator: Option<Uid>,
}

/// Signals and history: what does not depend on the resource.
pub(crate) struct Common {
    signals: BTreeMap<String, Option<(String, u32)>>,
    history: Option<History>,
    max_age_signal: Span,
    max_age_history: Span,
}

impl Common {
    /// Reads the signals and the history as far as `reads` asks for them.
    pub(crate) fn read(
        bundle: &Bundle,
        facts: &Facts,
        situation: &Situation<'_>,
        reads: &Reads,
        now: Instant,
        horizon: &mut Horizon,
        slice: &mut Slice,
    ) -> Self {
        let limits = &bundle.manifest().freshness;
        let mut signals = BTreeMap::new();
        for name in bundle.signals() {
            if !(reads.whole_context || reads.all_signals || reads.signals.contains(name)) {
                continue;
            }
            let mut fresh: Vec<&Signal> = Vec::new();
            for signal in facts.signals(name) {
                slice.take_signal(signal);
                let observed = signal.observed_at.unwrap_or(now);
                if horizon.read(observed, Some(limits.signal), limits.skew, Limit::SignalFreshness) {
                    fresh.push(signal);
                }
            }
            signals.insert(name.clone(), agreed(&fresh));
        }
        let history = if reads.history {
            match &situation.around.history {
                Some(own) => Some(own.clone()),
                None => facts
                    .history(&situation.request.principal)
                    .filter(|history| {
                        slice.take_history(history);
                        let observed = history.observed_at.unwrap_or(now);
                        horizon.read(observed, Some(limits.history), limits.skew, Limit::HistoryFreshness)
                    })
                    .cloned(),
            }
        } else {
            None
        };
        Self { signals, history, max_age_signal: limits.signal, max_age_history: limits.history }
    }

    fn unknown(&self, reads: &Reads, out: &mut BTreeSet<Unknown>) {
        for (name, state) in &self.signals {
            let read = reads.whole_context || reads.all_signals || reads.signals.contains(name);
            if read && state.is_none() {
                out.insert(Unknown { fact: format!("signal:{name}"), max_age: Some(self.max_age_signal) });
            }
        }
        if reads.history && self.history.is_none() {
            out.insert(Unknown { fact: "history".to_owned(), max_age: Some(self.max_age_history) });
        }
    }
}

/// What independent probes agree on: the state, and how many say so. Probes that disagree make
/// the state `conflict`, which no honest policy takes for an answer.
fn agreed(fresh: &[&Signal]) -> Option<(String, u32)> {
    let first = fresh.first()?;
    let sources: BTreeSet<&str> = fresh.iter().map(|s| s.source.as_str()).collect();
    let count = u32::try_from(sources.len()).unwrap_or(u32::MAX);
    if fresh.iter().all(|s| s.state == first.state) {
        Some((first.state.clone(), count))
    } else {
        Some(("conflict".to_owned(), count))
    }
}

/// The facts that a policy reads and that are unknown.
pub(crate) fn unknown_among(reads: &Reads, common: &Common, kinds: &[Kind]) -> BTreeSet<Unknown> {
    let mut out = BTreeSet::new();
    common.unknown(reads, &mut out);
    for kind in kinds {
        if matches!(kind.standing, Standing::Unknown) && reads.reads_context(kind.kind.as_str()) {
            out.extend(kind.unknown.iter().map(|(support, max_age)| Unknown {
                fact: format!("{}:{}", support.kind, support.id),
                max_age: Some(*max_age),
            }));
        }
    }
    out
}

/// The context for one resource.
pub(crate) fn context(
    bundle: &Bundle,
    situation: &Situation<'_>,
    actor: &Actor,
    common: &Common,
    kinds: &[Kind],
    now: Instant,
) -> Result<Record, String> {
    let request = &situation.request;
    let depth = u32::try_from(request.via.len()).unwrap_or(u32::MAX);
    let mut actor_fact =
        Record::of(3).with("depth", depth).with("kind", actor.kind.map_or("", ActorKind::as_str));
    actor_fact.put_some("operator", actor.operator.as_ref());
    let mut signals = Record::new();
    for (name, state) in &common.signals {
        if let Some((state, probes)) = state {
            signals.put_named(name, Record::of(2).with("probes", *probes).with("state", state.as_str()));
        }
    }
    // In the order of their names, in which members are kept; `offer` may still come.
    let fact_of = |kind| kinds.iter().find(|k| k.kind == kind).and_then(|k| k.fact.clone());
    let mut out = Record::of(15)
        .with("actor", actor_fact)
        .with("channel", request.channel.as_str())
        .with("emergency", request.emergency);
    if let Some(grant) = &situation.around.grant {
        let fact = Record::of(5)
            .with("ends", grant.ends)
            .with("id", grant.id.as_str())
            .with("rule", grant.rule.as_str())
            .with("started", grant.started)
            .with("uses", grant.uses);
        out.put("grant", fact);
    }
    out.put("history", history(common.history.as_ref()));
    out.put("host", Record::from_json(&request.host)?);
    out.put_some("incident", fact_of(SupportKind::Incident));
    out.put("now", now);
    out.put("purpose", request.purpose.as_str());
    out.put("requested_ttl", request.ttl.unwrap_or(bundle.manifest().defaults.ttl));
    out.put_some("shift", fact_of(SupportKind::Shift));
    out.put("signals", signals);
    out.put_some("task", fact_of(SupportKind::Task));
    out.put_some("window", fact_of(SupportKind::Window));
    Ok(out)
}

/// An unknown history still has a value, so that the record is whole; no policy that reads it
/// is ever evaluated then.
fn history(known: Option<&History>) -> Record {
    let count = |of: fn(&History) -> u32| known.map_or(0, of);
    Record::of(6)
        .with("chain", known.map_or(Span::ZERO, |h| h.chain))
        .with("emergencies_7d", count(|h| h.emergencies_7d))
        .with("extensions", count(|h| h.extensions))
        .with("grants_24h", count(|h| h.grants_24h))
        .with("overdue_reviews", count(|h| h.overdue_reviews))
        .with("refusals_10m", count(|h| h.refusals_10m))
}
