//! Evaluating policies one by one, in a world of entities.

use crate::cedar::compiled::{Item, Memo, Node, Program, Run, Scene, Stop, Tally};
use crate::cedar::policy::Policy;
use crate::cedar::reference::Verdicts;
use crate::cedar::schema::Schema;
use crate::cedar::shared::Sharer;
use crate::cedar::value::{Record, Val, as_bool};
use crate::cedar::{Entity, Uid};
use crate::error::Label;
use crate::prelude::*;
use cedar_policy_core::ast::{self, EntityUIDEntry, Expr, PolicySet, SlotEnv};
use cedar_policy_core::entities::{NoEntitiesSchema, TCComputation};
use cedar_policy_core::evaluator::Evaluator as Cedar;
use cedar_policy_core::extensions::Extensions;
use cedar_policy_core::validator::CoreSchema;
use core::cell::{OnceCell, RefCell};
use serde_json::{Map, Value};

/// Who finds and evaluates the policies.
///
/// Both give the same bytes; `core/tests/differential.rs` and the conformance vectors hold them
/// to that. The reference is for audits and for doubters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Evaluator {
    /// Glasskey: candidates by an index, conditions compiled once, Cedar for whatever is left.
    #[default]
    Compiled,
    /// Cedar's own authorizer over every policy of the bundle.
    Reference,
}

/// What a policy says of a case whose scope it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Holds,
    Fails,
    /// It erred, with Cedar's words for it.
    Errs(String),
}

/// All policies of a bundle: compiled, and as Cedar has them.
pub(crate) struct Policies {
    pub(super) program: Program,
    pub(super) whole: PolicySet,
}

impl Policies {
    /// Compiles the conditions of all of them, equal parts once.
    pub(crate) fn compile<'p>(all: impl Iterator<Item = &'p mut Policy>) -> Self {
        let mut sharer = Sharer::default();
        let mut whole = PolicySet::new();
        for policy in all {
            policy.compile(&mut sharer);
            // Ids were checked to be unique before.
            let _ = whole.add(policy.ast.clone());
        }
        Self { program: sharer.builder.finish(), whole }
    }
}

/// Where a decision finds entities.
pub(crate) trait Entities {
    fn find(&self, uid: &Uid) -> Option<&Entity>;

    /// All that its policies can reach, for Cedar's own evaluator.
    fn all(&self) -> Vec<Entity>;
}

/// Policies, and the entities that a decision may see.
pub(crate) struct World<'w> {
    pub(super) policies: &'w Policies,
    entities: &'w dyn Entities,
    pub(super) evaluator: Evaluator,
    lowered: OnceCell<cedar_policy_core::entities::Entities>,
}

impl<'w> World<'w> {
    pub(crate) fn new(policies: &'w Policies, entities: &'w dyn Entities, evaluator: Evaluator) -> Self {
        Self { policies, entities, evaluator, lowered: OnceCell::new() }
    }

    /// One question in this world.
    pub(crate) fn case<'c>(
        &'c self,
        principal: &'c Uid,
        action: &'c Uid,
        resource: &'c Uid,
        context: &'c Record,
    ) -> Case<'c> {
        let known = |uid| (uid, self.entities.find(uid));
        let scene =
            Scene { principal: known(principal), action: known(action), resource: known(resource), context };
        Case {
            world: self,
            scene,
            memo: RefCell::new(Memo::default()),
            cedar: OnceCell::new(),
            verdicts: OnceCell::new(),
            tally: None,
        }
    }

    /// The entities as Cedar's, made when first asked for.
    pub(super) fn lowered(&self) -> &cedar_policy_core::entities::Entities {
        self.lowered.get_or_init(|| {
            // Uids are unique and ancestors complete by construction, so this cannot fail; were
            // it to, the world would be empty, and nothing holds in an empty world.
            cedar_policy_core::entities::Entities::from_entities(
                self.entities.all().iter().map(|entity| entity.lower(true)),
                None::<&NoEntitiesSchema>,
                TCComputation::AssumeAlreadyComputed,
                Extensions::all_available(),
            )
            .unwrap_or_default()
        })
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
        if self.applies(action, principal, resource) && self.fits([principal, resource], action, context) {
            return Ok(());
        }
        self.misfit_of(principal, action, resource, context)
    }

    #[cfg(not(feature = "full"))]
    fn misfit_of(&self, _: &Uid, _: &Uid, _: &Uid, _: &Record) -> Result<(), String> {
        Err(MISFIT.to_owned())
    }

    #[cfg(feature = "full")]
    fn misfit_of(
        &self,
        principal: &Uid,
        action: &Uid,
        resource: &Uid,
        context: &Record,
    ) -> Result<(), String> {
        let Some(validator) = self.validator() else { return Err(MISFIT.to_owned()) };
        let at = |uid: &Uid| (uid.inner().clone(), None);
        ast::Request::new(
            at(principal),
            at(action),
            at(resource),
            ast::Context::Value(Arc::new(context.lower())),
            Some(&CoreSchema::new(validator)),
            Extensions::all_available(),
        )
        .map(|_| ())
        .map_err(|e| e.to_string())
    }
}

/// What a compiled bundle says of a context that does not fit.
const MISFIT: &str = "the context does not fit the schema";

impl Record {
    /// A record from plain JSON, in Cedar's own encoding of values.
    ///
    /// # Errors
    /// Cedar's words for what cannot be a value.
    pub(crate) fn from_json(members: &Map<String, Value>) -> Result<Self, String> {
        Self::untyped(members).map_or_else(|| Self::otherwise(members), Ok)
    }

    #[cfg(not(feature = "full"))]
    fn otherwise(_: &Map<String, Value>) -> Result<Self, String> {
        Err("a value is written in a way that only whole bundles read".to_owned())
    }

    #[cfg(feature = "full")]
    fn otherwise(members: &Map<String, Value>) -> Result<Self, String> {
        match ast::Context::from_json_value(Value::Object(members.clone())) {
            Ok(ast::Context::Value(record)) => Ok(Self::lift(record.iter())),
            Ok(ast::Context::RestrictedResidual(_)) => Err("an unknown is no value here".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// A principal, an action, a resource and a context in a world.
pub(crate) struct Case<'c> {
    pub(super) world: &'c World<'c>,
    pub(super) scene: Scene<'c>,
    memo: RefCell<Memo<'c>>,
    cedar: OnceCell<Cedar<'c>>,
    verdicts: OnceCell<Verdicts>,
    pub(super) tally: Option<&'c RefCell<Tally>>,
}

impl<'c> Case<'c> {
    /// What the policy's conditions say; its scope was tested before.
    pub(crate) fn outcome(&self, policy: &Policy) -> Outcome {
        if self.world.evaluator == Evaluator::Reference {
            return self.verdicts.get_or_init(|| Verdicts::of(self)).outcome(policy);
        }
        let conjuncts = policy.code.as_ref().map(|code| code.conjuncts.as_slice());
        match conjuncts.map_or(Err(Stop::Bail), |all| self.all(all)) {
            Ok(true) => Outcome::Holds,
            Ok(false) => Outcome::Fails,
            Err(stop) => {
                if let (Stop::Bail, Some(tally), Some(condition)) =
                    (stop, self.tally, policy.ast.non_scope_constraints())
                    && let Ok(mut tally) = tally.try_borrow_mut()
                {
                    tally.bailed(condition);
                }
                self.by_cedar(policy)
            }
        }
    }

    fn all(&self, conjuncts: &[Node]) -> Result<bool, Stop> {
        for node in conjuncts {
            if !self.value(*node)?.bool()? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The value of a compiled expression.
    pub(super) fn value(&self, node: Node) -> Result<Item<'c>, Stop> {
        let Ok(mut memo) = self.memo.try_borrow_mut() else { return Err(Stop::Bail) };
        let entities = self.world.entities;
        let find = |uid: &Uid| entities.find(uid);
        let program = &self.world.policies.program;
        Run { program, scene: self.scene, find: &find, memo: &mut memo, tally: self.tally }.value(node)
    }

    fn by_cedar(&self, policy: &Policy) -> Outcome {
        let Some(condition) = policy.ast.non_scope_constraints() else { return Outcome::Holds };
        self.truth(condition, policy.ast.env())
    }

    pub(super) fn truth(&self, expr: &Expr, env: &SlotEnv) -> Outcome {
        match self.cedar().interpret(expr, env).map(|v| as_bool(&v)) {
            Ok(Some(true)) => Outcome::Holds,
            Ok(Some(false)) => Outcome::Fails,
            Ok(None) => Outcome::Errs("the condition is no truth value".to_owned()),
            Err(error) => Outcome::Errs(error.to_string()),
        }
    }

    /// Cedar's own evaluator for the case, made when first asked for.
    fn cedar(&self) -> &Cedar<'c> {
        self.cedar
            .get_or_init(|| Cedar::new(self.request(), self.world.lowered(), Extensions::all_available()))
    }

    pub(super) fn request(&self) -> ast::Request {
        let known = |(uid, _): (&Uid, _)| EntityUIDEntry::known(uid.inner().clone(), None);
        let Scene { principal, action, resource, context } = self.scene;
        ast::Request::new_unchecked(
            known(principal),
            known(action),
            known(resource),
            Some(ast::Context::Value(Arc::new(context.lower()))),
        )
    }

    /// The first condition that does not hold, in source order.
    pub(crate) fn first_failing(&self, policy: &Policy) -> Option<Label> {
        let env = policy.ast.env();
        policy
            .clauses()
            .into_iter()
            .position(|clause| self.truth(clause, env) != Outcome::Holds)
            .map(|clause| policy.clause_label(clause))
    }

    /// A time or a number, in milliseconds or as it is; `None` for anything else.
    pub(super) fn number(&self, node: Node, expr: &Expr, env: &SlotEnv) -> Option<i64> {
        let lifted = |value: &Val| match value {
            Val::Long(n) => Some(*n),
            Val::Time(stamp) | Val::Span(stamp) => Some(stamp.ms),
            _ => None,
        };
        match self.value(node) {
            Ok(Item::Long(n) | Item::Time(n) | Item::Span(n)) => Some(n),
            Ok(_) | Err(Stop::Err) => None,
            Err(Stop::Bail) => self.cedar().interpret(expr, env).ok().and_then(|v| lifted(&Val::lift(&v))),
        }
    }
}
