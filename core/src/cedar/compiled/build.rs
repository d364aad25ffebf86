//! From Cedar's expressions to nodes, equal ones once.

use super::Program;
use super::op::{Made, Node, Op};
use super::times::{OfTime, OfTwo};
use crate::cedar::value::Val;
use crate::cedar::{Reads, Uid};
use crate::prelude::*;
use cedar_policy_core::ast::{
    BinaryOp, EntityType, Expr, ExprKind, Literal, Name, PartialValue, Pattern, UnaryOp, Value, Var,
};
use cedar_policy_core::extensions::Extensions;
use smol_str::SmolStr;

/// Deeper expressions are left to Cedar, which counts the stack.
const DEPTH_MAX: usize = 128;

/// A program under construction.
#[derive(Default)]
pub(crate) struct Builder {
    program: Program,
    nodes: BTreeMap<Op, Node>,
    constants: BTreeMap<Value, u32>,
    names: BTreeMap<SmolStr, u32>,
    paths: BTreeMap<Box<[SmolStr]>, u32>,
    lists: BTreeMap<Box<[Node]>, u32>,
    uids: BTreeMap<Vec<Uid>, u32>,
    patterns: BTreeMap<Pattern, u32>,
    types: BTreeMap<EntityType, u32>,
    functions: BTreeMap<Name, u32>,
    reads: BTreeSet<Arc<Reads>>,
}

/// What is known of an expression before any request.
enum Folded {
    Value(Value),
    Errs,
    Varies,
}

impl Builder {
    pub(crate) fn finish(self) -> Program {
        self.program
    }

    /// The same for all policies that read alike.
    pub(crate) fn reads(&mut self, reads: &Arc<Reads>) -> Arc<Reads> {
        if let Some(known) = self.reads.get(reads) {
            return known.clone();
        }
        self.reads.insert(reads.clone());
        reads.clone()
    }

    /// Compiles an expression.
    pub(crate) fn add(&mut self, expr: &Expr) -> Node {
        self.expr(expr, 0)
    }

    fn expr(&mut self, expr: &Expr, depth: usize) -> Node {
        if depth >= DEPTH_MAX {
            return self.node(Op::Opaque);
        }
        let next = depth.saturating_add(1);
        let op = match expr.expr_kind() {
            ExprKind::Lit(literal) => self.constant(Value::from(literal.clone())),
            ExprKind::Var(Var::Principal) => Op::Principal,
            ExprKind::Var(Var::Action) => Op::Action,
            ExprKind::Var(Var::Resource) => Op::Resource,
            ExprKind::Var(Var::Context) => Op::Context,
            ExprKind::Slot(_) | ExprKind::Unknown(_) => Op::Opaque,
            ExprKind::If { test_expr, then_expr, else_expr } => {
                Op::If(self.expr(test_expr, next), self.expr(then_expr, next), self.expr(else_expr, next))
            }
            ExprKind::And { .. } => {
                let parts = self.spine(expr, next, |kind| match kind {
                    ExprKind::And { left, right } => Some((left, right)),
                    _ => None,
                });
                Op::All(self.list(parts))
            }
            ExprKind::Or { .. } => {
                let parts = self.spine(expr, next, |kind| match kind {
                    ExprKind::Or { left, right } => Some((left, right)),
                    _ => None,
                });
                Op::Any(self.list(parts))
            }
            ExprKind::UnaryApp { op, arg } => {
                let arg = self.expr(arg, next);
                match op {
                    UnaryOp::Not => Op::Not(arg),
                    UnaryOp::Neg => Op::Neg(arg),
                    UnaryOp::IsEmpty => Op::IsEmpty(arg),
                }
            }
            ExprKind::BinaryApp { op, arg1, arg2 } => self.binary(*op, arg1, arg2, next),
            ExprKind::ExtensionFunctionApp { fn_name, args } => self.call(expr, fn_name, args, next),
            ExprKind::GetAttr { expr, attr } => {
                let base = self.expr(expr, next);
                Op::Get(base, self.name(attr))
            }
            ExprKind::HasAttr { expr, attr } => {
                let base = self.expr(expr, next);
                Op::Has(base, self.name(attr))
            }
            ExprKind::ExtHasAttr { expr, attrs } => {
                let base = self.expr(expr, next);
                let path: Box<[SmolStr]> = attrs.iter().cloned().collect();
                Op::HasPath(base, place(&mut self.paths, &mut self.program.paths, path, |p| p))
            }
            ExprKind::Like { expr, pattern } => {
                let base = self.expr(expr, next);
                Op::Like(base, place(&mut self.patterns, &mut self.program.patterns, pattern.clone(), |p| p))
            }
            ExprKind::Is { expr, entity_type } => {
                let base = self.expr(expr, next);
                Op::Is(base, place(&mut self.types, &mut self.program.types, entity_type.clone(), |t| t))
            }
            ExprKind::Set(_) | ExprKind::Record(_) => self.folded(expr).unwrap_or(Op::Opaque),
        };
        self.node(op)
    }

    fn binary(&mut self, op: BinaryOp, arg1: &Expr, arg2: &Expr, next: usize) -> Op {
        let a = self.expr(arg1, next);
        if op == BinaryOp::In
            && let Some(uids) = uids_of(arg2)
        {
            return Op::InAny(a, place(&mut self.uids, &mut self.program.uids, uids, Vec::into_boxed_slice));
        }
        let b = self.expr(arg2, next);
        match op {
            BinaryOp::Eq => Op::Eq(a, b),
            BinaryOp::Less => Op::Less(a, b),
            BinaryOp::LessEq => Op::LessEq(a, b),
            BinaryOp::Add => Op::Add(a, b),
            BinaryOp::Sub => Op::Sub(a, b),
            BinaryOp::Mul => Op::Mul(a, b),
            BinaryOp::In => Op::In(a, b),
            BinaryOp::Contains => Op::Contains(a, b),
            BinaryOp::ContainsAll => Op::ContainsAll(a, b),
            BinaryOp::ContainsAny => Op::ContainsAny(a, b),
            BinaryOp::GetTag => Op::GetTag(a, b),
            BinaryOp::HasTag => Op::HasTag(a, b),
        }
    }

    fn call(&mut self, whole: &Expr, name: &Name, args: &[Expr], next: usize) -> Op {
        if let Some(op) = self.folded(whole) {
            return op;
        }
        let text = name.to_string();
        match args {
            [arg] => {
                if let Some(method) = OfTime::ALL.into_iter().find(|m| m.name() == text) {
                    return Op::OfTime(method, self.expr(arg, next));
                }
            }
            [one, two] => {
                if let Some(method) = OfTwo::ALL.into_iter().find(|m| m.name() == text) {
                    return Op::OfTwo(method, self.expr(one, next), self.expr(two, next));
                }
            }
            _ => {}
        }
        let Ok(function) = Extensions::all_available().func(name) else { return Op::Opaque };
        let args = args.iter().map(|arg| self.expr(arg, next)).collect();
        let list = self.list(args);
        Op::Call(place(&mut self.functions, &mut self.program.functions, name.clone(), |_| function), list)
    }

    /// `a && b && c` as its parts; the left spine may be long, so it is no recursion.
    fn spine<'e>(
        &mut self,
        whole: &'e Expr,
        next: usize,
        split: impl Fn(&'e ExprKind) -> Option<(&'e Arc<Expr>, &'e Arc<Expr>)>,
    ) -> Vec<Node> {
        let mut parts: Vec<&Expr> = Vec::new();
        let mut left: &Expr = whole;
        while let Some((before, last)) = split(left.expr_kind()) {
            parts.push(last);
            left = before;
        }
        parts.push(left);
        parts.into_iter().rev().map(|part| self.expr(part, next)).collect()
    }

    fn folded(&mut self, expr: &Expr) -> Option<Op> {
        match fold(expr, 0) {
            Folded::Value(value) => Some(self.constant(value)),
            Folded::Errs => Some(Op::Errs),
            Folded::Varies => None,
        }
    }

    fn constant(&mut self, value: Value) -> Op {
        let value = value.with_maybe_source_loc(None);
        Op::Const(place(&mut self.constants, &mut self.program.constants, value, |value| Val::lift(&value)))
    }

    fn name(&mut self, name: &SmolStr) -> u32 {
        place(&mut self.names, &mut self.program.names, name.clone(), |n| n)
    }

    fn list(&mut self, nodes: Vec<Node>) -> u32 {
        place(&mut self.lists, &mut self.program.lists, nodes.into_boxed_slice(), |l| l)
    }

    /// The node for an operation; one that is there already is shared from now on.
    fn node(&mut self, op: Op) -> Node {
        if let Some(known) = self.nodes.get(&op) {
            if let Some(made) = usize::try_from(known.0).ok().and_then(|at| self.program.nodes.get_mut(at)) {
                made.shared = !op.is_trivial();
            }
            return *known;
        }
        let node = Node(u32::try_from(self.program.nodes.len()).unwrap_or(u32::MAX));
        self.program.nodes.push(Made { op, shared: false });
        self.nodes.insert(op, node);
        node
    }
}

/// Where a thing stands in its table; a new one is put at the end.
fn place<K: Ord + Clone, T>(
    known: &mut BTreeMap<K, u32>,
    table: &mut Vec<T>,
    key: K,
    make: impl Fn(K) -> T,
) -> u32 {
    if let Some(at) = known.get(&key) {
        return *at;
    }
    let at = u32::try_from(table.len()).unwrap_or(u32::MAX);
    known.insert(key.clone(), at);
    table.push(make(key));
    at
}

/// The uids of a literal set of them.
fn uids_of(expr: &Expr) -> Option<Vec<Uid>> {
    let ExprKind::Set(all) = expr.expr_kind() else { return None };
    let one = |e: &Expr| match e.expr_kind() {
        ExprKind::Lit(Literal::EntityUID(uid)) => Some(Uid::from(uid.as_ref().clone())),
        _ => None,
    };
    all.iter().map(one).collect()
}

fn fold(expr: &Expr, depth: usize) -> Folded {
    let next = depth.saturating_add(1);
    match expr.expr_kind() {
        _ if depth >= DEPTH_MAX => Folded::Varies,
        ExprKind::Lit(literal) => Folded::Value(Value::from(literal.clone())),
        ExprKind::Set(all) => fold_all(all.iter(), next, |values| Ok(Value::set(values, None))),
        ExprKind::Record(members) => fold_all(members.values(), next, |values| {
            Ok(Value::record(members.keys().cloned().zip(values), None))
        }),
        ExprKind::ExtensionFunctionApp { fn_name, args } => fold_all(args.iter(), next, |values| {
            let function = Extensions::all_available().func(fn_name).map_err(|_| Folded::Errs)?;
            match function.call(&values) {
                Ok(PartialValue::Value(value)) => Ok(value),
                Ok(PartialValue::Residual(_)) => Err(Folded::Varies),
                Err(_) => Err(Folded::Errs),
            }
        }),
        _ => Folded::Varies,
    }
}

/// All parts are evaluated, in order: the first one that is not a value decides, unless one
/// varies and so might err first with other words. Which words does not matter here.
fn fold_all<'e>(
    parts: impl Iterator<Item = &'e Expr>,
    next: usize,
    whole: impl Fn(Vec<Value>) -> Result<Value, Folded>,
) -> Folded {
    let mut values = Vec::new();
    let mut errs = false;
    for part in parts {
        match fold(part, next) {
            Folded::Value(value) => values.push(value),
            Folded::Errs => errs = true,
            Folded::Varies => return Folded::Varies,
        }
    }
    if errs {
        return Folded::Errs;
    }
    whole(values).map_or_else(|other| other, Folded::Value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::str::FromStr as _;

    fn parsed(text: &str) -> Expr {
        Expr::from_str(text).unwrap()
    }

    fn folded(text: &str) -> Folded {
        fold(&parsed(text), 0)
    }

    #[test]
    fn what_does_not_depend_on_the_request_is_known_at_once() {
        assert!(matches!(folded("[1, \"a\", User::\"x\"]"), Folded::Value(_)));
        assert!(matches!(folded("{a: 1, b: [ip(\"1.2.3.4\")]}"), Folded::Value(_)));
        assert!(matches!(folded("datetime(\"2024-01-01\").offset(duration(\"1h\"))"), Folded::Value(_)));
        assert!(matches!(folded("datetime(\"never\")"), Folded::Errs));
        assert!(matches!(folded("[ip(\"1.2.3.4.5\"), 1]"), Folded::Errs));
        assert!(matches!(folded("[principal]"), Folded::Varies));
    }

    #[test]
    fn equal_expressions_are_one_node_and_shared() {
        let mut builder = Builder::default();
        let one = builder.add(&parsed("context.a.b == 1"));
        let two = builder.add(&parsed("context.a.b == 1"));
        let other = builder.add(&parsed("context.a.b == 2"));
        assert!(one == two && one != other);
        let program = builder.finish();
        // context, .a, .b, 1, ==, 2, ==
        assert_eq!(program.len(), 7);
        assert_eq!(program.nodes.iter().filter(|made| made.shared).count(), 3, "a.b, a and the first ==");
    }
}
