//! The slice: the facts that a decision reads. A decision sees nothing else, so the slice is
//! sufficient by construction; and it holds only what was looked at.

use crate::bundle::Bundle;
use crate::cedar::{Entities, Entity, Reads, Uid};
use crate::facts::{Facts, FactsDocument};
use crate::model::{
    History, IncidentPatch, Lock, ShiftPatch, Signal, Support, SupportKind, TaskPatch, WindowPatch,
};
use crate::prelude::*;
use serde::Serialize;

/// What was read so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slice {
    /// Nobody asks for it otherwise, and then nothing is taken in.
    kept: bool,
    entities: Reach,
    supports: BTreeSet<(SupportKind, String)>,
    signals: BTreeMap<(String, String), Signal>,
    locks: BTreeMap<String, Lock>,
    aliases: BTreeMap<String, Uid>,
    history: Option<History>,
}

/// The entities that a decision can reach.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reach(BTreeMap<Uid, Entity>);

impl Entities for Reach {
    fn find(&self, uid: &Uid) -> Option<&Entity> {
        self.0.get(uid)
    }

    fn all(&self) -> Vec<Entity> {
        self.0.values().cloned().collect()
    }
}

impl Slice {
    /// A slice that keeps what it takes in.
    pub(crate) fn kept() -> Self {
        Self { kept: true, ..Self::default() }
    }

    pub(crate) const fn is_kept(&self) -> bool {
        self.kept
    }

    /// Takes in what no fact store holds, such as an action, but conditions may ask for.
    pub(crate) fn take_own(&mut self, entity: &Entity) {
        if self.kept {
            self.entities.0.insert(entity.uid().clone(), entity.clone());
        }
    }

    /// Takes in an entity, its ancestors, and what policies that read like `reads` can reach
    /// from it through attributes.
    pub(crate) fn take(&mut self, facts: &Facts, start: &Entity, reads: &Reads) {
        if !self.kept {
            return;
        }
        let mut level = vec![start.clone()];
        for hop in 0..=reads.hops {
            let mut next: BTreeSet<Uid> = BTreeSet::new();
            for entity in level.drain(..) {
                for ancestor in entity.ancestors() {
                    if let Some(above) = facts.entities.get(ancestor) {
                        self.entities.0.entry(ancestor.clone()).or_insert_with(|| above.clone());
                    }
                }
                if hop < reads.hops {
                    entity.references(&reads.attributes, reads.tags, &mut next);
                }
                self.entities.0.insert(entity.uid().clone(), entity);
            }
            level.extend(next.iter().filter_map(|uid| facts.entities.get(uid)).cloned());
        }
    }

    /// As [`Slice::take`], by name; nothing happens if there is no such entity.
    pub(crate) fn take_named(&mut self, facts: &Facts, uid: &Uid, reads: &Reads) {
        if let Some(entity) = facts.entities.get(uid) {
            self.take(facts, entity, reads);
        }
    }

    pub(crate) fn take_support(&mut self, support: &Support) {
        if self.kept {
            self.supports.insert((support.kind, support.id.clone()));
        }
    }

    pub(crate) fn take_signal(&mut self, signal: &Signal) {
        if self.kept {
            self.signals.insert((signal.name.clone(), signal.source.clone()), signal.clone());
        }
    }

    pub(crate) fn take_lock(&mut self, lock: &Lock) {
        if self.kept {
            self.locks.insert(lock.target.to_string(), lock.clone());
        }
    }

    pub(crate) fn take_alias(&mut self, alias: &str, person: &Uid) {
        if self.kept {
            self.aliases.insert(alias.to_owned(), person.clone());
        }
    }

    pub(crate) fn take_history(&mut self, history: &History) {
        if self.kept {
            self.history = Some(history.clone());
        }
    }

    pub(crate) fn reach(&self) -> Reach {
        self.entities.clone()
    }

    /// The slice as a facts document. Entities that no fact store holds (the request itself)
    /// are left out.
    pub(crate) fn document(&self, facts: &Facts, bundle: &Bundle) -> Document<'_> {
        let ids = |kind| self.supports.iter().filter(move |(k, _)| *k == kind).map(|(_, id)| id.as_str());
        let in_store = |e: &&Entity| facts.entities.get(e.uid()).is_some();
        Document {
            entities: self.entities.0.values().filter(in_store).collect(),
            rest: FactsDocument {
                observed_at: Some(facts.entities_observed_at),
                locks_observed_at: bundle.manifest().freshness.locks.map(|_| facts.locks_observed_at),
                incidents: ids(SupportKind::Incident)
                    .filter_map(|id| facts.incident(id))
                    .map(IncidentPatch::from)
                    .collect(),
                shifts: ids(SupportKind::Shift)
                    .filter_map(|id| facts.shift(id))
                    .map(ShiftPatch::from)
                    .collect(),
                windows: ids(SupportKind::Window)
                    .filter_map(|id| facts.window(id))
                    .map(WindowPatch::from)
                    .collect(),
                tasks: ids(SupportKind::Task).filter_map(|id| facts.task(id)).map(TaskPatch::from).collect(),
                signals: self.signals.values().cloned().collect(),
                locks: self.locks.values().cloned().collect(),
                aliases: self.aliases.clone(),
                history: self.history.iter().cloned().collect(),
                ..FactsDocument::default()
            },
        }
    }
}

/// A [`FactsDocument`] whose entities are not written yet.
#[derive(Debug, Serialize)]
pub(crate) struct Document<'s> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    entities: Vec<&'s Entity>,
    /// Has no entities.
    #[serde(flatten)]
    rest: FactsDocument,
}
