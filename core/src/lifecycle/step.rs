//! One command under way: events are applied as they are made, effects gathered.

use crate::bundle::{Bundle, Rule};
use crate::canonical::Digest;
use crate::cedar::Uid;
use crate::decide::{CLOCK_SUSPECT_AFTER, Engine, Situation};
use crate::facts::Facts;
use crate::lifecycle::effect::{Effect, What};
use crate::lifecycle::{
    Act, Applied, Command, Ended, Event, Grant, Lifecycle, Point, Prepared, RequestRecord, Standing,
};
use crate::model::{Answer, Circumstances, Decision, Evidence, NextAction, Reason, ReasonCode, Request};
use crate::prelude::*;
use crate::time::{Instant, Span};

/// A command under way.
pub(super) struct Step<'l> {
    pub(super) life: &'l mut Lifecycle,
    pub(super) now: Instant,
    /// The clock went back too far to permit anything.
    pub(super) suspect: bool,
    behind: Span,
    pub(super) events: Vec<Event>,
    pub(super) effects: Vec<Effect>,
    effect_keys: BTreeSet<String>,
    pub(super) ended: Vec<Ended>,
    /// Of those, whose entitlements have yet to be looked at.
    pub(super) unsettled: BTreeSet<String>,
    pub(super) decision: Option<Decision>,
    pub(super) evidence: Option<Evidence>,
    pub(super) request: Option<String>,
    pub(super) grant: Option<String>,
    pub(super) extension: Option<String>,
}

impl<'l> Step<'l> {
    pub(super) fn new(life: &'l mut Lifecycle, now: Instant, behind: Span) -> Self {
        Self {
            life,
            now,
            suspect: behind > CLOCK_SUSPECT_AFTER,
            behind,
            events: Vec::new(),
            effects: Vec::new(),
            effect_keys: BTreeSet::new(),
            ended: Vec::new(),
            unsettled: BTreeSet::new(),
            decision: None,
            evidence: None,
            request: None,
            grant: None,
            extension: None,
        }
    }

    /// Does what is due, then what is asked, then what follows from it.
    pub(super) fn run(&mut self, command: &Command, prepared: Option<Prepared>) {
        if self.suspect {
            self.emit(Event::ClockSuspect { behind: self.behind });
        }
        self.sweep();
        match &command.act {
            Act::Observe(_) => {
                if let Some(prepared) = prepared {
                    self.observe(prepared);
                }
            }
            Act::Submit(submit) => self.submit(submit, &command.command_id),
            Act::Approve(approve) => self.approve(approve),
            Act::Deny(deny) => self.deny(deny),
            Act::Withdraw(withdraw) => self.withdraw(withdraw),
            Act::Activate(activate) => self.activate(activate),
            Act::Issued(issued) => self.issued(issued),
            Act::IssueFailed(failed) => self.issue_failed(failed),
            Act::Use(used) => self.use_grant(used),
            Act::Extend(extend) => self.extend(extend, &command.command_id),
            Act::Revoke(revoke) => self.revoke(revoke),
            Act::Revoked(revoked) => self.revoked(revoked),
            Act::Complete(complete) => self.complete(complete),
            Act::Report(report) => self.report(report),
            Act::Review(review) => self.review(review),
            Act::Reconcile(reconcile) => self.reconcile(reconcile),
            Act::Tick(_) => {}
        }
        self.sweep();
    }

    /// Another bundle decides from here on.
    pub(super) fn change_bundle(&mut self, bundle: Bundle, facts: Facts) {
        self.sweep();
        let (from, to) = (self.life.bundle.digest(), bundle.digest());
        self.life.bundle = bundle;
        self.life.facts = facts;
        self.emit(Event::BundleChanged { from, to });
        self.recheck_everything();
        self.sweep();
    }

    pub(super) fn emit(&mut self, event: Event) {
        self.life.state.evolve(&event, self.now);
        self.events.push(event);
    }

    pub(super) fn effect(&mut self, key: String, deadline: Option<Instant>, what: What) {
        if self.effect_keys.insert(key.clone()) {
            self.effects.push(Effect::new(key, deadline, what));
        }
    }

    pub(super) fn finish(mut self, command: &Command, digest: Digest) -> Applied {
        self.settle_revocations();
        let mut ended = core::mem::take(&mut self.ended);
        ended.sort_by_cached_key(|e| (e.at, self.life.grant(&e.grant).map(|g| g.seq)));
        let standing = self.standing();
        let applied = Applied {
            seq: self.life.seq.saturating_add(1),
            at: self.now,
            command_id: command.command_id.clone(),
            command: digest,
            act: command.act.name().to_owned(),
            request: self.request,
            grant: self.grant,
            extension: self.extension,
            standing,
            decision: self.decision,
            evidence: self.evidence,
            ended,
            events: self.events,
            effects: self.effects,
        };
        self.life.state.last = Some(self.now);
        applied
    }

    /// Where the thing that the command was about stands now.
    fn standing(&self) -> Standing {
        let extension =
            self.extension.as_deref().and_then(|x| self.life.extension(x)).map(|x| x.phase.as_str());
        let request = self.request.as_deref().and_then(|r| self.life.request(r)).map(|r| r.phase.as_str());
        let Some(grant) = self.grant.as_deref().and_then(|g| self.life.grant(g)) else {
            return Standing { state: extension.or(request).map(ToOwned::to_owned), ..Standing::default() };
        };
        let waiting = |(name, p): (&String, &Point)| (p.confirmed_at.is_none()).then(|| name.clone());
        Standing {
            state: Some(extension.unwrap_or(grant.phase.as_str()).to_owned()),
            started_at: Some(grant.started),
            ended_at: grant.ended_at,
            flags: grant.flags.clone(),
            unconfirmed: grant.points.iter().filter(|_| !grant.phase.is_live()).filter_map(waiting).collect(),
        }
    }

    pub(super) fn grant_of(&self, id: &str) -> Option<Grant> {
        self.life.grant(id).cloned()
    }

    pub(super) fn request_of(&self, id: &str) -> Option<RequestRecord> {
        self.life.request(id).cloned()
    }

    pub(super) fn rule(&self, id: &str) -> Option<Rule> {
        self.life.bundle.rule(id).cloned()
    }

    /// Decides, as of this step or an instant before it.
    pub(super) fn decide(
        &self,
        request: &Request,
        around: Circumstances,
        at: Instant,
    ) -> (Decision, Evidence) {
        let situation = Situation { request: request.in_order(), around };
        Engine::new(&self.life.bundle, &self.life.facts, situation, at).recorded()
    }

    /// The decision is the answer to the caller.
    pub(super) fn answer(&mut self, decided: (Decision, Evidence)) {
        self.decision = Some(decided.0);
        self.evidence = Some(decided.1);
    }

    /// A refusal by the lifecycle itself, where the policies were not, or need not be, asked.
    pub(super) fn refuse(&mut self, reason: Reason, next_action: NextAction) {
        self.decision = Some(self.refusal(vec![reason], next_action));
        self.evidence = None;
    }

    pub(super) fn refusal(&self, reasons: Vec<Reason>, next_action: NextAction) -> Decision {
        let nothing = Digest::of_canonical(&serde_json::json!({}));
        let id = Digest::of_canonical(&(self.life.seq, self.now, &reasons));
        Decision {
            decision: Answer::Deny,
            rule: None,
            ends_at: None,
            ends_by: None,
            valid_until: None,
            valid_by: None,
            obligations: Vec::new(),
            reasons,
            missing: Vec::new(),
            seats: Vec::new(),
            next_action,
            ask: None,
            warnings: Vec::new(),
            evaluation_id: Some(format!("eval_{}", id.hex())),
            bundle: self.life.bundle.digest(),
            signed_by: self.life.bundle.signed_by().to_vec(),
            evidence: Some(nothing),
        }
    }

    /// Nothing new is permitted while the clock is in doubt.
    pub(super) fn refuse_if_suspect(&mut self) -> bool {
        if self.suspect {
            self.refuse(Reason::new(ReasonCode::ClockSuspect), NextAction::Retry);
        }
        self.suspect
    }

    /// A person by uid or alias, as far as the facts know one.
    pub(super) fn person(&self, name: &str) -> Option<Uid> {
        let uid =
            Uid::parse(name).ok().or_else(|| self.life.facts.alias(name).map(|(_, uid)| uid.clone()))?;
        self.life.facts.entities.get(&uid).map(|_| uid)
    }
}

/// A name made from what it stands for: ids are digests.
pub(super) fn id(prefix: &str, of: &impl serde::Serialize) -> String {
    let hex = Digest::of_canonical(of).hex();
    format!("{prefix}_{}", hex.get(..24).unwrap_or(&hex))
}

/// A reason with a word on it.
pub(super) fn because(code: ReasonCode, detail: impl Into<String>) -> Reason {
    Reason { detail: Some(detail.into()), ..Reason::new(code) }
}
