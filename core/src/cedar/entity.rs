//! One entity, as parsed against a schema.

use crate::cedar::Uid;
use crate::cedar::value::{as_bool, as_instant, as_uid, uids_in};
use crate::prelude::*;
use crate::time::Instant;
use cedar_policy_core::ast::{self, PartialValue};
use serde_json::Value;

/// An entity with its attributes, its parents and all its ancestors; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Entity(pub(super) Arc<ast::Entity>);

impl Entity {
    /// An entity with no attributes below some parents, for requests and grants.
    pub(crate) fn ephemeral(uid: &Uid, parent: &Self) -> Self {
        let parents = core::iter::once(parent.0.uid().clone()).collect();
        let above = parent.0.ancestors().cloned().collect();
        Self(Arc::new(ast::Entity::new_with_attr_partial_value(uid.inner().clone(), [], above, parents, [])))
    }

    /// An entity with nothing but its name.
    pub(crate) fn bare(uid: &Uid) -> Self {
        Self(Arc::new(ast::Entity::with_uid(uid.inner().clone())))
    }

    pub(crate) fn uid(&self) -> Uid {
        Uid::from(self.0.uid().clone())
    }

    pub(crate) fn parents(&self) -> BTreeSet<Uid> {
        self.0.parents().cloned().map(Uid::from).collect()
    }

    pub(crate) fn ancestors(&self) -> impl Iterator<Item = Uid> {
        self.0.ancestors().cloned().map(Uid::from)
    }

    /// Whether it is `other` or stands below it.
    pub(crate) fn is_in(&self, other: &Uid) -> bool {
        self.0.uid() == other.inner() || self.0.is_descendant_of(other.inner())
    }

    /// The same entity with these ancestors above its parents.
    pub(crate) fn with_ancestors(&self, ancestors: &BTreeSet<Uid>) -> Self {
        let (uid, attrs, _, parents, tags) = self.0.as_ref().clone().into_inner();
        let above =
            ancestors.iter().map(|uid| uid.inner().clone()).filter(|uid| !parents.contains(uid)).collect();
        Self(Arc::new(ast::Entity::new_with_attr_partial_value(uid, attrs, above, parents, tags)))
    }

    pub(crate) fn bool_attr(&self, name: &str) -> Option<bool> {
        as_bool(self.value(name)?)
    }

    pub(crate) fn uid_attr(&self, name: &str) -> Option<Uid> {
        as_uid(self.value(name)?)
    }

    pub(crate) fn instant_attr(&self, name: &str) -> Option<Instant> {
        as_instant(self.value(name)?)
    }

    fn value(&self, name: &str) -> Option<&ast::Value> {
        match self.0.get(name)? {
            PartialValue::Value(value) => Some(value),
            PartialValue::Residual(_) => None,
        }
    }

    /// The entities that attributes of these names, and tags if asked for, point to.
    pub(crate) fn references(&self, names: &BTreeSet<String>, tags: bool, out: &mut BTreeSet<Uid>) {
        let tagged = self.0.tags().filter(|_| tags);
        for (name, value) in self.0.attrs() {
            if names.contains(name.as_str())
                && let PartialValue::Value(value) = value
            {
                uids_in(value, out);
            }
        }
        for (_, value) in tagged {
            if let PartialValue::Value(value) = value {
                uids_in(value, out);
            }
        }
    }

    /// Cedar's JSON for it, with its parents only, in their fixed order.
    pub(crate) fn to_json(&self) -> Value {
        let mut bare = self.0.as_ref().clone();
        bare.remove_all_indirect_ancestors();
        let mut json = bare.to_json_value().unwrap_or(Value::Null);
        if let Some(parents) = json.get_mut("parents").and_then(Value::as_array_mut) {
            let key = |v: &Value| {
                let text = |name| v.get(name).and_then(Value::as_str).unwrap_or("").to_owned();
                (text("type"), text("id"))
            };
            parents.sort_by_key(key);
        }
        json
    }
}
