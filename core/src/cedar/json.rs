//! Cedar's JSON for our entities, written straight from their values.

use crate::cedar::value::{Record, Val};
use crate::cedar::{Entity, Uid};
use crate::prelude::*;
use serde::Serialize;
use serde::ser::{SerializeMap as _, SerializeStruct as _, Serializer};
use serde_json::Value;
use smol_str::SmolStr;

impl Entity {
    /// As a JSON value.
    pub(crate) fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or(Value::Null)
    }
}

/// With its parents only, in their fixed order; the members as the canonical form orders them.
impl Serialize for Entity {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let tagged = !self.tags().is_empty();
        let mut out = s.serialize_struct("Entity", if tagged { 4 } else { 3 })?;
        out.serialize_field("attrs", &Members(self.attrs()))?;
        out.serialize_field("parents", &Parents(self.parents()))?;
        if tagged {
            out.serialize_field("tags", &Members(self.tags()))?;
        }
        out.serialize_field("uid", &Named(self.uid()))?;
        out.end()
    }
}

struct Parents<'e>(&'e [Uid]);

impl Serialize for Parents<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut all: Vec<&Uid> = self.0.iter().collect();
        if all.len() > 1 {
            all.sort_by_cached_key(|uid| (uid.type_name(), uid.id().to_owned()));
        }
        s.collect_seq(all.into_iter().map(Named))
    }
}

/// A uid as its type and its id.
struct Named<'e>(&'e Uid);

impl Serialize for Named<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut out = s.serialize_struct("Uid", 2)?;
        out.serialize_field("id", self.0.id())?;
        out.serialize_field("type", self.0.type_text().as_str())?;
        out.end()
    }
}

struct Members<'e>(&'e Record);

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_map(self.0.members().map(|(name, value)| (name.as_str(), Written(value))))
    }
}

struct Written<'e>(&'e Val);

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Val::Bool(b) => s.serialize_bool(*b),
            Val::Long(n) => s.serialize_i64(*n),
            Val::Text(text) => s.serialize_str(text),
            Val::Uid(uid) => {
                let mut out = s.serialize_map(Some(1))?;
                out.serialize_entry("__entity", &Named(uid))?;
                out.end()
            }
            Val::Record(record) => Members(record).serialize(s),
            Val::Time(stamp) => called(s, "datetime", stamp.time_text(), self.0),
            Val::Span(stamp) => called(s, "duration", stamp.span_text(), self.0),
            Val::Set(set) => s.collect_seq(set.iter().map(Element)),
            Val::Other(_) => otherwise(s, self.0),
        }
    }
}

/// One of a set's values, in the set's own order.
struct Element<'e>(&'e cedar_policy_core::ast::Value);

impl Serialize for Element<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        Written(&Val::lift(self.0)).serialize(s)
    }
}

/// A value as the call that makes it.
fn called<S: Serializer>(
    s: S,
    function: &'static str,
    text: Option<SmolStr>,
    whole: &Val,
) -> Result<S::Ok, S::Error> {
    let Some(text) = text else { return otherwise(s, whole) };
    let mut out = s.serialize_map(Some(1))?;
    out.serialize_entry("__extn", &Call { arg: &text, function })?;
    out.end()
}

#[derive(Serialize)]
struct Call<'c> {
    arg: &'c str,
    #[serde(rename = "fn")]
    function: &'static str,
}

/// How these were written is Cedar's to know.
#[cfg(feature = "full")]
fn otherwise<S: Serializer>(s: S, value: &Val) -> Result<S::Ok, S::Error> {
    match cedar_policy_core::entities::CedarValueJson::from_value(value.lower()) {
        Ok(json) => json.serialize(s),
        Err(_) => s.serialize_none(),
    }
}

/// As the other; a compiled bundle reads no such value.
#[cfg(not(feature = "full"))]
fn otherwise<S: Serializer>(s: S, _: &Val) -> Result<S::Ok, S::Error> {
    s.serialize_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canonical::to_bytes;
    use cedar_policy_core::entities::{EntityJsonParser, NoEntitiesSchema, TCComputation};
    use cedar_policy_core::extensions::Extensions;
    use serde_json::json;

    #[test]
    fn its_json_is_cedars() {
        let json = json!({
            "uid": {"type": "A::B", "id": "x\"y"},
            "attrs": {
                "yes": true, "n": -5, "text": "ä\u{1}", "who": {"__entity": {"type": "C", "id": ""}},
                "when": {"__extn": {"fn": "datetime", "arg": "2024-01-01T00:00:00+0100"}},
                "how": {"__extn": {"fn": "duration", "arg": "1h"}},
                "ip": {"__extn": {"fn": "ip", "arg": "10.0.0.0/8"}},
                "set": [3, "a", {"__entity": {"type": "C", "id": "d"}}, {"x": 1}],
                "deep": {"a": {"b c": [], "d": {}}}
            },
            "parents": [{"type": "B", "id": "z"}, {"type": "A::B", "id": "a"}, {"type": "A", "id": "z"}],
            "tags": {"t": "v"}
        });
        let parser: EntityJsonParser<'_, '_, NoEntitiesSchema> =
            EntityJsonParser::new(None, Extensions::all_available(), TCComputation::AssumeAlreadyComputed);
        for tags in [true, false] {
            let mut json = json.clone();
            if !tags {
                json.as_object_mut().unwrap().remove("tags");
            }
            let cedars = parser.single_from_json_value(json).unwrap();
            let ours = Entity::lift(&cedars).unwrap().to_json();
            let mut theirs = cedars.to_json_value().unwrap();
            let key =
                |p: &Value| (p["type"].as_str().unwrap().to_owned(), p["id"].as_str().unwrap().to_owned());
            theirs["parents"].as_array_mut().unwrap().sort_by_key(key);
            assert_eq!(ours, theirs);
            assert_eq!(to_bytes(&Entity::lift(&cedars).unwrap()), to_bytes(&theirs));
        }
    }
}
