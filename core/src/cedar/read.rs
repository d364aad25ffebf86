//! Facts from JSON, straight into our own values.
//!
//! This reads the ways of writing a fact that are in use, and reads them as Cedar does. What it
//! does not know it leaves alone: then Cedar reads the fact, or has the words for what is wrong
//! with it. The tests hold the two together.

use crate::cedar::schema::Schema;
use crate::cedar::shape::{Fields, Kind, Shape};
use crate::cedar::value::{Record, Stamp, Val};
use crate::cedar::{Entity, Uid};
use crate::prelude::*;
use cedar_policy_core::ast::Set;
use serde_json::{Map, Value};

/// Members that mean something else than a member.
const ESCAPES: [&str; 3] = ["__entity", "__extn", "__expr"];

impl Schema {
    /// An entity that fits the schema; its ancestors are its parents only.
    pub(super) fn entity(&self, json: &Value) -> Option<Entity> {
        let members = json.as_object()?;
        if members.keys().any(|name| !matches!(name.as_str(), "uid" | "attrs" | "parents" | "tags")) {
            return None;
        }
        let uid = self.name(members.get("uid")?)?;
        let shape = self.shapes().get(uid.entity_type())?;
        if uid.inner().is_action() {
            return None;
        }
        let attrs = self.record(&shape.attrs, members.get("attrs")?.as_object()?)?;
        let tags = match (&shape.tags, members.get("tags")) {
            (_, None) => Record::new(),
            (None, Some(tags)) => tags.as_object()?.is_empty().then(Record::new)?,
            (Some(kind), Some(tags)) => {
                let mut out = Record::new();
                for (name, json) in tags.as_object()? {
                    out.put_named(name, self.value(kind, json)?);
                }
                out
            }
        };
        let parents = members.get("parents")?.as_array()?.iter();
        let parents = parents.map(|json| self.parent(shape, json)).collect::<Option<BTreeSet<Uid>>>()?;
        Some(Entity::read(uid, attrs, tags, parents))
    }

    fn parent(&self, shape: &Shape, json: &Value) -> Option<Uid> {
        let uid = self.name(json)?;
        (shape.above.contains(uid.entity_type())).then_some(uid)
    }

    /// The name of an entity that the schema allows, however it is written.
    fn name(&self, json: &Value) -> Option<Uid> {
        let uid = uid(json)?;
        self.allows(&uid).then_some(uid)
    }

    fn record(&self, fields: &Fields, json: &Map<String, Value>) -> Option<Record> {
        let mut out = Record::of(json.len());
        for (name, json) in json {
            // Members that the schema does not know are Cedar's to judge.
            out.put_named(name, self.value(&fields.members.get(name.as_str())?.kind, json)?);
        }
        let there = |name: &str| json.contains_key(name);
        fields.members.iter().all(|(name, field)| !field.required || there(name)).then_some(out)
    }

    fn value(&self, kind: &Kind, json: &Value) -> Option<Val> {
        match kind {
            Kind::Bool => json.as_bool().map(Val::Bool),
            Kind::Long => json.as_i64().map(Val::Long),
            Kind::Text => json.as_str().map(Val::from),
            Kind::Entity(kind) => {
                let uid = self.name(json)?;
                (uid.entity_type() == kind).then_some(Val::Uid(uid))
            }
            Kind::Set(kind) => {
                let all = json.as_array()?.iter().map(|json| self.value(kind, json)?.plain());
                all.collect::<Option<Vec<_>>>().map(|all| Val::Set(Set::new(all)))
            }
            Kind::Record(fields) => Some(Val::from(self.record(fields, json.as_object()?)?)),
            Kind::Time => Stamp::time(argument(json, "datetime")?).map(Val::Time),
            Kind::Span => Stamp::span(argument(json, "duration")?).map(Val::Span),
            Kind::Foreign => None,
        }
    }
}

impl Record {
    /// A record from JSON that no schema tells the types of.
    pub(super) fn untyped(json: &Map<String, Value>) -> Option<Self> {
        let mut out = Self::of(json.len());
        for (name, json) in json {
            if ESCAPES.contains(&name.as_str()) {
                return None;
            }
            out.put_named(name, untyped(json)?);
        }
        Some(out)
    }
}

fn untyped(json: &Value) -> Option<Val> {
    match json {
        Value::Null => None,
        Value::Bool(b) => Some(Val::Bool(*b)),
        Value::Number(n) => n.as_i64().map(Val::Long),
        Value::String(text) => Some(Val::from(text.as_str())),
        Value::Array(all) => {
            let all = all.iter().map(|json| untyped(json)?.plain());
            all.collect::<Option<Vec<_>>>().map(|all| Val::Set(Set::new(all)))
        }
        Value::Object(members) => match only(members) {
            Some(("__entity", json)) => parts(json).map(Val::Uid),
            Some(("__extn", json)) => match called(json)? {
                ("datetime", text) => Stamp::time(text).map(Val::Time),
                ("duration", text) => Stamp::span(text).map(Val::Span),
                _ => None,
            },
            _ => Record::untyped(members).map(Val::from),
        },
    }
}

/// The one member of an object.
fn only(members: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (name, json) = members.iter().next()?;
    (members.len() == 1).then_some((name.as_str(), json))
}

/// `{"type": …, "id": …}`, or the same as `{"__entity": …}`.
fn uid(json: &Value) -> Option<Uid> {
    match only(json.as_object()?) {
        Some(("__entity", json)) => parts(json),
        _ => parts(json),
    }
}

fn parts(json: &Value) -> Option<Uid> {
    let members = json.as_object()?;
    let text = |name| members.get(name).and_then(Value::as_str);
    let (kind, id) = (text("type")?, text("id")?);
    (members.len() == 2).then(|| Uid::from_parts(kind, id)).flatten()
}

/// What the constructor of this name is called with: a text, `{"fn": …, "arg": …}`, or the same as
/// `{"__extn": …}`.
fn argument<'j>(json: &'j Value, constructor: &str) -> Option<&'j str> {
    if let Some(text) = json.as_str() {
        return Some(text);
    }
    let call = match only(json.as_object()?) {
        Some(("__extn", json)) => json,
        _ => json,
    };
    let (function, text) = called(call)?;
    (function == constructor).then_some(text)
}

fn called(json: &Value) -> Option<(&str, &str)> {
    let members = json.as_object()?;
    let text = |name| members.get(name).and_then(Value::as_str);
    let (function, argument) = (text("fn")?, text("arg")?);
    (members.len() == 2).then_some((function, argument))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cedar::File;
    use cedar_policy_core::ast::Context;
    use cedar_policy_core::entities::{EntityJsonParser, TCComputation};
    use cedar_policy_core::extensions::Extensions;
    use cedar_policy_core::validator::CoreSchema;
    use proptest::prelude::*;
    use serde_json::json;

    const SCHEMA: &str = r#"
        entity Colour enum ["red", "green"];
        entity Group in [Group];
        entity Bare;
        entity User in [Group] = {
          b?: Bool, n?: Long, s?: String, u?: User, c?: Colour, t?: datetime, d?: duration, ip?: ipaddr,
          list?: Set<String>, users?: Set<User>, times?: Set<datetime>, deep?: { a: Long, r?: { x: Bool } },
        } tags Long;
        entity Strict = { must: Long };
        action look appliesTo { principal: User, resource: Group, context: {} };
    "#;

    fn schema() -> Schema {
        Schema::build(&[File { name: "s".into(), text: SCHEMA.into() }]).unwrap()
    }

    /// Cedar's reading, if it has one.
    fn cedars(schema: &Schema, json: &Value) -> Option<Entity> {
        let core = CoreSchema::new(schema.validator().unwrap());
        let parser = EntityJsonParser::new(
            Some(&core),
            Extensions::all_available(),
            TCComputation::AssumeAlreadyComputed,
        );
        let read = parser.single_from_json_value(json.clone()).ok()?;
        Entity::lift(&read).filter(|entity| !entity.uid().inner().is_action())
    }

    /// Whatever is read here Cedar reads alike; whether it had to be read here as well.
    fn same(schema: &Schema, json: &Value) -> bool {
        let (ours, theirs) = (schema.entity(json), cedars(schema, json));
        if let Some(ours) = &ours {
            let theirs = theirs.as_ref().unwrap_or_else(|| panic!("Cedar refuses {json}"));
            assert_eq!(ours.to_json(), theirs.to_json(), "{json}");
            let values = |entity: &Entity| (entity.attrs().lower(), entity.tags().lower());
            assert_eq!(values(ours), values(theirs), "{json}");
            assert_eq!((ours.parents(), ours.ancestors()), (theirs.parents(), theirs.ancestors()), "{json}");
        }
        ours.is_some() == theirs.is_some()
    }

    fn user(attrs: &Value) -> Value {
        json!({"uid": {"type": "User", "id": "x"}, "attrs": attrs, "parents": []})
    }

    #[test]
    fn the_usual_ways_of_writing_are_read_and_faults_are_not() {
        let schema = schema();
        let named = |kind: &str| json!({"type": kind, "id": "y"});
        for attrs in [
            json!({}),
            json!({"b": true, "n": -1, "s": "", "u": named("User"), "c": {"type": "Colour", "id": "red"}}),
            json!({"u": {"__entity": named("User")}, "list": ["b", "a", "b"], "users": [named("User")]}),
            json!({"t": "2024-01-01", "d": "1h"}),
            json!({"t": {"fn": "datetime", "arg": "2024-01-01"}, "d": {"__extn": {"fn": "duration", "arg": "-1h"}}}),
            json!({"deep": {"a": 1}}),
            json!({"deep": {"a": 1, "r": {"x": false}}}),
            json!({"b": 1}),
            json!({"n": 1.5}),
            json!({"n": u64::MAX}),
            json!({"u": named("Group")}),
            json!({"u": named("No Name")}),
            json!({"c": {"type": "Colour", "id": "blue"}}),
            json!({"t": "today"}),
            json!({"t": {"fn": "duration", "arg": "1h"}}),
            json!({"list": ["a", 1]}),
            json!({"deep": {}}),
            json!({"deep": {"a": 1, "z": 1}}),
            json!({"other": 1}),
            json!({"s": null}),
            json!({"s": {"__expr": "1"}}),
        ] {
            assert!(same(&schema, &user(&attrs)), "{attrs}");
        }
        for whole in [
            json!({"uid": named("Group"), "attrs": {}, "parents": [named("Group")]}),
            json!({"uid": named("User"), "attrs": {}, "parents": [{"__entity": named("Group")}], "tags": {"a": 1}}),
            json!({"uid": named("User"), "attrs": {}, "parents": [named("User")]}),
            json!({"uid": named("User"), "attrs": {}, "parents": [], "tags": {"a": "x"}}),
            json!({"uid": named("Bare"), "attrs": {}, "parents": [], "tags": {"a": 1}}),
            json!({"uid": named("Bare"), "attrs": {}, "parents": [], "tags": {}}),
            json!({"uid": named("Strict"), "attrs": {}, "parents": []}),
            json!({"uid": named("Strict"), "attrs": {"must": 1}, "parents": []}),
            json!({"uid": named("Colour"), "attrs": {}, "parents": []}),
            json!({"uid": {"type": "Colour", "id": "green"}, "attrs": {}, "parents": []}),
            json!({"uid": {"type": "Action", "id": "look"}, "attrs": {}, "parents": []}),
            json!({"uid": named("Nobody"), "attrs": {}, "parents": []}),
            json!({"uid": named("User"), "attrs": {}}),
            json!({"uid": named("User"), "parents": []}),
            json!({"uid": "User::\"x\"", "attrs": {}, "parents": []}),
            json!([]),
        ] {
            assert!(same(&schema, &whole), "{whole}");
        }
        // What only Cedar reads is left to it.
        for attrs in [json!({"ip": "10.0.0.1"}), json!({"times": ["2024-01-01"]}), json!({"times": []})] {
            let left = schema.entity(&user(&attrs)).is_none() || same(&schema, &user(&attrs));
            assert!(left && cedars(&schema, &user(&attrs)).is_some(), "{attrs}");
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            (-2_i64..3).prop_map(Value::from),
            Just(Value::Null),
            prop::sample::select(vec![
                "",
                "x",
                "red",
                "User",
                "Group",
                "2024-01-01",
                "1h",
                "datetime",
                "duration",
                "ip"
            ])
            .prop_map(Value::from),
            prop::sample::select(vec!["User", "Group", "Colour", "A b"])
                .prop_map(|kind| json!({"type": kind, "id": "red"})),
            Just(json!({"__extn": {"fn": "datetime", "arg": "2024-01-01T00:00:00Z"}})),
            Just(json!({"fn": "offset", "args": ["2024-01-01", "1h"]})),
        ];
        let names = || {
            prop::sample::select(vec![
                "b", "n", "s", "u", "c", "t", "d", "list", "users", "deep", "a", "r", "x", "id", "type",
                "fn", "arg", "__extn", "__entity",
            ])
        };
        leaf.prop_recursive(3, 24, 4, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map(names(), inner, 0..4)
                    .prop_map(|m| Value::Object(m.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn whatever_is_read_here_cedar_reads_alike(attrs in any_json(), parents in any_json(), tags in any_json()) {
            let schema = schema();
            same(&schema, &user(&attrs));
            same(&schema, &json!({"uid": {"type": "User", "id": "x"}, "attrs": attrs, "parents": parents, "tags": tags}));
        }

        #[test]
        fn a_record_without_types_is_read_as_cedar_reads_it(json in any_json()) {
            let Value::Object(members) = json else { return Ok(()) };
            let theirs = match Context::from_json_value(Value::Object(members.clone())) {
                Ok(Context::Value(record)) => Some(Record::lift(record.iter())),
                _ => None,
            };
            if let Some(ours) = Record::untyped(&members) {
                prop_assert_eq!(ours.lower(), theirs.unwrap().lower());
            }
        }
    }
}
