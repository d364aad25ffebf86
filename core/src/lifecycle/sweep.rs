//! What is due is done, in the order of its instants, whenever the next command comes.

use crate::lifecycle::effect::What;
use crate::lifecycle::index::Ref;
use crate::lifecycle::recheck::Trigger;
use crate::lifecycle::record::{Flag, Point};
use crate::lifecycle::step::Step;
use crate::lifecycle::{Cause, Event, Grant, GrantPhase, RequestMove, RequestRecord};
use crate::model::Limit;
use crate::prelude::*;
use crate::time::Instant;

/// How often one grant is looked at again at past instants in one sweep; then only now counts.
const RECHECKS_MAX: u32 = 16;

impl Step<'_> {
    pub(super) fn sweep(&mut self) {
        let mut looked: BTreeMap<Ref, u32> = BTreeMap::new();
        let mut instant: Option<Instant> = None;
        while let Some((due, what)) = self.life.state.index.first_due().cloned() {
            if due > self.now {
                break;
            }
            if instant.is_some_and(|instant| instant < due) {
                // As if somebody had looked then: what ended together is settled together.
                self.settle_revocations();
            }
            instant = Some(due);
            let count = looked.entry(what.clone()).or_default();
            *count = count.saturating_add(1);
            let at = if *count > RECHECKS_MAX { self.now } else { due };
            let before = (due, what.clone());
            match &what {
                Ref::Grant(id) => self.grant_due(id, at),
                Ref::Request(id) => self.request_due(id, at),
            }
            // Whatever is due must be settled by what was done; else it would be due for ever.
            if self.life.state.index.first_due() == Some(&before) {
                self.set_aside(&before.1);
            }
        }
    }

    /// Nothing more is due of it by time alone until something else happens.
    fn set_aside(&mut self, what: &Ref) {
        match what {
            Ref::Grant(id) => {
                self.emit(Event::GrantChecked { grant: id.to_string(), valid_until: None });
            }
            Ref::Request(id) => {
                let digest = self.life.request(id).and_then(|r| r.digest);
                self.emit(Event::RequestChecked { request: id.to_string(), valid_until: None, digest });
            }
        }
    }

    fn grant_due(&mut self, id: &str, at: Instant) {
        let Some(grant) = self.grant_of(id) else { return };
        match grant.phase {
            GrantPhase::Issuing | GrantPhase::Active | GrantPhase::Frozen => self.live_grant_due(&grant, at),
            GrantPhase::Revoking => self.unconfirmed(&grant, at),
            GrantPhase::Closed => {}
        }
        self.review_due(id, at);
    }

    fn live_grant_due(&mut self, grant: &Grant, at: Instant) {
        let issuing = grant.phase == GrantPhase::Issuing;
        let idle = grant.idle_end().filter(|_| !issuing);
        let issue_by = Some(grant.issue_by).filter(|_| issuing);
        // The first of its limits ends it, and of two at one instant the hard one.
        let soft = idle.into_iter().chain(issue_by).min();
        if at >= grant.ends_at && soft.is_none_or(|soft| grant.ends_at <= soft) {
            return self.end(&grant.id, cause_of_limit(grant.ends_by), grant.ends_at);
        }
        if let Some(issue_by) = issue_by.filter(|by| at >= *by) {
            let why = "nobody reported it as issued";
            return self.fail_to_issue(grant, Vec::new(), why, issue_by);
        }
        if let Some(idle) = idle.filter(|idle| at >= *idle) {
            return self.end(&grant.id, Cause::Idle, idle);
        }
        if grant.valid_until.is_some_and(|until| at >= until) {
            self.recheck_grant(&grant.id, at, Trigger::Time);
        }
    }

    /// A point did not confirm in time: the flag sticks, and somebody is woken.
    fn unconfirmed(&mut self, grant: &Grant, at: Instant) {
        let due = |p: &Point| p.confirmed_at.is_none() && !p.late && p.confirm_by.is_some_and(|by| at >= by);
        for (point, _) in grant.points.iter().filter(|(_, p)| due(p)) {
            self.emit(Event::Late { grant: grant.id.clone(), point: point.clone() });
            if self.life.grant(&grant.id).is_some_and(|g| !g.flags.contains(&Flag::RevocationUnconfirmed)) {
                self.emit(Event::Flagged { grant: grant.id.clone(), flag: Flag::RevocationUnconfirmed });
            }
            let reason = format!("revocation_unconfirmed at {point}");
            let what = What::Page { about: grant.id.clone(), reason };
            self.effect(format!("{}:page:unconfirmed:{point}", grant.id), None, what);
        }
    }

    fn review_due(&mut self, id: &str, at: Instant) {
        let Some(grant) = self.grant_of(id) else { return };
        let overdue = grant.review_by.is_some_and(|by| at >= by)
            && grant.review.is_none()
            && !grant.flags.contains(&Flag::ReviewOverdue);
        if overdue {
            self.emit(Event::Flagged { grant: grant.id.clone(), flag: Flag::ReviewOverdue });
            let what = What::Alert { about: grant.id.clone(), reason: "review_overdue".to_owned() };
            self.effect(format!("{}:alert:review_overdue", grant.id), None, what);
        }
    }

    fn request_due(&mut self, id: &str, at: Instant) {
        let Some(record) = self.request_of(id) else { return };
        if expired(&record, at)
            && let Some(to) = record.phase.after(RequestMove::Expire)
        {
            return self.move_request(&record.id, to, None, None, None);
        }
        self.recheck_request(id, at, Trigger::Time);
    }
}

fn expired(record: &RequestRecord, now: Instant) -> bool {
    match record.phase {
        crate::lifecycle::RequestPhase::Pending => now >= record.pending_until,
        _ => record.approved_until.is_some_and(|until| now >= until),
    }
}

/// The cause that a limit's end is.
pub(super) const fn cause_of_limit(limit: Limit) -> Cause {
    match limit {
        Limit::ShiftEnd => Cause::ShiftEnded,
        Limit::WindowEnd => Cause::WindowEnded,
        Limit::TaskEnd => Cause::TaskTimeout,
        Limit::ContractEnd => Cause::ContractEnded,
        Limit::ParentEnd => Cause::ParentEnded,
        _ => Cause::Expired,
    }
}
