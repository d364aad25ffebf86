//! How a reported record and a known one become the next.

use crate::error::{Code, Error};
use crate::model::{
    Incident, IncidentPatch, IncidentStatus, Shift, ShiftPatch, Task, TaskPatch, TaskStatus, Window,
    WindowPatch, WindowStatus,
};
use crate::prelude::*;
use crate::time::Instant;

/// What a report does to what is known.
#[derive(Debug)]
pub(super) enum Merged<T> {
    /// The next record.
    Next(T),
    /// Nothing: the report is about the past.
    Ignored(&'static str),
}

/// Epochs only go up, and within one nothing is older than what is known; a closed epoch stays
/// closed. A report that reopens without naming an epoch starts the next.
pub(super) fn incident(
    known: Option<&Incident>,
    patch: IncidentPatch,
    default: Instant,
) -> Result<Merged<Incident>, Error> {
    let observed_at = patch.observed_at.unwrap_or(default);
    let bad = |path: &str, message: &str, help: &str| {
        Error::new(Code::BadValue, message).help(help).at(format!("incidents.{path}"))
    };
    if patch.severity.is_some_and(|s| !(1..=5).contains(&s)) {
        return Err(bad("severity", "a severity is from 1 to 5", "map the source's own scale to 1 to 5"));
    }
    if patch.epoch == Some(0) {
        return Err(bad("epoch", "epochs count from 1", "start with epoch 1"));
    }
    let Some(known) = known else {
        return Ok(Merged::Next(Incident {
            id: patch.id,
            epoch: patch.epoch.unwrap_or(1),
            status: patch.status.unwrap_or(IncidentStatus::Open),
            severity: patch.severity.unwrap_or(5),
            opened_at: patch.opened_at.unwrap_or(observed_at),
            resources: sorted(patch.resources),
            responders: sorted(patch.responders),
            source: patch.source.unwrap_or_default(),
            observed_at,
        }));
    };
    let over = known.status != IncidentStatus::Open;
    let reopens = over && patch.status == Some(IncidentStatus::Open);
    let epoch = patch.epoch.unwrap_or(if reopens { known.epoch.saturating_add(1) } else { known.epoch });
    if epoch < known.epoch {
        return Ok(Merged::Ignored("an older epoch"));
    }
    let fresh_epoch = epoch > known.epoch;
    if !fresh_epoch && over && patch.status.is_none_or(|s| s == IncidentStatus::Open) {
        return Ok(Merged::Ignored("that epoch is over"));
    }
    // Within an epoch an end is final and may come late; anything else must be newer.
    let ends = patch.status.is_some_and(|s| s != IncidentStatus::Open);
    if !fresh_epoch && observed_at < known.observed_at && !ends {
        return Ok(Merged::Ignored("older than what is known"));
    }
    let carried = if fresh_epoch { None } else { Some(known.opened_at) };
    Ok(Merged::Next(Incident {
        id: patch.id,
        epoch,
        status: patch.status.unwrap_or(if fresh_epoch { IncidentStatus::Open } else { known.status }),
        severity: patch.severity.unwrap_or(known.severity),
        opened_at: patch.opened_at.or(carried).unwrap_or(observed_at),
        resources: patch.resources.map_or_else(|| known.resources.clone(), |r| sorted(Some(r))),
        responders: patch.responders.map_or_else(|| known.responders.clone(), |r| sorted(Some(r))),
        source: patch.source.unwrap_or_else(|| known.source.clone()),
        observed_at: observed_at.max(known.observed_at),
    }))
}

pub(super) fn shift(
    known: Option<&Shift>,
    patch: ShiftPatch,
    default: Instant,
) -> Result<Merged<Shift>, Error> {
    let observed_at = patch.observed_at.unwrap_or(default);
    if known.is_some_and(|k| observed_at < k.observed_at) {
        return Ok(Merged::Ignored("older than what is known"));
    }
    let next = Shift {
        person: needed(patch.person.or_else(|| known.map(|k| k.person.clone())), "shifts.person")?,
        start: needed(patch.start.or_else(|| known.map(|k| k.start)), "shifts.start")?,
        end: needed(patch.end.or_else(|| known.map(|k| k.end)), "shifts.end")?,
        resources: patch
            .resources
            .map_or_else(|| known.map(|k| k.resources.clone()).unwrap_or_default(), |r| sorted(Some(r))),
        id: patch.id,
        observed_at,
    };
    ordered(next.start, next.end, "shifts")?;
    Ok(Merged::Next(next))
}

pub(super) fn window(
    known: Option<&Window>,
    patch: WindowPatch,
    default: Instant,
) -> Result<Merged<Window>, Error> {
    let observed_at = patch.observed_at.unwrap_or(default);
    if known.is_some_and(|k| observed_at < k.observed_at) {
        return Ok(Merged::Ignored("older than what is known"));
    }
    let next = Window {
        status: patch.status.or_else(|| known.map(|k| k.status)).unwrap_or(WindowStatus::Planned),
        start: needed(patch.start.or_else(|| known.map(|k| k.start)), "windows.start")?,
        end: needed(patch.end.or_else(|| known.map(|k| k.end)), "windows.end")?,
        resources: patch
            .resources
            .map_or_else(|| known.map(|k| k.resources.clone()).unwrap_or_default(), |r| sorted(Some(r))),
        assignees: patch
            .assignees
            .map_or_else(|| known.map(|k| k.assignees.clone()).unwrap_or_default(), |r| sorted(Some(r))),
        id: patch.id,
        observed_at,
    };
    ordered(next.start, next.end, "windows")?;
    Ok(Merged::Next(next))
}

/// A task that is over stays over.
pub(super) fn task(known: Option<&Task>, patch: TaskPatch, default: Instant) -> Merged<Task> {
    let observed_at = patch.observed_at.unwrap_or(default);
    let over = known.is_some_and(|k| k.status != TaskStatus::Open);
    if over && patch.status.is_none_or(|s| s == TaskStatus::Open) {
        return Merged::Ignored("that task is over");
    }
    let ends = patch.status.is_some_and(|s| s != TaskStatus::Open);
    if known.is_some_and(|k| observed_at < k.observed_at) && !ends {
        return Merged::Ignored("older than what is known");
    }
    Merged::Next(Task {
        status: patch.status.or_else(|| known.map(|k| k.status)).unwrap_or(TaskStatus::Open),
        ends_at: patch.ends_at.or_else(|| known.and_then(|k| k.ends_at)),
        resources: patch
            .resources
            .map_or_else(|| known.map(|k| k.resources.clone()).unwrap_or_default(), |r| sorted(Some(r))),
        assignees: patch
            .assignees
            .map_or_else(|| known.map(|k| k.assignees.clone()).unwrap_or_default(), |r| sorted(Some(r))),
        id: patch.id,
        observed_at: known.map_or(observed_at, |k| observed_at.max(k.observed_at)),
    })
}

fn sorted<T: Ord>(list: Option<Vec<T>>) -> Vec<T> {
    let mut list = list.unwrap_or_default();
    list.sort();
    list.dedup();
    list
}

fn needed<T>(value: Option<T>, path: &str) -> Result<T, Error> {
    value.ok_or_else(|| {
        let name = path.rsplit('.').next().unwrap_or(path);
        Error::new(Code::MissingMember, format!("member `{name}` is missing"))
            .help(format!("a record that is not known yet needs its `{name}`"))
            .at(path)
    })
}

fn ordered(start: Instant, end: Instant, path: &str) -> Result<(), Error> {
    if start < end {
        return Ok(());
    }
    Err(Error::new(Code::BadInterval, format!("it ends at {end}, not after its start at {start}"))
        .help("an interval is [start, end): give an end after the start")
        .at(path))
}
