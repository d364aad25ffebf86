//! The bundle's policies by scope; `cedar/index.rs` says why that changes no answer.

use crate::bundle::rule::{Guard, Rule};
use crate::bundle::{Bundle, Inner};
#[cfg(feature = "full")]
use crate::cedar::ScopeTest;
use crate::cedar::{Entity, Evaluator, Index, Looker, Policy, Uid};
use crate::prelude::*;

/// Rules and guardrails, filed.
pub(super) struct Scopes {
    rules: Index,
    guards: Index,
}

impl Scopes {
    pub(super) fn of(rules: &[Rule], guards: &[Guard]) -> Self {
        Self {
            rules: Index::of(rules.iter().map(|rule| &rule.policy)),
            guards: Index::of(guards.iter().map(|guard| &guard.policy)),
        }
    }
}

/// The policies in whose scope one request is.
#[derive(Clone, Default)]
pub(crate) struct Contenders<'b> {
    /// Best first.
    pub(crate) rules: Vec<&'b Rule>,
    /// In order of their ids.
    pub(crate) guards: Vec<&'b Guard>,
}

impl<'b> Contenders<'b> {
    pub(crate) fn policies(&self) -> impl Iterator<Item = &'b Policy> {
        self.rules.iter().map(|rule| &rule.policy).chain(self.guards.iter().map(|guard| &guard.policy))
    }
}

impl Bundle {
    /// The policies in whose scope a principal's request is; none, if the schema does not have
    /// the action.
    pub(crate) fn contenders(
        &self,
        evaluator: Evaluator,
        principal: &Entity,
        action: &Uid,
        resource: &Entity,
    ) -> Contenders<'_> {
        let Inner { schema, rules, guards, scopes, .. } = self.0.as_ref();
        let Some(within) = schema.within(action) else { return Contenders::default() };
        match evaluator {
            #[cfg(feature = "full")]
            Evaluator::Reference if !self.is_loaded() => {
                let Some(entity) = schema.action(action) else { return Contenders::default() };
                let test = ScopeTest::new(principal, entity, resource);
                Contenders {
                    rules: rules.iter().filter(|rule| test.holds(&rule.policy)).collect(),
                    guards: guards.iter().filter(|guard| test.holds(&guard.policy)).collect(),
                }
            }
            Evaluator::Compiled | Evaluator::Reference => {
                let (who, whereto) = (Looker::new(principal), Looker::new(resource));
                let found = |index: &Index| index.candidates(action, within, &who, &whereto);
                Contenders {
                    rules: at(rules, found(&scopes.rules)),
                    guards: at(guards, found(&scopes.guards)),
                }
            }
        }
    }
}

impl Bundle {
    /// The rules in whose scope somebody's request for the resource is, best first.
    pub(crate) fn rules_on_resource(&self, action: &Uid, resource: &Entity) -> Vec<&Rule> {
        let Inner { schema, rules, scopes, .. } = self.0.as_ref();
        let Some(within) = schema.within(action) else { return Vec::new() };
        at(rules, scopes.rules.for_resource(action, within, &Looker::new(resource)))
    }

    /// The rules in whose scope the principal's request for something is, best first.
    pub(crate) fn rules_of_principal(&self, principal: &Entity, action: &Uid) -> Vec<&Rule> {
        let Inner { schema, rules, scopes, .. } = self.0.as_ref();
        let Some(within) = schema.within(action) else { return Vec::new() };
        at(rules, scopes.rules.for_principal(action, within, &Looker::new(principal)))
    }
}

fn at<T>(all: &[T], places: Vec<u32>) -> Vec<&T> {
    places.into_iter().filter_map(|place| all.get(usize::try_from(place).ok()?)).collect()
}
