//! Policies filed under their scopes, so that a request meets only those it is in.
//!
//! A policy is filed under what its scope asks of the action, then of the principal, then of
//! the resource. A request looks under its own names: its action and the groups that it stands
//! in, its principal and resource, their types and ancestors. So the work follows the request's
//! own ancestors and the policies that fit, and not the number of policies.
//!
//! Why leaving the others out changes nothing, neither the decision nor the reasons nor the
//! errors. Cedar evaluates a policy as `principal-test && action-test && resource-test &&
//! conditions`. Each test is `true`, `==` or `in` on a literal, or `is`; on a request, whose
//! variables are always entities, none of these can err, and `&&` stops at the first `false`.
//! So a policy with a false test is unsatisfied without an error, whatever its conditions say,
//! and such a policy contributes to nothing. For `==` and `in` on principal and resource this
//! is a theorem proved of Cedar (`isAuthorized_eq_for_scope_based_policy_slice`, in
//! cedar-spec's Thm/PolicySlice.lean); for the action and for `is` the argument is the same,
//! and `core/tests/differential.rs` tests all of it.
//!
//! It remains that a lookup finds every policy whose tests are all true: `== u` is true iff the
//! name is `u`; `in u` iff the name is `u` or `u` is among the ancestors; `is T` iff `T` is the
//! type; and under each of these, and for the action under each of its groups, is looked.

use crate::cedar::policy::Policy;
use crate::cedar::scope::{ActionBound, Bound};
use crate::cedar::table::Table;
use crate::cedar::uid::key_of;
use crate::cedar::{Entity, Uid};
use crate::prelude::*;
use cedar_policy_core::ast::EntityType;

/// Policies by scope; each is known by its place in the list that was filed.
#[derive(Debug, Default)]
pub(crate) struct Index {
    any_action: ByPrincipal,
    action: Table<(Uid, ByPrincipal)>,
    action_group: Table<(Uid, ByPrincipal)>,
}

type ByPrincipal = Shelf<Shelf<Vec<u32>>>;

/// Things by one part of a scope.
#[derive(Debug, Default)]
struct Shelf<T> {
    any: T,
    bound: Table<(Bound, T)>,
}

/// The keys under which one entity looks.
pub(crate) struct Looker<'e> {
    entity: &'e Entity,
    kind: u64,
}

impl<'e> Looker<'e> {
    pub(crate) fn new(entity: &'e Entity) -> Self {
        Self { entity, kind: key_of(entity.uid().entity_type()) }
    }
}

// One table holds all kinds of bounds; these numbers keep their keys apart.
const EQ: u64 = 0x9E37_79B9_7F4A_7C15;
const IN: u64 = 0xC2B2_AE3D_27D4_EB4F;
const IS: u64 = 0x1656_67B1_9E37_79F9;

fn key(bound: &Bound) -> Option<u64> {
    match bound {
        Bound::Any | Bound::Nothing => None,
        Bound::Eq(uid) => Some(uid.key() ^ EQ),
        Bound::In(uid) => Some(uid.key() ^ IN),
        Bound::Is(kind) => Some(key_of(kind) ^ IS),
        Bound::IsIn(kind, uid) => Some(uid.key() ^ key_of(kind)),
    }
}

impl<T: Default> Shelf<T> {
    /// Where a policy with this bound belongs; nowhere, if nothing can be in it.
    fn place(&mut self, bound: &Bound) -> Option<&mut T> {
        match (bound, key(bound)) {
            (Bound::Any, _) => Some(&mut self.any),
            (_, Some(key)) => {
                let make = || (bound.clone(), T::default());
                self.bound.find_or_make(key, |(known, _)| known == bound, make).map(|(_, thing)| thing)
            }
            _ => None,
        }
    }

    /// Everything that the entity is in.
    fn visit<'s>(&'s self, looker: &Looker<'_>, mut see: impl FnMut(&'s T)) {
        see(&self.any);
        if self.bound.is_empty() {
            return;
        }
        let uid = looker.entity.uid();
        let kind = uid.entity_type();
        let is = |known: &EntityType| known == kind;
        let mut look = |key: u64, is: &dyn Fn(&Bound) -> bool| {
            if let Some((_, thing)) = self.bound.find(key, |(known, _)| is(known)) {
                see(thing);
            }
        };
        look(uid.key() ^ EQ, &|b| matches!(b, Bound::Eq(u) if u == uid));
        look(looker.kind ^ IS, &|b| matches!(b, Bound::Is(k) if is(k)));
        for above in core::iter::once(uid).chain(looker.entity.ancestors()) {
            look(above.key() ^ IN, &|b| matches!(b, Bound::In(u) if u == above));
            look(above.key() ^ looker.kind, &|b| matches!(b, Bound::IsIn(k, u) if u == above && is(k)));
        }
    }

    /// Everything, whatever its bound.
    fn all(&self) -> impl Iterator<Item = &T> {
        core::iter::once(&self.any).chain(self.bound.values().map(|(_, thing)| thing))
    }
}

impl Index {
    /// Files policies under their places in the list.
    pub(crate) fn of<'p>(policies: impl Iterator<Item = &'p Policy>) -> Self {
        let mut index = Self::default();
        for (place, policy) in policies.enumerate() {
            let place = u32::try_from(place).unwrap_or(u32::MAX);
            let scope = &policy.scope;
            let file = |shelf: Option<&mut ByPrincipal>| {
                if let Some(list) = shelf
                    .and_then(|shelf| shelf.place(&scope.principal))
                    .and_then(|shelf| shelf.place(&scope.resource))
                {
                    list.push(place);
                }
            };
            match &scope.action {
                ActionBound::Any => file(Some(&mut index.any_action)),
                ActionBound::Eq(uid) => file(shelf_of(&mut index.action, uid)),
                ActionBound::In(groups) => {
                    groups.iter().for_each(|uid| file(shelf_of(&mut index.action_group, uid)));
                }
            }
        }
        index
    }

    /// The places of all policies in whose scope the request is, in order.
    pub(crate) fn candidates<'u>(
        &self,
        action: &Uid,
        within: impl IntoIterator<Item = &'u Uid>,
        principal: &Looker<'_>,
        resource: &Looker<'_>,
    ) -> Vec<u32> {
        let mut found = Vec::with_capacity(32);
        for shelf in self.shelves(action, within) {
            shelf.visit(principal, |shelf| shelf.visit(resource, |places| found.extend_from_slice(places)));
        }
        in_order(found)
    }

    /// The places of all policies in whose scope somebody's request for the resource is, in order.
    pub(crate) fn for_resource<'u>(
        &self,
        action: &Uid,
        within: impl IntoIterator<Item = &'u Uid>,
        resource: &Looker<'_>,
    ) -> Vec<u32> {
        let mut found = Vec::new();
        for shelf in self.shelves(action, within).flat_map(Shelf::all) {
            shelf.visit(resource, |places| found.extend_from_slice(places));
        }
        in_order(found)
    }

    /// The places of all policies in whose scope the principal's request for something is, in
    /// order.
    pub(crate) fn for_principal<'u>(
        &self,
        action: &Uid,
        within: impl IntoIterator<Item = &'u Uid>,
        principal: &Looker<'_>,
    ) -> Vec<u32> {
        let mut found = Vec::new();
        for shelf in self.shelves(action, within) {
            shelf.visit(principal, |shelf| shelf.all().for_each(|places| found.extend_from_slice(places)));
        }
        in_order(found)
    }

    /// The shelves under which an action that stands in `within` (itself included) looks.
    fn shelves<'s, 'u>(
        &'s self,
        action: &Uid,
        within: impl IntoIterator<Item = &'u Uid>,
    ) -> impl Iterator<Item = &'s ByPrincipal> {
        let own = self.action.find(action.key(), |(uid, _)| uid == action).map(|(_, shelf)| shelf);
        let groups = within.into_iter().filter_map(|group| {
            self.action_group.find(group.key(), |(uid, _)| uid == group).map(|(_, shelf)| shelf)
        });
        core::iter::once(&self.any_action).chain(own).chain(groups)
    }
}

fn shelf_of<'s>(table: &'s mut Table<(Uid, ByPrincipal)>, uid: &Uid) -> Option<&'s mut ByPrincipal> {
    table
        .find_or_make(uid.key(), |(known, _)| known == uid, || (uid.clone(), ByPrincipal::default()))
        .map(|(_, shelf)| shelf)
}

/// A policy that names two groups of one action is found twice.
fn in_order(mut found: Vec<u32>) -> Vec<u32> {
    found.sort_unstable();
    found.dedup();
    found
}
