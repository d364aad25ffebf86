//! The state: what the events made it.

use crate::cedar::Uid;
use crate::lifecycle::event::Event;
use crate::lifecycle::index::{Index, Ref};
use crate::lifecycle::name::Name;
use crate::lifecycle::past::Past;
use crate::lifecycle::record::{Extension, ExtensionRatio, Flag, Grant, Point, RequestRecord};
use crate::lifecycle::{GrantPhase, RequestPhase};
use crate::model::{Approval, ReasonCode};
use crate::prelude::*;
use crate::time::{Instant, Span};

/// Grants and extensions of one holder for one reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Chain {
    /// In the order in which they began.
    pub(super) grants: Vec<String>,
    /// Extensions so far, re-requests that joined included.
    pub(super) extensions: u32,
    /// How often one was asked for, whatever came of it.
    pub(super) attempts: u32,
    /// Who sat in the seats of the last one.
    pub(super) last_approvers: BTreeSet<Uid>,
}

/// Everything that the lifecycle remembers besides the facts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    pub(super) requests: BTreeMap<Name, RequestRecord>,
    pub(super) grants: BTreeMap<Name, Grant>,
    pub(super) extensions: BTreeMap<String, Extension>,
    /// Pending extensions by grant.
    pub(super) pending_extension: BTreeMap<String, String>,
    pub(super) chains: BTreeMap<String, Chain>,
    pub(super) past: BTreeMap<Uid, Past>,
    pub(super) index: Index,
    /// The latest instant seen.
    pub(super) last: Option<Instant>,
}

/// Whether an approval with this against it can never fill a seat.
const fn never_counts(why: ReasonCode) -> bool {
    matches!(
        why,
        ReasonCode::ApproverUnknown
            | ReasonCode::ApproverConflict
            | ReasonCode::ApprovalUnbound
            | ReasonCode::RequestOver
    )
}

/// Of several approvals of one ask by one person the latest stands.
fn give(approvals: &mut Vec<Approval>, approval: &Approval) {
    approvals.retain(|a| a.by != approval.by || a.ask != approval.ask);
    approvals.push(approval.clone());
}

impl State {
    fn on_grant(&mut self, id: &str, change: impl FnOnce(&mut Grant)) {
        let Some(grant) = self.grants.get_mut(id.as_bytes()) else { return };
        let before = (grant.keys(), grant.due());
        change(grant);
        self.index.change(&Ref::grant(id), before, (grant.keys(), grant.due()));
    }

    fn on_request(&mut self, id: &str, change: impl FnOnce(&mut RequestRecord)) {
        let Some(record) = self.requests.get_mut(id.as_bytes()) else { return };
        let before = (record.keys(), record.due());
        change(record);
        self.index.change(&Ref::request(id), before, (record.keys(), record.due()));
    }

    fn past_of(&mut self, grant: &str) -> Option<&mut Past> {
        let holder = self.grants.get(grant.as_bytes())?.principal.clone();
        Some(self.past.entry(holder).or_default())
    }

    /// Applies one event. Total: an event about something unknown changes nothing.
    pub(super) fn evolve(&mut self, event: &Event, now: Instant) {
        match event {
            Event::Observed { .. } | Event::BundleChanged { .. } | Event::ClockSuspect { .. } => {}
            Event::IssueRejected { grant, points, confirm_by, .. } => self.on_grant(grant, |g| {
                // Something may exist there, so its end must be confirmed there too.
                let revoking = g.phase == GrantPhase::Revoking;
                let stray = Point {
                    confirm_by: confirm_by.filter(|_| revoking),
                    stray: !revoking,
                    ..Point::default()
                };
                for point in points.iter().filter(|_| g.phase.is_open()) {
                    let known = g.points.entry(point.clone()).or_insert(stray);
                    if known.confirmed_at.is_some() {
                        *known = stray;
                    }
                }
            }),
            Event::Submitted { record } => self.submitted(record, now),
            Event::ApprovalRecorded { request, approval, reason, .. } => {
                if reason.as_ref().is_some_and(|r| never_counts(r.code)) {
                    return;
                }
                if let Some(extension) = self.extensions.get_mut(request) {
                    give(&mut extension.approvals, approval);
                } else {
                    self.on_request(request, |r| give(&mut r.ask.approvals, approval));
                }
            }
            Event::Joined { request, ordinal } => {
                // Until then it was an ask of its own.
                let own = self
                    .requests
                    .get(request.as_bytes())
                    .filter(|r| r.ordinal == 0)
                    .map(|r| r.chains.clone());
                self.attempted(&own.unwrap_or_default());
                self.on_request(request, |r| r.ordinal = *ordinal);
            }
            Event::RequestMoved { request, to, cause, until, .. } => self.on_request(request, |r| {
                r.phase = *to;
                r.cause = *cause;
                r.approved_until = *until;
                if r.phase.is_terminal() {
                    r.valid_until = None;
                }
            }),
            Event::RequestChecked { request, valid_until, digest } => self.on_request(request, |r| {
                r.valid_until = *valid_until;
                r.digest = *digest;
            }),
            Event::Activated { grant, ordinal } => self.activated(grant, *ordinal),
            Event::Issued { grant, points, credential_ref, credential_expires_at } => {
                self.on_grant(grant, |g| {
                    if g.phase == GrantPhase::Issuing {
                        g.phase = GrantPhase::Active;
                    }
                    points.iter().for_each(|p| {
                        g.points.insert(p.clone(), Point::default());
                    });
                    g.credential_ref.clone_from(credential_ref);
                    g.credential_expires_at = *credential_expires_at;
                })
            }
            Event::GrantChecked { grant, valid_until } => {
                self.on_grant(grant, |g| g.valid_until = *valid_until)
            }
            Event::GrantMoved { grant, to, at } => self.on_grant(grant, |g| {
                g.phase = *to;
                if g.phase == GrantPhase::Closed {
                    g.ended_at = Some(*at);
                }
            }),
            Event::Shortened { grant, ends_at, ends_by } => self.on_grant(grant, |g| {
                g.ends_at = *ends_at;
                g.ends_by = *ends_by;
            }),
            Event::Tightened { grant, idle, uses_max } => self.on_grant(grant, |g| {
                g.idle = *idle;
                g.uses_max = *uses_max;
            }),
            Event::Used { grant, permitted: true, at, .. } => self.on_grant(grant, |g| {
                g.uses = g.uses.saturating_add(1);
                g.last_use = Some(*at);
            }),
            Event::Used { grant, at, .. } => {
                if let Some(past) = self.past_of(grant) {
                    past.refused(*at);
                }
            }
            Event::ExtensionAsked { extension } => {
                let chains =
                    self.grants.get(extension.grant.as_bytes()).map(|g| g.chains.clone()).unwrap_or_default();
                self.attempted(&chains);
                if !extension.phase.is_terminal() {
                    self.pending_extension.insert(extension.grant.clone(), extension.id.clone());
                }
                self.extensions.insert(extension.id.clone(), extension.as_ref().clone());
            }
            Event::ExtensionMoved { extension, to, approvers } => {
                self.extension_moved(extension, *to, approvers)
            }
            Event::Ended { grant, cause, at, points, .. } => self.on_grant(grant, |g| {
                g.phase = GrantPhase::Revoking;
                g.cause = Some(*cause);
                g.revoking_at = Some(*at);
                g.valid_until = None;
                for (point, by) in points {
                    g.points.entry(point.clone()).or_default().confirm_by = Some(*by);
                }
            }),
            Event::AlsoEnded { grant, cause } => self.on_grant(grant, |g| {
                if !g.also.contains(cause) {
                    g.also.push(*cause);
                }
            }),
            Event::Retained { point, by, .. } => self.on_grant(by, |g| {
                let known = g.points.entry(point.clone()).or_default();
                if known.confirmed_at.is_some() || known.stray {
                    *known = Point::default();
                }
            }),
            Event::Late { grant, point } => self.on_grant(grant, |g| {
                if let Some(point) = g.points.get_mut(point) {
                    point.late = true;
                }
            }),
            Event::Confirmed { grant, point, at } => self.on_grant(grant, |g| {
                if let Some(point) = g.points.get_mut(point) {
                    point.confirmed_at.get_or_insert(*at);
                }
            }),
            Event::Flagged { grant, flag } => self.flagged(grant, *flag),
            Event::ReviewOpened { grant, due_by } => self.on_grant(grant, |g| g.review_by = Some(*due_by)),
            Event::Reviewed { grant, review } => {
                let overdue =
                    self.grants.get(grant.as_bytes()).is_some_and(|g| g.flags.contains(&Flag::ReviewOverdue));
                self.on_grant(grant, |g| g.review = Some(review.clone()));
                if let Some(past) = self.past_of(grant).filter(|_| overdue) {
                    past.overdue_reviews = past.overdue_reviews.saturating_sub(1);
                }
            }
            Event::Reconciled { grant, .. } => {
                let due =
                    self.grants.get(grant.as_bytes()).is_some_and(|g| g.flags.contains(&Flag::ReconcileDue));
                self.on_grant(grant, |g| {
                    g.flags.remove(&Flag::ReconcileDue);
                });
                if let Some(past) = self.past_of(grant).filter(|_| due) {
                    past.debts = past.debts.saturating_sub(1);
                }
            }
        }
    }

    /// Forgets a grant with its request and its extensions.
    pub(super) fn forget(&mut self, id: &str) {
        let Some(grant) = self.grants.remove(id.as_bytes()) else { return };
        self.index.remove(&Ref::grant(id), grant.keys(), grant.due());
        if let Some(request) = self.requests.remove(grant.request.as_bytes()) {
            self.index.remove(&Ref::request(&grant.request), request.keys(), request.due());
        }
        self.pending_extension.remove(id);
        self.extensions.retain(|_, x| x.grant != id);
        for name in &grant.chains {
            if let Some(chain) = self.chains.get_mut(name) {
                chain.grants.retain(|g| g != id);
            }
        }
        self.chains.retain(|_, chain| !chain.grants.is_empty());
    }

    fn submitted(&mut self, record: &RequestRecord, now: Instant) {
        if record.phase == RequestPhase::Refused {
            self.past.entry(record.ask.principal.clone()).or_default().refused(now);
        }
        if record.ordinal > 0 {
            self.attempted(&record.chains);
        }
        self.index.add(&Ref::request(&record.id), record.keys(), record.due());
        self.requests.insert(record.id.as_str().into(), record.clone());
    }

    /// More time was asked for in these chains.
    fn attempted(&mut self, chains: &BTreeSet<String>) {
        for chain in chains {
            if let Some(chain) = self.chains.get_mut(chain) {
                chain.attempts = chain.attempts.saturating_add(1);
            }
        }
    }

    fn activated(&mut self, grant: &Grant, ordinal: u32) {
        let past = self.past.entry(grant.principal.clone()).or_default();
        past.activated(grant.started, grant.emergency);
        for chain in &grant.chains {
            let chain = self.chains.entry(chain.clone()).or_default();
            chain.grants.push(grant.id.clone());
            if ordinal > 0 {
                chain.extensions = chain.extensions.max(ordinal);
                chain.last_approvers.clone_from(&grant.approvers);
            }
        }
        self.on_request(&grant.request, |r| {
            r.phase = RequestPhase::Consumed;
            r.grant = Some(grant.id.clone());
            r.valid_until = None;
        });
        self.index.add(&Ref::grant(&grant.id), grant.keys(), grant.due());
        self.grants.insert(grant.id.as_str().into(), grant.clone());
    }

    fn extension_moved(&mut self, id: &str, to: RequestPhase, approvers: &BTreeSet<Uid>) {
        let Some(extension) = self.extensions.get_mut(id) else { return };
        extension.phase = to;
        let (grant, ends_at, ends_by, ordinal, asked_at) = (
            extension.grant.clone(),
            extension.ends_at,
            extension.ends_by,
            extension.ordinal,
            extension.asked_at,
        );
        if to.is_terminal() {
            self.pending_extension.remove(&grant);
        }
        if to != RequestPhase::Consumed {
            return;
        }
        let chains = self.grants.get(grant.as_bytes()).map(|g| g.chains.clone()).unwrap_or_default();
        for chain in chains {
            if let Some(chain) = self.chains.get_mut(&chain) {
                chain.extensions = chain.extensions.max(ordinal);
                chain.last_approvers.clone_from(approvers);
            }
        }
        self.on_grant(&grant, |g| {
            g.ends_at = ends_at;
            g.ends_by = ends_by;
            g.extension_approvers.clone_from(approvers);
            g.extended_at = Some(asked_at);
        });
    }

    fn flagged(&mut self, grant: &str, flag: Flag) {
        let new = self.grants.get(grant.as_bytes()).is_some_and(|g| !g.flags.contains(&flag));
        self.on_grant(grant, |g| {
            g.flags.insert(flag);
        });
        if let Some(past) = self.past_of(grant).filter(|_| new) {
            match flag {
                Flag::ReviewOverdue => past.overdue_reviews = past.overdue_reviews.saturating_add(1),
                Flag::ReconcileDue => past.debts = past.debts.saturating_add(1),
                _ => {}
            }
        }
    }

    /// How often more time was asked for, in the chain in which it was most often; none if never.
    pub(super) fn extension_ratio(&self, chains: &BTreeSet<String>, now: Instant) -> Option<ExtensionRatio> {
        let chains = chains.iter().filter_map(|c| self.chains.get(c));
        let most = chains.filter(|c| c.attempts > 0).max_by_key(|c| (c.attempts, c.extensions))?;
        let began =
            most.grants.iter().find_map(|id| self.grants.get(id.as_bytes())).map_or(now, |g| g.started);
        Some(ExtensionRatio { attempts: most.attempts, granted: most.extensions, within: now.since(began) })
    }

    /// The time in which a grant of the chain was in force so far, of the chain that has most.
    pub(super) fn chain_time(&self, chains: &BTreeSet<String>, now: Instant) -> Span {
        let spent = |chain: &Chain| {
            let mut total = Span::ZERO;
            let mut until: Option<Instant> = None;
            for grant in chain.grants.iter().filter_map(|id| self.grants.get(id.as_bytes())) {
                let end = grant.revoking_at.unwrap_or(now).min(now);
                // Grants side by side spend the same time.
                let start = until.map_or(grant.started, |until| until.max(grant.started));
                total = total.plus(end.since(start));
                until = until.max(Some(end));
            }
            total
        };
        chains.iter().filter_map(|c| self.chains.get(c)).map(spent).max().unwrap_or_default()
    }
}
