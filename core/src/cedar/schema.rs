//! The schema: the base vocabulary and the pack's fragments, as one.

use crate::cedar::name::entity_type;
use crate::cedar::shape::{Field, Fields, Kind, Shape, Shapes};
use crate::cedar::source::{File, faults_of};
use crate::cedar::value::Record;
use crate::cedar::{Entity, Uid};
use crate::error::{Code, Error};
use crate::prelude::*;
use crate::wire::clip;
use cedar_policy::{SchemaError, SchemaFragment};
use cedar_policy_core::ast::EntityType;
use cedar_policy_core::entities::{EntityJsonParser, TCComputation};
use cedar_policy_core::extensions::Extensions;
use cedar_policy_core::validator::types::{Attributes, EntityKind, OpenTag, Type};
use cedar_policy_core::validator::{CoreSchema, ValidatorEntityTypeKind, ValidatorSchema};
use serde_json::Value;

/// A complete schema.
#[derive(Clone, Debug)]
pub(crate) struct Schema {
    /// As Cedar has it; a bundle that was loaded compiled has no such thing.
    pub(super) inner: Option<Arc<cedar_policy::Schema>>,
    pub(super) shapes: Arc<Shapes>,
    pub(super) actions: BTreeMap<Uid, Action>,
}

/// What the schema says of one action.
#[derive(Clone, Debug)]
pub(super) struct Action {
    /// Everything that it stands in, itself included.
    pub(super) within: BTreeSet<Uid>,
    pub(super) entity: Entity,
    pub(super) principals: Vec<EntityType>,
    pub(super) resources: Vec<EntityType>,
    pub(super) context: Kind,
}

impl Action {
    /// What stands above it, and what it applies to.
    pub(super) fn new(
        uid: &Uid,
        above: BTreeSet<Uid>,
        (principals, resources): (Vec<EntityType>, Vec<EntityType>),
        context: Kind,
    ) -> Self {
        let entity = Entity::action(uid, above.iter().cloned());
        let mut within = above;
        within.insert(uid.clone());
        Self { within, entity, principals, resources, context }
    }
}

/// Cedar names all that is not declared, but in no order, and helps with the one it came upon first.
fn undeclared(error: &SchemaError) -> Option<Error> {
    let (what, how) = match error {
        SchemaError::TypeNotDefined(_) => ("type", "a common type or an entity type"),
        SchemaError::ActionNotDefined(_) => ("action", "an action"),
        _ => return None,
    };
    let told = error.to_string();
    let (_, names) = told.split_once(": ")?;
    let names: BTreeSet<&str> = listed(names).into_iter().collect();
    let (first, s) = (names.first()?, if names.len() > 1 { "s" } else { "" });
    let help = format!("declare `{}` as {how}, or correct the name", clip(first));
    let names = names.iter().copied().collect::<Vec<_>>().join(", ");
    Some(Error::new(Code::BadSchema, format!("undeclared {what}{s}: {names}")).help(help))
}

/// The names in "A, B and C", whatever stands in quotes.
fn listed(text: &str) -> Vec<&str> {
    let (mut out, mut rest) = (Vec::new(), text);
    while !rest.is_empty() {
        let (mut quoted, mut escaped) = (false, false);
        let end = rest.find(|c| {
            let ends = !quoted && matches!(c, ',' | ' ');
            quoted ^= c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        let (name, more) = rest.split_at(end.unwrap_or(rest.len()));
        out.push(name);
        rest = more.trim_start_matches([',', ' ']);
        rest = rest.strip_prefix("and ").unwrap_or(rest);
    }
    out
}

impl Schema {
    /// Puts the files together.
    ///
    /// # Errors
    /// `bad_schema` for every file that does not parse; else for what does not fit together.
    pub(crate) fn build(files: &[File]) -> Result<Self, Vec<Error>> {
        let mut fragments = Vec::new();
        let mut faults = Vec::new();
        for file in files {
            match SchemaFragment::from_cedarschema_str(&file.text) {
                Ok((fragment, _warnings)) => fragments.push(fragment),
                Err(error) => faults.extend(faults_of(Code::BadSchema, &error, file)),
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let schema = cedar_policy::Schema::from_schema_fragments(fragments).map_err(|error| {
            let blank = File::blank();
            let of = files.last().unwrap_or(&blank);
            let mut faults = faults_of(Code::BadSchema, &error, of);
            for fault in &mut faults {
                fault.labels.clear(); // the fault lies between files
            }
            undeclared(&error).map_or(faults, |fault| vec![fault])
        })?;
        let actions = schema.action_entities().map_err(|error| {
            vec![Error::new(Code::BadSchema, error.to_string()).help("untangle the action groups")]
        })?;
        let core: &ValidatorSchema = schema.as_ref();
        // In an order of their own: Cedar gives them in none.
        let types =
            |found: Option<BTreeSet<&EntityType>>| found.unwrap_or_default().into_iter().cloned().collect();
        let actions = actions
            .as_ref()
            .iter()
            .map(|action| {
                let above = action.ancestors().cloned().map(Uid::from).collect();
                let uid = Uid::from(action.uid().clone());
                let principals = types(core.principals_for_action(uid.inner()).map(Iterator::collect));
                let resources = types(core.resources_for_action(uid.inner()).map(Iterator::collect));
                let context = core.context_type(uid.inner()).map_or(Kind::Foreign, Kind::of);
                let action = Action::new(&uid, above, (principals, resources), context);
                (uid, action)
            })
            .collect();
        let shapes = Arc::new(Shapes::of(core));
        Ok(Self { inner: Some(Arc::new(schema)), shapes, actions })
    }

    /// The members of a common record type, such as `Signals` in `Glasskey`, if the file
    /// declares it.
    pub(crate) fn record_members(file: &File, namespace: &str, name: &str) -> Option<Vec<String>> {
        let (fragment, _) = SchemaFragment::from_cedarschema_str(&file.text).ok()?;
        let json = fragment.to_json_value().ok()?;
        let declared = json.get(namespace)?.get("commonTypes")?.get(name)?;
        let members = declared.get("attributes").and_then(Value::as_object);
        Some(members.map(|m| m.keys().cloned().collect()).unwrap_or_default())
    }

    /// Every action of the schema.
    pub(crate) fn actions(&self) -> impl Iterator<Item = &Uid> {
        self.actions.keys()
    }

    /// What an action stands in, itself included; `None` for no action of ours.
    pub(crate) fn within(&self, action: &Uid) -> Option<&BTreeSet<Uid>> {
        self.actions.get(action).map(|known| &known.within)
    }

    /// The action as an entity, so that conditions may ask what it stands in.
    pub(crate) fn action(&self, action: &Uid) -> Option<&Entity> {
        self.actions.get(action).map(|known| &known.entity)
    }

    pub(crate) fn has_entity_type(&self, name: &str) -> bool {
        entity_type(name).is_some_and(|kind| self.shapes.get(&kind).is_some())
    }

    /// Whether it is that of a bundle that was loaded compiled.
    pub(crate) const fn is_loaded(&self) -> bool {
        self.inner.is_none()
    }

    pub(super) fn shapes(&self) -> &Shapes {
        &self.shapes
    }

    /// Whether there can be an entity of this name.
    pub(super) fn allows(&self, uid: &Uid) -> bool {
        if uid.inner().is_action() { self.actions.contains_key(uid) } else { self.shapes.allows(uid) }
    }

    /// Why the context is not what the action's type asks for, or who of those in it may not be there.
    pub(super) fn misfit_of(&self, uids: [&Uid; 2], action: &Uid, context: &Record) -> Option<String> {
        let mut named: BTreeSet<Uid> = uids.into_iter().cloned().collect();
        context.members().for_each(|(_, value)| value.uids_in(&mut named));
        if let Some(uid) = named.iter().find(|uid| !self.allows(uid)) {
            return Some(format!("the schema does not list `{uid}`"));
        }
        match self.actions.get(action).map(|known| &known.context) {
            Some(Kind::Record(fields)) => {
                let path = fields.misfit(context)?;
                Some(format!("`context.{path}` is not what the schema says"))
            }
            _ => Some(format!("`{action}` is in no context")),
        }
    }

    /// The names of the principal types that an action applies to.
    pub(crate) fn principals_of(&self, action: &Uid) -> BTreeSet<String> {
        self.actions
            .get(action)
            .into_iter()
            .flat_map(|known| &known.principals)
            .map(ToString::to_string)
            .collect()
    }

    /// The names of the resource types that an action applies to.
    pub(crate) fn resources_of(&self, action: &Uid) -> BTreeSet<String> {
        self.actions
            .get(action)
            .into_iter()
            .flat_map(|known| &known.resources)
            .map(ToString::to_string)
            .collect()
    }

    /// Whether an action applies to these two, by their types.
    pub(crate) fn applies(&self, action: &Uid, principal: &Uid, resource: &Uid) -> bool {
        self.actions.get(action).is_some_and(|known| {
            known.principals.contains(principal.entity_type())
                && known.resources.contains(resource.entity_type())
        })
    }

    /// Reads one entity in Cedar's JSON, checked against the schema; its ancestors are its
    /// parents only.
    ///
    /// # Errors
    /// `bad_entity`.
    pub(crate) fn read_entity(&self, json: Value) -> Result<Entity, Error> {
        self.entity(&json).map_or_else(|| self.read_otherwise(json), Ok)
    }

    /// What is written in another way than [`Schema::entity`] knows, or has a fault.
    #[cfg(not(feature = "full"))]
    fn read_otherwise(&self, json: Value) -> Result<Entity, Error> {
        Err(self.misfit(&json))
    }

    /// As the other: by Cedar, or in its words.
    #[cfg(feature = "full")]
    fn read_otherwise(&self, mut json: Value) -> Result<Entity, Error> {
        let Some(validator) = self.validator() else { return Err(self.misfit(&json)) };
        // A fault quotes the document, and says the same whatever the order of its members.
        json.sort_all_objects();
        let core = CoreSchema::new(validator);
        let parser = EntityJsonParser::new(
            Some(&core),
            Extensions::all_available(),
            TCComputation::AssumeAlreadyComputed,
        );
        let named = json.get("uid").map(|uid| clip(&uid.to_string()));
        let entity = parser.single_from_json_value(json).map_err(|error| {
            let mut message = error.to_string();
            let mut cause: Option<&dyn core::error::Error> = core::error::Error::source(&error);
            while let Some(inner) = cause {
                message = format!("{message}: {inner}");
                cause = inner.source();
            }
            bad_entity(named, &message)
        })?;
        if entity.uid().is_action() {
            return Err(Error::new(Code::BadEntity, format!("`{}` is an action", entity.uid()))
                .help("leave actions out; the schema has them"));
        }
        Entity::lift(&entity).ok_or_else(|| {
            Error::new(Code::BadEntity, format!("`{}` has an attribute without a value", entity.uid()))
                .help("give every attribute a value")
        })
    }

    /// The fault of an entity that a compiled bundle cannot read.
    fn misfit(&self, json: &Value) -> Error {
        let named = json.get("uid").map(|uid| clip(&uid.to_string()));
        bad_entity(named, "it does not fit the schema, or is written in a way that only whole bundles read")
    }

    pub(super) fn validator(&self) -> Option<&ValidatorSchema> {
        self.inner.as_deref().map(AsRef::as_ref)
    }
}

fn bad_entity(named: Option<String>, message: &str) -> Error {
    let of = named.map_or(String::new(), |uid| format!("entity {uid}: "));
    Error::new(Code::BadEntity, format!("{of}{message}"))
        .help("compare the entity with the bundle's schema (`glasskey schema`)")
}

impl Shapes {
    fn of(schema: &ValidatorSchema) -> Self {
        let shapes = schema.entity_types().filter(|known| !known.is_external()).map(|known| {
            let above = schema.entity_types().filter(|other| other.has_descendant_entity_type(known.name()));
            let ids = match &known.kind {
                ValidatorEntityTypeKind::Enum(ids) => {
                    Some(ids.iter().map(|id| AsRef::<str>::as_ref(id).into()).collect())
                }
                _ => None,
            };
            let shape = Shape {
                attrs: Fields::of(known.attributes(), known.open_attributes()),
                tags: known.tag_type().map(Kind::of),
                above: above.map(|other| other.name().clone()).collect(),
                ids,
            };
            (known.name().clone(), shape)
        });
        Self(shapes.collect())
    }
}

impl Fields {
    fn of(attributes: &Attributes, open: OpenTag) -> Self {
        let members = attributes.iter().map(|(name, of)| {
            (name.clone(), Field { kind: Kind::of(&of.attr_type), required: of.is_required })
        });
        Self { members: members.collect(), open: open == OpenTag::OpenAttributes }
    }
}

impl Kind {
    fn of(kind: &Type) -> Self {
        match kind {
            Type::Bool(_) => Self::Bool,
            Type::Long => Self::Long,
            Type::String => Self::Text,
            Type::Entity(EntityKind::Entity(lub)) => {
                lub.get_single_entity().map_or(Self::Foreign, |kind| Self::Entity(kind.clone()))
            }
            Type::Set { element_type: Some(kind) } => Self::Set(Box::new(Self::of(kind))),
            Type::Record { attrs, open_attributes } => Self::Record(Fields::of(attrs, *open_attributes)),
            Type::ExtensionType { name } => match name.to_string().as_str() {
                "datetime" => Self::Time,
                "duration" => Self::Span,
                _ => Self::Foreign,
            },
            Type::Never | Type::Entity(EntityKind::AnyEntity) | Type::Set { element_type: None } => {
                Self::Foreign
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_declared_is_named_in_order() {
        let faults = |text: &str| {
            let file = File { name: "a.cedarschema".into(), text: text.into() };
            let faults = Schema::build(&[file]).unwrap_err();
            faults.into_iter().map(|f| (f.message, f.help.unwrap_or_default())).collect::<Vec<_>>()
        };
        let types = "entity A { z: Zed }; entity C { y: Why }; entity D { b: Bee }; entity E { b: Bee };";
        let told = (
            "undeclared types: Bee, Why, Zed",
            "declare `Bee` as a common type or an entity type, or correct the name",
        );
        let actions = r#"action a in ["z, and y", "b"]; action c in ["b", "\", \" and b"];"#;
        let seen: BTreeSet<_> = (0..20).map(|_| faults(actions)).collect();
        assert_eq!(seen.len(), 1, "{seen:?}");
        let one = seen.first().unwrap();
        assert!(
            one[0].0.starts_with(
                "undeclared actions: Action::\"\\\", \\\" and b\", Action::\"b\", Action::\"z, and y\""
            ),
            "{one:?}"
        );
        for _ in 0..20 {
            assert_eq!(faults(types), [(told.0.to_owned(), told.1.to_owned())]);
        }
        assert_eq!(listed("A, B, and C"), ["A", "B", "C"]);
        assert_eq!(listed("A and B"), ["A", "B"]);
    }
}
