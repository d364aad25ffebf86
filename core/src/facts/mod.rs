//! Facts: immutable snapshots of the world, cheap to change.

mod document;
mod fresh;
mod merge;
mod store;

pub use document::{FactsDocument, Removed};
pub(crate) use fresh::{Age, age};
pub(crate) use store::Store;

use crate::bundle::Bundle;
use crate::canonical::Digest;
use crate::cedar::{Entity, Uid};
use crate::error::{Code, Error};
use crate::model::{History, Incident, Lock, LockTarget, Shift, Signal, Task, Window};
use crate::prelude::*;
use crate::time::Instant;
use core::fmt;
use merge::Merged;
use rpds::RedBlackTreeMapSync;
use serde::Serialize;

type Map<K, V> = RedBlackTreeMapSync<K, Arc<V>>;

/// A snapshot. Cloning it is cheap; it never changes.
#[derive(Clone)]
pub struct Facts {
    schema: Digest,
    observed_at: Instant,
    pub(crate) entities_observed_at: Instant,
    pub(crate) locks_observed_at: Instant,
    pub(crate) entities: Store,
    incidents: Map<String, Incident>,
    shifts: Map<String, Shift>,
    windows: Map<String, Window>,
    tasks: Map<String, Task>,
    signals: Map<(String, String), Signal>,
    locks: Map<LockTarget, Lock>,
    aliases: Map<String, (String, Uid)>,
    histories: Map<Uid, History>,
}

/// A record that a change left out of account, since it is about the past.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ignored {
    /// Which, such as `incident:INC-9`.
    pub fact: String,
    /// Why.
    pub why: &'static str,
}

impl Facts {
    /// Reads a snapshot for a bundle, whose schema the entities must fit.
    ///
    /// # Errors
    /// Those of [`crate::canonical::read`], and `missing_member` without `observed_at`,
    /// `bad_entity`, `entity_cycle`, `duplicate_id`, `bad_interval`, `alias_conflict`,
    /// `too_many`, `secret_in_input`.
    pub fn from_json(bundle: &Bundle, json: &[u8]) -> Result<Self, Error> {
        Self::from_document(bundle, FactsDocument::from_json(json)?)
    }

    /// As [`Facts::from_json`], from a document that is already read.
    ///
    /// # Errors
    /// As [`Facts::from_json`], but for the text.
    pub fn from_document(bundle: &Bundle, document: FactsDocument) -> Result<Self, Error> {
        document.refuse_secrets()?;
        Self::recorded(bundle, document)
    }

    /// As [`Facts::from_document`], of what is on record: it is what it is.
    pub(crate) fn recorded(bundle: &Bundle, document: FactsDocument) -> Result<Self, Error> {
        let (blank, observed_at) = Self::blank(bundle, &document)?;
        blank.with_recorded(bundle, document, observed_at)
    }

    /// Nothing yet, as of the time that a snapshot is from.
    fn blank(bundle: &Bundle, document: &FactsDocument) -> Result<(Self, Instant), Error> {
        let observed_at = document.observed_at.ok_or_else(|| {
            Error::new(Code::MissingMember, "member `observed_at` is missing")
                .help("say when the snapshot was taken")
                .at("observed_at")
        })?;
        let blank = Self {
            schema: bundle.schema_digest(),
            observed_at,
            entities_observed_at: document.entities_observed_at.unwrap_or(observed_at),
            locks_observed_at: document.locks_observed_at.unwrap_or(observed_at),
            entities: Store::default(),
            incidents: Map::default(),
            shifts: Map::default(),
            windows: Map::default(),
            tasks: Map::default(),
            signals: Map::default(),
            locks: Map::default(),
            aliases: Map::default(),
            histories: Map::default(),
        };
        Ok((blank, observed_at))
    }

    /// The next snapshot: this one and what changed. Records without a time of their own were
    /// observed at the document's, or else at `now`. This snapshot stays as it is.
    ///
    /// # Errors
    /// As [`Facts::from_document`]; `schema_mismatch` with another bundle's facts.
    pub fn with(&self, bundle: &Bundle, change: FactsDocument, now: Instant) -> Result<Self, Error> {
        self.with_notes(bundle, change, now).map(|(next, _)| next)
    }

    /// As [`Facts::with`], and says which records were left out of account.
    ///
    /// # Errors
    /// As [`Facts::with`].
    pub fn with_notes(
        &self,
        bundle: &Bundle,
        change: FactsDocument,
        now: Instant,
    ) -> Result<(Self, Vec<Ignored>), Error> {
        change.refuse_secrets()?;
        self.changed(bundle, change, now)
    }

    /// The next snapshot, by a change that is on record.
    pub(crate) fn with_recorded(
        &self,
        bundle: &Bundle,
        change: FactsDocument,
        now: Instant,
    ) -> Result<Self, Error> {
        self.changed(bundle, change, now).map(|(next, _)| next)
    }

    fn changed(
        &self,
        bundle: &Bundle,
        change: FactsDocument,
        now: Instant,
    ) -> Result<(Self, Vec<Ignored>), Error> {
        if self.schema != bundle.schema_digest() {
            return Err(Error::new(Code::SchemaMismatch, "these facts were read for another schema")
                .help("read them again for this bundle"));
        }
        change.check()?;
        let at = change.observed_at.unwrap_or(now);
        let mut next = self.clone();
        let mut ignored = Vec::new();
        next.observed_at = next.observed_at.max(at);
        next.entities_observed_at = change.entities_observed_at.unwrap_or(next.entities_observed_at);
        next.locks_observed_at = change.locks_observed_at.unwrap_or(next.locks_observed_at);
        let mut put = Vec::with_capacity(change.entities.len());
        for (i, json) in change.entities.into_iter().enumerate() {
            let entity = bundle.schema().read_entity(json).map_err(|e| e.at(format!("entities[{i}]")))?;
            put.push(entity);
        }
        if let Some((i, uid)) = twice(&put) {
            return Err(Error::new(Code::DuplicateId, format!("`{uid}` stands twice"))
                .help("send each entity once")
                .at(format!("entities[{i}]")));
        }
        next.entities = next.entities.with(put, &change.remove.entities)?;
        let mut note =
            |kind: &str, id: &str, why| ignored.push(Ignored { fact: format!("{kind}:{id}"), why });
        for (i, patch) in change.incidents.into_iter().enumerate() {
            let id = patch.id.clone();
            let merged = merge::incident(next.incidents.get(&id).map(AsRef::as_ref), patch, at);
            match merged.map_err(|e| of_record(e, "incidents", i))? {
                Merged::Next(record) => next.incidents.insert_mut(id, Arc::new(record)),
                Merged::Ignored(why) => note("incident", &id, why),
            }
        }
        for (i, patch) in change.shifts.into_iter().enumerate() {
            let id = patch.id.clone();
            let merged = merge::shift(next.shifts.get(&id).map(AsRef::as_ref), patch, at);
            match merged.map_err(|e| of_record(e, "shifts", i))? {
                Merged::Next(record) => next.shifts.insert_mut(id, Arc::new(record)),
                Merged::Ignored(why) => note("shift", &id, why),
            }
        }
        for (i, patch) in change.windows.into_iter().enumerate() {
            let id = patch.id.clone();
            let merged = merge::window(next.windows.get(&id).map(AsRef::as_ref), patch, at);
            match merged.map_err(|e| of_record(e, "windows", i))? {
                Merged::Next(record) => next.windows.insert_mut(id, Arc::new(record)),
                Merged::Ignored(why) => note("window", &id, why),
            }
        }
        for patch in change.tasks {
            let id = patch.id.clone();
            match merge::task(next.tasks.get(&id).map(AsRef::as_ref), patch, at) {
                Merged::Next(record) => next.tasks.insert_mut(id, Arc::new(record)),
                Merged::Ignored(why) => note("task", &id, why),
            }
        }
        for mut signal in change.signals {
            let when = *signal.observed_at.get_or_insert(at);
            let key = (signal.name.clone(), signal.source.clone());
            let older =
                next.signals.get(&key).is_some_and(|s| s.observed_at.is_some_and(|known| when < known));
            if older {
                note("signal", &signal.name, "older than what is known");
            } else {
                next.signals.insert_mut(key, Arc::new(signal));
            }
        }
        for mut lock in change.locks {
            lock.observed_at.get_or_insert(at);
            next.locks.insert_mut(lock.target.clone(), Arc::new(lock));
        }
        next.put_aliases(change.aliases)?;
        for mut history in change.history {
            history.observed_at.get_or_insert(at);
            next.histories.insert_mut(history.principal.clone(), Arc::new(history));
        }
        for id in &change.remove.shifts {
            next.shifts.remove_mut(id);
        }
        for target in &change.remove.locks {
            next.locks.remove_mut(target);
        }
        for name in &change.remove.signals {
            let gone: Vec<_> = next.signals(name).map(|s| (s.name.clone(), s.source.clone())).collect();
            gone.iter().for_each(|key| {
                next.signals.remove_mut(key);
            });
        }
        for alias in &change.remove.aliases {
            next.aliases.remove_mut(&fold(alias));
        }
        Ok((next, ignored))
    }

    fn put_aliases(&mut self, aliases: BTreeMap<String, Uid>) -> Result<(), Error> {
        let mut given: BTreeMap<String, Uid> = BTreeMap::new();
        for (alias, person) in aliases {
            let folded = fold(&alias);
            if given.get(&folded).is_some_and(|other| *other != person) {
                return Err(Error::new(Code::AliasConflict, format!("`{alias}` stands for two persons"))
                    .help("letter case does not tell aliases apart; keep one")
                    .at("aliases"));
            }
            given.insert(folded.clone(), person.clone());
            self.aliases.insert_mut(folded, Arc::new((alias, person)));
        }
        Ok(())
    }

    /// The same facts for another bundle, if its schema takes them.
    ///
    /// # Errors
    /// `bad_entity` for the first entity that the other schema refuses.
    pub fn rebind(&self, bundle: &Bundle) -> Result<Self, Error> {
        if self.schema == bundle.schema_digest() {
            return Ok(self.clone());
        }
        let read = |e: &Entity| bundle.schema().read_entity(e.to_json());
        let entities = self.entities.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let mut next = self.clone();
        next.schema = bundle.schema_digest();
        next.entities = Store::default().with(entities, &[])?;
        Ok(next)
    }

    /// The latest time that anything in it was observed.
    #[must_use]
    pub const fn observed_at(&self) -> Instant {
        self.observed_at
    }

    /// How many entities it has.
    #[must_use]
    pub fn entity_count(&self) -> usize {
        self.entities.len()
    }

    /// The incident of this id, in its current epoch.
    #[must_use]
    pub fn incident(&self, id: &str) -> Option<&Incident> {
        self.incidents.get(id).map(AsRef::as_ref)
    }

    /// The shift of this id.
    #[must_use]
    pub fn shift(&self, id: &str) -> Option<&Shift> {
        self.shifts.get(id).map(AsRef::as_ref)
    }

    /// The window of this id.
    #[must_use]
    pub fn window(&self, id: &str) -> Option<&Window> {
        self.windows.get(id).map(AsRef::as_ref)
    }

    /// The task of this id.
    #[must_use]
    pub fn task(&self, id: &str) -> Option<&Task> {
        self.tasks.get(id).map(AsRef::as_ref)
    }

    /// All incidents, in order of their ids.
    pub fn incidents(&self) -> impl Iterator<Item = &Incident> {
        self.incidents.values().map(AsRef::as_ref)
    }

    /// All shifts, in order of their ids.
    pub fn shifts(&self) -> impl Iterator<Item = &Shift> {
        self.shifts.values().map(AsRef::as_ref)
    }

    pub(crate) fn schema_digest(&self) -> Digest {
        self.schema
    }

    pub(crate) fn signals(&self, name: &str) -> impl Iterator<Item = &Signal> {
        let first = (name.to_owned(), String::new());
        let name = name.to_owned();
        self.signals.range(first..).take_while(move |((n, _), _)| *n == name).map(|(_, s)| s.as_ref())
    }

    pub(crate) fn has_no_locks(&self) -> bool {
        self.locks.is_empty()
    }

    pub(crate) fn lock(&self, target: &LockTarget) -> Option<&Lock> {
        self.locks.get(target).map(AsRef::as_ref)
    }

    /// Whether a lock is on any of them, on a group that holds one, or on everything.
    pub(crate) fn is_locked<'u>(&self, uids: impl IntoIterator<Item = &'u Uid>, at: Instant) -> bool {
        let on = |target: &LockTarget| {
            self.lock(target).is_some_and(|lock| lock.until.is_none_or(|until| at < until))
        };
        let within = |uid: &Uid| {
            let above = self.entities.get(uid).into_iter().flat_map(|e| e.ancestors().iter().cloned());
            above.chain([uid.clone()]).any(|uid| on(&LockTarget::Entity(uid)))
        };
        !self.has_no_locks() && (on(&LockTarget::All) || uids.into_iter().any(within))
    }

    pub(crate) fn history(&self, principal: &Uid) -> Option<&History> {
        self.histories.get(principal).map(AsRef::as_ref)
    }

    /// The alias as it was given, and the person that it stands for.
    pub(crate) fn alias(&self, alias: &str) -> Option<&(String, Uid)> {
        self.aliases.get(&fold(alias)).map(AsRef::as_ref)
    }
}

/// Says which record of its kind a fault is about.
fn of_record(error: Error, kind: &str, index: usize) -> Error {
    let path = error.path.as_deref().unwrap_or(kind).replacen(kind, &format!("{kind}[{index}]"), 1);
    error.at(path)
}

/// The first entity that stands there a second time.
fn twice(all: &[Entity]) -> Option<(usize, &Uid)> {
    let mut keys: Vec<u64> = all.iter().map(|entity| entity.uid().key()).collect();
    keys.sort_unstable();
    if keys.is_sorted_by(|a, b| a < b) {
        return None;
    }
    let mut seen = BTreeSet::new();
    all.iter().map(Entity::uid).enumerate().find(|(_, uid)| !seen.insert(*uid))
}

/// Aliases are told apart without letter case and outer spaces.
fn fold(alias: &str) -> String {
    alias.trim().to_lowercase()
}

impl fmt::Debug for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Facts({} entities, {} incidents, {} shifts, observed {})",
            self.entities.len(),
            self.incidents.size(),
            self.shifts.size(),
            self.observed_at
        )
    }
}
