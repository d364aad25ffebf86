//! A pack as the prover sees it: the compiled bundle, and the same policies as Cedar's.

use crate::property::Stated;
use cedar_policy::{Policy, PolicyId, PolicySet, RequestEnv, Schema, SchemaFragment};
use glasskey::model::ActorKind;
use glasskey::{Bundle, Digest, Sources};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What the pack states about itself, beside its policies.
pub const PROPERTIES: &str = "properties.toml";

/// A pack with everything that a proof needs.
#[derive(Clone, Debug)]
pub struct Pack {
    /// The pack, compiled as the engine does.
    pub bundle: Bundle,
    /// What the pack states of itself.
    pub stated: Stated,
    pub(crate) stated_digest: Digest,
    pub(crate) sources: Sources,
    pub(crate) schema: Schema,
    /// All policies by id.
    pub(crate) policies: BTreeMap<String, Policy>,
    /// Every way to ask: types of principal and resource, and an action.
    pub(crate) ways: Vec<Way>,
}

/// One way to ask.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    pub(crate) env: RequestEnv,
    /// What kind of actor the principal is, if the manifest says so.
    pub(crate) kind: Option<ActorKind>,
    pub(crate) action: String,
    pub(crate) privileged: bool,
}

impl Way {
    /// `Ops::Action::"drop" by a person on Glasskey::System`.
    pub(crate) fn shown(&self) -> String {
        let who = self.kind.map_or_else(|| self.env.principal().to_string(), |k| k.to_string());
        format!("{} by a {who} on {}", self.action, self.env.resource())
    }

    pub(crate) fn key(&self) -> (String, String, String) {
        (self.env.principal().to_string(), self.action.clone(), self.env.resource().to_string())
    }
}

impl Pack {
    /// Reads a folder: the bundle's files, and `properties.toml` if there is one; and the
    /// same of the packs that it extends.
    ///
    /// # Errors
    /// What cannot be read or compiled, in words.
    pub fn read(folder: &Path) -> Result<Self, String> {
        let mut sources = Sources::new();
        take(folder, "", &mut sources)?;
        let mut stated = vec![properties(folder)?];
        while let Some(base) = sources.missing_base() {
            let there = folder.join(&base);
            if !there.join("bundle.toml").is_file() {
                return Err(format!("`{}` is no pack to extend", there.display()));
            }
            take(&there, &format!("{base}/"), &mut sources)?;
            stated.push(properties(&there)?);
        }
        let mut whole = Stated::default();
        for text in stated.iter().rev() {
            whole = Stated::read(text)?.over(whole)?;
        }
        Self::compile(&sources, whole, Digest::of(stated.join("\n\n").as_bytes()))
    }

    /// A pack from its files' contents, and from what it states of itself.
    ///
    /// # Errors
    /// What cannot be compiled, in words.
    pub fn from_sources(sources: &Sources, stated: Option<&str>) -> Result<Self, String> {
        let text = stated.unwrap_or("");
        Self::compile(sources, Stated::read(text)?, Digest::of(text.as_bytes()))
    }

    fn compile(sources: &Sources, stated: Stated, stated_digest: Digest) -> Result<Self, String> {
        let bundle = Bundle::compile(sources)
            .map_err(|faults| faults.0.iter().map(|f| format!("{f}")).collect::<Vec<_>>().join("\n"))?;
        let fragments = bundle.schema_fragments().map(SchemaFragment::from_cedarschema_str);
        let fragments = fragments.collect::<Result<Vec<_>, _>>().map_err(|e| e.to_string())?;
        let fragments = fragments.into_iter().map(|(fragment, _)| fragment);
        let schema = Schema::from_schema_fragments(fragments).map_err(|e| e.to_string())?;
        let rules = bundle.rules().iter().map(|r| (r.id(), r.text()));
        let guards = bundle.guards().iter().map(|g| (g.id(), g.text()));
        let mut policies = BTreeMap::new();
        for (id, text) in rules.chain(guards) {
            policies.insert(id.to_owned(), parse(id, text)?);
        }
        let privileged: BTreeSet<String> =
            bundle.actions().filter(|(_, is)| *is).map(|(a, _)| a.to_string()).collect();
        let mut ways: Vec<Way> = schema
            .request_envs()
            .map(|env| {
                let action = env.action().to_string();
                Way {
                    kind: bundle.manifest().actors.get(&env.principal().to_string()).copied(),
                    privileged: privileged.contains(&action),
                    action,
                    env,
                }
            })
            .collect();
        ways.sort_by_key(Way::key);
        Ok(Self { bundle, stated, stated_digest, sources: sources.clone(), schema, policies, ways })
    }

    /// Every forbid, as one set.
    pub(crate) fn guards(&self) -> Result<PolicySet, String> {
        let guards = self.bundle.guards().iter().filter_map(|g| self.policies.get(g.id()));
        set(guards.cloned())
    }

    /// Whether an action stands in one of these groups, or is one of them.
    pub(crate) fn stands_in(&self, action: &str, groups: &[String]) -> Result<bool, String> {
        let entities = self.schema.action_entities().map_err(|e| e.to_string())?;
        let own: cedar_policy::EntityUid = parse_uid(action)?;
        for group in groups {
            let group = parse_uid(group)?;
            if entities.get(&group).is_none() {
                return Err(format!("the schema has no action `{group}`"));
            }
            if own == group || entities.is_ancestor_of(&group, &own) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// What a pack states of itself; nothing, if it has no such file.
fn properties(folder: &Path) -> Result<String, String> {
    match std::fs::read_to_string(folder.join(PROPERTIES)) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        read => read.map_err(|e| format!("cannot read `{}`: {e}", folder.join(PROPERTIES).display())),
    }
}

fn parse_uid(text: &str) -> Result<cedar_policy::EntityUid, String> {
    text.parse().map_err(|e| format!("`{text}` is no action: {e}"))
}

/// A policy of this id.
pub(crate) fn parse(id: &str, text: &str) -> Result<Policy, String> {
    Policy::parse(Some(PolicyId::new(id)), text).map_err(|e| format!("policy `{id}`: {e:?}\n{text}"))
}

/// Policies as a set.
pub(crate) fn set(policies: impl IntoIterator<Item = Policy>) -> Result<PolicySet, String> {
    PolicySet::from_policies(policies).map_err(|e| e.to_string())
}

fn take(folder: &Path, prefix: &str, sources: &mut Sources) -> Result<(), String> {
    let bad = |e: std::io::Error| format!("cannot read `{}`: {e}", folder.display());
    let mut entries = std::fs::read_dir(folder).map_err(bad)?.collect::<Result<Vec<_>, _>>().map_err(bad)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = entry.path();
        let within = format!("{prefix}{name}");
        if name.starts_with('.') || name == "scenarios" {
            continue;
        }
        if path.is_dir() {
            take(&path, &format!("{within}/"), sources)?;
        } else if name == "bundle.toml" || name.ends_with(".cedar") || name.ends_with(".cedarschema") {
            let content =
                std::fs::read(&path).map_err(|e| format!("cannot read `{}`: {e}", path.display()))?;
            *sources = std::mem::take(sources).with(within, content);
        }
    }
    Ok(())
}
