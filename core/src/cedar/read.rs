//! Facts from JSON, straight into our own values.
//!
//! This reads the ways of writing a fact that are in use, and reads them as Cedar does. What it
//! does not know it leaves alone: then Cedar reads the fact, or has the words for what is wrong
//! with it. `core/tests/reading.rs` holds the two together.

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
