//! From records to a timeline.

use super::happened::{About, Happened, Mark, about};
use super::residual::{end_of, residuals_of};
use super::{GrantLine, IncidentSeen, PointLine, RequestLine, Timeline};
use crate::ledger::Recorded;
use crate::lifecycle::{Applied, Archive, Event, Grant, RequestRecord};
use crate::model::{Answer, IncidentPatch, SupportKind};
use crate::prelude::*;
use crate::time::Instant;

/// Takes records one by one and tells what happened. It keeps what the timeline is about, and
/// nothing of the rest.
#[derive(Clone, Debug, Default)]
pub struct TimelineReader {
    incident: Option<String>,
    archive: Archive,
    /// By request and by grant.
    marks: BTreeMap<String, Vec<Mark>>,
    /// The grant of an extension.
    extensions: BTreeMap<String, String>,
    seen: Vec<IncidentSeen>,
    last: Option<Instant>,
}

/// Which entries hold the parts of a record.
#[derive(Clone, Copy, Default)]
struct Places<'r> {
    events: &'r [u64],
    effects: &'r [u64],
    decision: Option<u64>,
}

impl TimelineReader {
    /// For everything that the records tell.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// For the requests that name an incident, what is delegated from them, and their grants.
    #[must_use]
    pub fn of_incident(id: impl Into<String>) -> Self {
        Self { incident: Some(id.into()), ..Self::default() }
    }

    /// Takes in the next record of a ledger.
    pub fn push(&mut self, recorded: &Recorded) {
        let places = Places {
            events: &recorded.event_entries,
            effects: &recorded.effect_entries,
            decision: recorded.decision_entry,
        };
        self.take(&recorded.applied, places);
    }

    /// Takes in the next record of a lifecycle that stands in no ledger.
    pub fn push_applied(&mut self, applied: &Applied) {
        self.take(applied, Places::default());
    }

    fn take(&mut self, applied: &Applied, places: Places<'_>) {
        self.last = self.last.max(Some(applied.at));
        self.look_at_incident(applied);
        for (i, event) in applied.events.iter().enumerate() {
            let Some(key) = self.followed(event) else { continue };
            self.archive.take(event, applied.at);
            let entry = places.events.get(i).copied();
            if let Event::Retained { grant, point, by } = event
                && self.archive.grant(by).is_some()
            {
                let what = Happened::TookOver { point: point.clone(), from_grant: grant.clone() };
                let mark =
                    Mark { at: applied.at, by: None, what, reasons: Vec::new(), entry, decision_entry: None };
                self.mark(by.clone(), mark);
                if key == *by {
                    continue;
                }
            }
            let Some(mut mark) = Mark::of(event, applied) else { continue };
            mark.entry = entry;
            if mark.is_decided()
                && let Some(decision) = &applied.decision
            {
                mark.decision_entry = places.decision;
                if decision.decision == Answer::Deny {
                    mark.reasons.clone_from(&decision.reasons);
                }
            }
            if let Happened::Used { .. } = mark.what {
                mark.by = self.archive.grant(&key).map(|g| g.principal.to_string());
            }
            self.mark(key, mark);
        }
        for (i, effect) in applied.effects.iter().enumerate() {
            if let Some((about, mut mark)) = Mark::told(effect, applied.at)
                && let Some(key) = self.known(about)
            {
                mark.entry = places.effects.get(i).copied();
                self.mark(key, mark);
            }
        }
    }

    fn mark(&mut self, key: String, mark: Mark) {
        self.marks.entry(key).or_default().push(mark);
    }

    /// The request or grant under which an event is told, if it is followed.
    fn followed(&mut self, event: &Event) -> Option<String> {
        match event {
            Event::Submitted { record } => self.wanted(record).then(|| record.id.clone()),
            Event::Activated { grant, .. } => self.archive.request(&grant.request).map(|_| grant.id.clone()),
            Event::ExtensionAsked { extension } => {
                self.archive.grant(&extension.grant)?;
                self.extensions.insert(extension.id.clone(), extension.grant.clone());
                Some(extension.grant.clone())
            }
            Event::Retained { grant, by, .. } => self.known(grant).or_else(|| self.known(by)),
            other => match about(other)? {
                About::Request(id) | About::Grant(id) | About::Extension(id) => self.known(id),
            },
        }
    }

    /// A request or grant that is followed, by its name or that of its extension.
    fn known(&self, id: &str) -> Option<String> {
        if let Some(grant) = self.extensions.get(id) {
            return Some(grant.clone());
        }
        let known = self.archive.request(id).is_some() || self.archive.grant(id).is_some();
        known.then(|| id.to_owned())
    }

    fn wanted(&self, record: &RequestRecord) -> bool {
        let Some(incident) = &self.incident else { return true };
        record.ask.supports.iter().any(|s| s.kind == SupportKind::Incident && s.id == *incident)
            || record.parent.as_deref().is_some_and(|p| self.archive.grant(p).is_some())
    }

    /// The incident as it was observed, or as a decision had it among its facts.
    fn look_at_incident(&mut self, applied: &Applied) {
        let Some(incident) = self.incident.clone() else { return };
        for event in &applied.events {
            if let Event::Observed { facts, .. } = event {
                facts.incidents.iter().filter(|i| i.id == incident).for_each(|i| self.see(i, applied.at));
            }
        }
        let facts = applied.evidence.as_ref().and_then(|e| e.facts.get("incidents")?.as_array());
        for found in facts.into_iter().flatten().filter(|f| f.get("id").is_some_and(|id| *id == *incident)) {
            if let Ok(patch) = serde_json::from_value::<IncidentPatch>(found.clone()) {
                self.see(&patch, patch.observed_at.unwrap_or(applied.at));
            }
        }
    }

    /// Members that a report leaves out are as they were.
    fn see(&mut self, patch: &IncidentPatch, at: Instant) {
        let before = self.seen.last();
        let next = IncidentSeen {
            at,
            epoch: patch.epoch.or(before.and_then(|b| b.epoch)),
            status: patch.status.or(before.and_then(|b| b.status)),
            severity: patch.severity.or(before.and_then(|b| b.severity)),
            opened_at: patch.opened_at.or(before.and_then(|b| b.opened_at)),
        };
        if before.is_none_or(|b| IncidentSeen { at, ..b.clone() } != next) {
            self.seen.push(next);
        }
    }

    /// What happened, as of an instant; the last record's, if none is given. Grants whose limits
    /// have passed by then are over, whether or not anybody recorded it.
    #[must_use]
    pub fn timeline(&self, as_of: Option<Instant>) -> Timeline {
        let as_of = as_of.or(self.last);
        let grants: Vec<&Grant> = self.archive.grants();
        let lines: Vec<GrantLine> = grants.iter().map(|g| self.grant_line(g, as_of)).collect();
        let requests: Vec<RequestLine> =
            self.archive.requests().into_iter().map(|r| self.request_line(r)).collect();
        let opened = self.seen.iter().filter_map(|s| s.opened_at);
        let since = requests.iter().map(|r| r.asked_at).chain(opened).min();
        let mut residual = Vec::new();
        if let Some(now) = as_of {
            residual = grants.iter().flat_map(|g| residuals_of(g, now)).collect();
        }
        let incident = self.incident.clone();
        Timeline { incident, since, as_of, seen: self.seen.clone(), requests, grants: lines, residual }
    }

    fn marks_of(&self, id: &str) -> Vec<Mark> {
        let mut marks = self.marks.get(id).cloned().unwrap_or_default();
        marks.sort_by_key(|m| m.at); // stable: of one instant in the order of the records
        marks
    }

    fn request_line(&self, r: &RequestRecord) -> RequestLine {
        RequestLine {
            id: r.id.clone(),
            principal: r.ask.principal.clone(),
            requested_by: r.ask.requested_by.clone(),
            via: r.ask.via.clone(),
            scope: r.ask.scope.clone(),
            purpose: r.ask.purpose.clone(),
            ttl: r.ask.ttl,
            emergency: r.ask.emergency,
            supports: r.ask.supports.clone(),
            channel: r.ask.channel.clone(),
            asked_at: r.submitted_at,
            phase: r.phase,
            rule: r.rule.clone(),
            cause: r.cause,
            grant: r.grant.clone(),
            marks: self.marks_of(&r.id),
        }
    }

    fn grant_line(&self, g: &Grant, as_of: Option<Instant>) -> GrantLine {
        let marks = self.marks_of(&g.id);
        let end = as_of.and_then(|now| end_of(g, now));
        let over_at = g.revoking_at.or(end.map(|(at, _)| at));
        let count = |permitted| {
            let uses = marks
                .iter()
                .filter(|m| matches!(m.what, Happened::Used { permitted: p, .. } if p == permitted));
            u32::try_from(uses.count()).unwrap_or(u32::MAX)
        };
        GrantLine {
            id: g.id.clone(),
            request: g.request.clone(),
            principal: g.principal.clone(),
            rule: g.rule.clone(),
            scope: g.scope.clone(),
            emergency: g.emergency,
            parent: g.parent.clone(),
            approvers: g.approvers.clone(),
            phase: g.phase,
            asked_at: self.archive.request(&g.request).map(|r| r.submitted_at),
            started: g.started,
            ends_at: g.ends_at,
            ends_by: g.ends_by,
            over_at,
            cause: g.cause.or(end.map(|(_, cause)| cause)),
            unrecorded_end: end.is_some(),
            also: g.also.clone(),
            confirmed_at: g.ended_at,
            points: g.points.keys().map(|name| point_line(g, name, &marks, over_at, as_of)).collect(),
            uses: count(true),
            refused_uses: count(false),
            flags: g.flags.clone(),
            review_by: g.review_by,
            review: g.review.clone(),
            marks,
        }
    }
}

fn point_line(
    grant: &Grant,
    name: &String,
    marks: &[Mark],
    over_at: Option<Instant>,
    as_of: Option<Instant>,
) -> PointLine {
    let point = grant.points.get(name).copied().unwrap_or_default();
    let from = marks.iter().find_map(|m| match &m.what {
        Happened::Issued { points } | Happened::IssueRejected { points, .. } if points.contains(name) => {
            Some(m.at)
        }
        Happened::TookOver { point, .. } if point == name => Some(m.at),
        _ => None,
    });
    let retained_by = marks.iter().find_map(|m| match &m.what {
        Happened::Retained { point, by_grant } if point == name => Some(by_grant.clone()),
        _ => None,
    });
    let until = point.confirmed_at.or(as_of);
    PointLine {
        point: name.clone(),
        from,
        confirm_by: point.confirm_by,
        confirmed_at: point.confirmed_at,
        late: point.late,
        stray: point.stray,
        retained_by,
        residual: over_at.zip(until).map(|(over, until)| until.since(over)),
    }
}
