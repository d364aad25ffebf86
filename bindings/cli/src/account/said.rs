//! What happened, in words.

use crate::account::Names;
use crate::show::{instant_on, limit, pair, reason, short};
use glasskey::ledger::Timeline;
use glasskey::ledger::timeline::{
    GrantLine, Happened, IncidentSeen, Mark, PointLine, RequestLine, Standstill,
};
use glasskey::lifecycle::{Cause, RequestPhase};
use glasskey::{Instant, Span, Uid};

/// Control characters would let a purpose draw on the reader's terminal.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A person or a machine by the short form of its name.
pub(super) fn who(text: &str) -> String {
    Uid::parse(text).map_or_else(|_| plain(text), |uid| plain(&short(&uid)))
}

fn sentence(text: &str) -> String {
    let text = text.trim().trim_end_matches('.');
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
}

pub(super) fn cause(cause: Cause) -> String {
    sentence(cause.describe())
}

pub(super) fn scope(pairs: &[glasskey::model::Pair]) -> String {
    let pairs: Vec<String> = pairs.iter().map(pair).collect();
    plain(&pairs.join("; "))
}

/// `10:05:00Z`, with its date where that is another one than the account's first.
pub(super) fn when(at: Instant, timeline: &Timeline) -> String {
    instant_on(at, timeline.since.unwrap_or(at))
}

pub(super) fn phase(phase: RequestPhase) -> String {
    phase.as_str().replace('_', " ")
}

pub(super) fn seen(seen: &IncidentSeen) -> String {
    let mut parts = Vec::new();
    if let Some(status) = seen.status {
        parts.push(crate::show::wire(&status));
    }
    if let Some(severity) = seen.severity {
        parts.push(format!("severity {severity}"));
    }
    if let Some(epoch) = seen.epoch.filter(|e| *e > 1) {
        parts.push(format!("epoch {epoch}"));
    }
    parts.join(", ")
}

/// One mark, without its time and without who did it.
pub(super) fn mark(mark: &Mark, names: &Names, timeline: &Timeline) -> String {
    let at = |t: Instant| when(t, timeline);
    let text = match &mark.what {
        Happened::Asked { phase: to } => format!("asked; {}", phase(*to)),
        Happened::Approved { counted, seat, max_ttl } => {
            let seat = seat.as_ref().map(|s| format!(" for seat {s}")).unwrap_or_default();
            let cap = max_ttl.map(|t| format!(", for {t} at most")).unwrap_or_default();
            let counts = if *counted { "" } else { ", which does not count" };
            format!("approved{seat}{cap}{counts}")
        }
        Happened::Moved { phase: to, cause: why, detail } => {
            let why = why.map(|c| format!(": {}", cause(c))).unwrap_or_default();
            let detail = detail.as_ref().map(|d| format!(": {d}")).unwrap_or_default();
            format!("request {}{why}{detail}", phase(*to))
        }
        Happened::Activated { ends_at, ends_by } => {
            format!("began, to end at {} ({})", at(*ends_at), limit(*ends_by))
        }
        Happened::Issued { points } => format!("in force at {}", points.join(", ")),
        Happened::IssueRejected { points, detail } => {
            format!("what was issued at {} was not accepted: {detail}", points.join(", "))
        }
        Happened::Used { pair: p, permitted } => {
            format!("{} {}", if *permitted { "used:" } else { "use refused:" }, pair(p))
        }
        Happened::ExtensionAsked { ordinal, ends_at, phase: to } => {
            format!("extension {ordinal} asked for, until {}; {}", at(*ends_at), phase(*to))
        }
        Happened::ExtensionMoved { phase: RequestPhase::Consumed } => "extended".to_owned(),
        Happened::ExtensionMoved { phase: to } => format!("extension {}", phase(*to)),
        Happened::Shortened { ends_at, ends_by } => {
            format!("ends sooner, at {} ({})", at(*ends_at), limit(*ends_by))
        }
        Happened::Frozen => "frozen: a fact that it needs is unknown".to_owned(),
        Happened::Thawed => "in force again".to_owned(),
        Happened::Ended { cause: why } => format!("ENDED: {}", cause(*why)),
        Happened::AlsoEnded { cause: why } => format!("would have ended as well: {}", cause(*why)),
        Happened::Retained { point, by_grant } => format!("{point} goes on under {}", names.name(by_grant)),
        Happened::TookOver { point, from_grant } => {
            format!("answers for {point} from here on, after {}", names.name(from_grant))
        }
        Happened::Late { point } => format!("{point} has not confirmed the end in time"),
        Happened::Confirmed { point } => format!("{point} confirmed the end"),
        Happened::Closed => "end confirmed everywhere".to_owned(),
        Happened::Flagged { flag } => format!("flagged {}: {}", flag.as_str(), sentence(flag.describe())),
        Happened::Told { how, detail } => format!("{how}: {}", detail.replace('_', " ")),
        Happened::SkippedApproversTold { seats } => {
            format!("told those who were not asked: {}", seats.join(", "))
        }
        Happened::ReviewOpened { due_by } => format!("review due by {}", at(*due_by)),
        Happened::Reviewed { verdict, classification, notes } => {
            let notes = if notes.is_empty() { String::new() } else { format!(": {notes}") };
            format!("reviewed: {}, {}{notes}", crate::show::wire(verdict), crate::show::wire(classification))
        }
        Happened::Reconciled => "accounted for what was done offline".to_owned(),
    };
    let why: Vec<String> = mark.reasons.iter().map(|r| format!("; {}", reason(r))).collect();
    plain(&format!("{text}{}", why.concat()))
}

/// The entries of the ledger that say so.
pub(super) fn entries(mark: &Mark) -> String {
    let entries: Vec<String> =
        [mark.entry, mark.decision_entry].into_iter().flatten().map(|n| n.to_string()).collect();
    entries.join(", ")
}

/// What was left behind at a point, if anything.
pub(super) fn left(point: &PointLine) -> String {
    match (point.residual, point.is_confirmed()) {
        (None, _) => String::new(),
        (Some(Span::ZERO), true) => "nothing".to_owned(),
        (Some(span), true) => format!("for {span}"),
        (Some(span), false) => format!("for {span}, and still"),
    }
}

/// Every point of the account at which privilege outlived its grant.
pub(super) fn outlived(timeline: &Timeline) -> Vec<(&GrantLine, &PointLine)> {
    let all = timeline.grants.iter().flat_map(|g| g.points.iter().map(move |p| (g, p)));
    all.filter(|(_, p)| p.residual.is_some_and(|r| r > Span::ZERO)).collect()
}

/// Whether the end was not confirmed by the time it had to be; what is still open is late as soon
/// as the account is told after that time.
fn is_late(point: &PointLine, timeline: &Timeline) -> bool {
    let until = point.confirmed_at.or(timeline.as_of);
    point.late || !point.is_confirmed() || point.confirm_by.zip(until).is_some_and(|(by, until)| by < until)
}

/// How many points have not confirmed the end of a grant that is over.
pub(super) fn still_left(timeline: &Timeline) -> usize {
    timeline.residual.iter().filter(|r| r.state == Standstill::Residual).count()
}

/// The requests of which no grant came.
pub(super) fn without_grant(timeline: &Timeline) -> impl Iterator<Item = &RequestLine> {
    timeline.requests.iter().filter(|r| r.grant.is_none())
}

/// What came of everything, in a few lines.
pub(super) fn summary(timeline: &Timeline, names: &Names) -> Vec<String> {
    let t = timeline;
    let count = |n: usize, one: &str| if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") };
    let uses: u32 = t.grants.iter().map(|g| g.uses).sum();
    let refused: u32 = t.grants.iter().map(|g| g.refused_uses).sum();
    let mut out = vec![format!("{}, {}", count(t.requests.len(), "request"), count(t.grants.len(), "grant"))];
    out.push(format!("{}, {} refused", count(uses as usize, "use"), refused));
    let (late, in_time): (Vec<_>, Vec<_>) =
        outlived(timeline).into_iter().partition(|(_, p)| is_late(p, timeline));
    if let Some(longest) = in_time.iter().filter_map(|(_, p)| p.residual).max() {
        out.push(format!("ends were confirmed within {longest}, where they were confirmed in time"));
    } else if late.is_empty() {
        out.push("no privilege outlived its grant".to_owned());
    }
    for (grant, point) in late {
        out.push(format!(
            "{} left privilege behind at {} {}",
            names.name(&grant.id),
            plain(&point.point),
            left(point)
        ));
    }
    out.push(match still_left(timeline) {
        0 => "nothing is left behind now".to_owned(),
        n => format!("STILL LEFT BEHIND at {}", count(n, "enforcement point")),
    });
    out
}

/// When a grant was over and why; or until when it runs.
pub(super) fn over(grant: &GrantLine, timeline: &Timeline) -> (String, String) {
    match (grant.over_at, grant.cause) {
        (Some(at), Some(why)) => {
            let unrecorded =
                if grant.unrecorded_end { " (its limits say so; nobody recorded it)" } else { "" };
            (when(at, timeline), format!("{}{unrecorded}", cause(why)))
        }
        _ => (format!("runs until {}", when(grant.ends_at, timeline)), limit(grant.ends_by).to_owned()),
    }
}

pub(super) fn confirmed(grant: &GrantLine, timeline: &Timeline) -> String {
    match (grant.confirmed_at, grant.over_at) {
        (Some(at), _) => when(at, timeline),
        (None, Some(_)) => "NOT CONFIRMED".to_owned(),
        (None, None) => String::new(),
    }
}

pub(super) fn approvers(grant: &GrantLine) -> String {
    let names: Vec<String> = grant.approvers.iter().map(|u| plain(&short(u))).collect();
    names.join(", ")
}

/// The facts of a request in pairs of name and text.
pub(super) fn about(request: &RequestLine) -> Vec<(&'static str, String)> {
    let mut out = vec![("purpose", plain(&request.purpose))];
    let supports: Vec<String> = request.supports.iter().map(|s| plain(&s.to_string())).collect();
    out.push(("stands on", supports.join(", ")));
    if let Some(by) = &request.requested_by {
        out.push(("asked by", plain(&short(by))));
    }
    let via: Vec<String> = request.via.iter().map(|u| plain(&short(u))).collect();
    out.push(("acts for", via.join(", ")));
    out.push(("asked for", request.ttl.map(|t| t.to_string()).unwrap_or_default()));
    out.push(("emergency", if request.emergency { "yes" } else { "" }.to_owned()));
    out.push(("came in by", plain(&request.channel)));
    out.retain(|(_, text)| !text.is_empty());
    out
}

/// Who did it, where somebody did.
pub(super) fn by(mark: &Mark) -> String {
    mark.by.as_deref().map(who).unwrap_or_default()
}
