//! A door for tests: plain Cedar, without terms, by our own evaluation.
//!
//! It takes what Cedar's authorizer takes and says what that says: the decision, the policies
//! that determined it and those that erred. So Cedar's own test corpora, and generated worlds,
//! can be held against the index and the compiled conditions.

use crate::cedar::compiled::Tally;
use crate::cedar::eval::{Entities, Evaluator, Outcome, Policies, World};
use crate::cedar::index::{Index, Looker};
use crate::cedar::policy::{Effect, Policy};
use crate::cedar::value::Record;
use crate::cedar::{Entity, Uid};
use crate::prelude::*;
use cedar_policy_core::ast::{Context, PolicySet};
use core::cell::RefCell;

/// A set of Cedar policies.
pub struct Plain {
    policies: Policies,
    all: Vec<Policy>,
    index: Index,
}

/// Entities for [`Plain`].
#[derive(Default)]
pub struct PlainEntities(BTreeMap<Uid, Entity>);

/// What Cedar's authorizer would answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlainAnswer {
    /// Some permit is satisfied and no forbid is.
    pub allowed: bool,
    /// The ids of the policies that determine it, in order.
    pub reasons: Vec<String>,
    /// The ids of the policies that erred, in order.
    pub errors: Vec<String>,
}

impl Plain {
    /// Compiles a set, its linked templates included.
    #[must_use]
    pub fn new(set: &PolicySet) -> Self {
        let mut all: Vec<Policy> = set.policies().map(Policy::plain).collect();
        let index = Index::of(all.iter());
        Self { policies: Policies::compile(all.iter_mut()), all, index }
    }

    /// Decides as Cedar's authorizer does.
    #[must_use]
    pub fn decide(
        &self,
        evaluator: Evaluator,
        entities: &PlainEntities,
        (principal, action, resource): (&Uid, &Uid, &Uid),
        context: &Context,
    ) -> PlainAnswer {
        self.tally(evaluator, entities, (principal, action, resource), context, None)
    }

    /// As [`Plain::decide`], and counts the forms of expressions that were evaluated.
    #[must_use]
    pub fn tally(
        &self,
        evaluator: Evaluator,
        entities: &PlainEntities,
        (principal, action, resource): (&Uid, &Uid, &Uid),
        context: &Context,
        tally: Option<&RefCell<Tally>>,
    ) -> PlainAnswer {
        let Context::Value(context) = context else { return PlainAnswer::default() };
        let context = Record::lift(context.iter());
        let world = World::new(&self.policies, entities, evaluator);
        let mut case = world.case(principal, action, resource, &context);
        case.tally = tally;
        let entity = |uid: &Uid| entities.0.get(uid).cloned().unwrap_or_else(|| Entity::bare(uid));
        let (who, what, whereto) = (entity(principal), entity(action), entity(resource));
        let places: Vec<u32> = match evaluator {
            Evaluator::Compiled => {
                let within = core::iter::once(action).chain(what.ancestors());
                self.index.candidates(action, within, &Looker::new(&who), &Looker::new(&whereto))
            }
            Evaluator::Reference => (0..).take(self.all.len()).collect(),
        };
        let (mut permits, mut forbids, mut errors) = (Vec::new(), Vec::new(), Vec::new());
        for place in places {
            let Some(policy) = usize::try_from(place).ok().and_then(|at| self.all.get(at)) else { continue };
            let id = policy.id.to_string();
            match (case.outcome(policy), policy.effect) {
                (Outcome::Holds, Effect::Permit) => permits.push(id),
                (Outcome::Holds, Effect::Forbid) => forbids.push(id),
                (Outcome::Errs(_), _) => errors.push(id),
                (Outcome::Fails, _) => {}
            }
        }
        let allowed = forbids.is_empty() && !permits.is_empty();
        let mut reasons = if forbids.is_empty() { permits } else { forbids };
        reasons.sort();
        errors.sort();
        PlainAnswer { allowed, reasons, errors }
    }
}

impl PlainEntities {
    /// Takes Cedar's entities, with their ancestors complete.
    #[must_use]
    pub fn new(entities: &cedar_policy_core::entities::Entities) -> Self {
        Self(entities.iter().filter_map(Entity::lift).map(|entity| (entity.uid().clone(), entity)).collect())
    }
}

impl Entities for PlainEntities {
    fn find(&self, uid: &Uid) -> Option<&Entity> {
        self.0.get(uid)
    }

    fn all(&self) -> Vec<Entity> {
        self.0.values().cloned().collect()
    }
}
