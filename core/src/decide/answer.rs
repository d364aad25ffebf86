//! Putting the answer together.

use crate::bundle::{Quorum, Rule, Terms};
use crate::canonical::Digest;
use crate::cedar::{Entities, Evaluator, World};
use crate::decide::explain;
use crate::decide::known::Common;
use crate::decide::lifetime;
use crate::decide::matter::View;
use crate::decide::pair::Examined;
use crate::decide::quorum::{Asked, Seated};
use crate::decide::slice::Slice;
use crate::decide::{Engine, Situation};
use crate::model::{
    Answer, Circumstances, Considered, Decision, Evidence, FailedAt, Limit, Missing, NextAction, Reason,
    ReasonCode, Request, Seats, Support, SupportKind, Validity,
};
use crate::prelude::*;
use crate::time::Instant;
use serde::Serialize;
use serde_json::{Value, json};

/// What is decided, before it is sealed.
struct Draft<'b> {
    answer: Answer,
    rule: Option<&'b Rule>,
    ends: Option<Validity>,
    limits: Vec<Validity>,
    reasons: Vec<Reason>,
    seated: Option<Seated>,
    ask: Option<Digest>,
}

impl<'b> Draft<'b> {
    const fn deny(reasons: Vec<Reason>) -> Self {
        Self {
            answer: Answer::Deny,
            rule: None,
            ends: None,
            limits: Vec::new(),
            reasons,
            seated: None,
            ask: None,
        }
    }
}

/// How much is told; each tells all that the one before it tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Detail {
    /// What a [`crate::model::Verdict`] holds.
    Answer,
    /// A decision that nobody records.
    Reasons,
    /// And the digest of its evidence.
    Evidence,
    /// And the evidence itself.
    Record,
    /// And every rule that was considered.
    Explanation,
}

/// What was decided, in as much detail as was asked for.
pub(crate) struct Decided<'b> {
    pub(crate) decision: Decision,
    situation: Situation<'b>,
    now: Instant,
    /// What was read of the facts; null below [`Detail::Record`].
    facts: Value,
    pub(crate) considered: Vec<Considered>,
    pub(crate) limits: Vec<Validity>,
}

impl Decided<'_> {
    fn evidence(self) -> (Decision, Evidence) {
        let Situation { request, around } = self.situation;
        let evidence = Evidence {
            bundle: self.decision.bundle,
            signed_by: self.decision.signed_by.clone(),
            request: request.into_owned(),
            now: self.now,
            circumstances: Some(Box::new(around)).filter(|around| **around != Circumstances::default()),
            facts: self.facts,
        };
        (self.decision, evidence)
    }
}

impl<'b> Engine<'b> {
    /// Decides, with all that the decision followed from.
    pub(crate) fn recorded(self) -> (Decision, Evidence) {
        self.run(Detail::Record).evidence()
    }

    /// Decides, in as much detail as is asked for.
    pub(crate) fn run(mut self, detail: Detail) -> Decided<'b> {
        if detail < Detail::Evidence {
            self.slice = Slice::default();
        }
        let mut refusals = self.preconditions();
        self.matters = self.find_matters();
        let matters = Arc::clone(&self.matters);
        if refusals.is_empty() {
            for matter in matters.iter() {
                let own = self.structural(matter);
                refusals.extend(own.into_iter().map(|r| self.on_pair(r, &matter.pair)));
            }
        }
        let (view, reads) = (self.view(), self.reads());
        if self.slice.is_kept() {
            view.reach(&mut self.slice, &reads);
        }
        if !refusals.is_empty() {
            return self.seal(Draft::deny(refusals), detail, Vec::new());
        }
        let common = Common::read(
            self.bundle,
            self.facts,
            &self.situation,
            &reads,
            self.now,
            &mut self.horizon,
            &mut self.slice,
        );
        // The reference sees the slice and nothing else, so that it also tests the slice.
        let reach = self.slice.reach();
        let entities: &dyn Entities = match self.evaluator {
            Evaluator::Compiled => &view,
            Evaluator::Reference => &reach,
        };
        let world = World::new(self.bundle.policies(), entities, self.evaluator);
        let examined = self.examine_all(&world, &common);
        let bad: Vec<Reason> = examined.iter().flat_map(|one| one.refusals.iter().cloned()).collect();
        if !bad.is_empty() {
            return self.seal(Draft::deny(bad), detail, Vec::new());
        }
        self.warn(&examined);
        let selected = self.select(&examined, &world);
        let draft = match selected.open {
            Some(rule) => self.open(rule, &examined, &view),
            // A named rule may have a grace to note, which bounds the answer's validity.
            None if detail == Detail::Answer && self.situation.request.rule.is_none() => {
                Draft::deny(Vec::new())
            }
            None => Draft::deny(self.why_not(&examined, &selected)),
        };
        let considered = match detail {
            Detail::Explanation => explain::considered(&self, &examined, &selected, &world),
            _ => Vec::new(),
        };
        self.seal(draft, detail, considered)
    }

    /// Permits that erred do not hold, and somebody should mend them.
    fn warn(&mut self, examined: &[Examined<'b>]) {
        for one in examined {
            for tried in one.tried.iter().filter(|t| t.outcome == FailedAt::Error) {
                let reason = Reason {
                    policy: Some(tried.rule.id().to_owned()),
                    detail: tried.error.clone(),
                    ..Reason::new(ReasonCode::PolicyError)
                };
                let reason = self.on_pair(reason, &one.pair);
                self.warnings.push(reason);
            }
        }
    }

    pub(crate) fn quorum_of<'t>(&self, terms: &'t Terms) -> &'t Quorum {
        match self.situation.around.seats {
            Seats::Extension { ordinal, .. } => terms.quorum_of_extension(ordinal),
            Seats::Rule | Seats::Waived => &terms.quorum,
        }
    }

    /// A rule is open: are its seats filled, and is any time left?
    fn open(&mut self, rule: &'b Rule, examined: &[Examined<'b>], view: &View<'b>) -> Draft<'b> {
        let permitted = Reason { policy: Some(rule.id().to_owned()), ..Reason::new(ReasonCode::Permitted) };
        let mut draft = Draft {
            answer: Answer::Permit,
            rule: Some(rule),
            ends: None,
            limits: Vec::new(),
            reasons: vec![permitted],
            seated: None,
            ask: None,
        };
        let Some(terms) = &rule.terms else { return draft };
        let quorum = self.quorum_of(terms).clone();
        if !quorum.seats.is_empty() && self.situation.around.seats != Seats::Waived {
            let digest = self.ask(rule, terms);
            let extension = match self.situation.around.seats {
                Seats::Extension { ordinal, .. } => ordinal,
                Seats::Rule | Seats::Waived => 0,
            };
            let asked = Asked {
                rule: rule.id(),
                quorum: &quorum,
                approval_ttl: terms.approval_ttl,
                digest,
                extension,
            };
            let seated = self.seat(&asked, examined, view);
            draft.ask = Some(digest);
            if !seated.missing.is_empty() {
                let (answer, code) = if seated.reachable {
                    (Answer::Pending, ReasonCode::ApprovalsMissing)
                } else {
                    (Answer::Deny, ReasonCode::QuorumUnreachable)
                };
                draft.answer = answer;
                self.note_better_unknown(rule, examined);
                let first = Reason { policy: Some(rule.id().to_owned()), ..Reason::new(code) };
                draft.reasons = vec![first];
            }
            draft.seated = Some(seated);
        }
        let approved = draft.seated.as_ref().and_then(|s| s.max_ttl);
        draft.limits = self.limits(terms, examined, approved);
        let ends = draft.limits.first().copied();
        if let Some(ends) = ends {
            if ends.at <= self.at {
                let none = Reason { detail: Some(limit_name(&ends)), ..Reason::new(ReasonCode::NoTimeLeft) };
                return Draft { rule: Some(rule), limits: draft.limits, ..Draft::deny(vec![none]) };
            }
            if draft.answer == Answer::Permit {
                self.horizon.note(ends.at, ends.by);
                if let Some(idle) = self.idle_end(terms) {
                    self.horizon.note(idle, Limit::Idle);
                }
                draft.ends = Some(ends);
            }
        }
        draft
    }

    /// The digest of exactly this ask: what an approval must name.
    pub(crate) fn ask(&self, rule: &Rule, terms: &Terms) -> Digest {
        let request = &self.situation.request;
        let bound = match &self.situation.around.seats {
            Seats::Extension { bound, .. } => Some(*bound),
            Seats::Rule | Seats::Waived => None,
        };
        let supports: Vec<Support> = request
            .supports
            .iter()
            .map(|support| {
                let current = self.facts.incident(&support.id).map(|i| i.epoch);
                let epoch = match support.kind {
                    SupportKind::Incident => support.epoch.or(current),
                    _ => None,
                };
                Support { epoch, ..support.clone() }
            })
            .collect();
        let (lifetime, _) = lifetime::of_rule(terms, request.ttl);
        Digest::of_canonical(&json!({
            "principal": request.principal,
            "requested_by": request.requested_by,
            "via": request.via,
            "scope": request.scope,
            "ttl": self.situation.around.lifetime.map_or(lifetime, |(fixed, _)| fixed),
            "supports": supports,
            "emergency": request.emergency,
            "purpose": request.purpose,
            "host": request.host,
            "rule": rule.id(),
            "bundle": self.bundle.digest(),
            "extends": bound,
        }))
    }

    fn seal(mut self, draft: Draft<'b>, detail: Detail, considered: Vec<Considered>) -> Decided<'b> {
        let mut facts = Value::Null;
        let digests = (detail >= Detail::Evidence).then(|| {
            let document = self.slice.document(self.facts, self.bundle);
            if detail >= Detail::Record {
                facts = serde_json::to_value(&document).unwrap_or_default();
            }
            let read = Digest::of_canonical(&document);
            (read, self.evaluation_id(read))
        });
        let (digest, id) = digests.unzip();
        let mut missing = core::mem::take(&mut self.missing);
        let (mut seats, mut reasons) = (Vec::new(), draft.reasons);
        if let Some(seated) = draft.seated {
            seats = seated.filled;
            missing.extend(seated.missing);
            reasons.extend(seated.notes);
        }
        if draft.answer == Answer::Permit {
            missing.clear();
        }
        dedup(&mut reasons);
        dedup(&mut missing);
        let valid = self.horizon.first();
        let permit = draft.answer == Answer::Permit;
        let decision = Decision {
            decision: draft.answer,
            rule: draft.rule.map(|r| r.id().to_owned()),
            ends_at: draft.ends.map(|e| e.at),
            ends_by: draft.ends.map(|e| e.by),
            valid_until: valid.map(|v| v.at),
            valid_by: valid.map(|v| v.by),
            obligations: draft.rule.filter(|_| permit).map(|r| r.obligations.clone()).unwrap_or_default(),
            next_action: next_action(draft.answer, &reasons, &missing),
            reasons,
            missing,
            seats,
            ask: draft.ask,
            warnings: core::mem::take(&mut self.warnings),
            evaluation_id: id,
            bundle: self.bundle.digest(),
            signed_by: self.bundle.signed_by().to_vec(),
            evidence: digest,
        };
        let Self { situation, now, .. } = self;
        Decided { decision, situation, now, facts, considered, limits: draft.limits }
    }

    fn evaluation_id(&self, facts: Digest) -> String {
        let Situation { request, around } = &self.situation;
        let id = Digest::of_canonical(&Evaluation {
            bundle: self.bundle.digest(),
            circumstances: Some(around).filter(|around| **around != Circumstances::default()),
            facts,
            now: self.now,
            request,
        });
        format!("eval_{}", id.hex())
    }
}

/// All that a decision follows from, the facts by their digest.
#[derive(Serialize)]
struct Evaluation<'e> {
    bundle: Digest,
    circumstances: Option<&'e Circumstances>,
    facts: Digest,
    now: Instant,
    request: &'e Request,
}

fn limit_name(ends: &Validity) -> String {
    let name = serde_json::to_value(ends.by).ok().and_then(|v| v.as_str().map(ToOwned::to_owned));
    format!("{} at {}", name.unwrap_or_default(), ends.at)
}

fn dedup<T: PartialEq>(list: &mut Vec<T>) {
    let mut kept: Vec<T> = Vec::with_capacity(list.len());
    for item in list.drain(..) {
        if !kept.contains(&item) {
            kept.push(item);
        }
    }
    *list = kept;
}

fn next_action(answer: Answer, reasons: &[Reason], missing: &[Missing]) -> NextAction {
    let waits = missing.iter().any(|m| matches!(m, Missing::Fact { .. } | Missing::Wait { .. }));
    let asks = missing.iter().any(|m| matches!(m, Missing::Support { .. } | Missing::Drop { .. }));
    let advised = reasons.iter().any(|r| r.advice.is_some());
    match answer {
        Answer::Permit => NextAction::None,
        Answer::Pending => NextAction::Retry,
        Answer::Deny if asks => NextAction::Request,
        Answer::Deny if waits => NextAction::Retry,
        Answer::Deny if advised => NextAction::Request,
        Answer::Deny => NextAction::None,
    }
}
