//! Entities, structurally shared between snapshots, with their ancestors kept complete.

use crate::cedar::{ByKey, Entity, Keyed, Uid};
use crate::error::{Code, Error};
use crate::limits::ANCESTORS_MAX;
use crate::prelude::*;
use core::cmp::Ordering;
use rpds::{HashTrieMapSync, HashTrieSetSync, RedBlackTreeMapSync, RedBlackTreeSetSync};
use smol_str::SmolStr;

/// A persistent map of entities: a clone is cheap, and a change shares all that it leaves alone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Store {
    entities: HashTrieMapSync<Uid, Entity, ByKey>,
    /// The same by type and in order of their ids, for those who walk them.
    order: RedBlackTreeMapSync<SmolStr, RedBlackTreeSetSync<ById>>,
    /// Who names whom as a parent, parents that do not exist (yet) included.
    children: HashTrieMapSync<Uid, HashTrieSetSync<Uid, ByKey>, ByKey>,
}

/// A uid among others of its type.
#[derive(Clone, Debug, PartialEq, Eq)]
struct ById(Uid);

impl Ord for ById {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.id().cmp(other.0.id())
    }
}

impl PartialOrd for ById {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Store {
    pub(crate) fn get(&self, uid: &Uid) -> Option<&Entity> {
        self.entities.get(uid)
    }

    pub(crate) fn len(&self) -> usize {
        self.entities.size()
    }

    /// All of them, type by type, in order of their ids.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Entity> {
        self.order.values().flat_map(RedBlackTreeSetSync::iter).filter_map(|ById(uid)| self.get(uid))
    }

    /// All entities of one type, in order of their ids.
    pub(crate) fn of_type<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Entity> + use<'a> {
        let found = self.order.get(name).into_iter().flat_map(RedBlackTreeSetSync::iter);
        found.filter_map(|ById(uid)| self.get(uid))
    }

    /// Everything that stands below an entity, at any depth.
    pub(crate) fn below(&self, top: &Uid) -> BTreeSet<Uid> {
        let mut out = BTreeSet::new();
        let mut stack = vec![top.clone()];
        while let Some(uid) = stack.pop() {
            for child in self.children.get(&uid).into_iter().flat_map(|c| c.iter()) {
                if out.insert(child.clone()) {
                    stack.push(child.clone());
                }
            }
        }
        out
    }

    /// The next store: `put` replaces or adds, `drop` removes.
    ///
    /// # Errors
    /// `entity_cycle`; the store itself is left as it was.
    pub(crate) fn with(&self, put: Vec<Entity>, drop: &[Uid]) -> Result<Self, Error> {
        let mut next = self.clone();
        let mut changed: BTreeSet<Keyed> = BTreeSet::new();
        for uid in drop {
            next.unlink(uid);
            next.entities.remove_mut(uid);
            next.unlist(uid);
            changed.insert(Keyed(uid.clone()));
        }
        for entity in put {
            let uid = entity.uid().clone();
            next.unlink(&uid);
            for parent in entity.parents() {
                next.link(parent, &uid);
            }
            if next.entities.get(&uid).is_none() {
                next.list(&uid);
            }
            next.entities.insert_mut(uid.clone(), entity);
            changed.insert(Keyed(uid));
        }
        next.complete(changed)?;
        Ok(next)
    }

    fn list(&mut self, uid: &Uid) {
        let kind = uid.type_text();
        let one = ById(uid.clone());
        match self.order.get_mut(&kind) {
            Some(those) => those.insert_mut(one),
            None => self.order.insert_mut(kind, RedBlackTreeSetSync::new_sync().insert(one)),
        }
    }

    fn unlist(&mut self, uid: &Uid) {
        let kind = uid.type_text();
        let Some(those) = self.order.get_mut(&kind) else { return };
        those.remove_mut(&ById(uid.clone()));
        if those.is_empty() {
            self.order.remove_mut(&kind);
        }
    }

    fn link(&mut self, parent: &Uid, child: &Uid) {
        match self.children.get_mut(parent) {
            Some(siblings) => siblings.insert_mut(child.clone()),
            None => {
                let mut only = HashTrieSetSync::default();
                only.insert_mut(child.clone());
                self.children.insert_mut(parent.clone(), only);
            }
        }
    }

    fn unlink(&mut self, uid: &Uid) {
        let parents: Vec<Uid> = self.entities.get(uid).map(|e| e.parents().to_vec()).unwrap_or_default();
        for parent in parents {
            let Some(siblings) = self.children.get_mut(&parent) else { continue };
            siblings.remove_mut(uid);
            if siblings.is_empty() {
                self.children.remove_mut(&parent);
            }
        }
    }

    /// Brings the ancestors of `changed` and of all below them up to date.
    fn complete(&mut self, changed: BTreeSet<Keyed>) -> Result<(), Error> {
        let mut affected: BTreeSet<Keyed> = BTreeSet::new();
        let mut stack: Vec<Keyed> = changed.into_iter().collect();
        while let Some(uid) = stack.pop() {
            if let Some(children) = self.children.get(&uid.0) {
                stack.extend(children.iter().cloned().map(Keyed).filter(|c| !affected.contains(c)));
            }
            affected.insert(uid);
        }
        // Depth first with an explicit stack: a hierarchy may be deeper than a thread's stack.
        let mut done: BTreeMap<Keyed, BTreeSet<Keyed>> = BTreeMap::new();
        let mut open: BTreeSet<Keyed> = BTreeSet::new();
        for start in &affected {
            let mut stack = vec![start.clone()];
            while let Some(uid) = stack.last().cloned() {
                if done.contains_key(&uid) {
                    stack.pop();
                    continue;
                }
                let Some(entity) = self.entities.get(&uid.0) else {
                    done.insert(uid, BTreeSet::new());
                    continue;
                };
                let parents: Vec<Keyed> = entity.parents().iter().cloned().map(Keyed).collect();
                let waits = |p: &&Keyed| affected.contains(*p) && !done.contains_key(*p);
                let waiting: Vec<Keyed> = parents.iter().filter(waits).cloned().collect();
                if waiting.is_empty() {
                    let mut above: BTreeSet<Keyed> = BTreeSet::new();
                    for parent in parents {
                        match done.get(&parent) {
                            Some(known) => above.extend(known.iter().cloned()),
                            None => {
                                let known = self.get(&parent.0).into_iter().flat_map(Entity::ancestors);
                                above.extend(known.cloned().map(Keyed));
                            }
                        }
                        above.insert(parent);
                    }
                    if above.contains(&uid) {
                        return Err(self.circle(&affected));
                    }
                    if above.len() > ANCESTORS_MAX {
                        return Err(Error::new(
                            Code::TooMany,
                            format!("an entity stands below more than {ANCESTORS_MAX} others"),
                        )
                        .help("flatten the groups above it"));
                    }
                    open.remove(&uid);
                    done.insert(uid, above);
                } else if open.insert(uid.clone()) {
                    stack.extend(waiting);
                } else {
                    return Err(self.circle(&affected));
                }
            }
        }
        for (Keyed(uid), ancestors) in done {
            if let Some(entity) = self.entities.get(&uid)
                && !entity.ancestors().iter().eq(ancestors.iter().map(|Keyed(uid)| uid))
            {
                let completed = entity.with_ancestors(ancestors);
                self.entities.insert_mut(uid, completed);
            }
        }
        Ok(())
    }

    /// Names an entity that is its own ancestor; the same one however the store came about.
    fn circle(&self, affected: &BTreeSet<Keyed>) -> Error {
        // Whatever has no parent left is in no circle; what is left has a parent that is left.
        let mut waits: BTreeMap<&Uid, usize> = BTreeMap::new();
        for Keyed(uid) in affected {
            let parents = self.get(uid).map(Entity::parents).unwrap_or_default();
            let within = |uid: &&Uid| affected.contains(&Keyed((*uid).clone())) && self.get(uid).is_some();
            waits.insert(uid, parents.iter().filter(within).count());
        }
        let mut free: Vec<&Uid> = waits.iter().filter(|(_, n)| **n == 0).map(|(uid, _)| *uid).collect();
        while let Some(uid) = free.pop() {
            waits.remove(uid);
            for child in self.get(uid).and(self.children.get(uid)).into_iter().flat_map(|all| all.iter()) {
                if let Some(n) = waits.get_mut(child) {
                    *n = n.saturating_sub(1);
                    if *n == 0 {
                        free.push(child);
                    }
                }
            }
        }
        // So the way up from any of them ends in a circle.
        let least_above = |uid: &Uid| {
            self.get(uid)?.parents().iter().filter_map(|p| waits.get_key_value(p)).map(|(p, _)| *p).min()
        };
        let mut seen: BTreeSet<&Uid> = BTreeSet::new();
        let mut at = waits.keys().next().copied();
        while let Some(uid) = at.filter(|uid| seen.insert(*uid)) {
            at = least_above(uid);
        }
        let name = at.map_or_else(String::new, ToString::to_string);
        Error::new(Code::EntityCycle, format!("`{name}` is its own ancestor"))
            .help("remove one of the parents in the circle")
    }
}
