//! The end of a grant, and the proof of it.

use crate::cedar::Uid;
use crate::lifecycle::effect::What;
use crate::lifecycle::index::{Key, Ref};
use crate::lifecycle::issue::ISSUER;
use crate::lifecycle::record::Flag;
use crate::lifecycle::step::{Step, because};
use crate::lifecycle::{
    Cause, Complete, Ended, Event, Finding, Grant, GrantMove, GrantPhase, Outcome, Report, RequestMove,
    Revoke, Revoked,
};
use crate::model::{Answer, Circumstances, NextAction, Pair, ReasonCode, Request, SupportKind};
use crate::prelude::*;
use crate::time::Instant;

/// The point that stands for the change of a shared secret.
pub(super) const ROTATION: &str = "rotation";

impl Step<'_> {
    /// Ends a live grant; what is over already keeps its cause and remembers this one.
    pub(super) fn end(&mut self, id: &str, cause: Cause, at: Instant) {
        self.end_by(id, cause, at, None);
    }

    /// As `end`, by somebody's word.
    fn end_by(&mut self, id: &str, cause: Cause, at: Instant, by: Option<&Uid>) {
        let Some(grant) = self.grant_of(id) else { return };
        let points = self.points_to_confirm(&grant);
        self.end_at_points(&grant, cause, at, &points, by);
    }

    pub(super) fn end_at_points(
        &mut self,
        grant: &Grant,
        cause: Cause,
        at: Instant,
        points: &[String],
        by: Option<&Uid>,
    ) {
        if grant.phase.after(GrantMove::End).is_none() {
            if grant.cause != Some(cause)
                && !grant.also.contains(&cause)
                && grant.phase == GrantPhase::Revoking
            {
                self.emit(Event::AlsoEnded { grant: grant.id.clone(), cause });
            }
            return;
        }
        let at = at.max(grant.started).min(self.now);
        let defaults = self.life.bundle.manifest().defaults.clone();
        let deadlines = points
            .iter()
            .map(|point| {
                let allowed =
                    if point == ROTATION { defaults.revocation_slo } else { defaults.revoke_deadline };
                let by = at.plus(allowed);
                // What cannot be taken back is over when it dies by itself.
                let dies = grant.credential_expires_at.filter(|_| !grant.revocable);
                (point.clone(), dies.map_or(by, |dies| dies.max(by)))
            })
            .collect();
        let by = by.map(ToString::to_string);
        self.emit(Event::Ended { grant: grant.id.clone(), cause, at, by, points: deadlines });
        self.ended.push(Ended { grant: grant.id.clone(), cause, at });
        self.unsettled.insert(grant.id.clone());
        self.void_extension(&grant.id);
        self.open_review(&grant.id, at);
        // The end of an ancestor ends the descendants.
        for child in self.life.state.index.at(&Key::Parent(grant.id.clone())) {
            match child {
                Ref::Grant(child) => self.end(&child, Cause::ParentEnded, at),
                Ref::Request(child) => {
                    let to = self.life.request(&child).and_then(|r| r.phase.after(RequestMove::Void));
                    if let Some(to) = to {
                        self.move_request(&child, to, Some(Cause::ParentEnded), None, None);
                    }
                }
            }
        }
    }

    /// Once all that ends at one instant is known: which entitlements end, and which another
    /// grant covers.
    pub(super) fn settle_revocations(&mut self) {
        let unsettled = core::mem::take(&mut self.unsettled);
        for id in unsettled {
            if let Some(grant) = self.grant_of(&id) {
                let at = grant.revoking_at.unwrap_or(self.now);
                self.revoke_or_retain(&grant, at);
                self.close_if_confirmed(&id, at);
            }
        }
    }

    fn revoke_or_retain(&mut self, grant: &Grant, at: Instant) {
        let Some(cause) = grant.cause else { return };
        let covered: Vec<(Pair, String)> = grant
            .scope
            .iter()
            .filter_map(|p| self.also_covered(grant, p).map(|by| (p.clone(), by)))
            .collect();
        let open: Vec<Pair> =
            grant.scope.iter().filter(|p| !covered.iter().any(|(c, _)| c == *p)).cloned().collect();
        let keepers: BTreeSet<&String> = covered.iter().map(|(_, by)| by).collect();
        for (point, known) in grant.points.iter().filter(|(_, p)| p.confirmed_at.is_none()) {
            let (point, deadline) = (point.clone(), known.confirm_by);
            // What nobody else can answer for is taken away whoever else covers it.
            let own = known.stray || point == ISSUER;
            let key = |what: &str| format!("{}:{what}:{point}", grant.id);
            if point == ROTATION {
                let what = What::Rotate { grant: grant.id.clone(), scope: grant.scope.clone() };
                self.effect(key("rotate"), deadline, what);
                continue;
            }
            for by in keepers.iter().filter(|_| !own) {
                self.retain(grant, &point, by);
            }
            if open.is_empty() && !own {
                // Nothing of this grant's own is left in force there.
                self.confirm(&grant.id, &point, at);
            } else {
                let scope = if open.is_empty() { grant.scope.clone() } else { open.clone() };
                let what = What::Revoke { grant: grant.id.clone(), point: point.clone(), scope, cause };
                self.effect(key("revoke"), deadline, what);
            }
        }
        if !grant.revocable && !open.is_empty() {
            let instant = grant.revoking_at.unwrap_or(self.now);
            let what = What::DenyTokensIssuedBefore { grant: grant.id.clone(), instant, scope: open };
            self.effect(format!("{}:deny_tokens", grant.id), None, what);
        }
    }

    /// Leaves in force what another grant covers, and lets that one answer for it: when it ends,
    /// its end has to be confirmed there too.
    fn retain(&mut self, grant: &Grant, point: &str, by: &str) {
        let (id, point, by) = (grant.id.clone(), point.to_owned(), by.to_owned());
        self.emit(Event::Retained { grant: id.clone(), point: point.clone(), by: by.clone() });
        let key = format!("{id}:retain:{point}:{by}");
        self.effect(key, None, What::Retain { grant: id, point, by });
    }

    /// Another live grant of the same holder for the same pair.
    fn also_covered(&self, grant: &Grant, pair: &Pair) -> Option<String> {
        let key = Key::Held(grant.principal.clone(), pair.resource.clone());
        let others = self.life.state.index.grants(&key).filter(|id| *id != grant.id);
        let mut covering = others.filter(|id| self.life.grant(id).is_some_and(|g| g.covers(pair)));
        covering.next().map(ToOwned::to_owned)
    }

    pub(super) fn revoke(&mut self, revoke: &Revoke) {
        self.revoke_by(&revoke.grant, &revoke.by);
    }

    /// Ends a grant by somebody's word. The holder and the approvers may always; others as the
    /// policies on `Glasskey::Action::"revoke"` say. A doubtful clock is no obstacle.
    pub(super) fn revoke_by(&mut self, id: &str, by: &str) {
        let Some(grant) = self.grant_of(id) else { return };
        self.grant = Some(grant.id.clone());
        let Some(person) = self.person(by) else {
            return self
                .refuse(because(ReasonCode::ApproverUnknown, crate::wire::clip(by)), NextAction::None);
        };
        let request = self.request_of(&grant.request);
        let asked = request.as_ref().and_then(|r| r.ask.requested_by.clone());
        let cause = if grant.actors.contains(&person) || asked.as_ref() == Some(&person) {
            Cause::RevokedByRequester
        } else if grant.approvers.contains(&person) || grant.extension_approvers.contains(&person) {
            Cause::RevokedByApprover
        } else if self.commands(&grant, &person) {
            Cause::RevokedByCommander
        } else {
            let decided = self.decide_on_grant("revoke", &grant, &person);
            let permitted = decided.0.decision == Answer::Permit;
            self.answer(decided);
            if !permitted {
                return;
            }
            Cause::RevokedBySecurity
        };
        if grant.phase == GrantPhase::Closed {
            return self.refuse(because(ReasonCode::GrantEnded, "closed"), NextAction::None);
        }
        self.end_by(&grant.id, cause, self.now, Some(&person));
    }

    /// A responder of an incident that the grant stands on.
    fn commands(&self, grant: &Grant, person: &Uid) -> bool {
        grant
            .supports
            .iter()
            .filter(|s| s.kind == SupportKind::Incident)
            .any(|s| self.life.facts.incident(&s.id).is_some_and(|i| i.responders.contains(person)))
    }

    /// Asks the policies whether somebody may do something with a grant, on every resource of
    /// its scope.
    pub(super) fn decide_on_grant(
        &self,
        action: &str,
        grant: &Grant,
        by: &Uid,
    ) -> (crate::model::Decision, crate::model::Evidence) {
        let record = self.request_of(&grant.request);
        let mut own = BTreeMap::new();
        let mut scope = Vec::new();
        let resources: BTreeSet<&Uid> = grant.scope.iter().map(|p| &p.resource).collect();
        for (i, resource) in resources.into_iter().enumerate() {
            let name = if i == 0 { grant.id.clone() } else { format!("{}/{i}", grant.id) };
            let uids = (
                Uid::parse(&format!("Glasskey::Grant::\"{name}\"")),
                Uid::parse(&format!("Glasskey::Action::\"{action}\"")),
            );
            if let (Ok(uid), Ok(action)) = uids {
                own.insert(uid.clone(), resource.clone());
                scope.push(Pair { action, resource: uid });
            }
        }
        let request = Request {
            principal: by.clone(),
            requested_by: None,
            via: Vec::new(),
            scope,
            purpose: String::new(),
            ttl: None,
            emergency: grant.emergency,
            supports: Vec::new(),
            rule: None,
            channel: String::new(),
            host: record.map(|r| r.ask.host).unwrap_or_default(),
            approvals: Vec::new(),
        };
        let around = Circumstances {
            history: Some(self.history(by, &grant.chains, self.now)),
            grant: Some(super::grant::view(grant)),
            own,
            ..Circumstances::default()
        };
        self.decide(&request, around, self.now)
    }

    pub(super) fn revoked(&mut self, revoked: &Revoked) {
        let Some(grant) = self.grant_of(&revoked.grant) else { return };
        self.grant = Some(grant.id.clone());
        if grant.phase.is_live() && grant.points.get(&revoked.point).is_some_and(|p| p.stray) {
            // What was issued wrongly there has been taken away, as it should.
            return self.confirm(&grant.id, &revoked.point, self.now);
        }
        if grant.phase.is_live() {
            // It is gone where it should be in force: somebody changed the target.
            self.emit(Event::Flagged { grant: grant.id.clone(), flag: Flag::ExternallyModified });
            self.emit(Event::Confirmed {
                grant: grant.id.clone(),
                point: revoked.point.clone(),
                at: self.now,
            });
            return self.end(&grant.id, Cause::Drift, self.now);
        }
        self.confirm(&grant.id, &revoked.point, self.now);
    }

    fn confirm(&mut self, id: &str, point: &str, at: Instant) {
        let confirmed =
            self.life.grant(id).and_then(|g| g.points.get(point)).is_some_and(|p| p.confirmed_at.is_some());
        if !confirmed {
            self.emit(Event::Confirmed { grant: id.to_owned(), point: point.to_owned(), at });
        }
        self.close_if_confirmed(id, at);
    }

    /// Closed is claimed only when every point has confirmed.
    fn close_if_confirmed(&mut self, id: &str, at: Instant) {
        let Some(grant) = self.life.grant(id) else { return };
        let all = grant.points.values().all(|p| p.confirmed_at.is_some());
        let to = grant.phase.after(GrantMove::Confirm).filter(|_| all && !grant.points.is_empty());
        if let Some(to) = to {
            self.emit(Event::GrantMoved { grant: id.to_owned(), to, at });
        }
    }

    pub(super) fn complete(&mut self, complete: &Complete) {
        self.grant = Some(complete.grant.clone());
        let cause = match complete.outcome {
            Outcome::Done => Cause::TaskDone,
            Outcome::Failed => Cause::TaskFailed,
            Outcome::Timeout => Cause::TaskTimeout,
        };
        self.end(&complete.grant, cause, self.now);
    }

    pub(super) fn report(&mut self, report: &Report) {
        self.grant = Some(report.grant.clone());
        let cause = match report.finding {
            Finding::Drift => {
                self.emit(Event::Flagged { grant: report.grant.clone(), flag: Flag::ExternallyModified });
                Cause::Drift
            }
            Finding::Leak => Cause::Leak,
        };
        self.end(&report.grant, cause, self.now);
        let reason = format!("{} reported", cause.as_str());
        let what = What::Page { about: report.grant.clone(), reason };
        self.effect(format!("{}:page:{}", report.grant, cause.as_str()), None, what);
    }

    pub(super) fn alert(&mut self, about: &str, reason: &str) {
        let what = What::Alert { about: about.to_owned(), reason: reason.to_owned() };
        self.effect(format!("{about}:alert:{reason}:{}", self.now), None, what);
    }
}
