//! One concrete case, and how it is made as plain as it can be: a solver's example holds
//! whatever the solver came across, and people read only what matters.

use crate::pack::Way;
use cedar_policy::{Context, Entities, Request, Schema};
use cedar_policy_symcc::Env;
use serde_json::{Map, Value, json};

/// A request and its entities, in Cedar's JSON.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Case {
    pub(crate) principal: Value,
    pub(crate) action: String,
    pub(crate) resource: Value,
    pub(crate) context: Value,
    pub(crate) entities: Value,
}

/// Whether a case still shows what it is to show.
pub(crate) type Shows<'a> = &'a dyn Fn(&Request, &Entities) -> bool;

const NUMBER_MAX: i64 = 9_007_199_254_740_991;
const NOW: &str = "2026-03-01T02:05:05Z";

impl Case {
    pub(crate) fn of(env: &Env, way: &Way) -> Self {
        let uid = |uid: Option<&cedar_policy::EntityUid>| {
            uid.map_or(
                Value::Null,
                |uid| json!({ "type": uid.type_name().to_string(), "id": uid.id().unescaped() }),
            )
        };
        let context = env.request.context().and_then(|c| c.to_json_value().ok()).unwrap_or_default();
        let entities = env.entities.to_json_value().unwrap_or_default();
        Self {
            principal: uid(env.request.principal()),
            action: way.action.clone(),
            resource: uid(env.request.resource()),
            context,
            entities: without_actions(entities),
        }
    }

    /// The case as Cedar takes it.
    pub(crate) fn concrete(&self, schema: &Schema) -> Option<(Request, Entities)> {
        let action = self.action.parse().ok()?;
        let context = Context::from_json_value(self.context.clone(), Some((schema, &action))).ok()?;
        let entities = Entities::from_json_value(self.entities.clone(), Some(schema)).ok()?;
        let uid = |uid: &Value| cedar_policy::EntityUid::from_json(uid.clone()).ok();
        let request =
            Request::new(uid(&self.principal)?, action, uid(&self.resource)?, context, Some(schema)).ok()?;
        Some((request, entities))
    }

    /// The plainest case that still shows the same.
    pub(crate) fn plainest(self, schema: &Schema, shows: Shows<'_>) -> Self {
        let holds = |case: &Self| case.concrete(schema).is_some_and(|(r, e)| shows(&r, &e));
        let mut best = self;
        if !holds(&best) {
            return best;
        }
        let attempt = |best: &mut Self, change: &dyn Fn(&mut Self)| {
            let mut other = best.clone();
            change(&mut other);
            if other != *best && holds(&other) {
                *best = other;
            }
        };
        let span = |text: &str| json!({ "__extn": { "fn": "duration", "arg": text } });
        let at = |text: &str| json!({ "__extn": { "fn": "datetime", "arg": text } });
        for member in ["grant", "incident", "shift", "window", "task"] {
            attempt(&mut best, &|c| remove(&mut c.context, "", member));
        }
        let signals: Vec<String> =
            best.context["signals"].as_object().into_iter().flat_map(Map::keys).cloned().collect();
        for signal in &signals {
            attempt(&mut best, &|c| remove(&mut c.context, "/signals", signal));
            attempt(&mut best, &|c| put(&mut c.context, &format!("/signals/{signal}/probes"), json!(2)));
            attempt(&mut best, &|c| put(&mut c.context, &format!("/signals/{signal}/state"), json!("down")));
        }
        attempt(&mut best, &|c| remove(&mut c.context, "/actor", "operator"));
        for (place, value) in [
            ("/now", at(NOW)),
            ("/purpose", json!("a reason")),
            ("/channel", json!("console")),
            ("/emergency", json!(false)),
            ("/requested_ttl", span("30m")),
            ("/actor/depth", json!(0)),
            ("/history/grants_24h", json!(0)),
            ("/history/extensions", json!(0)),
            ("/history/refusals_10m", json!(0)),
            ("/history/overdue_reviews", json!(0)),
            ("/history/emergencies_7d", json!(0)),
            ("/history/chain", span("0s")),
            ("/incident/id", json!("INC-1")),
            ("/incident/epoch", json!(1)),
            ("/incident/open", json!(true)),
            ("/incident/covers", json!(true)),
            ("/incident/responder", json!(false)),
            ("/incident/severity", json!(2)),
            ("/incident/source", json!("pagerduty")),
            ("/incident/opened_at", at("2026-03-01T02:00:00Z")),
            ("/shift/id", json!("S-1")),
            ("/shift/covers", json!(true)),
            ("/shift/start", at("2026-03-01T00:00:00Z")),
            ("/shift/end", at("2026-03-01T08:00:00Z")),
            ("/window/id", json!("CHG-1")),
            ("/window/covers", json!(true)),
            ("/window/assigned", json!(true)),
            ("/window/start", at("2026-03-01T00:00:00Z")),
            ("/window/end", at("2026-03-01T08:00:00Z")),
            ("/task/id", json!("T-1")),
            ("/task/covers", json!(true)),
            ("/task/status", json!("open")),
            ("/offer/rule", json!("any-rule")),
            ("/offer/obligations", json!([])),
        ] {
            attempt(&mut best, &|c| put(&mut c.context, place, value.clone()));
        }
        for seats in [2, 1, 0] {
            attempt(&mut best, &|c| put(&mut c.context, "/offer/seats", json!(seats)));
        }
        for ttl in ["25h", "4h1m", "2h1m", "61m", "31m", "16m", "10m"] {
            attempt(&mut best, &|c| put(&mut c.context, "/offer/ttl", span(ttl)));
        }
        for (who, name) in [(best.principal.clone(), "somebody"), (best.resource.clone(), "something")] {
            attempt(&mut best, &|c| c.rename(&who, name));
        }
        best.plainer_entities(&holds);
        best
    }

    fn rename(&mut self, uid: &Value, name: &str) {
        let mut to = uid.clone();
        put(&mut to, "/id", json!(name));
        for value in [&mut self.principal, &mut self.resource, &mut self.context, &mut self.entities] {
            replace(value, uid, &to);
        }
    }

    /// Entities, attributes and parents that do not matter are left out.
    fn plainer_entities(&mut self, holds: &dyn Fn(&Self) -> bool) {
        let attempt = |best: &mut Self, change: &dyn Fn(&mut Vec<Value>)| {
            let mut other = best.clone();
            if let Value::Array(all) = &mut other.entities {
                change(all);
            }
            if other != *best && holds(&other) {
                *best = other;
            }
        };
        let uids: Vec<Value> =
            self.entities.as_array().into_iter().flatten().map(|e| e["uid"].clone()).collect();
        for uid in &uids {
            if *uid != self.principal && *uid != self.resource {
                attempt(self, &|all| all.retain(|e| e["uid"] != *uid));
            }
        }
        let entities = self.entities.as_array().cloned().unwrap_or_default();
        for entity in &entities {
            let uid = &entity["uid"];
            let of = |all: &mut Vec<Value>, change: &dyn Fn(&mut Value)| {
                all.iter_mut().filter(|e| e["uid"] == *uid).for_each(change);
            };
            for (name, value) in entity["attrs"].as_object().into_iter().flatten() {
                // No larger number passes the border.
                for n in value.as_i64().into_iter().flat_map(|_| [-NUMBER_MAX, NUMBER_MAX, 3, 2, 1, 0]) {
                    attempt(self, &|all| of(all, &|e| put(e, &format!("/attrs/{name}"), json!(n))));
                }
                attempt(self, &|all| of(all, &|e| remove(e, "/attrs", name)));
            }
            for parent in entity["parents"].as_array().into_iter().flatten() {
                attempt(self, &|all| {
                    of(all, &|e| {
                        if let Some(Value::Array(parents)) = e.get_mut("parents") {
                            parents.retain(|p| p != parent);
                        }
                    });
                });
            }
        }
    }
}

fn without_actions(entities: Value) -> Value {
    let is_action =
        |e: &Value| e["uid"]["type"].as_str().is_some_and(|t| t == "Action" || t.ends_with("::Action"));
    match entities {
        Value::Array(all) => Value::Array(all.into_iter().filter(|e| !is_action(e)).collect()),
        other => other,
    }
}

fn put(value: &mut Value, place: &str, new: Value) {
    if let Some(there) = value.pointer_mut(place) {
        *there = new;
    }
}

fn remove(value: &mut Value, place: &str, member: &str) {
    if let Some(Value::Object(members)) = value.pointer_mut(place) {
        members.remove(member);
    }
}

fn replace(value: &mut Value, from: &Value, to: &Value) {
    if value == from {
        *value = to.clone();
        return;
    }
    match value {
        Value::Array(all) => all.iter_mut().for_each(|v| replace(v, from, to)),
        Value::Object(members) => members.values_mut().for_each(|v| replace(v, from, to)),
        _ => {}
    }
}

/// Cedar's escapes undone: `{"__extn": …}` is its argument, `{"__entity": …}` its uid.
pub(crate) fn plain(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            if let Some(inner) = members.get("__extn") {
                return inner.get("arg").or_else(|| inner.get("args")).cloned().map_or(Value::Null, plain);
            }
            if let Some(inner) = members.get("__entity") {
                return Value::String(uid(inner));
            }
            Value::Object(members.into_iter().map(|(k, v)| (k, plain(v))).collect::<Map<_, _>>())
        }
        Value::Array(all) => Value::Array(all.into_iter().map(plain).collect()),
        other => other,
    }
}

/// A uid as Cedar writes it.
pub(crate) fn uid(value: &Value) -> String {
    let at = |member: &str| value[member].as_str().unwrap_or_default();
    format!("{}::\"{}\"", at("type"), at("id").escape_debug())
}
