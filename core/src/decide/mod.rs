//! Decisions: a total, pure function of bundle, facts, request and now.

mod answer;
mod explain;
mod horizon;
mod known;
mod lifetime;
mod matching;
mod pair;
mod quorum;
mod select;
mod slice;
mod supports;

use crate::bundle::Bundle;
use crate::canonical;
use crate::cedar::{Evaluator, Reads, Uid, World};
use crate::error::Error;
use crate::facts::{Facts, FactsDocument};
use crate::model::{
    Circumstances, Decision, Evidence, Explanation, Limit, Missing, Reason, ReasonCode, Request,
};
use crate::prelude::*;
use crate::time::{Instant, Span};
use horizon::Horizon;
use known::{Actor, Common};
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
    Engine::new(bundle, facts, Situation::of(request), now).decide().0
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
    Engine::new(bundle, facts, Situation::of(request), now).by(evaluator).decide().0
}

/// As [`decide`], with all that the decision followed from: enough to decide again, and no more.
#[must_use]
pub fn decide_with_evidence(
    bundle: &Bundle,
    facts: &Facts,
    request: &Request,
    now: Instant,
) -> (Decision, Evidence) {
    let (decision, evidence, _) = Engine::new(bundle, facts, Situation::of(request), now).decide();
    (decision, evidence)
}

/// As [`decide`], with every rule that was considered and the first condition that failed.
#[must_use]
pub fn explain(bundle: &Bundle, facts: &Facts, request: &Request, now: Instant) -> Explanation {
    let (decision, _, trace) = Engine::new(bundle, facts, Situation::of(request), now).decide();
    Explanation { decision, considered: trace.considered, limits: trace.limits }
}

/// Decides again from evidence: the same bytes, if the bundle is the one that it names.
///
/// # Errors
/// Those of reading the facts that the evidence holds.
pub fn decide_again(bundle: &Bundle, evidence: &Evidence) -> Result<Decision, Error> {
    let document: FactsDocument = canonical::from_value(evidence.facts.clone())?;
    let facts = Facts::from_document(bundle, document)?;
    let around = evidence.circumstances.as_deref().cloned().unwrap_or_default();
    let situation = Situation { request: evidence.request.clone(), around };
    Ok(Engine::new(bundle, &facts, situation, evidence.now).decide().0)
}

/// A request, and what surrounds it.
#[derive(Clone, Debug)]
pub(crate) struct Situation {
    pub(crate) request: Request,
    pub(crate) around: Circumstances,
}

impl Situation {
    pub(crate) fn of(request: &Request) -> Self {
        Self { request: request.clone().normalised(), around: Circumstances::default() }
    }
}

/// One decision under way.
pub(crate) struct Engine<'b> {
    bundle: &'b Bundle,
    facts: &'b Facts,
    situation: Situation,
    /// How old facts are is measured from here.
    now: Instant,
    /// What time it is for the policies and the supports: `now`, but for what starts later.
    at: Instant,
    horizon: Horizon,
    slice: Slice,
    actor: Actor,
    /// The principal, its operator and everybody in its delegation chain.
    holders: BTreeSet<Uid>,
    missing: Vec<Missing>,
    warnings: Vec<Reason>,
    evaluator: Evaluator,
}

impl<'b> Engine<'b> {
    pub(crate) fn new(bundle: &'b Bundle, facts: &'b Facts, situation: Situation, now: Instant) -> Self {
        let principal = &situation.request.principal;
        let operator = facts.entities.get(principal).and_then(|e| e.uid_attr("operator"));
        let mut holders: BTreeSet<Uid> = situation.request.via.iter().cloned().collect();
        for actor in &situation.request.via {
            holders.extend(facts.entities.get(actor).and_then(|e| e.uid_attr("operator")));
        }
        holders.insert(principal.clone());
        holders.extend(operator.clone());
        Self {
            actor: Actor { kind: bundle.kind_of(principal), operator },
            holders,
            at: situation.around.as_of.map_or(now, |start| start.max(now)),
            bundle,
            facts,
            situation,
            now,
            horizon: Horizon::new(now),
            slice: Slice::default(),
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

    /// Everything that policies in the scope of the request may read of entities.
    fn reads(&self) -> Reads {
        let mut reads = Reads::default();
        let principal = self.facts.entities.get(&self.situation.request.principal);
        for pair in &self.situation.request.scope {
            let (Some(principal), Some(resource)) = (principal, self.resource(&pair.resource)) else {
                continue;
            };
            let rules = self.bundle.rules_for(&pair.action).map(|r| &r.policy);
            let guards = self.bundle.guards_for(&pair.action).map(|g| &g.policy);
            rules
                .chain(guards)
                .filter(|policy| policy.is_for(principal, &resource))
                .for_each(|policy| reads.join(&policy.reads));
        }
        reads
    }

    /// Takes in every entity that the policies can reach.
    fn take_entities(&mut self, reads: &Reads) {
        let mut named: BTreeSet<Uid> = self.holders.clone();
        named.extend(self.situation.request.requested_by.iter().cloned());
        named.extend(reads.entities.iter().cloned());
        for uid in &named {
            self.slice.take_named(self.facts, uid, reads);
        }
        let scope = self.situation.request.scope.clone();
        for pair in &scope {
            if let Some(resource) = self.resource(&pair.resource) {
                self.slice.take(self.facts, &resource, reads);
            }
            if let Some(action) = self.bundle.schema().action(&pair.action) {
                self.slice.take_action(action);
            }
        }
    }

    fn examine_all(&mut self, world: &World<'_>, common: &Common) -> Vec<Examined<'b>> {
        let scope = self.situation.request.scope.clone();
        scope.iter().map(|pair| self.examine(pair, common, world)).collect()
    }

    pub(crate) fn wait_for(&mut self, until: Instant) {
        self.missing.push(Missing::Wait { until });
    }
}
