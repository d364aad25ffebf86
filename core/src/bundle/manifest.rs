//! The manifest, `bundle.toml`.

use crate::bundle::extend::{self, Extends};
use crate::cedar::{File, Uid};
use crate::error::{Code, Error, nearest};
use crate::model::ActorKind;
use crate::prelude::*;
use crate::time::Span;
use crate::wire::clip;
use serde::{Deserialize, Serialize};

/// What the manifest says, with its defaults filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The pack's name.
    pub name: String,
    /// The pack's version.
    pub version: String,
    /// What the pack is for.
    #[serde(default)]
    pub description: String,
    /// The pack that this one extends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extends: Option<Extends>,
    /// Which kind of actor each entity type is; the base types are always there.
    #[serde(default)]
    pub actors: BTreeMap<String, ActorKind>,
    /// The seats that quorums may name, each with a word on who sits there.
    #[serde(default)]
    pub seats: BTreeMap<String, String>,
    /// How old facts may be.
    #[serde(default)]
    pub freshness: Freshness,
    /// What holds where a rule says nothing.
    #[serde(default)]
    pub defaults: Defaults,
}

/// How old each kind of fact may be before it counts as unknown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Freshness {
    /// How far the clocks of host and source may be apart.
    pub skew: Span,
    /// Incidents.
    pub incident: Span,
    /// Shifts.
    pub shift: Span,
    /// Windows.
    pub window: Span,
    /// Tasks.
    pub task: Span,
    /// Signals.
    pub signal: Span,
    /// Histories.
    pub history: Span,
    /// Entities: people, groups, targets.
    pub entities: Span,
    /// Locks; no limit unless one is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locks: Option<Span>,
}

impl Default for Freshness {
    fn default() -> Self {
        Self {
            skew: Span::from_seconds(30),
            incident: Span::from_seconds(60),
            shift: Span::from_minutes(5),
            window: Span::from_minutes(5),
            task: Span::from_minutes(5),
            signal: Span::from_minutes(2),
            history: Span::from_minutes(1),
            entities: Span::from_minutes(15),
            locks: None,
        }
    }
}

/// What holds where a rule says nothing, and what no rule says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Defaults {
    /// `@ttl`.
    pub ttl: Span,
    /// `@pending`.
    pub pending: Span,
    /// `@approval_ttl`.
    pub approval_ttl: Span,
    /// `@extension_ttl`.
    pub extension_ttl: Span,
    /// How long before the end an extension may be asked for.
    pub extension_window: Span,
    /// Within this time after a grant's end, the same ask on the same incident joins its chain.
    pub cooldown: Span,
    /// How long a credential may live where it cannot be revoked.
    pub revocation_slo: Span,
    /// How long an enforcement point has to issue.
    pub issue_deadline: Span,
    /// How long an enforcement point has to confirm an end.
    pub revoke_deadline: Span,
}

impl Default for Defaults {
    fn default() -> Self {
        Self {
            ttl: Span::from_minutes(30),
            pending: Span::from_minutes(15),
            approval_ttl: Span::from_minutes(10),
            extension_ttl: Span::from_minutes(30),
            extension_window: Span::from_minutes(15),
            cooldown: Span::from_minutes(30),
            revocation_slo: Span::from_minutes(15),
            issue_deadline: Span::from_minutes(2),
            revoke_deadline: Span::from_minutes(5),
        }
    }
}

impl Manifest {
    /// Reads a manifest over those of the packs that it extends, given from the lowest up.
    pub(super) fn read(file: &File, below: &[&File]) -> Result<Self, Vec<Error>> {
        let mut manifest: Self = toml::from_str(&file.text).map_err(|e| vec![fault(&e, file)])?;
        for (name, kind) in
            [("Person", ActorKind::Person), ("Service", ActorKind::Service), ("Agent", ActorKind::Agent)]
        {
            manifest.actors.insert(format!("Glasskey::{name}"), kind);
        }
        let mut faults = Vec::new();
        for (what, text) in [("name", &manifest.name), ("version", &manifest.version)] {
            if text.trim().is_empty() {
                faults.push(
                    Error::new(Code::BadManifest, format!("`{what}` is empty"))
                        .help(format!("give the pack a {what}"))
                        .label(file.label(0, 0)),
                );
            }
        }
        // They are written into the base schema, where nothing else may come in with them.
        for name in manifest.actors.keys().filter(|name| Uid::from_parts(name, "").is_none()) {
            let at = file.text.find(name.as_str()).unwrap_or(0);
            faults.push(
                Error::new(Code::UnknownEntityType, format!("`{}` is no name of a type", clip(name)))
                    .help("write it as the schema does, like `Acme::User`")
                    .label(file.label(at, name.len())),
            );
        }
        if let (Some(extends), true) = (&manifest.extends, below.is_empty()) {
            let at = file.text.find(extends.pack.as_str()).unwrap_or(0);
            faults.push(
                Error::new(Code::BadManifest, format!("`{}` is no path to a pack", extends.pack))
                    .help("write the way from this folder to the other, with `/`, like `../starter`")
                    .label(file.label(at, extends.pack.len())),
            );
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        if below.is_empty() {
            return Ok(manifest);
        }
        let all: Vec<&File> = below.iter().copied().chain([file]).collect();
        extend::merged(&manifest, &all).ok_or_else(|| {
            let fault = Error::new(Code::BadManifest, "it does not fit the manifest that it extends");
            vec![fault.help("give each member the type that it has there").label(file.label(0, 0))]
        })
    }

    /// The entity types of one kind of actor.
    pub(crate) fn types_of(&self, kind: ActorKind) -> Vec<&str> {
        self.actors.iter().filter(|(_, k)| **k == kind).map(|(t, _)| t.as_str()).collect()
    }
}

fn fault(error: &toml::de::Error, file: &File) -> Error {
    let raw = error.message().replace('\u{1}', " ");
    let mut out = Error::new(Code::BadManifest, raw.trim());
    if let Some(rest) = raw.strip_prefix("unknown field `")
        && let Some((name, _)) = rest.split_once('`')
    {
        let known: Vec<&str> = raw.split('`').skip(3).step_by(2).collect();
        out = Error::new(Code::BadManifest, format!("unknown member `{name}`"));
        out = match nearest(name, known.iter().copied()) {
            Some(near) => out.help(format!("did you mean `{near}`?")),
            None => out.help(format!("known here: {}", known.join(", "))),
        };
    } else {
        out = out.help("see the manifest reference in the documentation");
    }
    match error.span() {
        Some(span) => out.label(file.label(span.start, span.end.saturating_sub(span.start))),
        None => out,
    }
}
