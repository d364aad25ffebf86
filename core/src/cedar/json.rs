//! Cedar's JSON for our entities, written straight from their values.

use crate::cedar::value::{Record, Val};
use crate::cedar::{Entity, Uid};
use crate::prelude::*;
use cedar_policy_core::entities::CedarValueJson;
use serde::ser::{Serialize, SerializeMap as _, SerializeStruct as _, Serializer};
use serde_json::Value;

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
            // How these were written is Cedar's to know.
            Val::Time(_) | Val::Span(_) | Val::Set(_) | Val::Other(_) => {
                match CedarValueJson::from_value(self.0.lower()) {
                    Ok(json) => json.serialize(s),
                    Err(_) => s.serialize_none(),
                }
            }
        }
    }
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
