//! Compiled policies: rules permit, guardrails forbid.

use crate::bundle::terms::{self, Terms};
use crate::cedar::Policy;
use crate::model::{ActorKind, Obligation};
use crate::prelude::*;
use core::cmp::Reverse;

/// A permit, with its terms if it is privileged.
#[derive(Clone, Debug)]
pub struct Rule {
    pub(crate) policy: Policy,
    pub(crate) terms: Option<Terms>,
    pub(crate) kinds: BTreeSet<ActorKind>,
    pub(crate) obligations: Vec<Obligation>,
    pub(super) notes: Notes,
}

/// A forbid.
#[derive(Clone, Debug)]
pub struct Guard {
    pub(crate) policy: Policy,
    pub(super) notes: Notes,
}

/// What every policy may carry for people.
#[derive(Clone, Debug)]
pub(super) struct Notes {
    pub(super) title: Option<String>,
    pub(super) advice: Option<String>,
    pub(super) controls: Vec<String>,
}

impl Notes {
    fn of(policy: &Policy) -> Self {
        let one = |name: &str| policy.annotation(name).map(ToOwned::to_owned);
        Self { title: one("title"), advice: one("advice"), controls: terms::controls(policy) }
    }
}

macro_rules! about_a_policy {
    ($type:ty) => {
        impl $type {
            /// Its `@id`.
            #[must_use]
            pub fn id(&self) -> &str {
                &self.policy.id
            }
            /// Its `@title`.
            #[must_use]
            pub fn title(&self) -> Option<&str> {
                self.notes.title.as_deref()
            }
            /// Its `@advice`: what a refused person should do next.
            #[must_use]
            pub fn advice(&self) -> Option<&str> {
                self.notes.advice.as_deref()
            }
            /// Its `@controls`.
            #[must_use]
            pub fn controls(&self) -> &[String] {
                &self.notes.controls
            }
            /// The file that it stands in.
            #[must_use]
            pub fn file(&self) -> &str {
                self.policy.file_name()
            }
            /// Its own text.
            #[must_use]
            pub fn text(&self) -> &str {
                self.policy.text()
            }
        }
    };
}

about_a_policy!(Rule);
about_a_policy!(Guard);

impl Rule {
    pub(super) fn new(policy: Policy, terms: Option<Terms>, kinds: BTreeSet<ActorKind>) -> Self {
        let obligations = match &terms {
            Some(terms) => terms.obligations.clone(),
            None => terms::obligations(&policy),
        };
        Self { notes: Notes::of(&policy), policy, terms, kinds, obligations }
    }

    /// Its terms, if it is for privileged actions.
    #[must_use]
    pub const fn terms(&self) -> Option<&Terms> {
        self.terms.as_ref()
    }

    /// The kinds of actors that it is for.
    pub fn kinds(&self) -> impl Iterator<Item = ActorKind> {
        self.kinds.iter().copied()
    }

    /// Rules are tried in this order: higher priority, stricter quorum, shorter lifetime, id.
    pub(super) fn rank(&self) -> impl Ord + use<> {
        let terms = self.terms.as_ref();
        (
            Reverse(terms.map_or(0, |t| t.priority)),
            Reverse(terms.map_or(0, |t| t.quorum.size())),
            terms.map(|t| t.max_ttl),
            self.policy.id.clone(),
        )
    }
}

impl Guard {
    pub(super) fn new(policy: Policy) -> Self {
        Self { notes: Notes::of(&policy), policy }
    }
}
