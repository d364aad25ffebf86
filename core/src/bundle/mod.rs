//! Bundles: schema, policies and manifest, compiled once and then immutable.

mod change;
mod compile;
mod compiled;
mod extend;
mod index;
mod manifest;
mod outline;
mod quorum;
mod rule;
mod signed;
mod source;
mod terms;

pub use change::TermChange;
pub use compiled::COMPILED;
pub use extend::Extends;
pub(crate) use index::Contenders;
pub use manifest::{Defaults, Freshness, Manifest};
pub use outline::{ActionOutline, Outline, PolicyOutline};
pub use quorum::Quorum;
pub use rule::{Guard, Rule};
pub use signed::SIGNATURE;
pub use source::{MANIFEST, Sources};
pub use terms::{ANNOTATIONS, Handover, Terms};

use crate::canonical::Digest;
use crate::cedar::{Policies, Schema, Uid};
use crate::error::Error;
use crate::model::ActorKind;
use crate::prelude::*;
use compile::Vocabulary;
use core::fmt;
use index::Scopes;

/// A compiled pack. Cloning it is cheap; it never changes.
#[derive(Clone)]
pub struct Bundle(Arc<Inner>);

struct Inner {
    manifest: Manifest,
    schema: Schema,
    schema_text: String,
    schema_fragments: Vec<Arc<str>>,
    signals: Vec<String>,
    host: bool,
    rules: Vec<Rule>,
    guards: Vec<Guard>,
    policies: Policies,
    scopes: Scopes,
    by_id: BTreeMap<Arc<str>, usize>,
    /// Indices into `rules` (best first) and `guards`, by action.
    rules_of: BTreeMap<Uid, Vec<usize>>,
    guards_of: BTreeMap<Uid, Vec<usize>>,
    privileged: BTreeSet<Uid>,
    handover: BTreeSet<Uid>,
    digest: Digest,
    schema_digest: Digest,
    warnings: Vec<Error>,
    /// Who signed its files, as far as the host trusts them.
    signed_by: Vec<String>,
}

impl Inner {
    /// What was just compiled, its policies in the order in which they are tried.
    fn assemble(
        manifest: Manifest,
        vocabulary: Vocabulary,
        mut rules: Vec<Rule>,
        mut guards: Vec<Guard>,
        digest: Digest,
        schema_digest: Digest,
        warnings: Vec<Error>,
    ) -> Self {
        rules.sort_by_cached_key(Rule::rank);
        guards.sort_by(|a, b| a.id().cmp(b.id()));
        let texts: Vec<&str> = vocabulary.files.iter().map(|f| f.text.trim_end()).collect();
        let mut schema_text = texts.join("\n\n");
        schema_text.push('\n');
        let permits = rules.iter_mut().map(|rule| &mut rule.policy);
        let policies = Policies::compile(permits.chain(guards.iter_mut().map(|guard| &mut guard.policy)));
        Self {
            signals: vocabulary.signals,
            host: vocabulary.host,
            schema_text,
            schema_fragments: vocabulary.files.into_iter().map(|f| f.text).collect(),
            digest,
            schema_digest,
            warnings,
            ..Self::of(manifest, vocabulary.schema, policies, rules, guards)
        }
    }

    /// What decides, filed; of rules and guardrails in their order.
    fn of(
        manifest: Manifest,
        schema: Schema,
        policies: Policies,
        rules: Vec<Rule>,
        guards: Vec<Guard>,
    ) -> Self {
        let scopes = Scopes::of(&rules, &guards);
        let by_id = rules.iter().enumerate().map(|(i, rule)| (rule.policy.id.clone(), i)).collect();
        let mut rules_of: BTreeMap<Uid, Vec<usize>> = BTreeMap::new();
        for (i, rule) in rules.iter().enumerate() {
            rule.policy.actions.iter().for_each(|a| rules_of.entry(a.clone()).or_default().push(i));
        }
        let mut guards_of: BTreeMap<Uid, Vec<usize>> = BTreeMap::new();
        for (i, guard) in guards.iter().enumerate() {
            guard.policy.actions.iter().for_each(|a| guards_of.entry(a.clone()).or_default().push(i));
        }
        let those = |is: &dyn Fn(&Uid) -> bool| schema.actions().filter(|a| is(a)).cloned().collect();
        Self {
            privileged: those(&|a| compile::is_privileged(&schema, a)),
            handover: those(&|a| compile::stands_in(&schema, a, "handover")),
            signals: Vec::new(),
            host: false,
            manifest,
            schema,
            schema_text: String::new(),
            schema_fragments: Vec::new(),
            rules,
            guards,
            policies,
            scopes,
            by_id,
            rules_of,
            guards_of,
            digest: Digest::from_bytes([0; 32]),
            schema_digest: Digest::from_bytes([0; 32]),
            warnings: Vec::new(),
            signed_by: Vec::new(),
        }
    }
}

impl Bundle {
    fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    /// The digest that names it: of its manifest, its schema and all policy texts.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.0.digest
    }

    /// What the manifest says.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.0.manifest
    }

    /// All permits, in the order in which they are tried.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.0.rules
    }

    /// All forbids, in order of their ids.
    #[must_use]
    pub fn guards(&self) -> &[Guard] {
        &self.0.guards
    }

    /// The rule of this id.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.0.by_id.get(id).and_then(|place| self.0.rules.get(*place))
    }

    /// What Cedar's validator warns of; no fault, but worth a look.
    #[must_use]
    pub fn warnings(&self) -> &[Error] {
        &self.0.warnings
    }

    /// The whole schema as Cedar text: the base vocabulary with the names of the manifest filled
    /// in, then the pack's own files. Other Cedar tools can check the pack's policies with it,
    /// one namespace at a time where the pack adds to a namespace of the base.
    #[must_use]
    pub fn schema_text(&self) -> &str {
        &self.0.schema_text
    }

    /// The same file by file: what Cedar calls fragments. A namespace may stand in several.
    pub fn schema_fragments(&self) -> impl Iterator<Item = &str> {
        self.0.schema_fragments.iter().map(|text| &**text)
    }

    /// Every action of the schema, with whether it is privileged.
    pub fn actions(&self) -> impl Iterator<Item = (&Uid, bool)> {
        self.0.schema.actions().map(|a| (a, self.0.privileged.contains(a)))
    }

    pub(crate) fn policies(&self) -> &Policies {
        &self.0.policies
    }

    pub(crate) fn schema(&self) -> &Schema {
        &self.0.schema
    }

    pub(crate) fn schema_digest(&self) -> Digest {
        self.0.schema_digest
    }

    pub(crate) fn signals(&self) -> &[String] {
        &self.0.signals
    }

    pub(crate) fn has_host_context(&self) -> bool {
        self.0.host
    }

    pub(crate) fn is_privileged(&self, action: &Uid) -> bool {
        self.0.privileged.contains(action)
    }

    pub(crate) fn is_handover(&self, action: &Uid) -> bool {
        self.0.handover.contains(action)
    }

    /// The rules whose scope lets the action through, best first.
    pub(crate) fn rules_for(&self, action: &Uid) -> impl Iterator<Item = &Rule> {
        let found = self.0.rules_of.get(action).into_iter().flatten();
        found.filter_map(|i| self.0.rules.get(*i))
    }

    /// The guardrails whose scope lets the action through.
    pub(crate) fn guards_for(&self, action: &Uid) -> impl Iterator<Item = &Guard> {
        let found = self.0.guards_of.get(action).into_iter().flatten();
        found.filter_map(|i| self.0.guards.get(*i))
    }

    /// The kind of actor that an entity is, if any.
    pub(crate) fn kind_of(&self, uid: &Uid) -> Option<ActorKind> {
        self.0.manifest.actors.iter().find(|(name, _)| uid.is_a(name)).map(|(_, kind)| *kind)
    }
}

impl fmt::Debug for Bundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let m = self.manifest();
        write!(
            f,
            "Bundle({} {}, {} rules, {} guards, {})",
            m.name,
            m.version,
            self.rules().len(),
            self.guards().len(),
            self.digest()
        )
    }
}
