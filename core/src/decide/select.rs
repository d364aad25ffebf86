//! Which rule is open: the first, in order, that holds for every pair and that no guardrail
//! refuses.

use crate::bundle::Rule;
use crate::cedar::World;
use crate::decide::Engine;
use crate::decide::lifetime;
use crate::decide::pair::{Examined, Offer};
use crate::decide::supports::{Kind, Standing};
use crate::model::{FailedAt, Missing, Pair, Reason, ReasonCode, SupportKind};
use crate::prelude::*;

/// What came of the search for an open rule.
pub(crate) struct Selected<'b> {
    pub(crate) open: Option<&'b Rule>,
    /// Rules that hold for every pair, with the guardrails that refuse each.
    pub(crate) refused: Vec<(&'b Rule, Vec<Reason>)>,
}

impl<'b> Engine<'b> {
    pub(crate) fn select(&mut self, examined: &[Examined<'b>], world: &World<'_>) -> Selected<'b> {
        let mut out = Selected { open: None, refused: Vec::new() };
        for rule in self.holding_everywhere(examined) {
            let offer = self.offer(rule);
            let mut reasons = Vec::new();
            for one in examined {
                let refusals = self.refusals_of(rule, &offer, one, world);
                reasons.extend(refusals.into_iter().map(|r| self.on_pair(r, &one.pair)));
            }
            if reasons.is_empty() {
                out.open = Some(rule);
                break;
            }
            out.refused.push((rule, reasons));
        }
        out
    }

    fn holding_everywhere(&self, examined: &[Examined<'b>]) -> Vec<&'b Rule> {
        let wanted = self.situation.request.rule.as_deref();
        let Some((first, rest)) = examined.split_first() else { return Vec::new() };
        let holds = |one: &Examined<'b>, id: &str| {
            one.tried.iter().any(|t| t.rule.id() == id && t.outcome == FailedAt::Open)
        };
        first
            .tried
            .iter()
            .filter(|t| t.outcome == FailedAt::Open)
            .map(|t| t.rule)
            .filter(|rule| wanted.is_none_or(|w| w == rule.id()))
            .filter(|rule| rest.iter().all(|one| holds(one, rule.id())))
            .collect()
    }

    fn offer(&self, rule: &Rule) -> Offer {
        let (ttl, seats) = match &rule.terms {
            Some(terms) => {
                let (lifetime, _) = lifetime::of_rule(terms, self.situation.request.ttl);
                (
                    self.situation.around.lifetime.map_or(lifetime, |(fixed, _)| fixed),
                    self.quorum_of(terms).size(),
                )
            }
            None => (crate::time::Span::ZERO, 0),
        };
        Offer { ttl, seats }
    }

    /// A reason names its pair when there are several.
    pub(crate) fn on_pair(&self, reason: Reason, pair: &Pair) -> Reason {
        let several = self.situation.request.scope.len() > 1;
        Reason { pair: several.then(|| pair.clone()), ..reason }
    }

    /// Why no rule is open, and what would change that.
    pub(crate) fn why_not(&mut self, examined: &[Examined<'b>], selected: &Selected<'b>) -> Vec<Reason> {
        let mut reasons = Vec::new();
        for (_, refusals) in &selected.refused {
            reasons.extend(refusals.iter().cloned());
        }
        let mut failing: BTreeSet<&Pair> = BTreeSet::new();
        for one in examined {
            let mut own = one.fired.clone();
            own.extend(self.dead_supports(one));
            let wanted = self.situation.request.rule.clone();
            let open = |t: &&crate::decide::pair::Tried<'_>| {
                t.outcome == FailedAt::Open && wanted.as_deref().is_none_or(|w| w == t.rule.id())
            };
            if !one.tried.iter().any(|t| open(&t)) {
                own.extend(self.unmet(one));
            }
            for unknown in &one.unknown_by_guards {
                self.missing.push(Missing::Fact {
                    rule: None,
                    fact: unknown.fact.clone(),
                    max_age: unknown.max_age,
                });
            }
            if !own.is_empty() {
                failing.insert(&one.pair);
            }
            reasons.extend(own.into_iter().map(|r| self.on_pair(r, &one.pair)));
        }
        if reasons.is_empty() {
            reasons.push(Reason::new(ReasonCode::NoCommonRule));
        }
        if failing.len() < examined.len() {
            self.missing.extend(failing.into_iter().map(|pair| Missing::Drop { pair: pair.clone() }));
        }
        reasons
    }

    /// A better rule that only lacks a fact is a way around the seats of this one.
    pub(crate) fn note_better_unknown(&mut self, open: &Rule, examined: &[Examined<'b>]) {
        if self.situation.request.rule.is_some() {
            return;
        }
        for one in examined {
            let better = one.tried.iter().take_while(|t| t.rule.id() != open.id());
            for tried in better.filter(|t| t.outcome == FailedAt::UnknownFact) {
                self.missing.extend(tried.unknown.iter().map(|unknown| Missing::Fact {
                    rule: Some(tried.rule.id().to_owned()),
                    fact: unknown.fact.clone(),
                    max_age: unknown.max_age,
                }));
            }
        }
    }

    /// Named supports that are not live, kind by kind.
    pub(crate) fn dead_supports(&mut self, one: &Examined<'b>) -> Vec<Reason> {
        let mut out = Vec::new();
        let wanted = self.situation.request.rule.as_deref().and_then(|w| self.bundle.rule(w));
        if wanted.is_some_and(|rule| self.supported(rule, &one.kinds, &one.pair.action)) {
            return out; // in the grace of a handover
        }
        for kind in one.kinds.iter().filter(|k| matches!(k.standing, Standing::Dead)) {
            for (support, code) in &kind.dead {
                out.push(Reason { support: Some(support.clone()), ..Reason::new(*code) });
            }
            match kind.begins {
                Some(until) => self.wait_for(until),
                None => self
                    .missing
                    .push(Missing::Support { kind: kind.kind, resource: one.pair.resource.clone() }),
            }
        }
        out
    }

    /// Why none of the rules for this pair holds.
    fn unmet(&mut self, one: &Examined<'b>) -> Vec<Reason> {
        let wanted = self.situation.request.rule.as_deref();
        let near = one.tried.iter().filter(|t| wanted.is_none_or(|w| w == t.rule.id()));
        let mut out = Vec::new();
        let mut own_kind = false;
        let mut helpful: BTreeSet<SupportKind> = BTreeSet::new();
        for tried in near {
            let id = tried.rule.id().to_owned();
            match tried.outcome {
                FailedAt::UnknownFact => {
                    for unknown in &tried.unknown {
                        out.push(Reason {
                            policy: Some(id.clone()),
                            fact: Some(unknown.fact.clone()),
                            ..Reason::new(ReasonCode::FactUnknown)
                        });
                        self.missing.push(Missing::Fact {
                            rule: Some(id.clone()),
                            fact: unknown.fact.clone(),
                            max_age: unknown.max_age,
                        });
                    }
                }
                FailedAt::Condition => {
                    let named = |kind| one.kinds.iter().any(|k: &Kind| k.kind == kind);
                    let reads = &tried.rule.policy.reads.context;
                    helpful.extend(
                        SupportKind::ALL
                            .into_iter()
                            .filter(|kind| reads.contains(kind.as_str()) && !named(*kind)),
                    );
                }
                _ => {}
            }
            own_kind = true;
        }
        if !own_kind {
            let resource = one.resource.as_ref();
            let all =
                resource.map(|r| self.bundle.rules_on_resource(&one.pair.action, r)).unwrap_or_default();
            let mut others = all.into_iter().filter(|rule| wanted.is_none_or(|w| w == rule.id()));
            if let Some(rule) = others.find(|r| self.passed_over(r, one) == FailedAt::ActorKind) {
                return vec![Reason {
                    policy: Some(rule.id().to_owned()),
                    ..Reason::new(ReasonCode::ActorKind)
                }];
            }
        }
        for kind in helpful {
            self.missing.push(Missing::Support { kind, resource: one.pair.resource.clone() });
        }
        if out.is_empty()
            && one.fired.is_empty()
            && !one.kinds.iter().any(|k| matches!(k.standing, Standing::Dead))
        {
            let advice =
                wanted.and_then(|w| self.bundle.rule(w)).and_then(Rule::advice).map(ToOwned::to_owned);
            out.push(Reason {
                policy: wanted.map(ToOwned::to_owned),
                advice,
                ..Reason::new(ReasonCode::NotPermitted)
            });
        }
        out
    }
}
