//! The reference: Cedar's own authorizer over all policies at once.

use crate::cedar::eval::{Case, Outcome};
use crate::cedar::policy::Policy;
use crate::cedar::value::as_bool;
use crate::cedar::{Entity, Uid};
use crate::prelude::*;
use cedar_policy_core::ast::{Context, EntityUIDEntry, PolicyID, Request};
use cedar_policy_core::authorizer::{AuthorizationError, Authorizer};
use cedar_policy_core::entities::{Entities, NoEntitiesSchema, TCComputation};
use cedar_policy_core::evaluator::Evaluator as Cedar;
use cedar_policy_core::extensions::Extensions;

/// What Cedar says of every policy in one case.
pub(super) struct Verdicts {
    satisfied: BTreeSet<PolicyID>,
    errors: BTreeMap<PolicyID, String>,
}

impl Verdicts {
    pub(super) fn of(case: &Case<'_>) -> Self {
        let whole = &case.world.policies.whole;
        let response = Authorizer::new().is_authorized_core(case.request(), whole, case.world.lowered());
        let satisfied = response.definitely_satisfied().map(|policy| policy.id().clone()).collect();
        let errors = response.concretize().diagnostics.errors.into_iter();
        let errors =
            errors.map(|AuthorizationError::PolicyEvaluationError { id, error }| (id, error.to_string()));
        Self { satisfied, errors: errors.collect() }
    }

    pub(super) fn outcome(&self, policy: &Policy) -> Outcome {
        let Some(id) = policy.ast().map(cedar_policy_core::ast::Policy::id) else { return Outcome::Fails };
        match self.errors.get(id) {
            Some(words) => Outcome::Errs(words.clone()),
            None if self.satisfied.contains(id) => Outcome::Holds,
            None => Outcome::Fails,
        }
    }
}

/// Cedar's own test of scopes, for one principal, action and resource.
pub(crate) struct ScopeTest {
    request: Request,
    entities: Entities,
}

impl ScopeTest {
    pub(crate) fn new(principal: &Entity, action: &Entity, resource: &Entity) -> Self {
        let known = |entity: &Entity| EntityUIDEntry::known(entity.uid().inner().clone(), None);
        let mut all: BTreeMap<&Uid, &Entity> = BTreeMap::new();
        all.extend([principal, action, resource].map(|entity| (entity.uid(), entity)));
        let entities = Entities::from_entities(
            all.values().map(|entity| entity.lower(true)),
            None::<&NoEntitiesSchema>,
            TCComputation::AssumeAlreadyComputed,
            Extensions::all_available(),
        );
        let context = Some(Context::empty());
        Self {
            request: Request::new_unchecked(known(principal), known(action), known(resource), context),
            entities: entities.unwrap_or_default(),
        }
    }

    /// Whether the three are in the policy's scope.
    pub(crate) fn holds(&self, policy: &Policy) -> bool {
        let Some(ast) = policy.ast() else { return false };
        let cedar = Cedar::new(self.request.clone(), &self.entities, Extensions::all_available());
        [
            ast.principal_constraint().as_expr(),
            ast.action_constraint().as_expr(),
            ast.resource_constraint().as_expr(),
        ]
        .iter()
        .all(|part| cedar.interpret(part, ast.env()).is_ok_and(|value| as_bool(&value) == Some(true)))
    }
}
