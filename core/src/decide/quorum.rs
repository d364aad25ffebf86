//! Approvals: which count, who sits where, and who could still sit.

use crate::bundle::Quorum;
use crate::canonical::Digest;
use crate::cedar::{Entities, Entity, Evaluator, Outcome, Reads, Record, Uid, World};
use crate::decide::Engine;
use crate::decide::known::{self, Common};
use crate::decide::matching::{self, Fits};
use crate::decide::matter::View;
use crate::decide::pair::Examined;
use crate::decide::slice::Reach;
use crate::facts::Facts;
use crate::limits::CANDIDATES_MAX;
use crate::model::{ActorKind, Approval, Candidates, Limit, Missing, Reason, ReasonCode, SeatFilled};
use crate::prelude::*;
use crate::time::Span;

/// What an approval must be bound to, and what it is checked against.
pub(crate) struct Asked<'a> {
    pub(crate) rule: &'a str,
    pub(crate) quorum: &'a Quorum,
    pub(crate) approval_ttl: Span,
    pub(crate) digest: Digest,
    /// 0 for the first approval, then the extension's ordinal.
    pub(crate) extension: u32,
}

/// How the seats stand.
pub(crate) struct Seated {
    pub(crate) filled: Vec<SeatFilled>,
    pub(crate) missing: Vec<Missing>,
    /// Approvals that do not count, and why.
    pub(crate) notes: Vec<Reason>,
    /// The shortest lifetime that an approval agrees to.
    pub(crate) max_ttl: Option<Span>,
    /// The seats can still be filled, or are.
    pub(crate) reachable: bool,
}

struct Counted {
    by: Uid,
    seats: BTreeSet<String>,
    max_ttl: Option<Span>,
}

impl Engine<'_> {
    /// Matches the approvals to the seats.
    pub(crate) fn seat(&mut self, asked: &Asked<'_>, examined: &[Examined<'_>], view: &View<'_>) -> Seated {
        let slots: Vec<String> = asked.quorum.slots().into_iter().map(ToOwned::to_owned).collect();
        let mut notes = Vec::new();
        let mut counted = Vec::new();
        let mut room = SeatRoom::open(self, asked, examined, view);
        let approvals = latest_of_each(&self.situation.request.approvals.clone());
        for approval in &approvals {
            match self.count(approval, asked, &mut room) {
                Ok(one) => counted.push(one),
                Err(note) => notes.push(*note),
            }
        }
        counted.sort_by(|a, b| a.by.cmp(&b.by));
        counted.dedup_by(|a, b| a.by == b.by);
        let fits: Fits = slots.iter().map(|slot| fitting(&counted, |c| c.seats.contains(slot))).collect();
        let assigned = matching::assign(&fits);
        let mut filled = Vec::new();
        for (slot, person) in slots.iter().zip(&assigned) {
            if let Some(one) = person.and_then(|p| counted.get(p)) {
                filled.push(SeatFilled { seat: slot.clone(), by: one.by.clone() });
            }
        }
        for one in counted.iter().filter(|c| !filled.iter().any(|f| f.by == c.by)) {
            notes.push(Reason { entity: Some(one.by.clone()), ..Reason::new(ReasonCode::ApprovalSurplus) });
        }
        let max_ttl = counted.iter().filter_map(|c| c.max_ttl).min();
        let mut out = Seated { filled, missing: Vec::new(), notes, max_ttl, reachable: true };
        if assigned.iter().any(Option::is_none) {
            self.look_for_people(asked, &slots, &fits, &assigned, &counted, &mut room, &mut out);
        }
        out
    }

    fn count(
        &mut self,
        approval: &Approval,
        asked: &Asked<'_>,
        room: &mut SeatRoom<'_>,
    ) -> Result<Counted, Box<Reason>> {
        let refuse = |code, entity: Option<&Uid>| {
            Err(Box::new(Reason {
                entity: entity.cloned(),
                detail: entity.is_none().then(|| crate::wire::clip(&approval.by)),
                ..Reason::new(code)
            }))
        };
        let Some(person) = self.person(&approval.by) else {
            return refuse(ReasonCode::ApproverUnknown, None);
        };
        let uid = person.uid().clone();
        if self.conflicted(&uid) {
            return refuse(ReasonCode::ApproverConflict, Some(&uid));
        }
        if approval.ask != Some(asked.digest) {
            return refuse(ReasonCode::ApprovalUnbound, Some(&uid));
        }
        let skew = self.bundle.manifest().freshness.skew;
        let ttl_end = approval.at.plus(asked.approval_ttl);
        let ttl_end = self.situation.around.approvals_until.map_or(ttl_end, |until| until.max(ttl_end));
        let end = approval.expires_at.map_or(ttl_end, |e| e.min(ttl_end));
        if approval.at > self.now.plus(skew) || self.now >= end {
            return refuse(ReasonCode::ApprovalExpired, Some(&uid));
        }
        let mut seats = BTreeSet::new();
        for seat in asked.quorum.seats.keys() {
            let meant = approval.seat.as_ref().is_none_or(|s| s == seat);
            if meant && room.may_sit(self, &person, seat) {
                seats.insert(seat.clone());
            }
        }
        if seats.is_empty() {
            return refuse(ReasonCode::ApproverNotEligible, Some(&uid));
        }
        self.horizon.note(end, Limit::ApprovalExpiry);
        Ok(Counted { by: uid, seats, max_ttl: approval.max_ttl })
    }

    /// The canonical person that a name stands for: a uid or an alias that the facts know.
    fn person(&mut self, name: &str) -> Option<Entity> {
        let uid = match Uid::parse(name) {
            Ok(uid) => uid,
            Err(_) => {
                let (alias, person) = self.facts.alias(name)?.clone();
                self.slice.take_alias(&alias, &person);
                person
            }
        };
        let is_person = self.bundle.kind_of(&uid) == Some(ActorKind::Person);
        let entity = self.facts.entities.get(&uid).filter(|_| is_person)?.clone();
        self.slice.take_named(self.facts, &uid, &Reads::default());
        (entity.bool_attr("shared") != Some(true)).then_some(entity)
    }

    /// Whether somebody has a part in the request, and so may not approve it.
    fn conflicted(&self, person: &Uid) -> bool {
        let request = &self.situation.request;
        self.holders.contains(person)
            || request.requested_by.as_ref() == Some(person)
            || self.situation.around.barred.contains(person)
    }

    #[expect(clippy::too_many_arguments, reason = "one search over all that the matching left open")]
    fn look_for_people(
        &mut self,
        asked: &Asked<'_>,
        slots: &[String],
        fits: &Fits,
        assigned: &[Option<usize>],
        counted: &[Counted],
        room: &mut SeatRoom<'_>,
        out: &mut Seated,
    ) {
        let mut found: BTreeMap<&str, (Vec<Uid>, bool)> = BTreeMap::new();
        for seat in asked.quorum.seats.keys() {
            found.insert(seat, self.candidates(seat, counted, slots.len(), room));
        }
        // People beyond those who approved, numbered after them.
        let more: BTreeSet<&Uid> = found.values().flat_map(|(people, _)| people).collect();
        let numbers: BTreeMap<&Uid, usize> = more.into_iter().zip(counted.len()..).collect();
        let mut all = fits.clone();
        for (slot, fit) in slots.iter().zip(all.iter_mut()) {
            let people = found.get(slot.as_str()).map(|(p, _)| p.as_slice()).unwrap_or_default();
            fit.extend(people.iter().filter_map(|p| numbers.get(p)));
        }
        out.reachable = matching::maximum(&all) == slots.len();
        let best = matching::maximum(fits);
        let named = |seat: &str| {
            let (people, more) = found.get(seat).cloned().unwrap_or_default();
            Candidates { seat: seat.to_owned(), candidates: people, more }
        };
        for (slot, person) in slots.iter().zip(assigned) {
            if person.is_some() {
                continue;
            }
            // A filled seat could be filled anew instead, if whoever sits there can move over.
            let others = asked.quorum.seats.keys().filter(|seat| *seat != slot).filter(|seat| {
                let filled = slots.iter().zip(assigned).position(|(s, who)| s == *seat && who.is_some());
                let Some(open) = filled else { return false };
                let without: Fits = fits
                    .iter()
                    .enumerate()
                    .map(|(i, fit)| if i == open { BTreeSet::new() } else { fit.clone() })
                    .collect();
                matching::maximum(&without) == best
            });
            out.missing.push(Missing::Seat {
                rule: asked.rule.to_owned(),
                seat: named(slot),
                or: others.map(|seat| named(seat)).collect(),
            });
        }
    }

    /// Who else may fill a seat, the first few by uid.
    fn candidates(
        &mut self,
        seat: &str,
        counted: &[Counted],
        slots: usize,
        room: &mut SeatRoom<'_>,
    ) -> (Vec<Uid>, bool) {
        let wanted = CANDIDATES_MAX.max(slots);
        let mut people: Vec<Uid> = Vec::new();
        for kind in self.bundle.manifest().types_of(ActorKind::Person) {
            for person in self.facts.entities.of_type(kind) {
                let uid = person.uid().clone();
                let out = counted.iter().any(|c| c.by == uid)
                    || self.conflicted(&uid)
                    || person.bool_attr("shared") == Some(true);
                if out || !room.may_sit(self, person, seat) {
                    continue;
                }
                self.slice.take_named(self.facts, &uid, &room.reads);
                people.push(uid);
                if people.len() > wanted {
                    people.pop();
                    return (people, true);
                }
            }
        }
        (people, false)
    }
}

fn fitting(counted: &[Counted], fits: impl Fn(&Counted) -> bool) -> BTreeSet<usize> {
    counted.iter().enumerate().filter(|(_, c)| fits(c)).map(|(i, _)| i).collect()
}

/// Of several approvals in one name, the latest; at one instant the one that allows least.
fn latest_of_each(approvals: &[Approval]) -> Vec<Approval> {
    let mut latest: BTreeMap<(&str, Option<Digest>), &Approval> = BTreeMap::new();
    for approval in approvals {
        let key = (approval.by.as_str(), approval.ask);
        let rank = |a: &Approval| (a.at, core::cmp::Reverse(a.max_ttl.unwrap_or(Span::from_ms(i64::MAX))));
        if latest.get(&key).is_none_or(|known| rank(known) < rank(approval)) {
            latest.insert(key, approval);
        }
    }
    latest.into_values().cloned().collect()
}

/// Deciding who may sit: the policies on `Glasskey::Action::"approve"`, for every resource of
/// the scope.
struct SeatRoom<'v> {
    view: &'v View<'v>,
    action: Option<Uid>,
    request: Option<Uid>,
    reads: Reads,
    /// For each pair: the request below its resource, and the context without a seat.
    tables: Vec<(Entity, Record, Vec<crate::decide::supports::Kind>)>,
    common: Option<Common>,
    extension: u32,
}

impl<'v> SeatRoom<'v> {
    fn open(
        engine: &mut Engine<'_>,
        asked: &Asked<'_>,
        examined: &[Examined<'_>],
        view: &'v View<'v>,
    ) -> Self {
        let action = Uid::parse("Glasskey::Action::\"approve\"").ok();
        let request = Uid::parse("Glasskey::Request::\"this\"").ok();
        let reads = action.as_ref().map_or_else(Reads::default, |action| {
            let rules = engine.bundle.rules_for(action).map(|rule| &rule.policy);
            let guards = engine.bundle.guards_for(action).map(|guard| &guard.policy);
            Reads::joined(rules.chain(guards))
        });
        let common = Common::read(
            engine.bundle,
            engine.facts,
            &engine.situation,
            &reads,
            engine.now,
            &mut engine.horizon,
            &mut engine.slice,
        );
        let mut tables = Vec::new();
        for one in examined {
            let context = known::context(
                engine.bundle,
                &engine.situation,
                &engine.actor,
                &common,
                &one.kinds,
                engine.at,
            );
            if let (Some(resource), Some(uid), Ok(context)) = (&one.resource, &request, context) {
                tables.push((Entity::ephemeral(uid, resource), context, one.kinds.clone()));
            }
        }
        Self { view, action, request, reads, tables, common: Some(common), extension: asked.extension }
    }

    fn may_sit(&self, engine: &mut Engine<'_>, person: &Entity, seat: &str) -> bool {
        !self.tables.is_empty()
            && self
                .tables
                .iter()
                .all(|(request, context, kinds)| self.at_table(engine, person, seat, request, context, kinds))
    }

    fn at_table(
        &self,
        engine: &mut Engine<'_>,
        person: &Entity,
        seat: &str,
        request: &Entity,
        context: &Record,
        kinds: &[crate::decide::supports::Kind],
    ) -> bool {
        let (Some(action), Some(uid), Some(common)) = (&self.action, &self.request, &self.common) else {
            return false;
        };
        let bundle = engine.bundle;
        let contenders = bundle.contenders(engine.evaluator, person, action, request);
        if contenders.rules.is_empty() {
            return false;
        }
        let table = AtTable {
            view: self.view.with(bundle.schema().action(action).into_iter().chain([request]).cloned()),
            facts: engine.facts,
            around: [person, request],
            reads: &self.reads,
        };
        let reach = match engine.evaluator {
            Evaluator::Compiled => Reach::default(),
            Evaluator::Reference => table.reached(),
        };
        let entities: &dyn Entities = match engine.evaluator {
            Evaluator::Compiled => &table,
            Evaluator::Reference => &reach,
        };
        let world = World::new(bundle.policies(), entities, engine.evaluator);
        let context = context.clone().with("seat", seat).with("extension", self.extension);
        let case = world.case(person.uid(), action, uid, &context);
        let holds = contenders.rules.iter().any(|rule| {
            if let Some(at) = case.next_flip(&rule.policy, engine.at) {
                engine.horizon.note(at, Limit::PolicyTime);
            }
            known::unknown_among(&rule.policy.reads, common, kinds).is_empty()
                && case.outcome(&rule.policy) == Outcome::Holds
        });
        holds
            && contenders.guards.iter().all(|guard| {
                if let Some(at) = case.next_flip(&guard.policy, engine.at) {
                    engine.horizon.note(at, Limit::PolicyTime);
                }
                known::unknown_among(&guard.policy.reads, common, kinds).is_empty()
                    && case.outcome(&guard.policy) == Outcome::Fails
            })
    }
}

/// The entities when a seat is decided: the ask's own, the person and the request.
struct AtTable<'v> {
    view: View<'v>,
    facts: &'v Facts,
    around: [&'v Entity; 2],
    reads: &'v Reads,
}

impl AtTable<'_> {
    fn reached(&self) -> Reach {
        let mut slice = self.view.reached();
        self.around.iter().for_each(|entity| slice.take(self.facts, entity, self.reads));
        slice.reach()
    }
}

impl Entities for AtTable<'_> {
    fn find(&self, uid: &Uid) -> Option<&Entity> {
        self.view.find(uid)
    }

    fn all(&self) -> Vec<Entity> {
        self.reached().all()
    }
}
