//! How things are said to people.

use glasskey::model::{FailedAt, Limit, NextAction, Pair, Reason, SupportKind};
use glasskey::{Instant, Span, Uid};

/// An instant without milliseconds that are zero: `2026-03-01 02:05:00Z`.
pub(crate) fn instant(at: Instant) -> String {
    let text = at.to_string().replace('T', " ");
    text.replace(".000Z", "Z")
}

/// An instant without its date, if that is today's.
pub(crate) fn instant_on(at: Instant, today: Instant) -> String {
    let (at, today) = (instant(at), instant(today));
    match at.split_once(' ') {
        Some((date, time)) if today.starts_with(date) => time.to_owned(),
        _ => at,
    }
}

/// `in 55s`, or `now`.
pub(crate) fn away(at: Instant, now: Instant) -> String {
    let span = at.since(now);
    if span == Span::ZERO { "now".to_owned() } else { format!("in {span}") }
}

/// The id alone where the type is one of the base vocabulary; else type and id.
pub(crate) fn short(uid: &Uid) -> String {
    let name = uid.type_name();
    if name.starts_with("Glasskey::") || name.ends_with("::Action") {
        return uid.id().to_owned();
    }
    format!("{} {}", name.rsplit("::").next().unwrap_or(&name), uid.id())
}

pub(crate) fn list(uids: &[Uid]) -> String {
    let names: Vec<String> = uids.iter().map(short).collect();
    names.join(", ")
}

pub(crate) fn pair(pair: &Pair) -> String {
    format!("{} on {}", short(&pair.action), short(&pair.resource))
}

/// `a` or `an`.
pub(crate) const fn article(kind: SupportKind) -> &'static str {
    match kind {
        SupportKind::Incident => "an",
        SupportKind::Shift | SupportKind::Window | SupportKind::Task => "a",
    }
}

/// What a limit is.
pub(crate) const fn limit(limit: Limit) -> &'static str {
    match limit {
        Limit::RuleTtl => "the rule's lifetime",
        Limit::RequestedTtl => "the lifetime that was asked for",
        Limit::ApproverTtl => "the lifetime that an approver agreed to",
        Limit::ChainMax => "the most that a chain of grants may last",
        Limit::ShiftEnd => "the shift ends",
        Limit::WindowEnd => "the window ends",
        Limit::TaskEnd => "the task ends",
        Limit::ContractEnd => "the contract ends",
        Limit::ParentEnd => "the grant it was delegated from ends",
        Limit::Idle => "unused for too long",
        Limit::RevocationSlo => "a credential that cannot be taken back expires",
        Limit::IncidentFreshness => "the incident's record grows stale",
        Limit::ShiftFreshness => "the shift's record grows stale",
        Limit::WindowFreshness => "the window's record grows stale",
        Limit::TaskFreshness => "the task's record grows stale",
        Limit::SignalFreshness => "a signal grows stale",
        Limit::HistoryFreshness => "the history grows stale",
        Limit::EntitiesFreshness => "the entities grow stale",
        Limit::LocksFreshness => "the locks grow stale",
        Limit::ApprovalExpiry => "an approval stops counting",
        Limit::LockExpiry => "a lock opens",
        Limit::SupportStart => "a support begins",
        Limit::RecordStart => "a record from the near future becomes usable",
        Limit::PolicyTime => "a time in a policy is reached",
    }
}

/// A value's name on the wire.
pub(crate) fn wire<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Where a rule stopped.
pub(crate) const fn failed_at(outcome: FailedAt) -> &'static str {
    match outcome {
        FailedAt::Open => "open",
        FailedAt::ActorKind => "for another kind of actor",
        FailedAt::Scope => "for other principals, actions or resources",
        FailedAt::UnknownFact => "reads a fact that is unknown",
        FailedAt::Condition => "a condition does not hold",
        FailedAt::Error => "erred, and so does not hold",
        FailedAt::Refused => "a guardrail refuses its offer",
        FailedAt::OtherPairs => "does not hold for every pair",
        FailedAt::NotNeeded => "holds, but a better rule is open",
    }
}

/// What to do next, if anything helps.
pub(crate) const fn next_action(action: NextAction) -> Option<&'static str> {
    match action {
        NextAction::None => None,
        NextAction::Request => Some("ask again, changed as said above"),
        NextAction::Retry => Some("ask again once that has happened"),
    }
}

/// A reason in one line, without its code.
pub(crate) fn reason(reason: &Reason) -> String {
    let mut text = lower_first(reason.code.describe().trim().trim_end_matches('.'));
    let mut about: Vec<String> = Vec::new();
    about.extend(reason.policy.clone());
    about.extend(reason.support.as_ref().map(ToString::to_string));
    about.extend(reason.fact.clone());
    about.extend(reason.entity.as_ref().map(short));
    about.extend(reason.pair.as_ref().map(pair));
    about.extend(reason.detail.clone());
    if !about.is_empty() {
        text.push_str(&format!(" ({})", about.join(", ")));
    }
    text
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
}
