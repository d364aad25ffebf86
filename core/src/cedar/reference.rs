//! The reference: Cedar's own authorizer over all policies at once.

use crate::cedar::Entity;
use crate::cedar::eval::{Case, Evaluator, Outcome};
use crate::cedar::policy::Policy;
use crate::prelude::*;
use cedar_policy_core::ast::PolicyID;
use cedar_policy_core::authorizer::{AuthorizationError, Authorizer};

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
        let id = policy.ast.id();
        match self.errors.get(id) {
            Some(words) => Outcome::Errs(words.clone()),
            None if self.satisfied.contains(id) => Outcome::Holds,
            None => Outcome::Fails,
        }
    }
}

impl Case<'_> {
    /// Whether principal and resource are in the policy's scope; the action is one of its own.
    pub(crate) fn is_in_scope(&self, policy: &Policy, principal: &Entity, resource: &Entity) -> bool {
        match self.world.evaluator {
            Evaluator::Compiled => policy.is_for(principal, resource),
            Evaluator::Reference => {
                [policy.ast.principal_constraint().as_expr(), policy.ast.resource_constraint().as_expr()]
                    .iter()
                    .all(|scope| self.truth(scope, policy.ast.env()) == Outcome::Holds)
            }
        }
    }
}
