//! Which types of principals, and which kinds of actors, a condition lets through.

use crate::cedar::Policy;
use crate::cedar::reads::context_path;
use crate::prelude::*;
use cedar_policy_core::ast::{BinaryOp, Expr, ExprKind, Literal, Var};

impl Policy {
    /// Of the kinds that `kind_of` knows, those that the policy can be for, as far as its
    /// scope and its conditions say: `principal is T`, `context.actor.kind == "k"`.
    pub(crate) fn kinds(
        &self,
        all: &BTreeSet<&'static str>,
        kind_of: &dyn Fn(&str) -> Option<&'static str>,
    ) -> BTreeSet<&'static str> {
        let mut kinds = all.clone();
        if let Some(name) = self.principal_type() {
            let only = kind_of(&name);
            kinds.retain(|k| only == Some(*k));
        }
        for clause in self.clauses() {
            let through = let_through(clause, all, kind_of);
            kinds.retain(|k| through.contains(k));
        }
        kinds
    }
}

fn let_through(
    expr: &Expr,
    all: &BTreeSet<&'static str>,
    kind_of: &dyn Fn(&str) -> Option<&'static str>,
) -> BTreeSet<&'static str> {
    let go = |e: &Expr| let_through(e, all, kind_of);
    let only = |kind: Option<&str>| kind.and_then(|k| all.get(k).copied()).into_iter().collect();
    match expr.expr_kind() {
        ExprKind::And { left, right } => {
            let right = go(right);
            go(left).into_iter().filter(|k| right.contains(k)).collect()
        }
        ExprKind::Or { left, right } => {
            let mut both = go(left);
            both.extend(go(right));
            both
        }
        ExprKind::Is { expr, entity_type } if matches!(expr.expr_kind(), ExprKind::Var(Var::Principal)) => {
            only(kind_of(&entity_type.to_string()))
        }
        ExprKind::BinaryApp { op: BinaryOp::Eq, arg1, arg2 } => {
            let named = [(arg1, arg2), (arg2, arg1)].into_iter().find_map(|(path, text)| {
                let path = context_path(path)?;
                let is_kind = path.len() == 2
                    && path.first().is_some_and(|p| p == "actor")
                    && path.last().is_some_and(|p| p == "kind");
                match text.expr_kind() {
                    ExprKind::Lit(Literal::String(kind)) if is_kind => Some(kind.as_str()),
                    _ => None,
                }
            });
            named.map_or_else(|| all.clone(), |kind| only(Some(kind)))
        }
        _ => all.clone(),
    }
}
