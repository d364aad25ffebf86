//! The next instant at which a comparison with the time in a policy can flip.
//!
//! Comparisons that are linear in `context.now` are solved exactly; steps (`toDate`, `toTime`,
//! whole minutes …) are held to their next step; whatever else touches the time holds for one
//! millisecond only. So the answer is never too late.
//!
//! How a policy's comparisons depend on the time is worked out when it is compiled; a decision
//! only puts in the constants that depend on the request.

use crate::cedar::compiled::{Builder, Node};
use crate::cedar::eval::Case;
use crate::cedar::policy::Policy;
use crate::cedar::reads::{Reads, children, context_path};
use crate::prelude::*;
use crate::time::Instant;
use cedar_policy_core::ast::{BinaryOp, Expr, ExprKind};
use serde::{Deserialize, Serialize};

const DAY_MS: i64 = 86_400_000;

/// Every comparison with the time in a policy.
#[derive(Clone, Debug, Default)]
pub(super) struct Flips {
    pub(super) comparisons: Vec<(BinaryOp, Shape, Shape)>,
    /// The time is used in some other way.
    pub(super) restless: bool,
}

/// How an expression is made from the time and from what does not depend on it.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    Now,
    /// It does not depend on the time. The expression is for Cedar, where only Cedar knows its value.
    Fixed(Node, Option<Arc<Expr>>),
    Call(Function, Box<[Shape]>),
    Opaque,
}

/// A function that leads from one form to another.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) enum Function {
    Offset,
    DurationSince,
    ToMilliseconds,
    /// Whole units of so many milliseconds.
    Whole(i64),
    ToDate,
    ToTime,
}

/// How an expression depends on the time `t`, in milliseconds.
#[derive(Clone, Copy, Debug)]
enum Form {
    /// Not at all: this many milliseconds, if it is a time or a number.
    Constant(Option<i64>),
    /// `t + k`.
    Rising(i64),
    /// `k - t`.
    Falling(i64),
    /// Constant within each step of `step` ms of `t + k` (or of `k - t`).
    Steps { k: i64, step: i64 },
    /// The time of day of `t + k`.
    TimeOfDay(i64),
    /// In some other way.
    Opaque,
}

impl Flips {
    pub(super) fn of(condition: Option<&Expr>, reads: &Reads, builder: &mut Builder) -> Self {
        let mut flips = Self::default();
        if let Some(condition) = condition
            && reads.reads_context("now")
        {
            flips.visit(condition, builder);
        }
        flips
    }

    fn visit(&mut self, expr: &Expr, builder: &mut Builder) {
        match expr.expr_kind() {
            ExprKind::And { .. } | ExprKind::Or { .. } | ExprKind::If { .. } | ExprKind::UnaryApp { .. } => {
                children(expr).into_iter().for_each(|child| self.visit(child, builder));
            }
            _ if !mentions_now(expr) => {}
            ExprKind::BinaryApp { op, arg1, arg2 }
                if matches!(op, BinaryOp::Less | BinaryOp::LessEq | BinaryOp::Eq) =>
            {
                let (left, right) = (Shape::of(arg1, builder), Shape::of(arg2, builder));
                self.comparisons.push((*op, left, right));
            }
            _ => self.restless = true,
        }
    }
}

impl Shape {
    fn of(expr: &Expr, builder: &mut Builder) -> Self {
        if !mentions_now(expr) {
            return Self::Fixed(builder.add(expr), Some(Arc::new(expr.clone())));
        }
        if context_path(expr).is_some_and(|p| p.len() == 1 && p.first().is_some_and(|m| m == "now")) {
            return Self::Now;
        }
        let ExprKind::ExtensionFunctionApp { fn_name, args } = expr.expr_kind() else {
            return Self::Opaque;
        };
        let function = match fn_name.to_string().as_str() {
            "offset" => Function::Offset,
            "durationSince" => Function::DurationSince,
            "toMilliseconds" => Function::ToMilliseconds,
            "toSeconds" => Function::Whole(1_000),
            "toMinutes" => Function::Whole(60_000),
            "toHours" => Function::Whole(3_600_000),
            "toDays" => Function::Whole(DAY_MS),
            "toDate" => Function::ToDate,
            "toTime" => Function::ToTime,
            _ => return Self::Opaque,
        };
        Self::Call(function, args.iter().map(|arg| Self::of(arg, builder)).collect())
    }

    fn form(&self, case: &Case<'_>, policy: &Policy) -> Form {
        match self {
            Self::Now => Form::Rising(0),
            Self::Fixed(node, expr) => Form::Constant(case.number(*node, expr.as_deref(), policy)),
            Self::Opaque => Form::Opaque,
            Self::Call(function, args) => {
                let mut forms = args.iter().map(|arg| arg.form(case, policy));
                let (first, second) = (forms.next(), forms.next());
                first.and_then(|first| function.of(first, second)).unwrap_or(Form::Opaque)
            }
        }
    }
}

impl Function {
    fn of(self, first: Form, second: Option<Form>) -> Option<Form> {
        match (self, first, second) {
            (Self::Offset, Form::Rising(k), Some(Form::Constant(Some(d)))) => {
                k.checked_add(d).map(Form::Rising)
            }
            (Self::DurationSince, Form::Rising(k), Some(Form::Constant(Some(c)))) => {
                k.checked_sub(c).map(Form::Rising)
            }
            (Self::DurationSince, Form::Constant(Some(c)), Some(Form::Rising(k))) => {
                c.checked_sub(k).map(Form::Falling)
            }
            (Self::ToMilliseconds, form @ (Form::Rising(_) | Form::Falling(_)), None) => Some(form),
            (Self::Whole(step), Form::Rising(k), None) => Some(Form::Steps { k, step }),
            // `k - t` crosses a multiple of the step when `t - k` does.
            (Self::Whole(step), Form::Falling(k), None) => k.checked_neg().map(|k| Form::Steps { k, step }),
            (Self::ToDate, Form::Rising(k), None) => Some(Form::Steps { k, step: DAY_MS }),
            (Self::ToTime, Form::Rising(k), None) => Some(Form::TimeOfDay(k)),
            _ => None,
        }
    }
}

impl Case<'_> {
    /// The first instant after `now` at which the policy's outcome could change by time alone.
    pub(crate) fn next_flip(&self, policy: &Policy, now: Instant) -> Option<Instant> {
        let flips = &policy.code.as_ref()?.flips;
        let mut next = None;
        if flips.restless {
            earliest(&mut next, now.ms(), now.ms().saturating_add(1));
        }
        for (op, left, right) in &flips.comparisons {
            let (left, right) = (left.form(self, policy), right.form(self, policy));
            flip(*op, left, right, now.ms(), &mut next);
        }
        Instant::from_ms(next?).ok()
    }
}

fn mentions_now(expr: &Expr) -> bool {
    match context_path(expr) {
        Some(path) => path.first().is_none_or(|m| m == "now"),
        None => children(expr).into_iter().any(mentions_now),
    }
}

fn earliest(next: &mut Option<i64>, now: i64, candidate: i64) {
    if candidate > now {
        *next = Some(next.map_or(candidate, |n| n.min(candidate)));
    }
}

fn flip(op: BinaryOp, left: Form, right: Form, now: i64, next: &mut Option<i64>) {
    // Where the rising side meets the constant, the truth of `<` changes at that instant or
    // the one after, by operator and side.
    let (meets, falls_at_meeting) = match (left, right) {
        (Form::Constant(_), Form::Constant(_))
        | (Form::Rising(_), Form::Rising(_))
        | (Form::Falling(_), Form::Falling(_)) => return,
        (
            Form::Constant(None),
            Form::Rising(_) | Form::Falling(_) | Form::Steps { .. } | Form::TimeOfDay(_),
        )
        | (
            Form::Rising(_) | Form::Falling(_) | Form::Steps { .. } | Form::TimeOfDay(_),
            Form::Constant(None),
        ) => return,
        (Form::Rising(k), Form::Constant(Some(c))) => (c.checked_sub(k), op == BinaryOp::Less),
        (Form::Constant(Some(c)), Form::Rising(k)) => (c.checked_sub(k), op == BinaryOp::LessEq),
        (Form::Falling(k), Form::Constant(Some(c))) => (k.checked_sub(c), op == BinaryOp::LessEq),
        (Form::Constant(Some(c)), Form::Falling(k)) => (k.checked_sub(c), op == BinaryOp::Less),
        (Form::TimeOfDay(k), Form::Constant(Some(c))) | (Form::Constant(Some(c)), Form::TimeOfDay(k)) => {
            let midnight = next_step(now, k, DAY_MS);
            earliest(next, now, midnight);
            for at in [c, c.saturating_add(1)] {
                if (0..DAY_MS).contains(&at) {
                    for day in [midnight.saturating_sub(DAY_MS), midnight] {
                        earliest(next, now, day.saturating_add(at));
                    }
                }
            }
            return;
        }
        (Form::Steps { k, step }, Form::Constant(_)) | (Form::Constant(_), Form::Steps { k, step }) => {
            let at = next_step(now, k, step);
            earliest(next, now, at);
            // Truncation towards zero moves the steps of negative values by one.
            let shifted = next_step(now, k.saturating_sub(1), step);
            earliest(next, now, shifted);
            return;
        }
        _ => return earliest(next, now, now.saturating_add(1)),
    };
    let Some(meets) = meets else { return };
    if op == BinaryOp::Eq || falls_at_meeting {
        earliest(next, now, meets);
    }
    if op == BinaryOp::Eq || !falls_at_meeting {
        earliest(next, now, meets.saturating_add(1));
    }
}

/// The first `t > now` at which `t + k` is a multiple of `step`.
fn next_step(now: i64, k: i64, step: i64) -> i64 {
    let at = now.saturating_add(k);
    let into = at.checked_rem_euclid(step).unwrap_or(0);
    now.saturating_add(step.saturating_sub(into))
}
