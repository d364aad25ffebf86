//! Supports: within a kind any, across kinds all; and none is a master key.

use crate::bundle::Freshness;
use crate::cedar::{Entity, Record, Uid};
use crate::decide::horizon::Horizon;
use crate::decide::slice::Slice;
use crate::facts::Facts;
use crate::model::{
    Incident, IncidentStatus, Limit, ReasonCode, Shift, Support, SupportKind, Task, TaskStatus, Window,
    WindowStatus,
};
use crate::prelude::*;
use crate::time::{Instant, Span};

/// How one kind of support stands for one resource.
#[derive(Clone, Debug)]
pub(crate) enum Standing {
    /// Live, until the last of its supports ends.
    Live { until: Option<Instant> },
    /// Nothing fresh is known, so neither true nor false.
    Unknown,
    /// Not live, and why each named one is not.
    Dead,
}

/// One kind of support, as far as the request names any.
#[derive(Clone, Debug)]
pub(crate) struct Kind {
    pub(crate) kind: SupportKind,
    pub(crate) standing: Standing,
    /// What is known of the best one, for the context; absent while unknown.
    pub(crate) fact: Option<Record>,
    /// Why supports are not live.
    pub(crate) dead: Vec<(Support, ReasonCode)>,
    /// Supports whose records are not usable.
    pub(crate) unknown: Vec<(Support, Span)>,
    /// When the first one that has not begun does.
    pub(crate) begins: Option<Instant>,
    /// When the last shift that is over ended, for handover.
    pub(crate) ended: Option<Instant>,
}

/// Who and what the supports must be for.
pub(crate) struct Asker<'a> {
    pub(crate) principal: &'a Uid,
    /// The principal, its operator and everybody in its delegation chain.
    pub(crate) holders: &'a BTreeSet<Uid>,
    pub(crate) resource: &'a Entity,
    pub(crate) now: Instant,
}

enum State {
    Live { until: Option<Instant> },
    Unknown(Span),
    Dead(ReasonCode),
}

/// Looks every named support up, kind by kind.
pub(crate) fn look_up(
    named: &[Support],
    facts: &Facts,
    limits: &Freshness,
    asker: &Asker<'_>,
    horizon: &mut Horizon,
    slice: &mut Slice,
) -> Vec<Kind> {
    let mut out = Vec::new();
    for kind in SupportKind::ALL {
        let of_kind: Vec<&Support> = named.iter().filter(|s| s.kind == kind).collect();
        if !of_kind.is_empty() {
            out.push(stand(kind, &of_kind, facts, limits, asker, horizon, slice));
        }
    }
    out
}

fn stand(
    kind: SupportKind,
    named: &[&Support],
    facts: &Facts,
    limits: &Freshness,
    asker: &Asker<'_>,
    horizon: &mut Horizon,
    slice: &mut Slice,
) -> Kind {
    let mut out = Kind {
        kind,
        standing: Standing::Dead,
        fact: None,
        dead: Vec::new(),
        unknown: Vec::new(),
        begins: None,
        ended: None,
    };
    let mut best: Option<(u8, u8, Record)> = None;
    for support in named {
        slice.take_support(support);
        let (state, severity, fact) = examine(support, facts, limits, asker, horizon, &mut out);
        let rank = match state {
            State::Live { until } => {
                out.standing = match out.standing {
                    // Within a kind any: the kind lasts as long as the last of them.
                    Standing::Live { until: before } => {
                        Standing::Live { until: before.zip(until).map(|(a, b)| a.max(b)) }
                    }
                    _ => Standing::Live { until },
                };
                0
            }
            State::Unknown(max_age) => {
                out.unknown.push(((*support).clone(), max_age));
                continue;
            }
            State::Dead(code) => {
                out.dead.push(((*support).clone(), code));
                1
            }
        };
        if let Some(fact) = fact
            && best.as_ref().is_none_or(|(r, s, _)| (rank, severity) < (*r, *s))
        {
            best = Some((rank, severity, fact));
        }
    }
    if !matches!(out.standing, Standing::Live { .. }) && !out.unknown.is_empty() {
        out.standing = Standing::Unknown;
        return out;
    }
    out.fact = best.map(|(_, _, fact)| fact);
    out
}

fn examine(
    support: &Support,
    facts: &Facts,
    limits: &Freshness,
    asker: &Asker<'_>,
    horizon: &mut Horizon,
    kind: &mut Kind,
) -> (State, u8, Option<Record>) {
    let missing = (State::Dead(ReasonCode::SupportNotFound), u8::MAX, None);
    let id = support.id.as_str();
    let (max_age, by) = match support.kind {
        SupportKind::Incident => (limits.incident, Limit::IncidentFreshness),
        SupportKind::Shift => (limits.shift, Limit::ShiftFreshness),
        SupportKind::Window => (limits.window, Limit::WindowFreshness),
        SupportKind::Task => (limits.task, Limit::TaskFreshness),
    };
    let (observed_at, state, severity, fact) = match support.kind {
        SupportKind::Incident => match facts.incident(id) {
            Some(i) => {
                (i.observed_at, incident_state(i, support.epoch, asker), i.severity, incident_fact(i, asker))
            }
            None => return missing,
        },
        SupportKind::Shift => match facts.shift(id) {
            Some(s) => (s.observed_at, shift_state(s, asker, horizon, kind), 0, shift_fact(s, asker)),
            None => return missing,
        },
        SupportKind::Window => match facts.window(id) {
            Some(w) => (w.observed_at, window_state(w, asker, horizon, kind), 0, window_fact(w, asker)),
            None => return missing,
        },
        SupportKind::Task => match facts.task(id) {
            Some(t) => (t.observed_at, task_state(t, asker), 0, task_fact(t, asker)),
            None => return missing,
        },
    };
    // An old record is not believed when it says yes, but it is when it says no: else the mere
    // ageing of a record could open what it keeps shut.
    let fresh = horizon.read(observed_at, Some(max_age), limits.skew, by);
    match state {
        State::Live { .. } if !fresh => (State::Unknown(max_age), u8::MAX, None),
        state => (state, severity, Some(fact)),
    }
}

fn covers(resources: &[Uid], resource: &Entity) -> bool {
    resources.iter().any(|r| resource.is_in(r))
}

fn incident_state(i: &Incident, epoch: Option<u32>, asker: &Asker<'_>) -> State {
    match i.status {
        _ if epoch.is_some_and(|e| e != i.epoch) => State::Dead(ReasonCode::IncidentEpoch),
        IncidentStatus::Closed => State::Dead(ReasonCode::IncidentClosed),
        IncidentStatus::Merged => State::Dead(ReasonCode::IncidentMerged),
        IncidentStatus::Open if !covers(&i.resources, asker.resource) => {
            State::Dead(ReasonCode::OutOfIncidentScope)
        }
        IncidentStatus::Open => State::Live { until: None },
    }
}

fn shift_state(s: &Shift, asker: &Asker<'_>, horizon: &mut Horizon, kind: &mut Kind) -> State {
    if !asker.holders.contains(&s.person) {
        return State::Dead(ReasonCode::ShiftOfAnother);
    }
    if !covers(&s.resources, asker.resource) {
        return State::Dead(ReasonCode::OutOfShiftScope);
    }
    if asker.now < s.start {
        begins(s.start, horizon, kind);
        return State::Dead(ReasonCode::ShiftNotStarted);
    }
    if asker.now >= s.end {
        kind.ended = kind.ended.max(Some(s.end));
        return State::Dead(ReasonCode::ShiftEnded);
    }
    horizon.note(s.end, Limit::ShiftEnd);
    State::Live { until: Some(s.end) }
}

fn window_state(w: &Window, asker: &Asker<'_>, horizon: &mut Horizon, kind: &mut Kind) -> State {
    if w.status != WindowStatus::Approved {
        return State::Dead(ReasonCode::WindowNotUsable);
    }
    if !covers(&w.resources, asker.resource) {
        return State::Dead(ReasonCode::OutOfWindowScope);
    }
    if asker.now < w.start {
        begins(w.start, horizon, kind);
        return State::Dead(ReasonCode::OutsideWindow);
    }
    if asker.now >= w.end {
        return State::Dead(ReasonCode::OutsideWindow);
    }
    horizon.note(w.end, Limit::WindowEnd);
    State::Live { until: Some(w.end) }
}

fn task_state(t: &Task, asker: &Asker<'_>) -> State {
    match t.status {
        TaskStatus::Done => State::Dead(ReasonCode::TaskDone),
        TaskStatus::Failed => State::Dead(ReasonCode::TaskFailed),
        TaskStatus::Timeout => State::Dead(ReasonCode::TaskTimeout),
        TaskStatus::Open if t.ends_at.is_some_and(|end| asker.now >= end) => {
            State::Dead(ReasonCode::TaskTimeout)
        }
        TaskStatus::Open
            if !(t.assignees.is_empty() || t.assignees.iter().any(|a| asker.holders.contains(a))) =>
        {
            State::Dead(ReasonCode::TaskOfAnother)
        }
        TaskStatus::Open if !covers(&t.resources, asker.resource) => State::Dead(ReasonCode::OutOfTaskScope),
        TaskStatus::Open => State::Live { until: t.ends_at },
    }
}

fn begins(start: Instant, horizon: &mut Horizon, kind: &mut Kind) {
    horizon.note(start, Limit::SupportStart);
    kind.begins = Some(kind.begins.map_or(start, |first| first.min(start)));
}

// Members in the order of their names, in which they are kept.

fn incident_fact(i: &Incident, asker: &Asker<'_>) -> Record {
    Record::of(8)
        .with("covers", covers(&i.resources, asker.resource))
        .with("epoch", i.epoch)
        .with("id", i.id.as_str())
        .with("open", i.status == IncidentStatus::Open)
        .with("opened_at", i.opened_at)
        .with("responder", i.responders.iter().any(|r| r == asker.principal))
        .with("severity", u32::from(i.severity))
        .with("source", i.source.as_str())
}

fn shift_fact(s: &Shift, asker: &Asker<'_>) -> Record {
    Record::of(4)
        .with("covers", covers(&s.resources, asker.resource))
        .with("end", s.end)
        .with("id", s.id.as_str())
        .with("start", s.start)
}

fn window_fact(w: &Window, asker: &Asker<'_>) -> Record {
    Record::of(5)
        .with("assigned", w.assignees.iter().any(|a| asker.holders.contains(a)))
        .with("covers", covers(&w.resources, asker.resource))
        .with("end", w.end)
        .with("id", w.id.as_str())
        .with("start", w.start)
}

fn task_fact(t: &Task, asker: &Asker<'_>) -> Record {
    Record::of(3)
        .with("covers", covers(&t.resources, asker.resource))
        .with("id", t.id.as_str())
        .with("status", t.status.as_str())
}
