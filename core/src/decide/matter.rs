//! What a request is about: each pair of its scope, with the policies in whose scope it is.

use crate::bundle::Contenders;
use crate::cedar::{Entities, Entity, Reads, Uid};
use crate::decide::Engine;
use crate::decide::slice::Slice;
use crate::facts::Facts;
use crate::model::Pair;
use crate::prelude::*;

/// One pair of the scope.
#[derive(Clone)]
pub(crate) struct Matter<'b> {
    pub(crate) pair: Pair,
    /// From the facts, or from what the situation brings along.
    pub(crate) resource: Option<Entity>,
    pub(crate) contenders: Contenders<'b>,
}

impl<'b> Engine<'b> {
    pub(super) fn find_matters(&self) -> Arc<[Matter<'b>]> {
        let matter = |pair: &Pair| {
            let resource = self.resource(&pair.resource);
            let contenders = match (&self.principal, &resource) {
                (Some(principal), Some(resource)) => {
                    self.bundle.contenders(self.evaluator, principal, &pair.action, resource)
                }
                _ => Contenders::default(),
            };
            Matter { pair: pair.clone(), resource, contenders }
        };
        self.situation.request.scope.iter().map(matter).collect()
    }

    /// The resource, from the facts or from what the situation brings along. Incidents are
    /// facts of their own, so they need no entity.
    fn resource(&self, uid: &Uid) -> Option<Entity> {
        if let Some(under) = self.situation.around.own.get(uid) {
            return self.facts.entities.get(under).map(|parent| Entity::ephemeral(uid, parent));
        }
        if let Some(entity) = self.facts.entities.get(uid) {
            return Some(entity.clone());
        }
        uid.is_a("Glasskey::Incident").then(|| Entity::bare(uid))
    }

    /// Everything that policies in the scope of the request may read.
    pub(super) fn reads(&self) -> Reads {
        let policies = self.matters.iter().flat_map(|matter| matter.contenders.policies());
        if self.slice.is_kept() { Reads::joined(policies) } else { Reads::joined_facts(policies) }
    }

    /// The entities, as the policies see them.
    pub(super) fn view(&self) -> View<'b> {
        let schema = self.bundle.schema();
        let mut own: Vec<Entity> = Vec::new();
        for matter in self.matters.iter() {
            let brought = matter.resource.iter().filter(|e| self.facts.entities.get(e.uid()).is_none());
            for entity in schema.action(&matter.pair.action).into_iter().chain(brought) {
                if !own.iter().any(|known| known.uid() == entity.uid()) {
                    own.push(entity.clone());
                }
            }
        }
        let named = self.holders.iter().chain(&self.situation.request.requested_by).cloned().collect();
        View { facts: self.facts, own, named, matters: Arc::clone(&self.matters) }
    }
}

/// The facts' entities, and those that no store holds: actions, requests, grants, incidents.
#[derive(Clone)]
pub(crate) struct View<'b> {
    facts: &'b Facts,
    own: Vec<Entity>,
    /// The people whose entities count besides those that policies name.
    named: Vec<Uid>,
    matters: Arc<[Matter<'b>]>,
}

impl View<'_> {
    /// Takes everything into the slice that the policies, which read this, can reach.
    pub(crate) fn reach(&self, slice: &mut Slice, reads: &Reads) {
        for uid in self.named.iter().chain(&reads.entities) {
            slice.take_named(self.facts, uid, reads);
        }
        for resource in self.matters.iter().filter_map(|matter| matter.resource.as_ref()) {
            slice.take(self.facts, resource, reads);
        }
        self.own.iter().for_each(|entity| slice.take_own(entity));
    }

    /// The same view with more entities that no store holds.
    pub(crate) fn with(&self, own: impl IntoIterator<Item = Entity>) -> Self {
        let mut next = self.clone();
        next.own.extend(own);
        next
    }

    /// Everything that the policies can reach.
    pub(crate) fn reached(&self) -> Slice {
        let mut slice = Slice::kept();
        let policies = self.matters.iter().flat_map(|matter| matter.contenders.policies());
        self.reach(&mut slice, &Reads::joined(policies));
        slice
    }
}

impl Entities for View<'_> {
    fn find(&self, uid: &Uid) -> Option<&Entity> {
        self.own.iter().find(|entity| entity.uid() == uid).or_else(|| self.facts.entities.get(uid))
    }

    fn all(&self) -> Vec<Entity> {
        self.reached().reach().all()
    }
}
