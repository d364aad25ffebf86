//! Whom a policy is for: its scope, taken apart once.

use crate::cedar::{Entity, Uid};
use crate::prelude::*;
use cedar_policy_core::ast::{
    self, ActionConstraint, EntityReference, EntityType, PrincipalOrResourceConstraint as Constraint,
};

/// The three parts of a scope.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    pub(super) principal: Bound,
    pub(super) action: ActionBound,
    pub(super) resource: Bound,
}

/// What a scope asks of the principal or the resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    Any,
    Eq(Uid),
    In(Uid),
    Is(EntityType),
    IsIn(EntityType, Uid),
    /// A slot that nothing fills; no linked policy has one, and nothing is in it.
    Nothing,
}

/// What a scope asks of the action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ActionBound {
    Any,
    Eq(Uid),
    In(Vec<Uid>),
}

impl Scope {
    pub(super) fn of(policy: &ast::Policy) -> Self {
        let shared = |uid: &Arc<ast::EntityUID>| Uid::from(uid.as_ref().clone());
        Self {
            principal: Bound::of(policy.principal_constraint().into_inner()),
            action: match policy.action_constraint() {
                ActionConstraint::Any => ActionBound::Any,
                ActionConstraint::Eq(uid) => ActionBound::Eq(shared(uid)),
                ActionConstraint::In(uids) => ActionBound::In(uids.iter().map(shared).collect()),
            },
            resource: Bound::of(policy.resource_constraint().into_inner()),
        }
    }
}

impl Bound {
    fn of(constraint: Constraint) -> Self {
        let uid = |r: EntityReference| match r {
            EntityReference::EUID(uid) => Some(Uid::from(uid.as_ref().clone())),
            EntityReference::Slot(_) => None,
        };
        match constraint {
            Constraint::Any => Self::Any,
            Constraint::Eq(r) => uid(r).map_or(Self::Nothing, Self::Eq),
            Constraint::In(r) => uid(r).map_or(Self::Nothing, Self::In),
            Constraint::Is(kind) => Self::Is(kind.as_ref().clone()),
            Constraint::IsIn(kind, r) => {
                uid(r).map_or(Self::Nothing, |uid| Self::IsIn(kind.as_ref().clone(), uid))
            }
        }
    }

    /// Whether an entity is within it.
    pub(super) fn holds(&self, entity: &Entity) -> bool {
        match self {
            Self::Any => true,
            Self::Eq(uid) => entity.uid() == uid,
            Self::In(uid) => entity.is_in(uid),
            Self::Is(kind) => entity.uid().entity_type() == kind,
            Self::IsIn(kind, uid) => entity.uid().entity_type() == kind && entity.is_in(uid),
            Self::Nothing => false,
        }
    }

    /// The type that it demands, if it does.
    pub(super) fn kind(&self) -> Option<String> {
        match self {
            Self::Is(kind) | Self::IsIn(kind, _) => Some(kind.to_string()),
            Self::Eq(uid) => Some(uid.type_name()),
            Self::Any | Self::In(_) | Self::Nothing => None,
        }
    }
}

/// Which entities can be within a bound, for those who walk a store to find them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Members {
    Everything,
    OfType(String),
    One(Uid),
    /// An entity and all below it, of one type or of any.
    Under(Uid, Option<String>),
    Nobody,
}

impl From<&Bound> for Members {
    fn from(bound: &Bound) -> Self {
        match bound {
            Bound::Any => Self::Everything,
            Bound::Eq(uid) => Self::One(uid.clone()),
            Bound::In(uid) => Self::Under(uid.clone(), None),
            Bound::Is(kind) => Self::OfType(kind.to_string()),
            Bound::IsIn(kind, uid) => Self::Under(uid.clone(), Some(kind.to_string())),
            Bound::Nothing => Self::Nobody,
        }
    }
}

impl ActionBound {
    /// Whether an action that stands in `within` (itself included) is within it.
    pub(super) fn holds(&self, action: &Uid, within: &BTreeSet<Uid>) -> bool {
        match self {
            Self::Any => true,
            Self::Eq(uid) => uid == action,
            Self::In(groups) => groups.iter().any(|group| within.contains(group)),
        }
    }
}
