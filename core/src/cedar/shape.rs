//! What the schema says of facts: the shapes of entities and of contexts, as plain data.
//!
//! Cedar reads a fact against its schema by way of expressions. These shapes are read from
//! straight ([`crate::cedar::read`]), and they can be kept in a compiled bundle.

use crate::cedar::Uid;
use crate::cedar::value::{Record, Val};
use crate::prelude::*;
use cedar_policy_core::ast::EntityType;
use smol_str::SmolStr;

/// The shapes of all entity types.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shapes(pub(super) BTreeMap<EntityType, Shape>);

/// What an entity of one type may be like.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub(super) attrs: Fields,
    pub(super) tags: Option<Kind>,
    /// The types that may stand above it.
    pub(super) above: BTreeSet<EntityType>,
    /// The only ids that there are, if the schema lists them.
    pub(super) ids: Option<BTreeSet<SmolStr>>,
}

/// The members of a record.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields {
    pub(super) members: BTreeMap<SmolStr, Field>,
    /// Whether there may be others.
    pub(super) open: bool,
}

/// One member.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(super) kind: Kind,
    pub(super) required: bool,
}

/// The type of a value.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Bool,
    Long,
    Text,
    Entity(EntityType),
    Set(Box<Self>),
    Record(Fields),
    Time,
    Span,
    /// A decimal, an address: what only Cedar reads.
    Foreign,
}

impl Shapes {
    pub(super) fn get(&self, kind: &EntityType) -> Option<&Shape> {
        self.0.get(kind)
    }

    /// Whether the schema allows an entity of this name; actions are not asked for here.
    pub(super) fn allows(&self, uid: &Uid) -> bool {
        let listed = self.get(uid.entity_type()).and_then(|shape| shape.ids.as_ref());
        listed.is_none_or(|ids| ids.contains(uid.id()))
    }
}

impl Kind {
    /// Whether a value is of this type. What only Cedar knows is not.
    pub(super) fn holds(&self, value: &Val) -> bool {
        match (self, value) {
            (Self::Bool, Val::Bool(_))
            | (Self::Long, Val::Long(_))
            | (Self::Text, Val::Text(_))
            | (Self::Time, Val::Time(_))
            | (Self::Span, Val::Span(_)) => true,
            (Self::Entity(kind), Val::Uid(uid)) => uid.entity_type() == kind,
            (Self::Set(kind), Val::Set(set)) => set.iter().all(|value| kind.holds(&Val::lift(value))),
            (Self::Record(fields), Val::Record(record)) => fields.hold(record),
            _ => false,
        }
    }

    /// Whether [`crate::cedar::read`] knows every value of it; a set holds Cedar's own values, and
    /// times are none that could be made without Cedar.
    pub(super) fn is_plain(&self) -> bool {
        match self {
            Self::Set(kind) => kind.is_plain_in_a_set(),
            Self::Record(fields) => fields.members.values().all(|field| field.kind.is_plain()),
            Self::Foreign => false,
            Self::Bool | Self::Long | Self::Text | Self::Entity(_) | Self::Time | Self::Span => true,
        }
    }

    fn is_plain_in_a_set(&self) -> bool {
        match self {
            Self::Set(kind) => kind.is_plain_in_a_set(),
            Self::Record(fields) => fields.members.values().all(|field| field.kind.is_plain_in_a_set()),
            Self::Time | Self::Span | Self::Foreign => false,
            Self::Bool | Self::Long | Self::Text | Self::Entity(_) => true,
        }
    }
}

impl Fields {
    /// Whether a record has the members that it must have, each of its type, and no other.
    pub(super) fn hold(&self, record: &Record) -> bool {
        self.misfit(record).is_none()
    }

    /// The path to the first member that is missing, of another type, or unknown.
    pub(super) fn misfit(&self, record: &Record) -> Option<String> {
        for (name, field) in &self.members {
            let inner = match (record.get(name), &field.kind) {
                (None, _) if field.required => String::new(),
                (Some(Val::Record(record)), Kind::Record(fields)) => match fields.misfit(record) {
                    Some(path) => format!(".{path}"),
                    None => continue,
                },
                (Some(value), kind) if !kind.holds(value) => String::new(),
                _ => continue,
            };
            return Some(format!("{name}{inner}"));
        }
        let unknown = |(name, _): &(&SmolStr, &Val)| !self.open && !self.members.contains_key(*name);
        record.members().find(unknown).map(|(name, _)| name.to_string())
    }
}
