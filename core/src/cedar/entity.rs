//! One entity, as read against a schema.

use crate::cedar::value::{Record, Val};
use crate::cedar::{Keyed, Uid};
use crate::prelude::*;
use crate::time::Instant;
use cedar_policy_core::ast::{self, PartialValue};
use smol_str::SmolStr;

/// An entity with its attributes, its parents and all its ancestors; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Entity(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    uid: Uid,
    attrs: Arc<Record>,
    tags: Arc<Record>,
    parents: Arc<[Uid]>,
    /// All ancestors, parents included, in order of their keys.
    above: Arc<[Uid]>,
}

impl Entity {
    /// Cedar's entity as ours; `None` if it holds an unknown, which no fact does.
    pub(super) fn lift(entity: &ast::Entity) -> Option<Self> {
        let attrs: Vec<_> = entity.attrs().map(known).collect::<Option<_>>()?;
        let tags: Vec<_> = entity.tags().map(known).collect::<Option<_>>()?;
        let parents: BTreeSet<Uid> = entity.parents().cloned().map(Uid::from).collect();
        Some(Self(Arc::new(Inner {
            uid: Uid::from(entity.uid().clone()),
            attrs: Arc::new(Record::lift(attrs.into_iter())),
            tags: Arc::new(Record::lift(tags.into_iter())),
            parents: parents.into_iter().collect(),
            above: by_key(entity.ancestors().cloned().map(Uid::from)),
        })))
    }

    /// An entity whose ancestors are its parents only.
    pub(super) fn read(uid: Uid, attrs: Record, tags: Record, parents: BTreeSet<Uid>) -> Self {
        Self(Arc::new(Inner {
            uid,
            attrs: Arc::new(attrs),
            tags: Arc::new(tags),
            above: by_key(parents.iter().cloned()),
            parents: parents.into_iter().collect(),
        }))
    }

    /// Ours as Cedar's.
    pub(super) fn lower(&self, ancestors: bool) -> ast::Entity {
        let inner = &self.0;
        let values = |record: &Record| record.lower().into_iter().map(|(n, v)| (n, PartialValue::Value(v)));
        let indirect = inner.above.iter().filter(|uid| ancestors && !inner.parents.contains(uid));
        ast::Entity::new_with_attr_partial_value(
            inner.uid.inner().clone(),
            values(&inner.attrs),
            indirect.map(|uid| uid.inner().clone()).collect(),
            inner.parents.iter().map(|uid| uid.inner().clone()).collect(),
            values(&inner.tags),
        )
    }

    /// An entity with no attributes below some parents, for requests and grants.
    pub(crate) fn ephemeral(uid: &Uid, parent: &Self) -> Self {
        let above = by_key(parent.0.above.iter().cloned().chain([parent.uid().clone()]));
        Self::plain(uid.clone(), [parent.uid().clone()].into(), above)
    }

    /// An entity with nothing but its name.
    pub(crate) fn bare(uid: &Uid) -> Self {
        Self::plain(uid.clone(), [].into(), [].into())
    }

    /// An action, which has nothing but ancestors.
    pub(super) fn action(uid: &Uid, above: impl Iterator<Item = Uid>) -> Self {
        let above = by_key(above);
        Self::plain(uid.clone(), above.clone(), above)
    }

    fn plain(uid: Uid, parents: Arc<[Uid]>, above: Arc<[Uid]>) -> Self {
        let none = Arc::new(Record::new());
        Self(Arc::new(Inner { uid, attrs: none.clone(), tags: none, parents, above }))
    }

    pub(crate) fn uid(&self) -> &Uid {
        &self.0.uid
    }

    pub(crate) fn parents(&self) -> &[Uid] {
        &self.0.parents
    }

    /// All ancestors, in no order that means anything.
    pub(crate) fn ancestors(&self) -> &[Uid] {
        &self.0.above
    }

    /// Whether it is `other` or stands below it.
    pub(crate) fn is_in(&self, other: &Uid) -> bool {
        self.0.uid == *other || self.is_below(other)
    }

    /// Whether it stands below `other`.
    pub(super) fn is_below(&self, other: &Uid) -> bool {
        let above = &self.0.above;
        let first = above.partition_point(|uid| uid.key() < other.key());
        above.iter().skip(first).take_while(|uid| uid.key() == other.key()).any(|uid| uid == other)
    }

    /// The same entity with these ancestors.
    pub(crate) fn with_ancestors(&self, ancestors: BTreeSet<Keyed>) -> Self {
        let Inner { uid, attrs, tags, parents, .. } = self.0.as_ref();
        Self(Arc::new(Inner {
            uid: uid.clone(),
            attrs: attrs.clone(),
            tags: tags.clone(),
            parents: parents.clone(),
            above: ancestors.into_iter().map(|Keyed(uid)| uid).collect(),
        }))
    }

    pub(super) fn attr(&self, name: &str) -> Option<&Val> {
        self.0.attrs.get(name)
    }

    pub(super) fn tag(&self, name: &str) -> Option<&Val> {
        self.0.tags.get(name)
    }

    pub(crate) fn bool_attr(&self, name: &str) -> Option<bool> {
        match self.attr(name)? {
            Val::Bool(b) => Some(*b),
            _ => None,
        }
    }

    pub(crate) fn uid_attr(&self, name: &str) -> Option<Uid> {
        match self.attr(name)? {
            Val::Uid(uid) => Some(uid.clone()),
            _ => None,
        }
    }

    pub(crate) fn instant_attr(&self, name: &str) -> Option<Instant> {
        match self.attr(name)? {
            Val::Time(stamp) => stamp.instant(),
            _ => None,
        }
    }

    /// The entities that attributes of these names, and tags if asked for, point to.
    pub(crate) fn references(&self, names: &BTreeSet<String>, tags: bool, out: &mut BTreeSet<Uid>) {
        for (name, value) in self.0.attrs.members() {
            if names.contains(name.as_str()) {
                value.uids_in(out);
            }
        }
        for (_, value) in self.0.tags.members().filter(|_| tags) {
            value.uids_in(out);
        }
    }

    pub(super) fn attrs(&self) -> &Record {
        &self.0.attrs
    }

    pub(super) fn tags(&self) -> &Record {
        &self.0.tags
    }
}

fn known<'e>((name, value): (&'e SmolStr, &'e PartialValue)) -> Option<(&'e SmolStr, &'e ast::Value)> {
    match value {
        PartialValue::Value(value) => Some((name, value)),
        PartialValue::Residual(_) => None,
    }
}

/// Uids in order of their keys, each once.
fn by_key(uids: impl Iterator<Item = Uid>) -> Arc<[Uid]> {
    let all: BTreeSet<Keyed> = uids.map(Keyed).collect();
    all.into_iter().map(|Keyed(uid)| uid).collect()
}
