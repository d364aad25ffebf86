//! One pair of the scope: structural refusals, then every policy that is for it.

use crate::bundle::{Guard, Rule};
use crate::cedar::{Case, Entity, Outcome, Policy, Record, Uid, World, texts};
use crate::decide::Engine;
use crate::decide::known::{self, Common, Unknown};
use crate::decide::matter::Matter;
use crate::decide::supports::{self, Asker, Kind, Standing};
use crate::model::{FailedAt, Limit, LockTarget, Pair, Reason, ReasonCode};
use crate::prelude::*;
use crate::time::{Instant, Span};

/// How far a rule came on one pair.
#[derive(Clone, Debug)]
pub(crate) struct Tried<'b> {
    pub(crate) rule: &'b Rule,
    pub(crate) outcome: FailedAt,
    pub(crate) unknown: BTreeSet<Unknown>,
    pub(crate) error: Option<String>,
}

/// A pair after all that does not depend on the rule.
pub(crate) struct Examined<'b> {
    pub(crate) pair: Pair,
    pub(crate) resource: Option<Entity>,
    /// Why no rule can help.
    pub(crate) refusals: Vec<Reason>,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) context: Arc<Record>,
    /// Rules in whose scope the pair is and that are for this kind of actor, best first.
    pub(crate) tried: Vec<Tried<'b>>,
    /// Guardrails in whose scope the pair is, that do not read the offer and fire.
    pub(crate) fired: Vec<Reason>,
    /// Guardrails in whose scope the pair is, that must see the offer.
    pub(crate) judges: Vec<&'b Guard>,
    pub(crate) unknown_by_guards: BTreeSet<Unknown>,
}

/// What a rule offers, as `context.offer`.
pub(crate) struct Offer {
    pub(crate) ttl: Span,
    pub(crate) seats: u32,
}

impl<'b> Engine<'b> {
    /// Refusals that need no policy: what does not exist, what is locked, who is nobody.
    pub(crate) fn structural(&mut self, matter: &Matter<'b>) -> Vec<Reason> {
        let facts = self.facts;
        let pair = &matter.pair;
        if self.bundle.schema().within(&pair.action).is_none() {
            return vec![about(ReasonCode::UnknownAction, &pair.action)];
        }
        let principal = self.situation.request.principal.clone();
        if !self.bundle.schema().applies(&pair.action, &principal, &pair.resource) {
            return vec![about(ReasonCode::NotApplicable, &pair.action)];
        }
        if matter.resource.is_none() {
            return vec![about(ReasonCode::UnknownResource, &pair.resource)];
        }
        let mut out = Vec::new();
        let mut actors: BTreeSet<Uid> = self.situation.request.via.iter().cloned().collect();
        actors.insert(principal);
        for actor in &actors {
            match facts.entities.get(actor) {
                None => out.push(about(ReasonCode::UnknownPrincipal, actor)),
                Some(entity) if entity.bool_attr("shared") == Some(true) => {
                    out.push(about(ReasonCode::NotAPerson, actor));
                }
                Some(_) => {}
            }
        }
        out.extend(self.locks(&actors, &pair.resource));
        out
    }

    fn locks(&mut self, actors: &BTreeSet<Uid>, resource: &Uid) -> Vec<Reason> {
        let facts = self.facts;
        let limits = &self.bundle.manifest().freshness;
        if !self.horizon.read(facts.locks_observed_at, limits.locks, limits.skew, Limit::LocksFreshness)
            && limits.locks.is_some()
        {
            return vec![Reason { fact: Some("locks".to_owned()), ..Reason::new(ReasonCode::FactUnknown) }];
        }
        if facts.has_no_locks() {
            return Vec::new();
        }
        let mut targets = BTreeSet::from([LockTarget::All]);
        for uid in actors.iter().chain(core::iter::once(resource)) {
            targets.insert(LockTarget::Entity(uid.clone()));
            if let Some(entity) = facts.entities.get(uid) {
                targets.extend(entity.ancestors().iter().cloned().map(LockTarget::Entity));
            }
        }
        let mut out = Vec::new();
        for target in targets {
            let Some(lock) = facts.lock(&target) else { continue };
            self.slice.take_lock(lock);
            if lock.until.is_some_and(|until| self.now >= until) {
                continue;
            }
            if let Some(until) = lock.until {
                self.horizon.note(until, Limit::LockExpiry);
                self.wait_for(until);
            }
            out.push(Reason {
                entity: match &lock.target {
                    LockTarget::Entity(uid) => Some(uid.clone()),
                    LockTarget::All => None,
                },
                detail: Some(lock.reason.clone()).filter(|r| !r.is_empty()),
                ..Reason::new(ReasonCode::Locked)
            });
        }
        out
    }

    /// Examines one pair: supports, context, then every policy.
    pub(crate) fn examine(
        &mut self,
        matter: &Matter<'b>,
        common: &Common,
        world: &World<'_>,
    ) -> Examined<'b> {
        let pair = &matter.pair;
        let mut out = Examined {
            pair: pair.clone(),
            resource: matter.resource.clone(),
            refusals: Vec::new(),
            kinds: Vec::new(),
            context: Arc::new(Record::new()),
            tried: Vec::new(),
            fired: Vec::new(),
            judges: Vec::new(),
            unknown_by_guards: BTreeSet::new(),
        };
        let (Some(resource), Some(principal)) = (matter.resource.clone(), self.principal.clone()) else {
            return out;
        };
        let asker = Asker {
            principal: &self.situation.request.principal,
            holders: &self.holders,
            resource: &resource,
            now: self.at,
        };
        let limits = &self.bundle.manifest().freshness;
        out.kinds = supports::look_up(
            &self.situation.request.supports,
            self.facts,
            limits,
            &asker,
            &mut self.horizon,
            &mut self.slice,
        );
        match known::context(self.bundle, &self.situation, &self.actor, common, &out.kinds, self.at) {
            Ok(context) => out.context = Arc::new(context),
            Err(detail) => {
                out.refusals.push(bad_host(detail));
                return out;
            }
        }
        let host = self.bundle.has_host_context() || !self.situation.request.host.is_empty();
        let request = &self.situation.request;
        if host
            && let Err(detail) = self.bundle.schema().check_context(
                &request.principal,
                &pair.action,
                &pair.resource,
                &out.context,
            )
        {
            out.refusals.push(bad_host(detail));
            return out;
        }
        let context = Arc::clone(&out.context);
        let case = world.case(principal.uid(), &pair.action, &pair.resource, &context);
        for guard in &matter.contenders.guards {
            self.judge(guard, &case, common, &mut out);
        }
        for rule in &matter.contenders.rules {
            if self.is_for_kind(rule) {
                let tried = self.try_rule(rule, &case, common, &out.kinds, &pair.action);
                out.tried.push(tried);
            }
        }
        out
    }

    fn is_for_kind(&self, rule: &Rule) -> bool {
        self.actor.kind.is_some_and(|kind| rule.kinds.contains(&kind))
    }

    /// Why a rule for the action was not tried on a pair.
    pub(crate) fn passed_over(&self, rule: &Rule, one: &Examined<'b>) -> FailedAt {
        let for_resource = one.resource.as_ref().is_some_and(|r| rule.policy.is_for_resource(r));
        if for_resource && !self.is_for_kind(rule) { FailedAt::ActorKind } else { FailedAt::Scope }
    }

    fn judge(&mut self, guard: &'b Guard, case: &Case<'_>, common: &Common, out: &mut Examined<'b>) {
        self.note_flip(&guard.policy, case);
        let unknown = known::unknown_among(&guard.policy.reads, common, &out.kinds);
        if !unknown.is_empty() {
            for fact in &unknown {
                out.fired.push(Reason {
                    fact: Some(fact.fact.clone()),
                    ..of_guard(ReasonCode::FactUnknown, guard)
                });
            }
            out.unknown_by_guards.extend(unknown);
        } else if guard.policy.reads.offer {
            out.judges.push(guard);
        } else {
            out.fired.extend(verdict(guard, case));
        }
    }

    fn try_rule(
        &mut self,
        rule: &'b Rule,
        case: &Case<'_>,
        common: &Common,
        kinds: &[Kind],
        action: &Uid,
    ) -> Tried<'b> {
        let mut tried = Tried { rule, outcome: FailedAt::Open, unknown: BTreeSet::new(), error: None };
        self.note_flip(&rule.policy, case);
        tried.unknown = known::unknown_among(&rule.policy.reads, common, kinds);
        if !tried.unknown.is_empty() {
            tried.outcome = FailedAt::UnknownFact;
            return tried;
        }
        if !self.supported(rule, kinds, action) {
            tried.outcome = FailedAt::Condition;
            return tried;
        }
        tried.outcome = match case.outcome(&rule.policy) {
            Outcome::Holds => FailedAt::Open,
            Outcome::Fails => FailedAt::Condition,
            Outcome::Errs(error) => {
                tried.error = Some(error);
                FailedAt::Error
            }
        };
        tried
    }

    /// Whether every kind of support that is named is live for this rule, grace included.
    pub(crate) fn supported(&mut self, rule: &Rule, kinds: &[Kind], action: &Uid) -> bool {
        kinds.iter().all(|kind| match kind.standing {
            Standing::Live { .. } | Standing::Unknown => true,
            Standing::Dead => {
                let grace = self.grace_end(rule, kind).filter(|end| self.at < *end);
                if let Some(end) = grace {
                    self.horizon.note(end, Limit::ShiftEnd);
                }
                grace.is_some() && self.bundle.is_handover(action)
            }
        })
    }

    /// When the grace of a held grant's shift ends, if its rule gives any.
    pub(crate) fn grace_end(&self, rule: &Rule, kind: &Kind) -> Option<Instant> {
        let ended = kind.ended.filter(|_| self.situation.around.grant.is_some())?;
        rule.terms.as_ref()?.grace().map(|grace| ended.plus(grace))
    }

    fn note_flip(&mut self, policy: &Policy, case: &Case<'_>) {
        if let Some(at) = case.next_flip(policy, self.at) {
            self.horizon.note(at, Limit::PolicyTime);
        }
    }

    /// The guardrails that refuse an offer of this rule on this pair.
    pub(crate) fn refusals_of(
        &mut self,
        rule: &Rule,
        offer: &Offer,
        examined: &Examined<'b>,
        world: &World<'_>,
    ) -> Vec<Reason> {
        let mut out = examined.fired.clone();
        if !examined.judges.is_empty() {
            let obligations: Vec<String> =
                rule.obligations.iter().map(crate::model::Obligation::text).collect();
            let fact = Record::new()
                .with("rule", rule.id())
                .with("ttl", offer.ttl)
                .with("seats", offer.seats)
                .with("obligations", texts(obligations.iter().map(String::as_str)));
            let mut context = examined.context.as_ref().clone();
            context.put("offer", fact);
            let pair = &examined.pair;
            let principal = self.situation.request.principal.clone();
            let case = world.case(&principal, &pair.action, &pair.resource, &context);
            for guard in &examined.judges {
                // What it compares the time with may be a part of the offer.
                self.note_flip(&guard.policy, &case);
                out.extend(verdict(guard, &case));
            }
        }
        out
    }
}

fn verdict(guard: &Guard, case: &Case<'_>) -> Option<Reason> {
    match case.outcome(&guard.policy) {
        Outcome::Holds => Some(of_guard(ReasonCode::Forbidden, guard)),
        Outcome::Fails => None,
        Outcome::Errs(error) => {
            Some(Reason { detail: Some(error), ..of_guard(ReasonCode::PolicyError, guard) })
        }
    }
}

fn of_guard(code: ReasonCode, guard: &Guard) -> Reason {
    Reason {
        policy: Some(guard.id().to_owned()),
        advice: guard.advice().map(ToOwned::to_owned),
        ..Reason::new(code)
    }
}

fn about(code: ReasonCode, entity: &Uid) -> Reason {
    Reason { entity: Some(entity.clone()), ..Reason::new(code) }
}

fn bad_host(detail: String) -> Reason {
    Reason { detail: Some(detail), ..Reason::new(ReasonCode::BadHostContext) }
}
