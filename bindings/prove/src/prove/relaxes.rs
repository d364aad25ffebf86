//! Breaking the glass relaxes only what it says: every guardrail that binds all ordinary
//! actions binds the emergency ones in the same cases, but for those that the pack names.

use crate::case::Case;
use crate::pack::{Pack, Way, set};
use crate::prove::{Draft, Finding};
use crate::solver::{Answer, Prover, compile};
use crate::witness::{Ought, Witness};
use cedar_policy::{Authorizer, Entities, Policy, PolicyId, PolicySet, Request};
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub(super) fn only_what_it_says(pack: &Pack, prover: &mut Prover) -> Result<Finding, String> {
    let stated = &pack.stated.emergency;
    if stated.actions.is_empty() {
        let mut draft = Draft::new("break-glass-relaxes", "Breaking the glass relaxes nothing");
        draft.note("the pack states no emergency actions");
        return Ok(draft.done(0));
    }
    let named = if stated.relaxes.is_empty() { "nothing".to_owned() } else { stated.relaxes.join(", ") };
    let mut draft =
        Draft::new("break-glass-relaxes", &format!("Breaking the glass relaxes {named} and nothing else"));
    let before = prover.asked;
    for id in &stated.relaxes {
        if !pack.bundle.guards().iter().any(|g| g.id() == id) {
            return Err(format!("[emergency] relaxes `{id}`, and there is no such guardrail"));
        }
    }
    for way in pack.ways.iter().filter(|w| w.privileged) {
        if !pack.stands_in(&way.action, &stated.actions)? {
            continue;
        }
        let ordinary = ordinary(pack, way)?;
        for guard in pack.bundle.guards().iter().filter(|g| !stated.relaxes.iter().any(|r| r == g.id())) {
            let json = pack.policies[guard.id()].to_json().map_err(|e| e.to_string())?;
            // Only what binds every ordinary action is a guardrail of all normal rules.
            let mut bound = BTreeSet::new();
            for action in &ordinary {
                bound.insert(at(pack, &json, action)?.map(|conditions| conditions.to_string()));
            }
            if bound.contains(&None) || bound.is_empty() {
                continue;
            }
            let here = at(pack, &json, &way.action)?.unwrap_or_else(never);
            let unchanged = here.to_string();
            let there = with(&json, way, here)?;
            for conditions in bound.into_iter().flatten().filter(|c| *c != unchanged) {
                let conditions = serde_json::from_str(&conditions).map_err(|e| e.to_string())?;
                let normal_policy = with(&json, way, conditions)?;
                let normal = compile(&normal_policy, &way.env, &pack.schema)?;
                match prover.match_implies(&normal, &compile(&there, &way.env, &pack.schema)?) {
                    Answer::Proved => {}
                    Answer::Refuted(env) => draft.refuted(
                        format!("`{}` binds ordinary actions and not {}", guard.id(), way.shown()),
                        {
                            let (binds, relaxed) = (set([normal_policy.clone()])?, set([there.clone()])?);
                            let shows = |request: &Request, entities: &Entities| {
                                fires(&binds, request, entities) && !fires(&relaxed, request, entities)
                            };
                            let case = Case::of(&env, way).plainest(&pack.schema, &shows);
                            Witness::of(case, None, Ought::RefusedBy(guard.id().to_owned()))
                        },
                    ),
                    Answer::Unknown(why) => draft.unknown(format!("`{}`: {why}", guard.id())),
                }
            }
        }
    }
    Ok(draft.done(prover.asked - before))
}

fn fires(forbid: &PolicySet, request: &Request, entities: &Entities) -> bool {
    let answer = Authorizer::new().is_authorized(request, forbid, entities);
    answer.diagnostics().reason().next().is_some()
}

/// The privileged actions, emergencies apart, of the same principal on the same resource.
fn ordinary(pack: &Pack, emergency: &Way) -> Result<Vec<String>, String> {
    let mut out = Vec::new();
    for way in pack.ways.iter().filter(|w| w.privileged) {
        let alike = way.env.principal() == emergency.env.principal()
            && way.env.resource() == emergency.env.resource();
        if alike && !pack.stands_in(&way.action, &pack.stated.emergency.actions)? {
            out.push(way.action.clone());
        }
    }
    Ok(out)
}

/// The policy's conditions for an action, every question about the action answered; none if
/// the action is not in its scope.
fn at(pack: &Pack, policy: &Value, action: &str) -> Result<Option<Value>, String> {
    let scope = &policy["action"];
    let groups = match scope["op"].as_str() {
        Some("All") => None,
        _ => Some(named(scope.get("entities").unwrap_or(&scope["entity"]))),
    };
    let exact = scope["op"] == "==";
    let within = match groups {
        None => true,
        Some(groups) if exact => groups.iter().any(|g| g == action),
        Some(groups) => pack.stands_in(action, &groups)?,
    };
    if !within {
        return Ok(None);
    }
    settle(pack, &policy["conditions"], action).map(Some)
}

fn settle(pack: &Pack, expr: &Value, action: &str) -> Result<Value, String> {
    match expr {
        Value::Array(all) => {
            all.iter().map(|e| settle(pack, e, action)).collect::<Result<Vec<_>, _>>().map(Value::Array)
        }
        Value::Object(members) => {
            for op in ["in", "=="] {
                let Some(test) = members.get(op).filter(|t| t["left"] == json!({ "Var": "action" })) else {
                    continue;
                };
                let groups = named(&test["right"]);
                let holds = if op == "==" {
                    groups.iter().any(|g| g == action)
                } else {
                    pack.stands_in(action, &groups)?
                };
                return Ok(json!({ "Value": holds }));
            }
            let settled = members.iter().map(|(k, v)| Ok((k.clone(), settle(pack, v, action)?)));
            settled.collect::<Result<_, String>>().map(Value::Object)
        }
        other => Ok(other.clone()),
    }
}

/// The uids below a value: of one entity, or of a set of them.
fn named(value: &Value) -> Vec<String> {
    match value {
        Value::Array(all) => all.iter().flat_map(named).collect(),
        Value::Object(members) => match (members.get("type"), members.get("id")) {
            (Some(Value::String(kind)), Some(Value::String(id))) => vec![format!("{kind}::{id:?}")],
            _ => members.values().flat_map(named).collect(),
        },
        _ => Vec::new(),
    }
}

fn never() -> Value {
    json!([{ "kind": "when", "body": { "Value": false } }])
}

/// The policy for one action, under these conditions.
fn with(policy: &Value, way: &Way, conditions: Value) -> Result<Policy, String> {
    let mut policy = policy.clone();
    let uid = way.env.action();
    policy["action"] =
        json!({ "op": "==", "entity": { "type": uid.type_name().to_string(), "id": uid.id().unescaped() } });
    policy["conditions"] = conditions;
    Policy::from_json(Some(PolicyId::new("(settled)")), policy).map_err(|e| e.to_string())
}
