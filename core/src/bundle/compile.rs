//! From a pack's files to a bundle, with every fault reported at once.

use crate::bundle::extend::{self, Extends, Layer, Overlay};
use crate::bundle::manifest::Manifest;
use crate::bundle::rule::{Guard, Rule};
use crate::bundle::source::{Sorted, Sources, digests};
use crate::bundle::{Bundle, Inner, terms};
use crate::canonical::Digest;
use crate::cedar::{Effect, File, Policy, Schema, Uid};
use crate::error::{Code, Error, Errors};
use crate::limits::ENTITY_HOPS_MAX;
use crate::model::ActorKind;
use crate::prelude::*;
use serde_json::json;

/// Names in double underscores are filled in from the manifest: which entity types are persons,
/// services and agents, and what can be asked for.
const BASE: &str = include_str!("base.cedarschema");
const FORMAT: &str = "glasskey.bundle/1";

impl Bundle {
    /// Compiles a pack.
    ///
    /// # Errors
    /// Every fault of every file, in order of file and place.
    #[cfg(feature = "full")]
    pub fn compile(sources: &Sources) -> Result<Self, Errors> {
        Self::of_layers(&extend::layers(sources)?)
    }

    /// Compiles a pack: its own files come first, then those of the pack that it extends.
    fn of_layers(layers: &[Sorted]) -> Result<Self, Errors> {
        let Some((own, below)) = layers.split_first() else { return Err(Errors(Vec::new())) };
        let base = if below.is_empty() { None } else { Some(Self::of_layers(below)?) };
        let mut faults = own.faults.clone();
        let Some(manifest_file) = &own.manifest else { return Err(Errors(faults)) };
        faults.extend(own.schemas.iter().chain(&own.policies).filter_map(File::too_deep));
        if faults.iter().any(|fault| fault.code == Code::TooDeep) {
            return Err(Errors(faults));
        }
        let lower: Vec<&File> = below.iter().rev().filter_map(|l| l.manifest.as_ref()).collect();
        let manifest = Manifest::read(manifest_file, &lower).map_err(|more| faults.extend(more)).ok();
        let Some(manifest) = manifest else { return Err(Errors(faults)) };
        let schemas: Vec<File> = layers.iter().rev().flat_map(|l| l.schemas.clone()).collect();
        let vocabulary = match vocabulary(&manifest, &schemas) {
            Ok(vocabulary) => vocabulary,
            Err(more) => {
                let unknown = unknown_types(&manifest, &schemas, manifest_file);
                faults.extend(if unknown.is_empty() { more } else { unknown });
                // Texts that do not parse are faults in any schema.
                if let Ok(bare) = Schema::build(&base_files(&manifest, &[], &[])) {
                    for file in &own.policies {
                        faults.extend(Policy::read_all(file, &bare).err().into_iter().flatten());
                    }
                }
                return Err(Errors(faults));
            }
        };
        let mut piled = Vec::new();
        for layer in layers.iter().rev() {
            let Some(file) = &layer.manifest else { continue };
            let mut policies = Vec::new();
            for file in &layer.policies {
                match Policy::read_all(file, &vocabulary.schema) {
                    Ok(read) => policies.extend(read),
                    Err(more) => faults.extend(more),
                }
            }
            piled.push(Layer { file, extends: Extends::of(file), policies });
        }
        let (all, overlay, more) = extend::pile(piled);
        faults.extend(more);
        if all.is_empty() && faults.is_empty() {
            faults.push(
                Error::new(Code::NoPolicies, "the bundle has no policy, so it would refuse everything")
                    .help("add a `*.cedar` file with a permit"),
            );
        }
        faults.extend(id_faults(&all));
        let (rules, guards, more) = sort_policies(&all, &manifest, &vocabulary.schema, &overlay);
        faults.extend(more);
        if let (Some(base), true) = (&base, faults.is_empty()) {
            faults.extend(extend::faults(base, &manifest, &rules, &guards, manifest_file));
        }
        let mut warnings = Vec::new();
        if faults.is_empty() {
            let (errors, warned) = Policy::validate(&all, &vocabulary.schema);
            faults.extend(errors);
            warnings = warned;
        }
        if !faults.is_empty() {
            let place = |e: &Error| e.labels.first().map(|l| (l.file.clone(), l.line, l.column));
            faults.sort_by_cached_key(place); // stable: at one place in the order of the checks
            return Err(Errors(faults));
        }
        let schema_digest = Digest::of_canonical(&json!({ "files": digests(&vocabulary.files) }));
        let policies = layers.iter().flat_map(|l| &l.policies);
        let mut named = json!({
            "format": FORMAT,
            "manifest": manifest,
            "schemas": digests(&vocabulary.files),
            "policies": digests(policies),
        });
        if let (Some(base), Some(members)) = (&base, named.as_object_mut()) {
            members.insert("base".to_owned(), json!(base.digest()));
        }
        let digest = Digest::of_canonical(&named);
        Ok(Self::new(Inner::assemble(manifest, vocabulary, rules, guards, digest, schema_digest, warnings)))
    }

    /// The base schema as a pack without a manifest of its own would have it.
    #[must_use]
    pub fn base_schema() -> String {
        fill(
            &["Glasskey::Person"],
            &["Glasskey::Service"],
            &["Glasskey::Agent"],
            &["Glasskey::System".to_owned()],
        )
    }
}

/// The schema, and what the engine must know of it.
pub(super) struct Vocabulary {
    pub(super) schema: Schema,
    pub(super) files: Vec<File>,
    /// Signals that the pack declares.
    pub(super) signals: Vec<String>,
    /// Whether the pack declares a host context.
    pub(super) host: bool,
}

fn vocabulary(manifest: &Manifest, fragments: &[File]) -> Result<Vocabulary, Vec<Error>> {
    let members = |name: &str| fragments.iter().find_map(|f| Schema::record_members(f, "Glasskey", name));
    let (signals, host) = (members("Signals"), members("HostContext"));
    let mut fillers = Vec::new();
    for (name, declared) in [("Signals", &signals), ("HostContext", &host)] {
        if declared.is_none() {
            fillers.push(format!("namespace Glasskey {{ type {name} = {{}}; }}\n"));
        }
    }
    // What can be asked for is known only once the fragments are read: a first schema tells.
    let first = build(manifest, fragments, &[], &fillers)?;
    let mut resources = BTreeSet::from(["Glasskey::System".to_owned()]);
    let lifecycle = |uid: &Uid| uid.type_name() == "Glasskey::Action";
    for action in first.0.actions().filter(|a| !lifecycle(a)) {
        resources.extend(first.0.resources_of(action));
    }
    let resources: Vec<String> = resources.into_iter().collect();
    // Where nothing else can be asked for, the first schema is the one.
    let only_systems = resources.len() == 1;
    let (schema, files) =
        if only_systems { first } else { build(manifest, fragments, &resources, &fillers)? };
    Ok(Vocabulary { schema, files, signals: signals.unwrap_or_default(), host: host.is_some() })
}

fn build(
    manifest: &Manifest,
    fragments: &[File],
    resources: &[String],
    fillers: &[String],
) -> Result<(Schema, Vec<File>), Vec<Error>> {
    let mut files = base_files(manifest, resources, fillers);
    files.extend(fragments.iter().cloned());
    Schema::build(&files).map(|schema| (schema, files))
}

fn base_files(manifest: &Manifest, resources: &[String], fillers: &[String]) -> Vec<File> {
    let of = |kind| manifest.types_of(kind);
    let text = fill(&of(ActorKind::Person), &of(ActorKind::Service), &of(ActorKind::Agent), resources);
    let named = core::iter::once(text).chain(fillers.iter().cloned());
    named
        .enumerate()
        .map(|(i, text)| File { name: format!("(base schema {i})").into(), text: text.into() })
        .collect()
}

/// Fills the names of the manifest into the base schema.
fn fill(persons: &[&str], services: &[&str], agents: &[&str], resources: &[String]) -> String {
    // An attribute has one type: the pack's own persons, if they are of one type.
    let mut own = persons.iter().filter(|t| **t != "Glasskey::Person");
    let person = match (own.next(), own.next()) {
        (Some(only), None) => *only,
        _ => "Glasskey::Person",
    };
    let actors: Vec<&str> = persons.iter().chain(services).chain(agents).copied().collect();
    let system = ["Glasskey::System".to_owned()];
    let resources = if resources.is_empty() { &system } else { resources };
    BASE.replace("__PERSONS__", &persons.join(", "))
        .replace("__PERSON__", person)
        .replace("__ACTORS__", &actors.join(", "))
        .replace("__RESOURCES__", &resources.join(", "))
}

/// What the manifest maps but no fragment declares. The base schema names those types, so that
/// only a schema without them can tell.
fn unknown_types(manifest: &Manifest, fragments: &[File], file: &File) -> Vec<Error> {
    let (own, mapped): (BTreeMap<_, _>, BTreeMap<_, _>) =
        manifest.actors.clone().into_iter().partition(|(name, _)| name.starts_with("Glasskey::"));
    let Ok(plain) = vocabulary(&Manifest { actors: own, ..manifest.clone() }, fragments) else {
        return Vec::new();
    };
    let unknown = mapped.keys().filter(|name| !plain.schema.has_entity_type(name));
    unknown
        .map(|name| {
            let at = file.text.find(name.as_str()).unwrap_or(0);
            Error::new(Code::UnknownEntityType, format!("the schema has no entity type `{name}`"))
                .help("declare it in a `*.cedarschema` file, or mend the name")
                .label(file.label(at, name.len()))
        })
        .collect()
}

fn id_faults(all: &[Policy]) -> Vec<Error> {
    let mut seen: BTreeMap<&str, &Policy> = BTreeMap::new();
    let mut faults = Vec::new();
    for policy in all {
        let word = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':');
        if policy.id.is_empty() {
            faults.push(
                Error::new(Code::MissingId, "a policy has no `@id`")
                    .help("name it, like `@id(\"oncall-restart\")`: answers refer to it")
                    .label(policy.label()),
            );
        } else if policy.id.len() > 128 || !policy.id.bytes().all(word) {
            faults.push(
                Error::new(Code::BadAnnotation, format!("`{}` is no id", policy.id))
                    .help("use up to 128 letters, digits, `-`, `_`, `.` and `:`")
                    .label(policy.annotation_label("id")),
            );
        } else if let Some(first) = seen.get(&*policy.id) {
            faults.push(
                Error::new(Code::DuplicatePolicyId, format!("two policies are named `{}`", policy.id))
                    .help("give each its own `@id`")
                    .label(policy.annotation_label("id"))
                    .label(first.annotation_label("id")),
            );
        } else {
            seen.insert(&policy.id, policy);
        }
    }
    faults
}

fn sort_policies(
    all: &[Policy],
    manifest: &Manifest,
    schema: &Schema,
    overlay: &Overlay<'_>,
) -> (Vec<Rule>, Vec<Guard>, Vec<Error>) {
    let (mut rules, mut guards, mut faults) = (Vec::new(), Vec::new(), Vec::new());
    let every_kind: BTreeSet<&str> = ActorKind::ALL.iter().map(|k| k.as_str()).collect();
    for policy in all {
        let privileged = policy.actions.iter().any(|a| is_privileged(schema, a));
        if policy.reads.hops > ENTITY_HOPS_MAX {
            faults.push(
                Error::new(Code::TooDeep, format!("a chain of attributes is longer than {ENTITY_HOPS_MAX}"))
                    .help("shorten the way from entity to entity")
                    .label(policy.label()),
            );
        }
        let terms = terms::read(policy, privileged, manifest, overlay).map_err(|more| faults.extend(more));
        if policy.effect == Effect::Forbid {
            guards.push(Guard::new(policy.clone()));
            continue;
        }
        if policy.reads.context.contains("offer") {
            faults.push(
                Error::new(Code::PermitReadsOffer, format!("permit `{}` reads `context.offer`", policy.id))
                    .help("only a forbid may judge an offer; turn the condition into one")
                    .label(policy.label()),
            );
        }
        let kinds = kinds_of(policy, manifest, &every_kind);
        if privileged && kinds.len() == ActorKind::ALL.len() {
            faults.push(
                Error::new(
                    Code::ActorKindUnnamed,
                    format!("permit `{}` does not say whom it is for", policy.id),
                )
                .help("write `principal is Glasskey::Person` (or Service, Agent) into its scope")
                .label(policy.label()),
            );
        }
        if let Ok(terms) = terms {
            rules.push(Rule::new(policy.clone(), terms, kinds));
        }
    }
    (rules, guards, faults)
}

fn kinds_of(policy: &Policy, manifest: &Manifest, all: &BTreeSet<&'static str>) -> BTreeSet<ActorKind> {
    let kind_of = |name: &str| manifest.actors.get(name).map(|k| k.as_str());
    let named = policy.kinds(all, &kind_of);
    ActorKind::ALL.into_iter().filter(|k| named.contains(k.as_str())).collect()
}

/// Whether an action stands in `Glasskey::Action::"privileged"`.
pub(super) fn is_privileged(schema: &Schema, action: &Uid) -> bool {
    stands_in(schema, action, "privileged")
}

pub(super) fn stands_in(schema: &Schema, action: &Uid, group: &str) -> bool {
    schema.within(action).is_some_and(|within| {
        within.iter().any(|uid| uid != action && uid.type_name() == "Glasskey::Action" && uid.id() == group)
    })
}
