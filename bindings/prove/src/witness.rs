//! Counterexamples, for people and for programs.

use crate::pack::Way;
use cedar_policy_symcc::Env;
use serde::Serialize;
use serde_json::{Map, Value};

/// One concrete case in which a property does not hold.
#[derive(Clone, Debug, Serialize)]
pub struct Witness {
    /// The rule that opens, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Who asks.
    pub principal: String,
    /// For what.
    pub action: String,
    /// On what.
    pub resource: String,
    /// In which context, the offer included.
    pub context: Value,
    /// Among which entities, as Cedar's JSON.
    pub entities: Value,
    /// The same in words, a line each.
    pub words: Vec<String>,
}

impl Witness {
    pub(crate) fn of(env: &Env, way: &Way, rule: Option<&str>) -> Self {
        let name = |uid: Option<&cedar_policy::EntityUid>| uid.map_or_else(String::new, ToString::to_string);
        let request = &env.request;
        let (principal, resource) = (name(request.principal()), name(request.resource()));
        let context = request.context().and_then(|c| c.to_json_value().ok()).unwrap_or_default();
        let context = plain(context);
        let entities = env.entities.to_json_value().unwrap_or_default();
        let mut words = vec![format!("{principal} asks for {} on {resource}", way.action)];
        for (what, uid) in [("who asks", &principal), ("the resource", &resource)] {
            words.push(format!("{what}: {}", about(&entities, uid)));
        }
        if let Some(offer) = context.get("offer") {
            let of = |member: &str| offer.get(member).map(shown).unwrap_or_default();
            words.push(format!("the offer: {} seats, {}", of("seats"), of("ttl")));
        }
        for member in ["purpose", "emergency", "incident", "shift", "window", "task", "signals", "history"] {
            if let Some(value) = context.get(member) {
                words.push(format!("{member}: {}", shown(value)));
            }
        }
        Self {
            rule: rule.map(ToOwned::to_owned),
            action: way.action.clone(),
            principal,
            resource,
            context,
            entities,
            words,
        }
    }
}

/// An entity's attributes and parents, in words.
fn about(entities: &Value, uid: &str) -> String {
    let is = |entity: &&Value| {
        let at = |member: &str| entity["uid"][member].as_str().unwrap_or_default().to_owned();
        format!("{}::{:?}", at("type"), at("id")) == uid
    };
    let Some(entity) = entities.as_array().into_iter().flatten().find(is) else {
        return "nothing is known".to_owned();
    };
    let mut parts = Vec::new();
    if let Value::Object(attributes) = plain(entity["attrs"].clone()) {
        parts.extend(attributes.iter().map(|(name, value)| format!("{name} {}", shown(value))));
    }
    for parent in entity["parents"].as_array().into_iter().flatten() {
        parts.push(format!("in {}", shown(&plain(serde_json::json!({ "__entity": parent })))));
    }
    if parts.is_empty() { "no attributes, in no group".to_owned() } else { parts.join(", ") }
}

/// Cedar's escapes undone: `{"__extn": …}` is its argument, `{"__entity": …}` its uid.
fn plain(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            if let Some(inner) = members.get("__extn") {
                return inner.get("arg").or_else(|| inner.get("args")).cloned().map_or(Value::Null, plain);
            }
            if let Some(inner) = members.get("__entity") {
                let at = |member: &str| inner[member].as_str().unwrap_or_default();
                return Value::String(format!("{}::{:?}", at("type"), at("id")));
            }
            Value::Object(members.into_iter().map(|(k, v)| (k, plain(v))).collect::<Map<_, _>>())
        }
        Value::Array(all) => Value::Array(all.into_iter().map(plain).collect()),
        other => other,
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if text.is_empty() => "\"\"".to_owned(),
        Value::String(text) => text.clone(),
        Value::Object(members) => {
            members.iter().map(|(k, v)| format!("{k} {}", shown(v))).collect::<Vec<_>>().join(", ")
        }
        Value::Array(all) => all.iter().map(shown).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
