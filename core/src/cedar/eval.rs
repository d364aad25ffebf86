//! Evaluating policies one by one, in a world of entities.

use crate::cedar::compiled::{Item, Memo, Node, Program, Run, Scene, Stop, Tally};
use crate::cedar::policy::Policy;
#[cfg(feature = "full")]
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
    /// Cedar's own authorizer over every policy of the bundle. Where the bundle was loaded compiled,
    /// there is nothing that it could read, and this is as the other.
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
            let _ = policy.ast().map(|ast| whole.add(ast.clone()));
        }
        Self { program: sharer.builder.finish(), whole }
    }
}

impl Policies {
    pub(crate) const fn program(&self) -> &Program {
        &self.program
    }

    /// Those of a bundle that was loaded compiled.
    pub(super) fn loaded(program: Program) -> Self {
        Self { program, whole: PolicySet::new() }
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
    #[cfg(feature = "full")]
    lowered: OnceCell<cedar_policy_core::entities::Entities>,
}

impl<'w> World<'w> {
    pub(crate) fn new(policies: &'w Policies, entities: &'w dyn Entities, evaluator: Evaluator) -> Self {
        Self {
            policies,
            entities,
            evaluator,
            #[cfg(feature = "full")]
            lowered: OnceCell::new(),
        }
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
            #[cfg(feature = "full")]
            cedar: OnceCell::new(),
            #[cfg(feature = "full")]
            verdicts: OnceCell::new(),
            tally: None,
        }
    }

    /// The entities as Cedar's, made when first asked for.
    #[cfg(feature = "full")]
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
    /// A word on what does not fit.
    pub(crate) fn check_context(
        &self,
        principal: &Uid,
        action: &Uid,
        resource: &Uid,
        context: &Record,
    ) -> Result<(), String> {
        match self.misfit_of([principal, resource], action, context) {
            Some(why) if !self.fits_by_cedar(principal, action, resource, context) => Err(why),
            _ => Ok(()),
        }
    }

    #[cfg(not(feature = "full"))]
    fn fits_by_cedar(&self, _: &Uid, _: &Uid, _: &Uid, _: &Record) -> bool {
        false
    }

    /// Whether Cedar, which knows types that we do not, lets it through.
    #[cfg(feature = "full")]
    fn fits_by_cedar(&self, principal: &Uid, action: &Uid, resource: &Uid, context: &Record) -> bool {
        let Some(validator) = self.validator() else { return false };
        let at = |uid: &Uid| (uid.inner().clone(), None);
        ast::Request::new(
            at(principal),
            at(action),
            at(resource),
            ast::Context::Value(Arc::new(context.lower())),
            Some(&CoreSchema::new(validator)),
            Extensions::all_available(),
        )
        .is_ok()
    }
}

impl Record {
    /// A record from plain JSON, in Cedar's own encoding of values.
    ///
    /// # Errors
    /// A word on what cannot be a value.
    pub(crate) fn from_json(members: &Map<String, Value>) -> Result<Self, String> {
        let read = Self::untyped(members).or_else(|| Self::by_cedar(members));
        read.ok_or_else(|| "a value of the host's is none that Cedar knows".to_owned())
    }

    #[cfg(not(feature = "full"))]
    fn by_cedar(_: &Map<String, Value>) -> Option<Self> {
        None
    }

    #[cfg(feature = "full")]
    fn by_cedar(members: &Map<String, Value>) -> Option<Self> {
        match ast::Context::from_json_value(Value::Object(members.clone())) {
            Ok(ast::Context::Value(record)) => Some(Self::lift(record.iter())),
            _ => None,
        }
    }
}

/// A principal, an action, a resource and a context in a world.
pub(crate) struct Case<'c> {
    pub(super) world: &'c World<'c>,
    pub(super) scene: Scene<'c>,
    memo: RefCell<Memo<'c>>,
    #[cfg(feature = "full")]
    cedar: OnceCell<Cedar<'c>>,
    #[cfg(feature = "full")]
    verdicts: OnceCell<Verdicts>,
    pub(super) tally: Option<&'c RefCell<Tally>>,
}

impl<'c> Case<'c> {
    /// What the policy's conditions say; its scope was tested before.
    pub(crate) fn outcome(&self, policy: &Policy) -> Outcome {
        #[cfg(feature = "full")]
        if self.world.evaluator == Evaluator::Reference && policy.source.is_some() {
            return self.verdicts.get_or_init(|| Verdicts::of(self)).outcome(policy);
        }
        match self.all(policy) {
            Ok(true) => Outcome::Holds,
            Ok(false) => Outcome::Fails,
            Err(stop) => self.stopped(policy, stop),
        }
    }

    fn all(&self, policy: &Policy) -> Result<bool, Stop> {
        for node in &policy.code.as_ref().ok_or(Stop::Bail)?.conjuncts {
            if !self.value(*node)?.bool()? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The value of a compiled expression.
    pub(super) fn value(&self, node: Node) -> Result<Item<'c>, Stop> {
        let Ok(mut memo) = self.memo.try_borrow_mut() else { return Err(Stop::Bail) };
        self.run(&mut memo, |run| run.value(node))
    }

    fn run<T>(&self, memo: &mut Memo<'c>, ask: impl FnOnce(&mut Run<'_, 'c>) -> T) -> T {
        let entities = self.world.entities;
        let find = |uid: &Uid| entities.find(uid);
        let program = &self.world.policies.program;
        ask(&mut Run { program, scene: self.scene, find: &find, memo, fault: None, tally: self.tally })
    }

    /// What becomes of a policy whose conditions have no value.
    #[cfg(not(feature = "full"))]
    fn stopped(&self, policy: &Policy, _: Stop) -> Outcome {
        self.in_our_words(policy)
    }

    /// As the other: by Cedar, where the policy was compiled here.
    #[cfg(feature = "full")]
    fn stopped(&self, policy: &Policy, stop: Stop) -> Outcome {
        let Some(ast) = policy.ast() else { return self.in_our_words(policy) };
        let Some(condition) = ast.non_scope_constraints() else { return Outcome::Holds };
        if let (Stop::Bail, Some(tally)) = (stop, self.tally)
            && let Ok(mut tally) = tally.try_borrow_mut()
        {
            tally.bailed(condition);
        }
        self.truth(condition, ast.env())
    }

    /// Evaluates once more, with nothing kept from before, to see what went wrong. The words are
    /// Cedar's.
    fn in_our_words(&self, policy: &Policy) -> Outcome {
        let nodes = policy.code.iter().flat_map(|code| &code.conjuncts);
        let words = self.run(&mut Memo::default(), |run| {
            nodes.map(|node| run.truth(*node)).find(|truth| *truth != Ok(true));
            run.fault.take().map(|fault| fault.to_string())
        });
        Outcome::Errs(words.unwrap_or_else(|| "the condition has no value".to_owned()))
    }

    #[cfg(feature = "full")]
    pub(super) fn truth(&self, expr: &Expr, env: &SlotEnv) -> Outcome {
        match self.cedar().interpret(expr, env).map(|v| as_bool(&v)) {
            Ok(Some(true)) => Outcome::Holds,
            Ok(Some(false)) => Outcome::Fails,
            Ok(None) => Outcome::Errs("the condition is no truth value".to_owned()),
            Err(error) => Outcome::Errs(error.to_string()),
        }
    }

    /// Cedar's own evaluator for the case, made when first asked for.
    #[cfg(feature = "full")]
    fn cedar(&self) -> &Cedar<'c> {
        self.cedar
            .get_or_init(|| Cedar::new(self.request(), self.world.lowered(), Extensions::all_available()))
    }

    #[cfg(feature = "full")]
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
    #[cfg(feature = "full")]
    pub(crate) fn first_failing(&self, policy: &Policy) -> Option<Label> {
        let env = policy.ast()?.env();
        policy
            .clauses()
            .into_iter()
            .position(|clause| self.truth(clause, env) != Outcome::Holds)
            .map(|clause| policy.clause_label(clause))
    }

    /// As the other: only Cedar can tell them apart.
    #[cfg(not(feature = "full"))]
    pub(crate) fn first_failing(&self, _: &Policy) -> Option<Label> {
        None
    }

    /// A time or a number, in milliseconds or as it is; `None` for anything else.
    pub(super) fn number(&self, node: Node, expr: Option<&Expr>, policy: &Policy) -> Option<i64> {
        match self.value(node) {
            Ok(Item::Long(n) | Item::Time(n) | Item::Span(n)) => Some(n),
            Ok(_) | Err(Stop::Err) => None,
            Err(Stop::Bail) => self.number_by_cedar(expr, policy),
        }
    }

    #[cfg(not(feature = "full"))]
    fn number_by_cedar(&self, _: Option<&Expr>, _: &Policy) -> Option<i64> {
        None
    }

    #[cfg(feature = "full")]
    fn number_by_cedar(&self, expr: Option<&Expr>, policy: &Policy) -> Option<i64> {
        let value = self.cedar().interpret(expr?, policy.ast()?.env()).ok()?;
        match Val::lift(&value) {
            Val::Long(n) => Some(n),
            Val::Time(stamp) | Val::Span(stamp) => Some(stamp.ms),
            _ => None,
        }
    }
}
