//! What a step can do: a table, so that a new kind of step is one line and one function.

use glasskey::{Bundle, Code, Error, Facts, FactsDocument, Instant, Request, canonical, decide, error};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The world between two steps.
#[derive(Clone, Debug)]
pub struct World {
    /// The pack, compiled.
    pub bundle: Bundle,
    /// The facts as they stand.
    pub facts: Facts,
    /// Results of earlier steps that were given a name.
    pub names: BTreeMap<String, Value>,
}

/// A kind of step.
#[derive(Debug)]
pub struct Kind {
    /// The member of `do`.
    pub name: &'static str,
    /// What it does, in a line.
    pub about: &'static str,
    /// Does it, and gives the result that `expect` is held against; or one of the core's
    /// errors, whose path is within the step's own body.
    pub run: fn(&mut World, Value, Instant) -> Result<Value, Error>,
}

/// Every kind that this build knows.
pub const KINDS: &[Kind] = &[
    Kind { name: "decide", about: "decides a request; the result is the decision", run: run_decide },
    Kind {
        name: "observe",
        about: "takes in a facts delta; the result tells what was ignored",
        run: run_observe,
    },
];

/// The kind of this name.
#[must_use]
pub fn kind(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|k| k.name == name)
}

fn run_decide(world: &mut World, mut body: Value, at: Instant) -> Result<Value, Error> {
    bind_approvals(world, &mut body)?;
    let request = Request::from_value(body)?;
    let decision = decide(&world.bundle, &world.facts, &request, at);
    Ok(to_json(&decision))
}

fn run_observe(world: &mut World, body: Value, at: Instant) -> Result<Value, Error> {
    let change: FactsDocument = canonical::from_value(body)?;
    let (next, ignored) = world.facts.with_notes(&world.bundle, change, at)?;
    world.facts = next;
    let ignored: Vec<Value> = ignored.iter().map(|i| json!({"fact": i.fact, "why": i.why})).collect();
    Ok(json!({ "ignored": ignored }))
}

/// An approval must name the digest of its ask, which no author can write down beforehand: in
/// a scenario `ask` may be the name of an earlier step, whose decision tells the digest.
fn bind_approvals(world: &World, body: &mut Value) -> Result<(), Error> {
    let Some(approvals) = body.get_mut("approvals").and_then(Value::as_array_mut) else { return Ok(()) };
    for (i, approval) in approvals.iter_mut().enumerate() {
        let Some(ask) = approval.get_mut("ask") else { continue };
        let Some(name) = ask.as_str().filter(|t| !t.starts_with("sha256:")).map(str::to_owned) else {
            continue;
        };
        let digest = world.names.get(&name).and_then(|result| result.get("ask")).cloned();
        *ask = digest.ok_or_else(|| {
            let near = error::nearest(&name, world.names.keys().map(String::as_str));
            let help = near.map_or_else(
                || "give an earlier step that is pending `\"as\": \"NAME\"`, and name it here".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            Error {
                code: Code::BadDigest,
                message: format!("no earlier step named `{name}` asks for approvals"),
                help: Some(help),
                path: Some(format!("approvals[{i}].ask")),
                labels: Vec::new(),
            }
        })?;
    }
    Ok(())
}

fn to_json<T: serde::Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}
