//! The next instant at which a comparison with the time in a policy can flip.
//!
//! Comparisons that are linear in `context.now` are solved exactly; steps (`toDate`, `toTime`,
//! whole minutes …) are held to their next step; whatever else touches the time holds for one
//! millisecond only. So the answer is never too late.

use crate::cedar::eval::Case;
use crate::cedar::policy::Policy;
use crate::cedar::reads::{children, context_path};
use crate::cedar::value::{as_long, datetime_ms, duration_ms};
use crate::prelude::*;
use crate::time::Instant;
use cedar_policy_core::ast::{BinaryOp, Expr, ExprKind, SlotEnv};

const DAY_MS: i64 = 86_400_000;

/// How an expression depends on the time `t`, in milliseconds.
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

impl Case<'_> {
    /// The first instant after `now` at which the policy's outcome could change by time alone.
    pub(crate) fn next_flip(&self, policy: &Policy, now: Instant) -> Option<Instant> {
        if !policy.reads.reads_context("now") {
            return None;
        }
        let condition = policy.ast.non_scope_constraints()?;
        let mut next = None;
        self.visit(condition, policy.ast.env(), now.ms(), &mut next);
        Instant::from_ms(next?).ok()
    }

    fn visit(&self, expr: &Expr, env: &SlotEnv, now: i64, next: &mut Option<i64>) {
        if !mentions_now(expr) {
            return;
        }
        match expr.expr_kind() {
            ExprKind::BinaryApp { op, arg1, arg2 }
                if matches!(op, BinaryOp::Less | BinaryOp::LessEq | BinaryOp::Eq) =>
            {
                let (left, right) = (self.form(arg1, env), self.form(arg2, env));
                flips(*op, &left, &right, now, next);
            }
            ExprKind::And { .. } | ExprKind::Or { .. } | ExprKind::If { .. } | ExprKind::UnaryApp { .. } => {
                children(expr).into_iter().for_each(|child| self.visit(child, env, now, next));
            }
            _ => earliest(next, now, now.saturating_add(1)),
        }
    }

    fn form(&self, expr: &Expr, env: &SlotEnv) -> Form {
        if !mentions_now(expr) {
            let value = self.value(expr, env);
            let ms = value.and_then(|v| as_long(&v).or_else(|| datetime_ms(&v)).or_else(|| duration_ms(&v)));
            return Form::Constant(ms);
        }
        if context_path(expr).is_some_and(|p| p.len() == 1 && p.first().is_some_and(|m| m == "now")) {
            return Form::Rising(0);
        }
        let ExprKind::ExtensionFunctionApp { fn_name, args } = expr.expr_kind() else {
            return Form::Opaque;
        };
        let function = fn_name.to_string();
        let mut forms = args.iter().map(|a| self.form(a, env));
        let (Some(first), second) = (forms.next(), forms.next()) else { return Form::Opaque };
        let form = match (function.as_str(), first, second) {
            ("offset", Form::Rising(k), Some(Form::Constant(Some(d)))) => k.checked_add(d).map(Form::Rising),
            ("durationSince", Form::Rising(k), Some(Form::Constant(Some(c)))) => {
                k.checked_sub(c).map(Form::Rising)
            }
            ("durationSince", Form::Constant(Some(c)), Some(Form::Rising(k))) => {
                c.checked_sub(k).map(Form::Falling)
            }
            ("toMilliseconds", form @ (Form::Rising(_) | Form::Falling(_)), None) => Some(form),
            ("toSeconds", f, None) => steps(&f, 1_000),
            ("toMinutes", f, None) => steps(&f, 60_000),
            ("toHours", f, None) => steps(&f, 3_600_000),
            ("toDays", f, None) => steps(&f, DAY_MS),
            ("toDate", Form::Rising(k), None) => Some(Form::Steps { k, step: DAY_MS }),
            ("toTime", Form::Rising(k), None) => Some(Form::TimeOfDay(k)),
            _ => None,
        };
        form.unwrap_or(Form::Opaque)
    }
}

fn steps(form: &Form, step: i64) -> Option<Form> {
    match form {
        Form::Rising(k) => Some(Form::Steps { k: *k, step }),
        // `k - t` crosses a multiple of the step when `t - k` does.
        Form::Falling(k) => k.checked_neg().map(|k| Form::Steps { k, step }),
        _ => None,
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

fn flips(op: BinaryOp, left: &Form, right: &Form, now: i64, next: &mut Option<i64>) {
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
        (Form::Rising(k), Form::Constant(Some(c))) => (c.checked_sub(*k), op == BinaryOp::Less),
        (Form::Constant(Some(c)), Form::Rising(k)) => (c.checked_sub(*k), op == BinaryOp::LessEq),
        (Form::Falling(k), Form::Constant(Some(c))) => (k.checked_sub(*c), op == BinaryOp::LessEq),
        (Form::Constant(Some(c)), Form::Falling(k)) => (k.checked_sub(*c), op == BinaryOp::Less),
        (Form::TimeOfDay(k), Form::Constant(Some(c))) | (Form::Constant(Some(c)), Form::TimeOfDay(k)) => {
            let midnight = next_step(now, *k, DAY_MS);
            earliest(next, now, midnight);
            for at in [*c, c.saturating_add(1)] {
                if (0..DAY_MS).contains(&at) {
                    for day in [midnight.saturating_sub(DAY_MS), midnight] {
                        earliest(next, now, day.saturating_add(at));
                    }
                }
            }
            return;
        }
        (Form::Steps { k, step }, Form::Constant(_)) | (Form::Constant(_), Form::Steps { k, step }) => {
            let at = next_step(now, *k, *step);
            earliest(next, now, at);
            // Truncation towards zero moves the steps of negative values by one.
            let shifted = next_step(now, k.saturating_sub(1), *step);
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
