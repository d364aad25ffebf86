//! What a bundle holds, as plain data: the same in every language.

use crate::bundle::{Bundle, Manifest, Terms};
use crate::canonical::Digest;
use crate::cedar::Uid;
use crate::error::Error;
use crate::model::{ActorKind, Obligation};
use crate::prelude::*;
use serde::Serialize;

/// A bundle in outline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outline {
    /// The digest that names the bundle.
    pub digest: Digest,
    /// Its manifest, with the defaults filled in.
    pub manifest: Manifest,
    /// Its permits, in the order in which they are tried.
    pub rules: Vec<PolicyOutline>,
    /// Its forbids, in order of their ids.
    pub guards: Vec<PolicyOutline>,
    /// The actions of its schema.
    pub actions: Vec<ActionOutline>,
    /// What Cedar's validator warns of.
    pub warnings: Vec<Error>,
}

/// One policy in outline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PolicyOutline {
    /// `@id`.
    pub id: String,
    /// `@title`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// `@advice`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
    /// `@controls`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub controls: Vec<String>,
    /// The file that it stands in.
    pub file: String,
    /// For permits: the kinds of actors that it is for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<ActorKind>,
    /// For privileged permits: the terms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terms: Option<Terms>,
    /// For permits: the obligations.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub obligations: Vec<Obligation>,
}

/// One action in outline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ActionOutline {
    /// The action.
    pub action: Uid,
    /// Whether its permits are rules with terms.
    pub privileged: bool,
}

macro_rules! outline {
    ($policy:expr) => {
        PolicyOutline {
            id: $policy.id().to_owned(),
            title: $policy.title().map(ToOwned::to_owned),
            advice: $policy.advice().map(ToOwned::to_owned),
            controls: $policy.controls().to_vec(),
            file: $policy.file().to_owned(),
            kinds: Vec::new(),
            terms: None,
            obligations: Vec::new(),
        }
    };
}

impl Bundle {
    /// What it holds, as plain data.
    #[must_use]
    pub fn outline(&self) -> Outline {
        let rule = |r: &crate::bundle::Rule| PolicyOutline {
            kinds: r.kinds().collect(),
            terms: r.terms().cloned(),
            obligations: r.obligations.clone(),
            ..outline!(r)
        };
        let actions =
            self.actions().map(|(action, privileged)| ActionOutline { action: action.clone(), privileged });
        Outline {
            digest: self.digest(),
            manifest: self.manifest().clone(),
            rules: self.rules().iter().map(rule).collect(),
            guards: self.guards().iter().map(|guard| outline!(guard)).collect(),
            actions: actions.collect(),
            warnings: self.warnings().to_vec(),
        }
    }
}
