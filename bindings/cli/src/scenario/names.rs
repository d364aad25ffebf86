//! Names that a scenario gives to what its steps make, in place of ids, which are digests.

use serde_json::Value;
use std::collections::BTreeMap;

/// Names, and what they stand for.
#[derive(Clone, Debug, Default)]
pub struct Names {
    ids: BTreeMap<String, String>,
    results: BTreeMap<String, Value>,
}

impl Names {
    /// Calls an id by a name.
    pub fn call(&mut self, name: &str, id: &str) {
        self.ids.insert(name.to_owned(), id.to_owned());
    }

    /// Keeps a result under a name.
    pub fn keep(&mut self, name: &str, result: Value) {
        self.results.insert(name.to_owned(), result);
    }

    /// The id that a name stands for.
    #[must_use]
    pub fn id(&self, name: &str) -> Option<&str> {
        self.ids.get(name).map(String::as_str)
    }

    /// The result that was kept under a name.
    #[must_use]
    pub fn kept(&self, name: &str) -> Option<&Value> {
        self.results.get(name)
    }

    /// Every name of a result.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.results.keys().map(String::as_str)
    }

    /// Puts the names in the place of the ids, keys of effects included.
    pub fn restore(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                for (name, id) in self.ids.iter().filter(|(_, id)| !id.is_empty()) {
                    if text.contains(id.as_str()) {
                        *text = text.replace(id.as_str(), name);
                    }
                }
            }
            Value::Array(list) => list.iter_mut().for_each(|v| self.restore(v)),
            Value::Object(members) => members.values_mut().for_each(|v| self.restore(v)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}
