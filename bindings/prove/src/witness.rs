//! Counterexamples, for people and for programs.

use crate::case::{Case, plain, uid};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What ought to come of a case, and does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ought {
    /// It is denied.
    Denied,
    /// A guardrail refuses it, whatever rule would permit it.
    Refused,
    /// This guardrail refuses it.
    RefusedBy(String),
    /// It is open: permitted, once its seats are filled.
    Open,
    /// It is decided under this rule.
    Under(String),
    /// No permit errs.
    WithoutError,
}

/// One concrete case in which a property does not hold.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Witness {
    /// The rule that opens, if it is about one; else any rule would.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rule: Option<String>,
    /// What ought to come of it, and does not.
    pub ought: Ought,
    /// Whether it is about the rules as they are, none of them named by who asks.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub as_asked: bool,
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
    pub(crate) fn of(case: Case, rule: Option<&str>, ought: Ought) -> Self {
        let (principal, resource) = (uid(&case.principal), uid(&case.resource));
        let context = plain(case.context);
        let mut words = vec![format!("{principal} asks for {} on {resource}", case.action)];
        for (what, uid) in [("who asks", &case.principal), ("the resource", &case.resource)] {
            words.push(format!("{what}: {}", about(&case.entities, uid)));
        }
        if let Some(offer) = context.get("offer") {
            let of = |member: &str| offer.get(member).map(shown).unwrap_or_default();
            words.push(format!("the offer: {} seats, {}", of("seats"), of("ttl")));
        }
        for member in ["purpose", "emergency", "incident", "shift", "window", "task", "signals", "history"] {
            if let Some(value) = context.get(member).filter(|v| **v != serde_json::json!({})) {
                words.push(format!("{member}: {}", shown(value)));
            }
        }
        Self {
            rule: rule.map(ToOwned::to_owned),
            ought,
            as_asked: false,
            principal,
            action: case.action,
            resource,
            context,
            entities: case.entities,
            words,
        }
    }
}

impl Witness {
    /// The rules as they are decide, and nobody names one.
    pub(crate) fn naming_no_rule(self) -> Self {
        Self { as_asked: true, ..self }
    }

    /// Whether it takes a rule that the pack does not have.
    pub(crate) fn brings_a_rule(&self) -> bool {
        self.rule.is_none() && !self.as_asked && self.context.get("offer").is_some()
    }
}

/// An entity's attributes and parents, in words.
fn about(entities: &Value, wanted: &Value) -> String {
    let Some(entity) = entities.as_array().into_iter().flatten().find(|e| e["uid"] == *wanted) else {
        return "nothing is known".to_owned();
    };
    let mut parts = Vec::new();
    if let Value::Object(attributes) = plain(entity["attrs"].clone()) {
        parts.extend(attributes.iter().map(|(name, value)| format!("{name} {}", shown(value))));
    }
    for parent in entity["parents"].as_array().into_iter().flatten() {
        parts.push(format!("in {}", uid(parent)));
    }
    if parts.is_empty() { "no attributes, in no group".to_owned() } else { parts.join(", ") }
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
