//! Evaluating nodes.

use super::op::{Node, Op};
use super::times::{self, OfTime, OfTwo};
use super::{Item, Memo, Program, Stop, Tally};
use crate::cedar::value::{Record, Val};
use crate::cedar::{Entity, Uid};
use crate::prelude::*;
use cedar_policy_core::ast::{ExtensionFunction, Literal, PartialValue, Set, Value, ValueKind};
use core::cell::RefCell;
use core::fmt;
use smol_str::SmolStr;

type Outcome<'v> = Result<Item<'v>, Stop>;

/// What a case is about. Entities that are not there are `None`.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'v> {
    pub(crate) principal: (&'v Uid, Option<&'v Entity>),
    pub(crate) action: (&'v Uid, Option<&'v Entity>),
    pub(crate) resource: (&'v Uid, Option<&'v Entity>),
    pub(crate) context: &'v Record,
}

/// Why there is no value, in Cedar's words. Whatever cannot be in a policy that was validated is
/// not told apart.
#[derive(Clone, Copy)]
pub(crate) enum Fault<'v> {
    NoEntity(&'v Uid),
    Overflow(&'static str, i64, i64),
    Negate(i64),
    Offset(i64, i64),
    Since(i64, i64),
    Date(i64),
}

impl fmt::Display for Fault<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoEntity(uid) => write!(f, "entity `{uid}` does not exist"),
            Self::Overflow(verb, a, b) => {
                write!(f, "integer overflow while attempting to {verb} the values `{a}` and `{b}`")
            }
            Self::Offset(time, span) => failed(
                f,
                "offset",
                format_args!("overflows when adding an offset: {}+({span}ms)", Written(*time)),
            ),
            Self::Since(a, b) => failed(
                f,
                "durationSince",
                format_args!(
                    "overflows when computing the duration between {} and {}",
                    Written(*a),
                    Written(*b)
                ),
            ),
            Self::Date(time) => {
                failed(f, "toDate", format_args!("overflows when computing the date of {}", Written(*time)))
            }
            Self::Negate(n) => write!(f, "integer overflow while attempting to negate the value `{n}`"),
        }
    }
}

fn failed(f: &mut fmt::Formatter<'_>, function: &str, what: fmt::Arguments<'_>) -> fmt::Result {
    write!(f, "error while evaluating `{function}` extension function: {what}")
}

/// A datetime as Cedar writes it in a fault.
struct Written(i64);

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "datetime(\"1970-01-01\").offset(duration(\"{}ms\"))", self.0)
    }
}

/// One evaluation: the program in a scene.
pub(crate) struct Run<'r, 'v> {
    pub(crate) program: &'v Program,
    pub(crate) scene: Scene<'v>,
    pub(crate) find: &'r dyn Fn(&Uid) -> Option<&'v Entity>,
    pub(crate) memo: &'r mut Memo<'v>,
    /// What went wrong first, as far as it is known.
    pub(crate) fault: Option<Fault<'v>>,
    /// Counts forms, in tests.
    pub(crate) tally: Option<&'r RefCell<Tally>>,
}

impl<'v> Run<'_, 'v> {
    /// The value of a node.
    pub(crate) fn value(&mut self, node: Node) -> Outcome<'v> {
        let program = self.program;
        let made = program.made(node)?;
        if made.shared
            && let Some(kept) = self.memo.get(node)
        {
            return kept;
        }
        let outcome = self.op(made.op);
        if made.shared {
            self.memo.keep(node, outcome);
        }
        if let Some(tally) = self.tally
            && !matches!(outcome, Err(Stop::Bail))
            && let Ok(mut tally) = tally.try_borrow_mut()
        {
            tally.compiled(&program.form(made.op));
        }
        outcome
    }

    /// The truth of a node that must have one.
    pub(crate) fn truth(&mut self, node: Node) -> Result<bool, Stop> {
        self.value(node)?.bool()
    }

    fn op(&mut self, op: Op) -> Outcome<'v> {
        let program = self.program;
        match op {
            Op::Const(at) => program.constant(at).map(Item::from).ok_or(Stop::Bail),
            Op::Principal => Ok(Item::Uid(self.scene.principal.0)),
            Op::Action => Ok(Item::Uid(self.scene.action.0)),
            Op::Resource => Ok(Item::Uid(self.scene.resource.0)),
            Op::Context => Ok(Item::Record(self.scene.context)),
            Op::Get(base, name) => {
                let base = self.value(base)?;
                let found = self.member(base, program.name(name)?)?;
                found.map(Item::from).ok_or_else(|| self.missing(base))
            }
            Op::Has(base, name) => {
                let base = self.value(base)?;
                Ok(Item::Bool(self.member(base, program.name(name)?)?.is_some()))
            }
            Op::HasPath(base, path) => {
                let mut at = self.value(base)?;
                for name in program.path(path)? {
                    match self.member(at, name)? {
                        Some(next) => at = Item::from(next),
                        None => return Ok(Item::Bool(false)),
                    }
                }
                Ok(Item::Bool(true))
            }
            Op::GetTag(of, tag) => {
                let (of, tag) = (self.value(of)?, self.value(tag)?);
                let (uid, tag) = (of.uid()?, tag.text()?);
                let found = self.entity(uid).and_then(|e| e.tag(tag));
                found.map(Item::from).ok_or_else(|| self.missing(of))
            }
            Op::HasTag(of, tag) => {
                let (of, tag) = (self.value(of)?, self.value(tag)?);
                let (uid, tag) = (of.uid()?, tag.text()?);
                Ok(Item::Bool(self.entity(uid).is_some_and(|e| e.tag(tag).is_some())))
            }
            Op::Not(of) => Ok(Item::Bool(!self.truth(of)?)),
            Op::Neg(of) => {
                let n = self.value(of)?.long()?;
                n.checked_neg().map(Item::Long).ok_or_else(|| self.err(Fault::Negate(n)))
            }
            Op::IsEmpty(of) => Ok(Item::Bool(self.value(of)?.set()?.is_empty())),
            Op::All(list) => {
                for node in program.list(list)? {
                    if !self.truth(*node)? {
                        return Ok(Item::Bool(false));
                    }
                }
                Ok(Item::Bool(true))
            }
            Op::Any(list) => {
                for node in program.list(list)? {
                    if self.truth(*node)? {
                        return Ok(Item::Bool(true));
                    }
                }
                Ok(Item::Bool(false))
            }
            Op::If(test, yes, no) => {
                let taken = if self.truth(test)? { yes } else { no };
                self.value(taken)
            }
            Op::Eq(a, b) => {
                let (a, b) = (self.value(a)?, self.value(b)?);
                Ok(Item::Bool(a.equals(b)))
            }
            Op::Less(a, b) => self.ordered(a, b, |a, b| a < b),
            Op::LessEq(a, b) => self.ordered(a, b, |a, b| a <= b),
            Op::Add(a, b) => self.arithmetic(a, b, "add", i64::checked_add),
            Op::Sub(a, b) => self.arithmetic(a, b, "subtract", i64::checked_sub),
            Op::Mul(a, b) => self.arithmetic(a, b, "multiply", i64::checked_mul),
            Op::In(a, b) => {
                let (a, b) = (self.value(a)?, self.value(b)?);
                self.is_in(a.uid()?, b).map(Item::Bool)
            }
            Op::InAny(a, uids) => {
                let of = self.value(a)?.uid()?;
                let entity = self.entity(of);
                let within = |uid: &Uid| of == uid || entity.is_some_and(|e| e.is_below(uid));
                Ok(Item::Bool(program.uids(uids)?.iter().any(within)))
            }
            Op::Contains(set, of) => {
                let (set, of) = (self.value(set)?, self.value(of)?);
                of.is_among(set.set()?).map(Item::Bool)
            }
            Op::ContainsAll(a, b) => self.sets(a, b, |a, b| b.is_subset(a)),
            Op::ContainsAny(a, b) => self.sets(a, b, |a, b| !a.is_disjoint(b)),
            Op::Like(of, pattern) => {
                let text = self.value(of)?.text()?;
                Ok(Item::Bool(program.pattern(pattern)?.wildcard_match(text)))
            }
            Op::Is(of, kind) => {
                let uid = self.value(of)?.uid()?;
                Ok(Item::Bool(uid.entity_type() == program.entity_type(kind)?))
            }
            Op::OfTime(method, of) => {
                let of = self.value(of)?;
                self.of_time(method, of)
            }
            Op::OfTwo(method, a, b) => {
                let (a, b) = (self.value(a)?, self.value(b)?);
                self.of_two(method, a, b)
            }
            #[cfg(feature = "full")]
            Op::Call(function, list) => {
                let mut args = Vec::new();
                for node in program.list(list)? {
                    args.push(self.value(*node)?.argument()?);
                }
                call(program.function(function).ok_or(Stop::Bail)?, &args)
            }
            #[cfg(not(feature = "full"))]
            Op::Call(..) => Err(Stop::Bail),
            Op::Errs => Err(Stop::Err),
            Op::Opaque => Err(Stop::Bail),
        }
    }

    /// The entity of this uid, if there is one.
    fn entity(&self, uid: &Uid) -> Option<&'v Entity> {
        let Scene { principal, action, resource, .. } = self.scene;
        let known = [principal, resource, action].into_iter().find(|(known, _)| *known == uid);
        known.map_or_else(|| (self.find)(uid), |(_, entity)| entity)
    }

    /// A member of a record or an entity, if it is there.
    fn member(&self, base: Item<'v>, name: &SmolStr) -> Result<Option<&'v Val>, Stop> {
        match base {
            Item::Record(record) => Ok(record.get(name)),
            Item::Uid(uid) => Ok(self.entity(uid).and_then(|e| e.attr(name))),
            _ => Err(Stop::Err),
        }
    }

    fn ordered(&mut self, a: Node, b: Node, holds: fn(&i64, &i64) -> bool) -> Outcome<'v> {
        match (self.value(a)?, self.value(b)?) {
            (Item::Long(a), Item::Long(b))
            | (Item::Time(a), Item::Time(b))
            | (Item::Span(a), Item::Span(b)) => Ok(Item::Bool(holds(&a, &b))),
            // Whether another extension type is ordered is Cedar's to say.
            (Item::Other(_), Item::Other(_)) => Err(Stop::Bail),
            _ => Err(Stop::Err),
        }
    }

    fn arithmetic(
        &mut self,
        a: Node,
        b: Node,
        verb: &'static str,
        of: fn(i64, i64) -> Option<i64>,
    ) -> Outcome<'v> {
        let (a, b) = (self.value(a)?, self.value(b)?);
        let (a, b) = (a.long()?, b.long()?);
        of(a, b).map(Item::Long).ok_or_else(|| self.err(Fault::Overflow(verb, a, b)))
    }

    fn of_time(&mut self, method: OfTime, of: Item<'v>) -> Outcome<'v> {
        match (method, of, method.unit_ms()) {
            (OfTime::Date, Item::Time(ms), _) => {
                times::date(ms).map(Item::Time).ok_or_else(|| self.err(Fault::Date(ms)))
            }
            (OfTime::Time, Item::Time(ms), _) => Ok(Item::Span(times::time(ms))),
            (_, Item::Span(ms), Some(unit)) => ms.checked_div(unit).map(Item::Long).ok_or(Stop::Err),
            _ => Err(Stop::Err),
        }
    }

    fn of_two(&mut self, method: OfTwo, a: Item<'v>, b: Item<'v>) -> Outcome<'v> {
        match (method, a, b) {
            (OfTwo::Offset, Item::Time(a), Item::Span(b)) => {
                a.checked_add(b).map(Item::Time).ok_or_else(|| self.err(Fault::Offset(a, b)))
            }
            (OfTwo::DurationSince, Item::Time(a), Item::Time(b)) => {
                a.checked_sub(b).map(Item::Span).ok_or_else(|| self.err(Fault::Since(a, b)))
            }
            _ => Err(Stop::Err),
        }
    }

    fn err(&mut self, fault: Fault<'v>) -> Stop {
        self.fault.get_or_insert(fault);
        Stop::Err
    }

    /// Why something has not the member that it is asked for.
    fn missing(&mut self, of: Item<'v>) -> Stop {
        match of {
            Item::Uid(uid) if self.entity(uid).is_none() => self.err(Fault::NoEntity(uid)),
            _ => Stop::Err,
        }
    }

    fn sets(&mut self, a: Node, b: Node, holds: fn(&Set, &Set) -> bool) -> Outcome<'v> {
        let (a, b) = (self.value(a)?, self.value(b)?);
        Ok(Item::Bool(holds(a.set()?, b.set()?)))
    }

    fn is_in(&self, of: &Uid, groups: Item<'v>) -> Result<bool, Stop> {
        let within = |uid: &Uid| of == uid || self.entity(of).is_some_and(|e| e.is_below(uid));
        match groups {
            Item::Uid(uid) => Ok(within(uid)),
            Item::Set(set) => {
                // Every element is looked at before any is compared: one that is no entity errs.
                let uids: Vec<Uid> = set.iter().map(uid_of).collect::<Option<_>>().ok_or(Stop::Err)?;
                Ok(uids.iter().any(within))
            }
            _ => Err(Stop::Err),
        }
    }
}

fn uid_of(value: &Value) -> Option<Uid> {
    match value.value_kind() {
        ValueKind::Lit(Literal::EntityUID(uid)) => Some(Uid::from(uid.as_ref().clone())),
        _ => None,
    }
}

/// One of Cedar's own functions, as far as its result is a plain value or a time.
fn call<'v>(function: &ExtensionFunction, args: &[Value]) -> Outcome<'v> {
    match function.call(args) {
        Ok(PartialValue::Value(value)) => match Val::lift(&value) {
            Val::Bool(b) => Ok(Item::Bool(b)),
            Val::Long(n) => Ok(Item::Long(n)),
            Val::Time(stamp) => Ok(Item::Time(stamp.ms)),
            Val::Span(stamp) => Ok(Item::Span(stamp.ms)),
            _ => Err(Stop::Bail),
        },
        Ok(PartialValue::Residual(_)) => Err(Stop::Bail),
        Err(_) => Err(Stop::Err),
    }
}

/// The tables of the program; what a node names is there by construction.
impl Program {
    fn made(&self, node: Node) -> Result<super::op::Made, Stop> {
        at(&self.nodes, node.0).copied().ok_or(Stop::Bail)
    }

    /// What a node does.
    pub(in crate::cedar) fn op(&self, node: Node) -> Option<Op> {
        self.made(node).ok().map(|made| made.op)
    }

    /// All nodes that an operation is made of.
    pub(in crate::cedar) fn parts(&self, op: Op) -> impl Iterator<Item = Node> {
        let list = op.list().and_then(|list| self.list(list).ok()).into_iter().flatten().copied();
        op.nodes().into_iter().flatten().chain(list)
    }

    pub(in crate::cedar) fn constant(&self, place: u32) -> Option<&Val> {
        at(&self.constants, place)
    }

    fn name(&self, place: u32) -> Result<&SmolStr, Stop> {
        at(&self.names, place).ok_or(Stop::Bail)
    }

    fn path(&self, place: u32) -> Result<&[SmolStr], Stop> {
        at(&self.paths, place).map(AsRef::as_ref).ok_or(Stop::Bail)
    }

    fn list(&self, place: u32) -> Result<&[Node], Stop> {
        at(&self.lists, place).map(AsRef::as_ref).ok_or(Stop::Bail)
    }

    fn uids(&self, place: u32) -> Result<&[Uid], Stop> {
        at(&self.uids, place).map(AsRef::as_ref).ok_or(Stop::Bail)
    }

    fn pattern(&self, place: u32) -> Result<&cedar_policy_core::ast::Pattern, Stop> {
        at(&self.patterns, place).ok_or(Stop::Bail)
    }

    fn entity_type(&self, place: u32) -> Result<&cedar_policy_core::ast::EntityType, Stop> {
        at(&self.types, place).ok_or(Stop::Bail)
    }

    pub(super) fn function(&self, place: u32) -> Option<&'static ExtensionFunction> {
        at(&self.functions, place).copied()
    }
}

fn at<T>(table: &[T], place: u32) -> Option<&T> {
    usize::try_from(place).ok().and_then(|place| table.get(place))
}
