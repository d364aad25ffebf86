//! Conditions that stand in many policies, kept once.
//!
//! Rules of one kind differ in whom they are for and agree in what they ask. So a bundle keeps
//! each clause once, and each condition once with what it was compiled to. Equality is Cedar's
//! own, which looks at everything but the place in the text; each policy keeps its own places.

use crate::cedar::Reads;
use crate::cedar::compiled::Builder;
use crate::cedar::flips::Flips;
use crate::cedar::policy::{Conditions, conjuncts};
use crate::cedar::table::Table;
use crate::cedar::uid::key_of;
use crate::prelude::*;
use cedar_policy_core::ast::{Expr, ExprBuilder, ExprKind};
use cedar_policy_core::expr_builder::ExprBuilder as _;

/// A condition, and what is made of it.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) condition: Option<Arc<Expr>>,
    pub(super) code: Arc<Conditions>,
    pub(super) reads: Arc<Reads>,
}

/// All that were met so far.
#[derive(Default)]
pub(super) struct Sharer {
    pub(super) builder: Builder,
    clauses: Table<(u32, Arc<Expr>)>,
    /// By the numbers of their clauses.
    conditions: BTreeMap<Vec<u32>, Shared>,
}

impl Sharer {
    /// The condition that is equal to this one, compiled.
    pub(super) fn condition(&mut self, own: Option<&Expr>, reads: &Arc<Reads>) -> Shared {
        let (mut parts, mut rest) = (Vec::new(), own);
        while let Some(expr) = rest {
            let (part, before) = match expr.expr_kind() {
                ExprKind::And { left, right } => (right.as_ref(), Some(left.as_ref())),
                _ => (expr, None),
            };
            parts.push(self.clause(part));
            rest = before;
        }
        parts.reverse();
        let numbers: Vec<u32> = parts.iter().map(|(number, _)| *number).collect();
        if let Some(known) = self.conditions.get(&numbers) {
            return known.clone();
        }
        // The same tree as before: only what hangs on its left spine is shared.
        let join = |left, right| Arc::new(ExprBuilder::new().with_expr_kind(ExprKind::And { left, right }));
        let condition = parts.into_iter().map(|(_, part)| part).reduce(join);
        let shared = self.compile(condition, reads);
        self.conditions.insert(numbers, shared.clone());
        shared
    }

    fn clause(&mut self, own: &Expr) -> (u32, Arc<Expr>) {
        let number = u32::try_from(self.clauses.len()).unwrap_or(u32::MAX);
        let make = || (number, Arc::new(own.clone()));
        let found = self.clauses.find_or_make(key_of(own), |(_, known)| **known == *own, make);
        found.map_or_else(make, |known| known.clone())
    }

    fn compile(&mut self, condition: Option<Arc<Expr>>, reads: &Arc<Reads>) -> Shared {
        let mut clauses = Vec::new();
        if let Some(expr) = &condition {
            conjuncts(expr, &mut clauses);
        }
        let conjuncts = clauses.into_iter().map(|clause| self.builder.add(clause)).collect();
        let flips = Flips::of(condition.as_deref(), reads, &mut self.builder);
        let code = Arc::new(Conditions { conjuncts, flips });
        Shared { condition, code, reads: self.builder.reads(reads) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cedar::Policy;
    use cedar_policy_core::parser::parse_policyset;

    #[test]
    fn equal_conditions_become_one_and_every_policy_keeps_its_meaning() {
        let conditions = [
            "context.a == 1 && context.b && context.c",
            "context.a   == 1 && context.b && context.c",
            "context.a == 1 && (context.b && context.c)",
            "context.a == 1 && context.b && context.d",
            "true",
        ];
        let text: String =
            conditions.map(|c| format!("permit(principal, action, resource) when {{ {c} }};")).concat();
        let set = parse_policyset(&text).unwrap();
        let mut all: Vec<Policy> = set.policies().map(Policy::plain).collect();
        all.sort_by(|a, b| a.id.cmp(&b.id));
        let mut sharer = Sharer::default();
        for policy in &mut all {
            let before = policy.ast().unwrap().clone();
            policy.compile(&mut sharer);
            let after = policy.ast().unwrap();
            assert_eq!(after.condition(), before.condition());
            assert_eq!((after.id(), after.loc()), (before.id(), before.loc()));
        }
        let code = |at: usize| all[at].code.clone().unwrap();
        let tree = |at: usize| all[at].ast().unwrap().non_scope_constraints().unwrap();
        assert!(Arc::ptr_eq(&code(0), &code(1)) && core::ptr::eq(tree(0), tree(1)));
        for other in [2, 3, 4] {
            assert!(!Arc::ptr_eq(&code(0), &code(other)));
        }
        // Both are (a && b) && …: what is on the left of all is shared.
        let leftmost = |at: usize| match tree(at).expr_kind() {
            ExprKind::And { left, .. } => match left.expr_kind() {
                ExprKind::And { left, .. } => left.clone(),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        };
        assert!(Arc::ptr_eq(&leftmost(0), &leftmost(3)));
        assert_eq!(sharer.clauses.len(), 6);
    }
}
