//! Facts change: look again at what they concern, and at nothing else.

use crate::cedar::Uid;
use crate::facts::FactsDocument;
use crate::lifecycle::index::{Key, Ref};
use crate::lifecycle::recheck::Trigger;
use crate::lifecycle::step::Step;
use crate::lifecycle::{Event, Prepared};
use crate::model::{LockTarget, SupportKind};
use crate::prelude::*;

impl Step<'_> {
    pub(super) fn observe(&mut self, prepared: Prepared) {
        let Prepared { facts, change, ignored } = prepared;
        self.life.facts = facts;
        let ignored = ignored.into_iter().map(|i| format!("{}: {}", i.fact, i.why)).collect();
        self.emit(Event::Observed { facts: Box::new(change.clone()), ignored });
        let affected = self.affected(&change);
        self.recheck_all(affected);
    }

    /// What a change concerns, and by what.
    fn affected(&self, change: &FactsDocument) -> BTreeMap<Ref, Trigger> {
        let mut out: BTreeMap<Ref, Trigger> = BTreeMap::new();
        let mut add = |refs: BTreeSet<Ref>, trigger: Trigger| {
            for what in refs {
                let first = out.entry(what).or_insert(trigger);
                *first = trigger.min(*first);
            }
        };
        let index = &self.life.state.index;
        for lock in &change.locks {
            add(self.below(&lock.target), Trigger::Lock);
        }
        let supports = change
            .incidents
            .iter()
            .map(|r| (SupportKind::Incident, &r.id))
            .chain(change.shifts.iter().map(|r| (SupportKind::Shift, &r.id)))
            .chain(change.remove.shifts.iter().map(|id| (SupportKind::Shift, id)))
            .chain(change.windows.iter().map(|r| (SupportKind::Window, &r.id)))
            .chain(change.tasks.iter().map(|r| (SupportKind::Task, &r.id)));
        for (kind, id) in supports {
            add(index.at(&Key::Support(kind, id.clone())), Trigger::Support(kind));
        }
        let named = change.entities.iter().filter_map(uid_of);
        for uid in named.chain(change.remove.entities.iter().cloned()) {
            add(self.below(&LockTarget::Entity(uid)), Trigger::Entity);
        }
        let signals: BTreeSet<&String> =
            change.signals.iter().map(|s| &s.name).chain(change.remove.signals.iter()).collect();
        if !signals.is_empty() {
            let reads = |p: &crate::cedar::Policy| {
                p.reads.whole_context
                    || p.reads.all_signals
                    || signals.iter().any(|s| p.reads.signals.contains(*s))
            };
            let rules = self.life.bundle.rules().iter().filter(|r| reads(&r.policy));
            for rule in rules {
                add(index.at(&Key::Rule(rule.id().to_owned())), Trigger::Signal);
            }
            if self.life.bundle.guards().iter().any(|g| reads(&g.policy)) {
                for (_, refs) in index.uids() {
                    add(refs.clone(), Trigger::Signal);
                }
            }
        }
        if change.entities_observed_at.is_some() || change.locks_observed_at.is_some() {
            add(self.frozen(), Trigger::Time);
        }
        out
    }

    /// Everything live whose actors or targets are an entity or stand below it.
    fn below(&self, target: &LockTarget) -> BTreeSet<Ref> {
        let index = &self.life.state.index;
        match target {
            LockTarget::All => index.uids().flat_map(|(_, refs)| refs.iter().cloned()).collect(),
            LockTarget::Entity(top) => {
                let mut uids: BTreeSet<Uid> = BTreeSet::from([top.clone()]);
                uids.extend(self.life.facts.entities.below(top));
                uids.into_iter()
                    .flat_map(|uid| {
                        let mut refs = index.at(&Key::Actor(uid.clone()));
                        refs.extend(index.at(&Key::Target(uid)));
                        refs
                    })
                    .collect()
            }
        }
    }
}

/// The uid of an entity in Cedar's JSON, in either of its writings.
fn uid_of(entity: &serde_json::Value) -> Option<Uid> {
    let uid = entity.get("uid")?;
    let uid = uid.get("__entity").unwrap_or(uid);
    let text = |name| uid.get(name).and_then(serde_json::Value::as_str);
    Uid::from_parts(text("type")?, text("id")?)
}
