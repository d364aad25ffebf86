//! Decisions: a total, pure function of bundle, facts, request and now.

mod answer;
mod explain;
mod horizon;
mod known;
mod lifetime;
mod matching;
mod matter;
mod pair;
mod quorum;
mod search;
mod select;
mod slice;
mod supports;

use crate::bundle::Bundle;
use crate::canonical;
use crate::cedar::{Entity, Evaluator, Uid, World};
use crate::error::Error;
use crate::facts::{Facts, FactsDocument};
use crate::model::{
    Circumstances, Decision, Evidence, Explanation, Limit, Missing, Reason, ReasonCode, Request, Verdict,
};
use crate::prelude::*;
use crate::time::{Instant, Span};
use alloc::borrow::Cow;
pub use search::{decide_many, what_can, who_can};

use answer::Detail;
use horizon::Horizon;
use known::{Actor, Common};
use matter::Matter;
use pair::Examined;
use slice::Slice;

/// How far a clock may run behind what the facts have already seen.
pub(crate) const CLOCK_SUSPECT_AFTER: Span = Span::from_minutes(1);

/// Decides a request.
///
/// Total: whatever parsed can be decided. Equal inputs give equal bytes, whatever the order in
/// which facts were given.
#[must_use]
pub fn decide(bundle: &Bundle, facts: &Facts, request: &Request, now: Instant) -> Decision {
    Engine::new(bundle, facts, Situation::of(request), now).run(Detail::Evidence).decision
}

/// As [`decide`], but only the answer, until when, and its duties; much the quickest.
#[must_use]
pub fn answer(bundle: &Bundle, facts: &Facts, request: &Request, now: Instant) -> Verdict {
    Engine::new(bundle, facts, Situation::of(request), now).run(Detail::Answer).decision.into()
}

/// As [`decide`], for what nobody records: without `evaluation_id` and `evidence`, whose digests
/// are most of the work.
#[must_use]
pub fn decide_with_reasons(bundle: &Bundle, facts: &Facts, request: &Request, now: Instant) -> Decision {
    Engine::new(bundle, facts, Situation::of(request), now).run(Detail::Reasons).decision
}

/// As [`decide`], by an evaluator of the caller's choice: the bytes are the same, whichever it is.
#[must_use]
pub fn decide_by(
    evaluator: Evaluator,
    bundle: &Bundle,
    facts: &Facts,
    request: &Request,
    now: Instant,
) -> Decision {
    Engine::new(bundle, facts, Situation::of(request), now).by(evaluator).run(Detail::Evidence).decision
}

/// As [`decide`], with all that the decision followed from: enough to decide again, and no more.
#[must_use]
pub fn decide_with_evidence(
    bundle: &Bundle,
    facts: &Facts,
    request: &Request,
    now: Instant,
) -> (Decision, Evidence) {
    Engine::new(bundle, facts, Situation::of(request), now).recorded()
}

/// As [`decide`], with every rule that was considered and the first condition that failed.
#[must_use]
pub fn explain(bundle: &Bundle, facts: &Facts, request: &Request, now: Instant) -> Explanation {
    let decided = Engine::new(bundle, facts, Situation::of(request), now).run(Detail::Explanation);
    Explanation { decision: decided.decision, considered: decided.considered, limits: decided.limits }
}

/// Decides again from evidence: the same bytes, if the bundle is the one that it names.
///
/// # Errors
/// Those of reading the facts that the evidence holds.
pub fn decide_again(bundle: &Bundle, evidence: &Evidence) -> Result<Decision, Error> {
    decide_again_by(Evaluator::default(), bundle, evidence)
}

/// As [`decide_again`], by an evaluator of the caller's choice, for auditors who trust nobody's
/// index: the bytes are the same, whichever it is.
///
/// # Errors
/// As [`decide_again`].
pub fn decide_again_by(
    evaluator: Evaluator,
    bundle: &Bundle,
    evidence: &Evidence,
) -> Result<Decision, Error> {
    let document: FactsDocument = canonical::from_value(evidence.facts.clone())?;
    let facts = Facts::recorded(bundle, document)?;
    let around = evidence.circumstances.as_deref().cloned().unwrap_or_default();
    let situation = Situation { request: Cow::Borrowed(&evidence.request), around };
    let engine = Engine::new(bundle, &facts, situation, evidence.now).by(evaluator);
    let decision = engine.run(Detail::Evidence).decision;
    // Whom the host trusted at that time is nothing that the bundle's files could tell.
    Ok(Decision { signed_by: evidence.signed_by.clone(), ..decision })
}

/// A request, and what surrounds it.
#[derive(Clone, Debug)]
pub(crate) struct Situation<'b> {
    pub(crate) request: Cow<'b, Request>,
    pub(crate) around: Circumstances,
}

impl<'b> Situation<'b> {
    pub(crate) fn of(request: &'b Request) -> Self {
        Self { request: request.in_order(), around: Circumstances::default() }
    }
}

/// One decision under way.
pub(crate) struct Engine<'b> {
    bundle: &'b Bundle,
    facts: &'b Facts,
    situation: Situation<'b>,
    /// How old facts are is measured from here.
    now: Instant,
    /// What time it is for the policies and the supports: `now`, but for what starts later.
    at: Instant,
    horizon: Horizon,
    slice: Slice,
    principal: Option<Entity>,
    /// Set when it begins.
    matters: Arc<[Matter<'b>]>,
    actor: Actor,
    /// The principal, its operator and everybody in its delegation chain.
    holders: BTreeSet<Uid>,
    missing: Vec<Missing>,
    warnings: Vec<Reason>,
    evaluator: Evaluator,
}

impl<'b> Engine<'b> {
    pub(crate) fn new(bundle: &'b Bundle, facts: &'b Facts, situation: Situation<'b>, now: Instant) -> Self {
        let principal = &situation.request.principal;
        let entity = facts.entities.get(principal).cloned();
        let operator = entity.as_ref().and_then(|e| e.uid_attr("operator"));
        let mut holders: BTreeSet<Uid> = situation.request.via.iter().cloned().collect();
        for actor in &situation.request.via {
            holders.extend(facts.entities.get(actor).and_then(|e| e.uid_attr("operator")));
        }
        holders.insert(principal.clone());
        holders.extend(operator.clone());
        Self {
            actor: Actor { kind: bundle.kind_of(principal), operator },
            principal: entity,
            matters: Arc::new([]),
            holders,
            at: situation.around.as_of.map_or(now, |start| start.max(now)),
            bundle,
            facts,
            situation,
            now,
            horizon: Horizon::new(now),
            slice: Slice::kept(),
            missing: Vec::new(),
            warnings: Vec::new(),
            evaluator: Evaluator::default(),
        }
    }

    /// The same decision by another evaluator.
    const fn by(mut self, evaluator: Evaluator) -> Self {
        self.evaluator = evaluator;
        self
    }

    /// Refusals that concern the request as a whole.
    fn preconditions(&mut self) -> Vec<Reason> {
        let facts = self.facts;
        if facts.schema_digest() != self.bundle.schema_digest() {
            return vec![Reason::new(ReasonCode::SchemaMismatch)];
        }
        if facts.entities_observed_at > self.now.plus(CLOCK_SUSPECT_AFTER) {
            return vec![Reason::new(ReasonCode::ClockSuspect)];
        }
        if let Some(rule) = &self.situation.request.rule
            && self.bundle.rule(rule).is_none()
        {
            return vec![Reason { policy: Some(rule.clone()), ..Reason::new(ReasonCode::UnknownRule) }];
        }
        let limits = &self.bundle.manifest().freshness;
        let max_age = Some(limits.entities);
        if !self.horizon.read(facts.entities_observed_at, max_age, limits.skew, Limit::EntitiesFreshness) {
            self.missing.push(Missing::Fact { rule: None, fact: "entities".to_owned(), max_age });
            return vec![Reason {
                fact: Some("entities".to_owned()),
                ..Reason::new(ReasonCode::FactUnknown)
            }];
        }
        Vec::new()
    }

    fn examine_all(&mut self, world: &World<'_>, common: &Common) -> Vec<Examined<'b>> {
        let matters = Arc::clone(&self.matters);
        matters.iter().map(|matter| self.examine(matter, common, world)).collect()
    }

    pub(crate) fn wait_for(&mut self, until: Instant) {
        self.missing.push(Missing::Wait { until });
    }
}
