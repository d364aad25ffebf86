//! Looking again: does what was granted, or may still be, hold today?

use crate::lifecycle::index::{Key, Ref};
use crate::lifecycle::request::named;
use crate::lifecycle::step::Step;
use crate::lifecycle::{
    Cause, Event, Grant, GrantMove, GrantPhase, RequestMove, RequestPhase, RequestRecord,
};
use crate::model::{Answer, Decision, Reason, ReasonCode, Request, SupportKind};
use crate::prelude::*;
use crate::time::Instant;

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
        for (what, trigger) in refs {
            match what {
                Ref::Grant(id) => self.recheck_grant(&id, self.now, trigger),
                Ref::Request(id) => self.recheck_request(&id, Some(trigger)),
            }
        }
    }

    pub(super) fn recheck_everything(&mut self) {
        let grants =
            self.life.state.grants.values().filter(|g| g.phase.is_live()).map(|g| Ref::Grant(g.id.clone()));
        let requests = self
            .life
            .state
            .requests
            .values()
            .filter(|r| !r.phase.is_terminal())
            .map(|r| Ref::Request(r.id.clone()));
        let all = grants.chain(requests).map(|r| (r, Trigger::Bundle)).collect();
        self.recheck_all(all);
    }

    pub(super) fn recheck_grant(&mut self, id: &str, at: Instant, trigger: Trigger) {
        let Some(grant) = self.grant_of(id).filter(|g| g.phase.is_live()) else { return };
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
            _ if unknown_only(&decision) => self.freezes(&grant, &decision, at),
            _ => {
                for Ranked(cause) in causes(&decision.reasons, trigger) {
                    self.end(&grant.id, cause, at);
                }
            }
        }
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

    /// Looks again at a request that is not over; without a trigger only its time has come.
    pub(super) fn recheck_request(&mut self, id: &str, trigger: Option<Trigger>) {
        let Some(record) = self.request_of(id).filter(|r| !r.phase.is_terminal()) else { return };
        let ask = named(&record.ask, record.rule.as_deref());
        let (decision, _) = self.decide(&ask, self.around(&record, self.now), self.now);
        match (decision.decision, record.phase) {
            (Answer::Deny, _) => return self.void_unless_unknown(&record, &decision, trigger),
            (Answer::Pending, RequestPhase::Approved | RequestPhase::Scheduled) => {
                self.reopen(&record);
            }
            _ => {}
        }
        let digest = decision.ask.or(record.digest);
        let still = self.life.request(id).is_some_and(|r| !r.phase.is_terminal());
        if still && (record.valid_until != decision.valid_until || record.digest != digest) {
            self.emit(Event::RequestChecked {
                request: record.id,
                valid_until: decision.valid_until,
                digest,
            });
        }
    }

    /// What it stood on is gone; what is merely unknown may come back.
    pub(super) fn void_unless_unknown(
        &mut self,
        record: &RequestRecord,
        decision: &Decision,
        trigger: Option<Trigger>,
    ) {
        if unknown_only(decision) {
            if record.valid_until != decision.valid_until {
                self.emit(Event::RequestChecked {
                    request: record.id.clone(),
                    valid_until: decision.valid_until,
                    digest: record.digest,
                });
            }
            return;
        }
        if let Some(to) = record.phase.after(RequestMove::Void) {
            let cause =
                causes(&decision.reasons, trigger.unwrap_or(Trigger::Time)).into_iter().next().map(|r| r.0);
            self.move_request(&record.id, to, cause, None, None);
        }
    }

    /// Everything frozen may thaw when facts come in.
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
        ReasonCode::NoTimeLeft => Cause::Expired,
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
