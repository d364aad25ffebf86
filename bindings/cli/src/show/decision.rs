//! A decision, and how it came about.

use crate::screen::{Ink, Pen, Screen};
use crate::show::excerpt::excerpt;
use crate::show::{timeline, words};
use glasskey::model::{Candidates, Considered, FailedAt, Missing, Validity};
use glasskey::{Answer, Bundle, Decision, Explanation, Instant, Request};

/// A decision: what, until when, why, and what would change it.
pub(crate) fn decision(
    bundle: &Bundle,
    request: &Request,
    explained: &Explanation,
    now: Instant,
    screen: &Screen,
) -> String {
    let (d, pen) = (&explained.decision, screen.pen());
    let mut out = headline(bundle, request, d, pen);
    out.push('\n');
    for (name, text) in facts_of(d, now, pen) {
        out.push_str(&row(name, &text, pen));
    }
    let valid = timeline::validity(d.valid_until, d.valid_by);
    let drawn = limits_drawn(d, valid, &explained.limits, now, screen);
    if !drawn.is_empty() {
        out.push('\n');
        out.push_str(&drawn);
    }
    out.push('\n');
    let mut ids =
        format!("  {}\n  bundle {}\n", d.evaluation_id.as_deref().unwrap_or("not recorded"), d.bundle);
    if let Some(evidence) = d.evidence {
        ids.push_str(&format!("  evidence {evidence}\n"));
    }
    out.push_str(&pen.write(Ink::Dim, &ids));
    out
}

fn limits_drawn(
    d: &Decision,
    valid: Option<Validity>,
    limits: &[Validity],
    now: Instant,
    screen: &Screen,
) -> String {
    if d.decision == Answer::Deny {
        return String::new();
    }
    let start = if d.decision == Answer::Permit { "now" } else { "if it began now" };
    timeline::timeline(valid, limits, now, start, screen)
}

fn headline(bundle: &Bundle, request: &Request, d: &Decision, pen: Pen) -> String {
    let (word, ink) = match d.decision {
        Answer::Permit => ("PERMIT", Ink::Green),
        Answer::Pending => ("PENDING", Ink::Yellow),
        Answer::Deny => ("DENY", Ink::Red),
    };
    let scope: Vec<String> = request.scope.iter().map(words::pair).collect();
    let who = pen.write(Ink::Bold, &words::short(&request.principal));
    let mut out = format!("{}  {who}: {}\n", pen.write(ink, word), scope.join("; "));
    if let Some(rule) = &d.rule {
        let title = bundle.rule(rule).and_then(|r| r.title()).map(|t| format!(", {t}")).unwrap_or_default();
        let gap = " ".repeat(word.len());
        out.push_str(&format!("{gap}  under {}{title}\n", pen.write(Ink::Cyan, rule)));
    }
    out
}

/// The rows below the headline.
fn facts_of(d: &Decision, now: Instant, pen: Pen) -> Vec<(&'static str, String)> {
    let mut rows = vec![("now", words::instant(now))];
    let until = |at, by| {
        let by: glasskey::model::Limit = by;
        format!("{}  {} ({})", timeline::time(at, now, pen), words::wire(&by), words::limit(by))
    };
    if let Some((at, by)) = d.ends_at.zip(d.ends_by) {
        rows.push(("ends", until(at, by)));
    }
    if let Some((at, by)) = d.valid_until.zip(d.valid_by) {
        rows.push((if d.decision == Answer::Permit { "ask again" } else { "holds" }, until(at, by)));
    }
    if !d.obligations.is_empty() {
        let duties: Vec<String> = d.obligations.iter().map(|o| o.text()).collect();
        rows.push(("must", duties.join(", ")));
    }
    for seat in &d.seats {
        rows.push(("seat", format!("{} is filled by {}", seat.seat, words::short(&seat.by))));
    }
    for reason in &d.reasons {
        rows.push((
            "why",
            format!("{}  {}", pen.write(Ink::Cyan, reason.code.as_str()), words::reason(reason)),
        ));
        if let Some(advice) = &reason.advice {
            rows.push(("advice", advice.clone()));
        }
    }
    for item in &d.missing {
        rows.push((if d.decision == Answer::Pending { "needs" } else { "helps" }, missing(item, now)));
    }
    if let Some(next) = words::next_action(d.next_action) {
        rows.push(("next", next.to_owned()));
    }
    if let (Answer::Pending, Some(ask)) = (d.decision, d.ask) {
        rows.push(("ask", format!("{ask}\napprovals must name this digest")));
    }
    for warning in &d.warnings {
        let code = pen.write(Ink::Yellow, warning.code.as_str());
        rows.push(("warning", format!("{code}  {}", words::reason(warning))));
    }
    rows
}

fn row(name: &str, text: &str, pen: Pen) -> String {
    let mut out = String::new();
    for (i, line) in text.lines().enumerate() {
        let name = if i == 0 { name } else { "" };
        out.push_str(&format!("  {}  {line}\n", pen.write(Ink::Dim, &format!("{name:<9}"))));
    }
    out
}

/// One thing that would bring the answer nearer to a permit.
fn missing(item: &Missing, now: Instant) -> String {
    match item {
        Missing::Seat { seat, or, .. } => {
            let mut text = seat_of(seat);
            for other in or {
                text.push_str(&format!("; or {}", seat_of(other)));
            }
            text
        }
        Missing::Fact { rule, fact, max_age } => {
            let age = max_age.map(|a| format!(", at most {a} old")).unwrap_or_default();
            let whose = rule.as_ref().map(|r| format!(" (for {r})")).unwrap_or_default();
            format!("bring {fact} up to date{age}{whose}")
        }
        Missing::Support { kind, resource } => {
            format!("name {} {kind} that covers {}", words::article(*kind), words::short(resource))
        }
        Missing::Drop { pair } => format!("drop {} from the scope", words::pair(pair)),
        Missing::Wait { until } => {
            format!("wait until {}, {}", words::instant_on(*until, now), words::away(*until, now))
        }
    }
}

fn seat_of(seat: &Candidates) -> String {
    let more = if seat.more { " and others" } else { "" };
    match seat.candidates.as_slice() {
        [] => format!("seat {}: nobody can fill it", seat.seat),
        people => format!("seat {}: {}{more} can approve", seat.seat, words::list(people)),
    }
}

/// A decision, then every rule that was considered and where it stopped.
pub(crate) fn explanation(
    bundle: &Bundle,
    request: &Request,
    explained: &Explanation,
    now: Instant,
    screen: &Screen,
) -> String {
    let pen = screen.pen();
    let mut out = decision(bundle, request, explained, now, screen);
    if explained.considered.is_empty() {
        out.push_str("\nno rule was considered\n");
        return out;
    }
    out.push_str(&format!("\n{}\n", pen.write(Ink::Bold, "rules considered, in the order they are tried")));
    let width = explained.considered.iter().map(|c| c.rule.chars().count()).max().unwrap_or(0);
    for one in &explained.considered {
        out.push_str(&considered(one, width, pen));
    }
    out
}

fn considered(one: &Considered, width: usize, pen: Pen) -> String {
    let (mark, ink) = match one.outcome {
        FailedAt::Open => ("✓", Ink::Green),
        FailedAt::NotNeeded => ("·", Ink::Dim),
        _ => ("✗", Ink::Red),
    };
    let mut said = words::failed_at(one.outcome).to_owned();
    if !one.because.is_empty() {
        said.push_str(&format!(": {}", one.because.join(", ")));
    }
    if let Some(pair) = &one.pair {
        said.push_str(&format!(" ({})", words::pair(pair)));
    }
    if let Some(at) = &one.failed {
        said.push_str(&pen.write(Ink::Dim, &format!("  {}:{}:{}", at.file, at.line, at.column)));
    }
    let rule = pen.write(Ink::Cyan, &format!("{:<width$}", one.rule));
    let mut out = format!("  {} {rule}  {said}\n", pen.write(ink, mark));
    // A scope is no excerpt: it is the whole policy.
    if let (Some(at), FailedAt::Condition | FailedAt::Error) = (&one.failed, one.outcome) {
        out.push_str(&excerpt(at, 6, pen));
    }
    out
}
