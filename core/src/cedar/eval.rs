//! Evaluating policies one by one, over a slice of entities.

use crate::cedar::policy::Policy;
use crate::cedar::schema::Schema;
use crate::cedar::value::{Record, as_bool};
use crate::cedar::{Entity, Uid};
use crate::error::Label;
use crate::prelude::*;
use cedar_policy_core::ast::{self, EntityUIDEntry, Expr, SlotEnv};
use cedar_policy_core::entities::{Entities, NoEntitiesSchema, TCComputation};
use cedar_policy_core::evaluator::Evaluator;
use cedar_policy_core::extensions::Extensions;
use cedar_policy_core::validator::CoreSchema;
use serde_json::{Map, Value};

/// What a policy says of a case whose scope it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Holds,
    Fails,
    /// It erred, with Cedar's words for it.
    Errs(String),
}

/// The entities that a decision may see.
pub(crate) struct World {
    entities: Entities,
}

impl World {
    /// A world of these entities and no other.
    pub(crate) fn new<'a>(slice: impl IntoIterator<Item = &'a Entity>) -> Self {
        let all = slice.into_iter().map(|e| e.0.as_ref().clone());
        // Uids are unique and ancestors complete by construction, so this cannot fail; were
        // it to, the world would be empty, and nothing holds in an empty world.
        let entities = Entities::from_entities(
            all,
            None::<&NoEntitiesSchema>,
            TCComputation::AssumeAlreadyComputed,
            Extensions::all_available(),
        )
        .unwrap_or_default();
        Self { entities }
    }

    /// One question in this world.
    pub(crate) fn case(&self, principal: &Uid, action: &Uid, resource: &Uid, context: Record) -> Case<'_> {
        let known = |uid: &Uid| EntityUIDEntry::known(uid.inner().clone(), None);
        let request = ast::Request::new_unchecked(
            known(principal),
            known(action),
            known(resource),
            Some(ast::Context::Value(Arc::new(context.0))),
        );
        Case { evaluator: Evaluator::new(request, &self.entities, Extensions::all_available()) }
    }
}

impl Schema {
    /// Whether the context is what the action's type asks for.
    ///
    /// # Errors
    /// Cedar's words for what does not fit.
    pub(crate) fn check_context(
        &self,
        principal: &Uid,
        action: &Uid,
        resource: &Uid,
        context: &Record,
    ) -> Result<(), String> {
        let at = |uid: &Uid| (uid.inner().clone(), None);
        ast::Request::new(
            at(principal),
            at(action),
            at(resource),
            ast::Context::Value(Arc::new(context.0.clone())),
            Some(&CoreSchema::new(self.validator())),
            Extensions::all_available(),
        )
        .map(|_| ())
        .map_err(|e| e.to_string())
    }
}

impl Record {
    /// A record from plain JSON, in Cedar's own encoding of values.
    ///
    /// # Errors
    /// Cedar's words for what cannot be a value.
    pub(crate) fn from_json(members: &Map<String, Value>) -> Result<Self, String> {
        match ast::Context::from_json_value(Value::Object(members.clone())) {
            Ok(ast::Context::Value(record)) => Ok(Self(record.as_ref().clone())),
            Ok(ast::Context::RestrictedResidual(_)) => Err("an unknown is no value here".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// A principal, an action, a resource and a context in a world.
pub(crate) struct Case<'w> {
    evaluator: Evaluator<'w>,
}

impl Case<'_> {
    /// What the policy's conditions say; its scope was tested before.
    pub(crate) fn outcome(&self, policy: &Policy) -> Outcome {
        let Some(condition) = policy.ast.non_scope_constraints() else { return Outcome::Holds };
        self.truth(condition, policy.ast.env())
    }

    fn truth(&self, expr: &Expr, env: &SlotEnv) -> Outcome {
        match self.evaluator.interpret(expr, env).map(|v| as_bool(&v)) {
            Ok(Some(true)) => Outcome::Holds,
            Ok(Some(false)) => Outcome::Fails,
            Ok(None) => Outcome::Errs("the condition is no truth value".to_owned()),
            Err(error) => Outcome::Errs(error.to_string()),
        }
    }

    /// The first condition that does not hold, in source order.
    pub(crate) fn first_failing(&self, policy: &Policy) -> Option<Label> {
        let env = policy.ast.env();
        policy
            .clauses()
            .into_iter()
            .find(|clause| self.truth(clause, env) != Outcome::Holds)
            .map(|clause| policy.label_of(clause))
    }

    pub(super) fn value(&self, expr: &Expr, env: &SlotEnv) -> Option<ast::Value> {
        self.evaluator.interpret(expr, env).ok()
    }
}
