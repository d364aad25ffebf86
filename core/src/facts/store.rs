//! Entities, structurally shared between snapshots, with their ancestors kept complete.

use crate::cedar::{ByKey, Entity, Uid};
use crate::error::{Code, Error};
use crate::prelude::*;
use rpds::{HashTrieMapSync, RedBlackTreeSetSync};

/// A persistent map of entities: a clone is cheap, and a change shares all that it leaves alone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Store {
    entities: HashTrieMapSync<Uid, Entity, ByKey>,
    /// The same in order, for those who walk it.
    order: RedBlackTreeSetSync<Uid>,
    /// Who names whom as a parent, parents that do not exist (yet) included.
    children: HashTrieMapSync<Uid, RedBlackTreeSetSync<Uid>, ByKey>,
}

impl Store {
    pub(crate) fn get(&self, uid: &Uid) -> Option<&Entity> {
        self.entities.get(uid)
    }

    pub(crate) fn len(&self) -> usize {
        self.entities.size()
    }

    /// All of them, in order of their uids.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Entity> {
        self.order.iter().filter_map(|uid| self.entities.get(uid))
    }

    /// All entities of one type, in order of their ids.
    pub(crate) fn of_type<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Entity> + use<'a> {
        let first = Uid::parse(&format!("{name}::\"\"")).ok();
        let found = first.map(|first| {
            let kind = first.type_name();
            self.order
                .range(first..)
                .take_while(move |uid| uid.is_a(&kind))
                .filter_map(|uid| self.entities.get(uid))
        });
        found.into_iter().flatten()
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
        let mut changed: BTreeSet<Uid> = BTreeSet::new();
        for uid in drop {
            next.unlink(uid);
            next.entities.remove_mut(uid);
            next.order.remove_mut(uid);
            changed.insert(uid.clone());
        }
        for entity in put {
            let uid = entity.uid().clone();
            next.unlink(&uid);
            for parent in entity.parents() {
                let mut siblings = next.children.get(parent).cloned().unwrap_or_default();
                siblings.insert_mut(uid.clone());
                next.children.insert_mut(parent.clone(), siblings);
            }
            if next.entities.get(&uid).is_none() {
                next.order.insert_mut(uid.clone());
            }
            next.entities.insert_mut(uid.clone(), entity);
            changed.insert(uid);
        }
        next.complete(changed)?;
        Ok(next)
    }

    fn unlink(&mut self, uid: &Uid) {
        let parents: Vec<Uid> = self.entities.get(uid).map(|e| e.parents().to_vec()).unwrap_or_default();
        for parent in parents {
            if let Some(siblings) = self.children.get(&parent) {
                let rest = siblings.remove(uid);
                if rest.is_empty() {
                    self.children.remove_mut(&parent);
                } else {
                    self.children.insert_mut(parent, rest);
                }
            }
        }
    }

    /// Brings the ancestors of `changed` and of all below them up to date.
    fn complete(&mut self, changed: BTreeSet<Uid>) -> Result<(), Error> {
        let mut affected: BTreeSet<Uid> = BTreeSet::new();
        let mut stack: Vec<Uid> = changed.into_iter().collect();
        while let Some(uid) = stack.pop() {
            if let Some(children) = self.children.get(&uid) {
                stack.extend(children.iter().filter(|c| !affected.contains(*c)).cloned());
            }
            affected.insert(uid);
        }
        // Depth first with an explicit stack: a hierarchy may be deeper than a thread's stack.
        let mut done: BTreeMap<Uid, BTreeSet<Uid>> = BTreeMap::new();
        let mut open: BTreeSet<Uid> = BTreeSet::new();
        for start in &affected {
            let mut stack = vec![start.clone()];
            while let Some(uid) = stack.last().cloned() {
                if done.contains_key(&uid) {
                    stack.pop();
                    continue;
                }
                let Some(entity) = self.entities.get(&uid) else {
                    done.insert(uid, BTreeSet::new());
                    continue;
                };
                let parents = entity.parents();
                let waiting: Vec<Uid> = parents
                    .iter()
                    .filter(|p| affected.contains(*p) && !done.contains_key(*p))
                    .cloned()
                    .collect();
                if waiting.is_empty() {
                    let mut above: BTreeSet<Uid> = parents.iter().cloned().collect();
                    for parent in parents {
                        match done.get(parent) {
                            Some(known) => above.extend(known.iter().cloned()),
                            None => {
                                above.extend(
                                    self.get(parent).into_iter().flat_map(Entity::ancestors).cloned(),
                                );
                            }
                        }
                    }
                    open.remove(&uid);
                    done.insert(uid, above);
                } else if open.insert(uid.clone()) {
                    stack.extend(waiting);
                } else {
                    return Err(Error::new(Code::EntityCycle, format!("`{uid}` is its own ancestor"))
                        .help("remove one of the parents in the circle"));
                }
            }
        }
        for (uid, ancestors) in done {
            if ancestors.contains(&uid) {
                return Err(Error::new(Code::EntityCycle, format!("`{uid}` is its own ancestor"))
                    .help("remove one of the parents in the circle"));
            }
            if let Some(entity) = self.entities.get(&uid)
                && !(entity.ancestors().len() == ancestors.len()
                    && entity.ancestors().iter().all(|uid| ancestors.contains(uid)))
            {
                let completed = entity.with_ancestors(&ancestors);
                self.entities.insert_mut(uid, completed);
            }
        }
        Ok(())
    }
}
