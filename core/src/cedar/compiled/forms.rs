//! The forms of Cedar's expressions, counted, so that a test can prove that it met each one.

use super::op::Op;
use crate::prelude::*;
use cedar_policy_core::ast::{BinaryOp, Expr, ExprKind, UnaryOp, Var};

/// Every form that a condition can have, but for the names of extension functions, which are
/// their own forms.
pub const FORMS: &[&str] = &[
    "literal",
    "set",
    "record",
    "principal",
    "action",
    "resource",
    "context",
    "if",
    "&&",
    "||",
    "!",
    "neg",
    "isEmpty",
    "==",
    "<",
    "<=",
    "+",
    "-",
    "*",
    "in",
    "contains",
    "containsAll",
    "containsAny",
    "getTag",
    "hasTag",
    ".",
    "has",
    "has path",
    "like",
    "is",
    "ip",
    "isIpv4",
    "isIpv6",
    "isLoopback",
    "isMulticast",
    "isInRange",
    "decimal",
    "lessThan",
    "lessThanOrEqual",
    "greaterThan",
    "greaterThanOrEqual",
    "datetime",
    "duration",
    "offset",
    "durationSince",
    "toDate",
    "toTime",
    "toMilliseconds",
    "toSeconds",
    "toMinutes",
    "toHours",
    "toDays",
];

/// How often each form was evaluated, and by whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Compiled, and the value used.
    pub compiled: BTreeMap<String, u64>,
    /// By Cedar, since the policy that it stands in bailed out.
    pub bailed: BTreeMap<String, u64>,
}

/// The forms in an expression, each once.
pub(crate) fn forms_of(expr: &Expr) -> BTreeSet<String> {
    expr.subexpressions().map(form).collect()
}

fn form(expr: &Expr) -> String {
    let named = match expr.expr_kind() {
        ExprKind::ExtensionFunctionApp { fn_name, .. } => return fn_name.to_string(),
        ExprKind::Lit(_) => "literal",
        ExprKind::Set(_) => "set",
        ExprKind::Record(_) => "record",
        ExprKind::Var(Var::Principal) => "principal",
        ExprKind::Var(Var::Action) => "action",
        ExprKind::Var(Var::Resource) => "resource",
        ExprKind::Var(Var::Context) => "context",
        ExprKind::Slot(_) => "slot",
        ExprKind::Unknown(_) => "unknown",
        ExprKind::If { .. } => "if",
        ExprKind::And { .. } => "&&",
        ExprKind::Or { .. } => "||",
        ExprKind::UnaryApp { op: UnaryOp::Not, .. } => "!",
        ExprKind::UnaryApp { op: UnaryOp::Neg, .. } => "neg",
        ExprKind::UnaryApp { op: UnaryOp::IsEmpty, .. } => "isEmpty",
        ExprKind::BinaryApp { op, .. } => match op {
            BinaryOp::Eq => "==",
            BinaryOp::Less => "<",
            BinaryOp::LessEq => "<=",
            BinaryOp::Add => "+",
            BinaryOp::Sub => "-",
            BinaryOp::Mul => "*",
            BinaryOp::In => "in",
            BinaryOp::Contains => "contains",
            BinaryOp::ContainsAll => "containsAll",
            BinaryOp::ContainsAny => "containsAny",
            BinaryOp::GetTag => "getTag",
            BinaryOp::HasTag => "hasTag",
        },
        ExprKind::GetAttr { .. } => ".",
        ExprKind::HasAttr { .. } => "has",
        ExprKind::ExtHasAttr { .. } => "has path",
        ExprKind::Like { .. } => "like",
        ExprKind::Is { .. } => "is",
    };
    named.to_owned()
}

impl Tally {
    /// Adds another's counts.
    pub fn join(&mut self, other: &Self) {
        other.compiled.iter().for_each(|(form, n)| count(&mut self.compiled, form, *n));
        other.bailed.iter().for_each(|(form, n)| count(&mut self.bailed, form, *n));
    }

    pub(crate) fn compiled(&mut self, form: &str) {
        count(&mut self.compiled, form, 1);
    }

    pub(crate) fn bailed(&mut self, expr: &Expr) {
        forms_of(expr).iter().for_each(|form| count(&mut self.bailed, form, 1));
    }
}

fn count(of: &mut BTreeMap<String, u64>, form: &str, more: u64) {
    match of.get_mut(form) {
        Some(n) => *n = n.saturating_add(more),
        None => {
            of.insert(form.to_owned(), more);
        }
    }
}

impl super::Program {
    /// The form that an operation stands for.
    pub(super) fn form(&self, op: Op) -> String {
        use crate::cedar::value::Val;
        let named = match op {
            Op::Const(at) => match self.constant(at) {
                Some(Val::Set(_)) => "set",
                Some(Val::Record(_)) => "record",
                Some(Val::Time(_)) => "datetime",
                Some(Val::Span(_)) => "duration",
                Some(Val::Other(value)) => return constructor(value),
                _ => "literal",
            },
            Op::Principal => "principal",
            Op::Action => "action",
            Op::Resource => "resource",
            Op::Context => "context",
            Op::Get(..) => ".",
            Op::Has(..) => "has",
            Op::HasPath(..) => "has path",
            Op::GetTag(..) => "getTag",
            Op::HasTag(..) => "hasTag",
            Op::Not(_) => "!",
            Op::Neg(_) => "neg",
            Op::IsEmpty(_) => "isEmpty",
            Op::All(_) => "&&",
            Op::Any(_) => "||",
            Op::If(..) => "if",
            Op::Eq(..) => "==",
            Op::Less(..) => "<",
            Op::LessEq(..) => "<=",
            Op::Add(..) => "+",
            Op::Sub(..) => "-",
            Op::Mul(..) => "*",
            Op::In(..) | Op::InAny(..) => "in",
            Op::Contains(..) => "contains",
            Op::ContainsAll(..) => "containsAll",
            Op::ContainsAny(..) => "containsAny",
            Op::Like(..) => "like",
            Op::Is(..) => "is",
            Op::OfTime(method, _) => method.name(),
            Op::OfTwo(method, ..) => method.name(),
            Op::Call(function, _) => {
                return self.function(function).map_or_else(String::new, |f| f.name().to_string());
            }
            Op::Errs => "errs",
            Op::Opaque => "opaque",
        };
        named.to_owned()
    }
}

/// How a decimal or an address is written.
fn constructor(value: &cedar_policy_core::ast::Value) -> String {
    use cedar_policy_core::ast::ValueKind;
    match value.value_kind() {
        ValueKind::ExtensionValue(of) if of.typename().to_string() == "ipaddr" => "ip".to_owned(),
        ValueKind::ExtensionValue(of) => of.typename().to_string(),
        _ => String::new(),
    }
}
