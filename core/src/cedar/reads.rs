//! What a policy reads, known from its syntax tree.
//!
//! The tree decides, not the evaluation: `context has shift && …` reads the shift whether or
//! not there is one, so leaving a fact out cannot disarm a guardrail.

use crate::cedar::{Policy, Uid};
use crate::prelude::*;
use cedar_policy_core::ast::{BinaryOp, Expr, ExprKind, Literal, Var};
use smol_str::SmolStr;

/// The facts and entities that a policy's text mentions.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Reads {
    /// Members of the context, such as `incident`, `history`, `now`.
    pub(crate) context: BTreeSet<String>,
    /// Signals by name.
    pub(crate) signals: BTreeSet<String>,
    /// It reads the context, or the signals, as a whole.
    pub(crate) whole_context: bool,
    pub(crate) all_signals: bool,
    /// Attributes of entities by name.
    pub(crate) attributes: BTreeSet<String>,
    /// It reads tags.
    pub(crate) tags: bool,
    /// The longest chain from entity to entity.
    pub(crate) hops: usize,
    /// Entities named in the text whose attributes or ancestors are asked for.
    pub(crate) entities: BTreeSet<Uid>,
    /// The members of the context that decisions ask for often, looked up once.
    pub(crate) history: bool,
    pub(crate) offer: bool,
}

/// Policies of a bundle that read alike share what they read, so most are seen once.
fn distinct<'p>(policies: impl Iterator<Item = &'p Policy>, mut see: impl FnMut(&Reads)) {
    let mut seen: Vec<&Arc<Reads>> = Vec::new();
    for policy in policies {
        if !seen.iter().any(|known| Arc::ptr_eq(known, &policy.reads)) {
            see(&policy.reads);
            seen.push(&policy.reads);
        }
    }
}

fn add<T: Ord + Clone>(to: &mut BTreeSet<T>, from: &BTreeSet<T>) {
    for one in from {
        if !to.contains(one) {
            to.insert(one.clone());
        }
    }
}

impl Reads {
    pub(super) fn of(condition: Option<&Expr>) -> Self {
        let mut reads = Self::default();
        if let Some(expr) = condition {
            reads.visit(expr);
        }
        reads.note_often();
        reads
    }

    /// Looks up once what decisions ask for often.
    pub(super) fn note_often(&mut self) {
        self.history = self.reads_context("history");
        self.offer = self.reads_context("offer");
    }

    pub(crate) fn reads_context(&self, member: &str) -> bool {
        self.whole_context || self.context.contains(member)
    }

    /// All that these policies read.
    pub(crate) fn joined<'p>(policies: impl Iterator<Item = &'p Policy>) -> Self {
        let mut out = Self::default();
        distinct(policies, |reads| out.join(reads));
        out
    }

    /// All that these policies read of facts that are neither entities nor supports.
    pub(crate) fn joined_facts<'p>(policies: impl Iterator<Item = &'p Policy>) -> Self {
        let mut out = Self::default();
        distinct(policies, |reads| out.join_facts(reads));
        out
    }

    fn join(&mut self, other: &Self) {
        self.join_facts(other);
        add(&mut self.context, &other.context);
        add(&mut self.attributes, &other.attributes);
        self.tags |= other.tags;
        self.hops = self.hops.max(other.hops);
        add(&mut self.entities, &other.entities);
    }

    fn join_facts(&mut self, other: &Self) {
        self.whole_context |= other.whole_context;
        self.all_signals |= other.all_signals;
        self.history |= other.history;
        add(&mut self.signals, &other.signals);
    }

    fn visit(&mut self, expr: &Expr) {
        if let Some(path) = context_path(expr) {
            self.note_context(&path);
            return;
        }
        match expr.expr_kind() {
            ExprKind::GetAttr { expr: base, attr } | ExprKind::HasAttr { expr: base, attr } => {
                self.note_attributes(base, core::slice::from_ref(attr));
            }
            ExprKind::ExtHasAttr { expr: base, attrs } => {
                let attrs: Vec<SmolStr> = attrs.iter().cloned().collect();
                self.note_attributes(base, &attrs);
            }
            ExprKind::BinaryApp { op, arg1, arg2 } => {
                if matches!(op, BinaryOp::GetTag | BinaryOp::HasTag) {
                    self.tags = true;
                    self.hops = self.hops.max(chain(arg1).saturating_add(1));
                }
                if matches!(op, BinaryOp::GetTag | BinaryOp::HasTag | BinaryOp::In) {
                    self.note_entities(arg1);
                    self.hops = self.hops.max(chain(arg1));
                }
                self.visit(arg1);
                self.visit(arg2);
            }
            _ => children(expr).into_iter().for_each(|child| self.visit(child)),
        }
    }

    fn note_context(&mut self, path: &[SmolStr]) {
        match path {
            [] => self.whole_context = true,
            [first, rest @ ..] => {
                self.context.insert(first.to_string());
                if first == "signals" {
                    match rest.first() {
                        Some(name) => {
                            self.signals.insert(name.to_string());
                        }
                        None => self.all_signals = true,
                    }
                }
                // `context.actor.operator.…`, `context.host.….…` go on to entities.
                self.attributes.extend(rest.iter().map(ToString::to_string));
                self.hops = self.hops.max(rest.len());
            }
        }
    }

    fn note_attributes(&mut self, base: &Expr, attrs: &[SmolStr]) {
        self.attributes.extend(attrs.iter().map(ToString::to_string));
        self.hops = self.hops.max(chain(base).saturating_add(attrs.len()));
        self.note_entities(base);
        self.visit(base);
    }

    /// Entities in the text that are looked into, wherever in `base` they stand.
    fn note_entities(&mut self, base: &Expr) {
        if let ExprKind::Lit(Literal::EntityUID(uid)) = base.expr_kind() {
            self.entities.insert(Uid::from(uid.as_ref().clone()));
        } else if context_path(base).is_none() {
            children(base).into_iter().for_each(|child| self.note_entities(child));
        }
    }
}

/// How many attribute steps lead to `expr`, at most.
fn chain(expr: &Expr) -> usize {
    let below = children(expr).into_iter().map(chain).max().unwrap_or(0);
    match expr.expr_kind() {
        ExprKind::GetAttr { .. } => below.saturating_add(1),
        ExprKind::BinaryApp { op: BinaryOp::GetTag, .. } => below.saturating_add(1),
        _ => below,
    }
}

/// The path below `context`, if `expr` is `context`, `context.a`, `context has a`, …
pub(super) fn context_path(expr: &Expr) -> Option<Vec<SmolStr>> {
    match expr.expr_kind() {
        ExprKind::Var(Var::Context) => Some(Vec::new()),
        ExprKind::GetAttr { expr, attr } | ExprKind::HasAttr { expr, attr } => {
            let mut path = context_path(expr)?;
            path.push(attr.clone());
            Some(path)
        }
        ExprKind::ExtHasAttr { expr, attrs } => {
            let mut path = context_path(expr)?;
            path.extend(attrs.iter().cloned());
            Some(path)
        }
        _ => None,
    }
}

/// The direct parts of an expression.
pub(super) fn children(expr: &Expr) -> Vec<&Expr> {
    match expr.expr_kind() {
        ExprKind::Lit(_) | ExprKind::Var(_) | ExprKind::Slot(_) | ExprKind::Unknown(_) => Vec::new(),
        ExprKind::If { test_expr, then_expr, else_expr } => vec![test_expr, then_expr, else_expr],
        ExprKind::And { left, right } | ExprKind::Or { left, right } => vec![left, right],
        ExprKind::UnaryApp { arg, .. } => vec![arg],
        ExprKind::BinaryApp { arg1, arg2, .. } => vec![arg1, arg2],
        ExprKind::ExtensionFunctionApp { args, .. } => args.iter().collect(),
        ExprKind::GetAttr { expr, .. }
        | ExprKind::HasAttr { expr, .. }
        | ExprKind::ExtHasAttr { expr, .. }
        | ExprKind::Like { expr, .. }
        | ExprKind::Is { expr, .. } => vec![expr],
        ExprKind::Set(all) => all.iter().collect(),
        ExprKind::Record(members) => members.values().collect(),
    }
}
