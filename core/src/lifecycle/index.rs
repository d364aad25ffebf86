//! Who is affected: indexes by support, actor, target, rule and next deadline, so that a change
//! touches only what it concerns.

use crate::cedar::Uid;
use crate::lifecycle::name::Name;
use crate::lifecycle::record::{Grant, RequestRecord};
use crate::model::SupportKind;
use crate::prelude::*;
use crate::time::Instant;

/// A request or a grant by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ref {
    /// Grants come first: what ends privilege before what gives it.
    Grant(Name),
    Request(Name),
}

impl Ref {
    pub(super) fn grant(id: &str) -> Self {
        Self::Grant(id.into())
    }

    pub(super) fn request(id: &str) -> Self {
        Self::Request(id.into())
    }
}

/// What something is found by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Support(SupportKind, String),
    Actor(Uid),
    Target(Uid),
    Rule(String),
    Parent(String),
    Frozen,
    /// Live grants of one holder on one target.
    Held(Uid, Uid),
    /// Grants on a target that is held by one at a time, until their end is confirmed.
    Exclusive(Uid),
}

/// Where something is found: its keys and its deadline.
pub(super) type Place = (Vec<Key>, Option<Instant>);

/// Multi-maps from keys and deadlines to what they concern.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Index {
    by_key: BTreeMap<Key, BTreeSet<Ref>>,
    deadlines: BTreeSet<(Instant, Ref)>,
}

impl Index {
    pub(super) fn add(&mut self, what: &Ref, keys: Vec<Key>, due: Option<Instant>) {
        for key in keys {
            self.by_key.entry(key).or_default().insert(what.clone());
        }
        if let Some(due) = due {
            self.deadlines.insert((due, what.clone()));
        }
    }

    pub(super) fn remove(&mut self, what: &Ref, keys: Vec<Key>, due: Option<Instant>) {
        for key in keys {
            if let Some(found) = self.by_key.get_mut(&key) {
                found.remove(what);
                if found.is_empty() {
                    self.by_key.remove(&key);
                }
            }
        }
        if let Some(due) = due {
            self.deadlines.remove(&(due, what.clone()));
        }
    }

    /// Moves what changed to where it is found from now on. Most changes leave it where it was, and
    /// those touch nothing here.
    pub(super) fn change(&mut self, what: &Ref, before: Place, after: Place) {
        if before.0 != after.0 {
            let gone = before.0.iter().filter(|k| !after.0.contains(k)).cloned().collect();
            let new = after.0.iter().filter(|k| !before.0.contains(k)).cloned().collect();
            self.remove(what, gone, None);
            self.add(what, new, None);
        }
        if before.1 != after.1 {
            self.remove(what, Vec::new(), before.1);
            self.add(what, Vec::new(), after.1);
        }
    }

    pub(super) fn at(&self, key: &Key) -> BTreeSet<Ref> {
        self.by_key.get(key).cloned().unwrap_or_default()
    }

    /// The grants found by a key.
    pub(super) fn grants(&self, key: &Key) -> impl Iterator<Item = &str> {
        self.by_key.get(key).into_iter().flatten().filter_map(|r| match r {
            Ref::Grant(id) => Some(&**id),
            Ref::Request(_) => None,
        })
    }

    /// Every actor and target that something live concerns.
    pub(super) fn uids(&self) -> impl Iterator<Item = (&Uid, &BTreeSet<Ref>)> {
        self.by_key.iter().filter_map(|(key, refs)| match key {
            Key::Actor(uid) | Key::Target(uid) => Some((uid, refs)),
            _ => None,
        })
    }

    pub(super) fn first_due(&self) -> Option<&(Instant, Ref)> {
        self.deadlines.first()
    }
}

impl RequestRecord {
    pub(super) fn keys(&self) -> Vec<Key> {
        if self.phase.is_terminal() {
            return Vec::new();
        }
        let mut keys: Vec<Key> =
            self.ask.supports.iter().map(|s| Key::Support(s.kind, s.id.clone())).collect();
        keys.push(Key::Actor(self.ask.principal.clone()));
        keys.extend(self.ask.via.iter().cloned().map(Key::Actor));
        keys.extend(self.ask.approvals.iter().filter_map(|a| Uid::parse(&a.by).ok()).map(Key::Actor));
        keys.extend(self.ask.scope.iter().map(|p| Key::Target(p.resource.clone())));
        keys.extend(self.rule.iter().cloned().map(Key::Rule));
        keys.extend(self.parent.iter().cloned().map(Key::Parent));
        keys
    }
}

impl Grant {
    pub(super) fn keys(&self) -> Vec<Key> {
        if !self.phase.is_open() {
            return Vec::new();
        }
        let exclusive = self.has_obligation("exclusive");
        let held = self.scope.iter().filter(|_| exclusive).map(|p| Key::Exclusive(p.resource.clone()));
        if !self.phase.is_live() {
            return held.collect();
        }
        let mut keys: Vec<Key> = self.supports.iter().map(|s| Key::Support(s.kind, s.id.clone())).collect();
        keys.extend(self.actors.iter().cloned().map(Key::Actor));
        keys.extend(self.scope.iter().map(|p| Key::Target(p.resource.clone())));
        keys.push(Key::Rule(self.rule.clone()));
        keys.extend(self.parent.iter().cloned().map(Key::Parent));
        if self.phase == crate::lifecycle::GrantPhase::Frozen {
            keys.push(Key::Frozen);
        }
        keys.extend(held);
        keys.extend(self.scope.iter().map(|p| Key::Held(self.principal.clone(), p.resource.clone())));
        keys
    }
}
