//! Putting a grant in force at its enforcement points.

use crate::lifecycle::effect::What;
use crate::lifecycle::recheck::Trigger;
use crate::lifecycle::record::{Flag, Point};
use crate::lifecycle::step::{Step, because};
use crate::lifecycle::{Cause, Event, Grant, GrantPhase, IssueFailed, Issued};
use crate::model::{NextAction, Pair, ReasonCode};
use crate::prelude::*;
use crate::time::Instant;

/// The point that stands for whatever may exist when nothing was reported as issued.
pub(super) const ISSUER: &str = "issuer";

impl Step<'_> {
    /// Whether every target can take a credential back.
    pub(super) fn revocable(&self, scope: &[Pair]) -> bool {
        scope.iter().all(|pair| {
            let entity = self.life.facts.entities.get(&pair.resource);
            entity.and_then(|e| e.bool_attr("revocable")) != Some(false)
        })
    }

    /// No credential outlives the grant, nor, where it cannot be taken back, the time that a
    /// revocation may take at most.
    fn credential_bound(&self, grant: &Grant) -> Instant {
        let slo = self.life.bundle.manifest().defaults.revocation_slo;
        if grant.revocable { grant.ends_at } else { grant.ends_at.min(self.now.plus(slo)) }
    }

    pub(super) fn ask_to_issue(&mut self, grant: &Grant) {
        let what = What::Issue {
            grant: grant.id.clone(),
            principal: grant.principal.clone(),
            scope: grant.scope.clone(),
            ends_at: grant.ends_at,
            credential_expires_by: self.credential_bound(grant),
            obligations: grant.obligations.clone(),
        };
        self.effect(format!("{}:issue:{}", grant.id, grant.ends_at), Some(grant.issue_by), what);
    }

    pub(super) fn issued(&mut self, issued: &Issued) {
        let Some(grant) = self.grant_of(&issued.grant) else { return };
        self.grant = Some(grant.id.clone());
        if !grant.phase.is_live() {
            // Born revoked: it exists all the same, so it has to be taken away and confirmed.
            return self.reject(&grant, issued, ReasonCode::GrantEnded, "the grant has ended");
        }
        if self.suspect {
            return self.reject(&grant, issued, ReasonCode::ClockSuspect, "the clock is in doubt");
        }
        let bound = self.credential_bound(&grant);
        if issued.expires_at.is_some_and(|expires| expires > bound) {
            let why = format!("the credential would outlive {bound}");
            return self.reject(&grant, issued, ReasonCode::CredentialTooLong, &why);
        }
        if !grant.revocable && issued.expires_at.is_none() {
            let why = "a credential that cannot be taken back must die by itself";
            return self.reject(&grant, issued, ReasonCode::CredentialTooLong, why);
        }
        self.emit(Event::Issued {
            grant: grant.id.clone(),
            points: issued.points.clone(),
            credential_ref: issued.credential_ref.clone(),
            credential_expires_at: issued.expires_at,
        });
        if grant.phase == GrantPhase::Issuing {
            // A fact may have gone unknown while it was being issued.
            self.recheck_grant(&grant.id, self.now, Trigger::Time);
        }
    }

    fn reject(&mut self, grant: &Grant, issued: &Issued, code: ReasonCode, why: &str) {
        self.emit(Event::IssueRejected {
            grant: grant.id.clone(),
            points: issued.points.clone(),
            confirm_by: (!grant.phase.is_live()).then(|| self.compensate_by()),
            reason: why.to_owned(),
        });
        self.compensate(grant, &issued.points, why);
        if grant.phase == GrantPhase::Closed {
            // Its end was confirmed, and yet something is there.
            self.emit(Event::Flagged { grant: grant.id.clone(), flag: Flag::ExternallyModified });
            let what = What::Page { about: grant.id.clone(), reason: "issued after the end".to_owned() };
            self.effect(format!("{}:page:issued_late:{}", grant.id, self.now), None, what);
        }
        self.refuse(because(code, why), NextAction::Retry);
    }

    fn compensate_by(&self) -> Instant {
        self.now.plus(self.life.bundle.manifest().defaults.revoke_deadline)
    }

    fn compensate(&mut self, grant: &Grant, points: &[String], why: &str) {
        let deadline = self.compensate_by();
        for point in points {
            let what =
                What::Compensate { grant: grant.id.clone(), point: point.clone(), reason: why.to_owned() };
            self.effect(format!("{}:compensate:{point}:{}", grant.id, self.now), Some(deadline), what);
        }
    }

    pub(super) fn issue_failed(&mut self, failed: &IssueFailed) {
        let Some(grant) = self.grant_of(&failed.grant) else { return };
        self.grant = Some(grant.id.clone());
        if grant.phase != GrantPhase::Issuing {
            return self.refuse(because(ReasonCode::GrantNotIssuing, grant.phase.as_str()), NextAction::None);
        }
        let why = if failed.reason.is_empty() { "it could not be issued" } else { failed.reason.as_str() };
        self.fail_to_issue(&grant, failed.points.clone(), why, self.now);
    }

    /// Something may exist all the same: at the points that are named, or wherever the issuer
    /// may have left it.
    pub(super) fn fail_to_issue(&mut self, grant: &Grant, named: Vec<String>, why: &str, at: Instant) {
        let named = if named.is_empty() { vec![ISSUER.to_owned()] } else { named };
        let mut points: BTreeSet<String> = self.points_to_confirm(grant).into_iter().collect();
        if !named.iter().any(|p| p == ISSUER) {
            points.remove(ISSUER);
        }
        points.extend(named.iter().cloned());
        self.end_at_points(grant, Cause::IssueFailed, at, &points.into_iter().collect::<Vec<_>>(), None);
        self.compensate(grant, &named, why);
    }

    /// What has to confirm the end of a grant.
    pub(super) fn points_to_confirm(&self, grant: &Grant) -> Vec<String> {
        let open = |(_, p): &(&String, &Point)| p.confirmed_at.is_none();
        let mut points: Vec<String> =
            grant.points.iter().filter(open).map(|(name, _)| name.clone()).collect();
        if grant.points.values().all(|p| p.stray) {
            // Nobody has said yet where it is in force.
            points.push(ISSUER.to_owned());
        }
        if grant.has_obligation("rotate_after_use") {
            points.push(super::revoke::ROTATION.to_owned());
        }
        points
    }
}
