//! The schema: the base vocabulary and the pack's fragments, as one.

use crate::cedar::source::{File, faults_of};
use crate::cedar::{Entity, Uid};
use crate::error::{Code, Error};
use crate::prelude::*;
use crate::wire::clip;
use cedar_policy::{SchemaError, SchemaFragment};
use cedar_policy_core::ast::EntityType;
use cedar_policy_core::entities::{EntityJsonParser, TCComputation};
use cedar_policy_core::extensions::Extensions;
use cedar_policy_core::validator::{CoreSchema, ValidatorSchema};
use serde_json::Value;

/// A complete schema.
#[derive(Clone, Debug)]
pub(crate) struct Schema {
    pub(super) inner: Arc<cedar_policy::Schema>,
    actions: BTreeMap<Uid, Action>,
}

/// What the schema says of one action.
#[derive(Clone, Debug)]
struct Action {
    /// Everything that it stands in, itself included.
    within: BTreeSet<Uid>,
    entity: Entity,
    principals: Vec<EntityType>,
    resources: Vec<EntityType>,
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
            let blank = File { name: Arc::from(""), text: Arc::from("") };
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
        let types =
            |found: Option<Vec<&EntityType>>| found.unwrap_or_default().into_iter().cloned().collect();
        let actions = actions
            .as_ref()
            .iter()
            .map(|action| {
                let mut within: BTreeSet<Uid> = action.ancestors().cloned().map(Uid::from).collect();
                let uid = Uid::from(action.uid().clone());
                let entity = Entity::action(&uid, within.iter().cloned());
                within.insert(uid.clone());
                let principals = types(core.principals_for_action(uid.inner()).map(Iterator::collect));
                let resources = types(core.resources_for_action(uid.inner()).map(Iterator::collect));
                (uid, Action { within, entity, principals, resources })
            })
            .collect();
        Ok(Self { inner: Arc::new(schema), actions })
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
        self.validator().entity_type_names().any(|t| t.to_string() == name)
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
    pub(crate) fn read_entity(&self, mut json: Value) -> Result<Entity, Error> {
        // A fault quotes the document, and says the same whatever the order of its members.
        json.sort_all_objects();
        let core = CoreSchema::new(self.validator());
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
            let of = named.map_or(String::new(), |uid| format!("entity {uid}: "));
            Error::new(Code::BadEntity, format!("{of}{message}"))
                .help("compare the entity with the bundle's schema (`glasskey schema`)")
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

    pub(super) fn validator(&self) -> &ValidatorSchema {
        (*self.inner).as_ref()
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
