//! Looking again: does what was granted, or may still be, hold today?

use crate::cedar::Uid;
use crate::lifecycle::index::{Key, Ref};
use crate::lifecycle::request::holds_until;
use crate::lifecycle::step::Step;
use crate::lifecycle::sweep::cause_of_limit;
use crate::lifecycle::{Cause, Event, Grant, GrantMove, GrantPhase, RequestMove, RequestRecord};
use crate::model::{
    Answer, Decision, IncidentStatus, Limit, Pair, Reason, ReasonCode, Request, Support, SupportKind,
    TaskStatus, WindowStatus,
};
use crate::prelude::*;
use crate::time::Instant;
use core::cmp::Reverse;

/// What made us look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Trigger {
    Lock,
    Support(SupportKind),
    Entity,
    Signal,
    Bundle,
    Time,
}

impl Step<'_> {
    /// Looks again at whatever a set of names concerns.
    pub(super) fn recheck_all(&mut self, refs: BTreeMap<Ref, Trigger>) {
        let mut refs: Vec<(Ref, Trigger)> = refs.into_iter().collect();
        refs.sort_by_cached_key(|(what, _)| (self.hops(what), what.clone()));
        for (what, trigger) in refs {
            match what {
                Ref::Grant(id) => self.recheck_grant(&id, self.now, trigger),
                Ref::Request(id) => self.recheck_request(&id, self.now, trigger),
            }
        }
    }

    /// What descends from another goes first, so that it ends for its own reason if it has one;
    /// requests go last.
    fn hops(&self, what: &Ref) -> Reverse<usize> {
        let hops = match what {
            Ref::Grant(id) => self.life.grant(id).and_then(|g| self.life.request(&g.request)),
            Ref::Request(_) => None,
        };
        Reverse(hops.map_or(0, |r| r.ask.via.len().saturating_add(1)))
    }

    pub(super) fn recheck_everything(&mut self) {
        let grants = self.life.state.grants.values().filter(|g| g.phase.is_live()).map(|g| Ref::grant(&g.id));
        let requests =
            self.life.state.requests.values().filter(|r| !r.phase.is_terminal()).map(|r| Ref::request(&r.id));
        let all = grants.chain(requests).map(|r| (r, Trigger::Bundle)).collect();
        self.recheck_all(all);
    }

    pub(super) fn recheck_grant(&mut self, id: &str, at: Instant, trigger: Trigger) {
        let Some(grant) = self.grant_of(id).filter(|g| g.phase.is_live()) else { return };
        let grant = match trigger {
            Trigger::Bundle => self.tightened(grant),
            _ => Some(grant),
        };
        let Some(grant) = grant else { return };
        let Some((ask, around)) = self.holding_request(&grant, grant.scope.clone(), at) else { return };
        let (mut decision, _) = self.decide(&ask, around.clone(), at);
        if self.in_grace(&grant, &decision, at) {
            // In the grace after its shift a grant lives on, for the actions of a handover.
            let handover =
                ask.scope.iter().filter(|p| self.life.bundle.is_handover(&p.action)).cloned().collect();
            decision = self.decide(&Request { scope: handover, ..ask }, around, at).0;
        }
        match decision.decision {
            Answer::Permit => self.goes_on(&grant, &decision, at),
            _ if unknown_only(&decision) => match self.over(&grant.actors, &grant.scope, &grant.supports, at)
            {
                Some(cause) => self.end(&grant.id, cause, at),
                None => self.freezes(&grant, &decision, at),
            },
            _ => {
                for Ranked(cause) in causes(&decision.reasons, trigger) {
                    self.end(&grant.id, cause, at);
                }
            }
        }
    }

    /// What the terms of a new bundle leave of a grant, if anything; never more than it had.
    fn tightened(&mut self, grant: Grant) -> Option<Grant> {
        let Some(terms) = self.rule(&grant.rule).and_then(|r| r.terms) else { return Some(grant) };
        let idle = grant.idle.into_iter().chain(terms.idle).min();
        let uses_max = grant.uses_max.into_iter().chain(terms.uses).min();
        if (idle, uses_max) != (grant.idle, grant.uses_max) {
            self.emit(Event::Tightened { grant: grant.id.clone(), idle, uses_max });
        }
        let joined = self.request_of(&grant.request).is_some_and(|r| r.ordinal > 0);
        let (root, lifetime) = match grant.extended_at {
            Some(at) => (at, terms.extension_ttl),
            None if joined => (grant.started, terms.extension_ttl),
            None => (grant.started, terms.max_ttl),
        };
        let ends_at = root.plus(lifetime);
        if ends_at < grant.ends_at {
            self.emit(Event::Shortened { grant: grant.id.clone(), ends_at, ends_by: Limit::RuleTtl });
        }
        let grant = self.grant_of(&grant.id).unwrap_or(grant);
        if grant.idle_end().into_iter().chain([grant.ends_at]).any(|end| end <= self.now) {
            // It would have ended before: it ends now, and for this reason.
            self.end(&grant.id, Cause::PolicyTightened, self.now);
            return None;
        }
        Some(grant)
    }

    fn goes_on(&mut self, grant: &Grant, decision: &Decision, at: Instant) {
        if let Some(to) = grant.phase.after(GrantMove::Thaw) {
            self.emit(Event::GrantMoved { grant: grant.id.clone(), to, at });
        }
        if let (Some(ends_at), Some(ends_by)) = (decision.ends_at, decision.ends_by)
            && ends_at < grant.ends_at
        {
            self.emit(Event::Shortened { grant: grant.id.clone(), ends_at, ends_by });
        }
        self.note_validity(grant, decision);
    }

    fn freezes(&mut self, grant: &Grant, decision: &Decision, at: Instant) {
        if grant.phase == GrantPhase::Active
            && let Some(to) = grant.phase.after(GrantMove::Freeze)
        {
            self.emit(Event::GrantMoved { grant: grant.id.clone(), to, at });
        }
        self.note_validity(grant, decision);
    }

    fn note_validity(&mut self, grant: &Grant, decision: &Decision) {
        if grant.valid_until != decision.valid_until {
            self.emit(Event::GrantChecked { grant: grant.id.clone(), valid_until: decision.valid_until });
        }
    }

    fn in_grace(&self, grant: &Grant, decision: &Decision, at: Instant) -> bool {
        let grace = self.rule(&grant.rule).and_then(|r| r.terms).and_then(|t| t.grace());
        let handover = grant.scope.iter().any(|p| self.life.bundle.is_handover(&p.action));
        grace.is_some() && handover && at < grant.ends_at && decision.has_reason(ReasonCode::ShiftEnded)
    }

    /// Looks again at a request that is not over.
    pub(super) fn recheck_request(&mut self, id: &str, at: Instant, trigger: Trigger) {
        let Some(record) = self.request_of(id).filter(|r| !r.phase.is_terminal()) else { return };
        let (decision, _) = self.decide_record(&record, at);
        match decision.decision {
            Answer::Deny => return self.void_unless_unknown(&record, &decision, at, trigger),
            Answer::Pending => self.reopen(&record, at),
            Answer::Permit => self.promote(&record, &decision),
        }
        let digest = decision.ask.or(record.digest);
        let valid_until = holds_until(&record, &decision, at);
        let still = self.life.request(id).is_some_and(|r| !r.phase.is_terminal());
        if still && (record.valid_until != valid_until || record.digest != digest) {
            self.emit(Event::RequestChecked { request: record.id, valid_until, digest });
        }
    }

    /// What it stood on is gone; what is merely unknown may come back.
    pub(super) fn void_unless_unknown(
        &mut self,
        record: &RequestRecord,
        decision: &Decision,
        at: Instant,
        trigger: Trigger,
    ) {
        let over = || {
            let Request { principal, via, scope, supports, .. } = &record.ask;
            self.over(via.iter().chain([principal]), scope, supports, at)
        };
        let over = if unknown_only(decision) { over() } else { None };
        if unknown_only(decision) && over.is_none() {
            let (request, digest) = (record.id.clone(), record.digest);
            let valid_until = holds_until(record, decision, at);
            if record.valid_until != valid_until {
                self.emit(Event::RequestChecked { request, valid_until, digest });
            }
            return;
        }
        if let Some(to) = record.phase.after(RequestMove::Void) {
            let first = || causes(&decision.reasons, trigger).into_iter().next().map(|r| r.0);
            let cause = over.or_else(first);
            self.move_request(&record.id, to, cause, None, None);
        }
    }

    /// Why it is over, although too little else is known to decide: what says no is believed. No
    /// lock may be on, and every kind of support that is named has to live.
    fn over<'a>(
        &self,
        actors: impl IntoIterator<Item = &'a Uid>,
        scope: &'a [Pair],
        supports: &[Support],
        at: Instant,
    ) -> Option<Cause> {
        if self.life.facts.is_locked(actors.into_iter().chain(scope.iter().map(|p| &p.resource)), at) {
            return Some(Cause::Locked);
        }
        SupportKind::ALL.into_iter().find_map(|kind| {
            let named = supports.iter().filter(|s| s.kind == kind);
            let causes: Option<Vec<Cause>> = named.map(|s| self.support_over(s, at)).collect();
            causes?.into_iter().next()
        })
    }

    fn support_over(&self, support: &Support, at: Instant) -> Option<Cause> {
        let (facts, id) = (&self.life.facts, support.id.as_str());
        match support.kind {
            SupportKind::Incident => {
                let incident = facts.incident(id)?;
                match incident.status {
                    _ if support.epoch.is_some_and(|e| e != incident.epoch) => Some(Cause::IncidentClosed),
                    IncidentStatus::Open => None,
                    IncidentStatus::Closed => Some(Cause::IncidentClosed),
                    IncidentStatus::Merged => Some(Cause::IncidentMerged),
                }
            }
            SupportKind::Window => {
                let window = facts.window(id)?;
                let called_off = window.status != WindowStatus::Approved;
                (called_off || at >= window.end).then_some(Cause::WindowEnded)
            }
            SupportKind::Task => {
                let task = facts.task(id)?;
                match task.status {
                    TaskStatus::Done => Some(Cause::TaskDone),
                    TaskStatus::Failed => Some(Cause::TaskFailed),
                    TaskStatus::Timeout => Some(Cause::TaskTimeout),
                    TaskStatus::Open => {
                        task.ends_at.is_some_and(|end| at >= end).then_some(Cause::TaskTimeout)
                    }
                }
            }
            // Whether a grace follows is the rule's to say; the end of the shift bounds the grant.
            SupportKind::Shift => None,
        }
    }

    /// What is frozen may thaw when everything is confirmed at once.
    pub(super) fn frozen(&self) -> BTreeSet<Ref> {
        self.life.state.index.at(&Key::Frozen)
    }
}

/// Nothing is known to be wrong; something is not known.
fn unknown_only(decision: &Decision) -> bool {
    !decision.reasons.is_empty() && decision.reasons.iter().all(|r| r.code == ReasonCode::FactUnknown)
}

/// Why it ended, the gravest first.
fn causes(reasons: &[Reason], trigger: Trigger) -> BTreeSet<Ranked> {
    reasons.iter().map(|r| Ranked(cause_of(r, trigger))).collect()
}

fn cause_of(reason: &Reason, trigger: Trigger) -> Cause {
    match reason.code {
        ReasonCode::Locked => Cause::Locked,
        ReasonCode::NotAPerson
        | ReasonCode::UnknownPrincipal
        | ReasonCode::UnknownResource
        | ReasonCode::ActorKind
        | ReasonCode::QuorumUnreachable => Cause::RequesterIneligible,
        ReasonCode::IncidentClosed | ReasonCode::IncidentEpoch => Cause::IncidentClosed,
        ReasonCode::IncidentMerged => Cause::IncidentMerged,
        ReasonCode::OutOfIncidentScope => Cause::IncidentDowngraded,
        ReasonCode::ShiftEnded | ReasonCode::ShiftNotStarted | ReasonCode::OutOfShiftScope => {
            Cause::ShiftEnded
        }
        ReasonCode::ShiftOfAnother => Cause::ShiftSwapped,
        ReasonCode::OutsideWindow | ReasonCode::WindowNotUsable | ReasonCode::OutOfWindowScope => {
            Cause::WindowEnded
        }
        ReasonCode::TaskDone => Cause::TaskDone,
        ReasonCode::TaskFailed | ReasonCode::TaskOfAnother | ReasonCode::OutOfTaskScope => Cause::TaskFailed,
        ReasonCode::TaskTimeout => Cause::TaskTimeout,
        ReasonCode::SupportNotFound => match reason.support.as_ref().map(|s| s.kind) {
            Some(SupportKind::Shift) => Cause::ShiftEnded,
            Some(SupportKind::Window) => Cause::WindowEnded,
            Some(SupportKind::Task) => Cause::TaskFailed,
            Some(SupportKind::Incident) | None => Cause::IncidentClosed,
        },
        ReasonCode::NoTimeLeft => limit_of(reason).map_or(Cause::Expired, cause_of_limit),
        _ => match trigger {
            Trigger::Support(SupportKind::Incident) => Cause::IncidentDowngraded,
            Trigger::Support(SupportKind::Shift) => Cause::ShiftEnded,
            Trigger::Support(SupportKind::Window) => Cause::WindowEnded,
            Trigger::Support(SupportKind::Task) => Cause::TaskFailed,
            Trigger::Entity => Cause::RequesterIneligible,
            Trigger::Signal => Cause::GovernorRecovered,
            Trigger::Lock | Trigger::Bundle | Trigger::Time => Cause::PolicyTightened,
        },
    }
}

/// The limit that leaves no time, as the reason names it.
fn limit_of(reason: &Reason) -> Option<Limit> {
    let (name, _) = reason.detail.as_deref()?.split_once(' ')?;
    serde_json::from_value(serde_json::Value::String(name.to_owned())).ok()
}

/// Causes in the order in which one of them is named first: locks before all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ranked(Cause);

impl Ranked {
    fn rank(self) -> (u8, Cause) {
        (u8::from(self.0 != Cause::Locked), self.0)
    }
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        self.rank().cmp(&other.rank())
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
