//! What a step can do: a table, so that a new kind of step is one line and one function.

use crate::pack::Pack;
use crate::scenario::names::Names;
use glasskey::lifecycle::Applied;
use glasskey::{Bundle, Code, Command, Error, Facts, Instant, Lifecycle, Request, decide, error};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The world between two steps.
#[derive(Clone)]
pub struct World {
    /// Requests and grants, the facts and the bundle.
    pub life: Lifecycle,
    /// The same, folded from the records alone; must never differ.
    folded: Lifecycle,
    /// What earlier steps made.
    pub names: Names,
    /// Every record, in order.
    pub applied: Vec<Arc<Applied>>,
    /// The folder that paths are relative to.
    folder: PathBuf,
}

/// One step to be done.
#[derive(Debug)]
pub struct Call {
    /// The member of `do`.
    pub kind: &'static str,
    /// Its value.
    pub body: Value,
    /// When.
    pub at: Instant,
    /// The command's id; a step that repeats it sends the same command again.
    pub command_id: String,
    /// The name for what it makes.
    pub name: Option<String>,
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
    pub run: fn(&mut World, Call) -> Result<Value, Error>,
}

const fn act(name: &'static str, about: &'static str) -> Kind {
    Kind { name, about, run: apply }
}

/// Every kind that this build knows.
pub const KINDS: &[Kind] = &[
    Kind { name: "decide", about: "decides a request apart from the lifecycle", run: decide_apart },
    Kind { name: "change_bundle", about: "lets another pack decide from now on", run: change_bundle },
    act("observe", "facts changed"),
    act("submit", "somebody asks"),
    act("approve", "somebody approves a request or an extension"),
    act("deny", "somebody denies a request or an extension"),
    act("withdraw", "the requester takes the request back"),
    act("activate", "an approved request becomes a grant"),
    act("issued", "enforcement points put the grant in force"),
    act("issue_failed", "an enforcement point could not"),
    act("use", "the holder acts"),
    act("extend", "the holder asks for more time"),
    act("revoke", "somebody ends the grant"),
    act("revoked", "an enforcement point confirms its end"),
    act("complete", "the work is over"),
    act("report", "the target was changed, or the credential leaked"),
    act("review", "somebody reviews the grant"),
    act("reconcile", "somebody accounts for what was done offline"),
    act("tick", "nothing but the time"),
];

/// The kind of this name.
#[must_use]
pub fn kind(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|k| k.name == name)
}

impl World {
    /// The world at the beginning.
    #[must_use]
    pub fn new(bundle: Bundle, facts: Facts, folder: &Path) -> Self {
        let life = Lifecycle::new(bundle, facts);
        Self {
            folded: life.clone(),
            life,
            names: Names::default(),
            applied: Vec::new(),
            folder: folder.to_owned(),
        }
    }

    /// Folds the record, and makes the result that a scenario sees.
    fn recorded(&mut self, applied: &Arc<Applied>, name: Option<String>) -> Result<Value, Error> {
        // A command that was sent again made no new record.
        if applied.seq > self.folded.seq() {
            self.folded.fold(applied, Some(self.life.bundle()))?;
            self.applied.push(Arc::clone(applied));
        }
        if !self.folded.same_state(&self.life) {
            let message = "folding the records gives another state: a bug in the engine";
            return Err(own(Code::SequenceConflict, message, "report it with this scenario"));
        }
        if let Some(name) = name {
            let made = match applied.act.as_str() {
                "submit" => &applied.request,
                "extend" => &applied.extension,
                _ => &applied.grant,
            };
            if let Some(id) = made {
                self.names.call(&name, id);
            }
        }
        let mut result = to_json(applied.as_ref());
        if let Some(members) = result.as_object_mut() {
            members.remove("evidence");
            // The decision's members stand beside the command's own.
            if let Some(Value::Object(decision)) = members.remove("decision") {
                members.extend(decision);
            }
        }
        self.names.restore(&mut result);
        Ok(result)
    }
}

/// A command to the lifecycle.
fn apply(world: &mut World, mut call: Call) -> Result<Value, Error> {
    let inner = call.body.as_object_mut().and_then(|b| b.remove("as"));
    let name = inner.and_then(|n| n.as_str().map(str::to_owned)).or(call.name);
    for member in ["request", "grant", "parent"] {
        if let Some(Value::String(text)) = call.body.get_mut(member)
            && let Some(id) = world.names.id(text)
        {
            id.clone_into(text);
        }
    }
    let mut command = Map::new();
    command.insert("command_id".to_owned(), json!(call.command_id));
    command.insert(call.kind.to_owned(), call.body);
    let applied = world.life.apply(&Command::from_value(Value::Object(command))?, call.at)?;
    world.recorded(&applied, name)
}

fn change_bundle(world: &mut World, call: Call) -> Result<Value, Error> {
    let help = "write `{\"bundle\": \"../other\"}`, relative to the scenario's file";
    let path = call.body.get("bundle").and_then(Value::as_str);
    let path = path.ok_or_else(|| own(Code::MissingMember, "the step names no pack", help))?;
    let compiled = Pack::read(&world.folder.join(path)).map_err(|f| vec![f]).and_then(|p| p.compile());
    let bundle = compiled.map_err(|faults| {
        let first = faults.first().map_or("", |f| f.message.as_str());
        own(Code::BadValue, format!("`{path}` is no pack: {first}"), "`glasskey check` shows what is wrong")
    })?;
    let applied = world.life.change_bundle(&call.command_id, bundle, call.at)?;
    world.recorded(&applied, call.name)
}

fn decide_apart(world: &mut World, call: Call) -> Result<Value, Error> {
    let mut body = call.body;
    bind_approvals(world, &mut body)?;
    let request = Request::from_value(body)?;
    let result = to_json(&decide(world.life.bundle(), world.life.facts(), &request, call.at));
    if let Some(name) = call.name {
        world.names.keep(&name, result.clone());
    }
    Ok(result)
}

/// An approval must name the digest of its ask, which no author can write down beforehand: in
/// a scenario `ask` may be the name of an earlier `decide`, whose answer tells the digest.
fn bind_approvals(world: &World, body: &mut Value) -> Result<(), Error> {
    let Some(approvals) = body.get_mut("approvals").and_then(Value::as_array_mut) else { return Ok(()) };
    for (i, approval) in approvals.iter_mut().enumerate() {
        let Some(ask) = approval.get_mut("ask") else { continue };
        let Some(name) = ask.as_str().filter(|t| !t.starts_with("sha256:")).map(str::to_owned) else {
            continue;
        };
        let digest = world.names.kept(&name).and_then(|result| result.get("ask")).cloned();
        *ask = digest.ok_or_else(|| {
            let help = error::nearest(&name, world.names.all()).map_or_else(
                || "give an earlier step that is pending `\"as\": \"NAME\"`, and name it here".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            let message = format!("no earlier step named `{name}` asks for approvals");
            Error { path: Some(format!("approvals[{i}].ask")), ..own(Code::BadDigest, message, &help) }
        })?;
    }
    Ok(())
}

fn own(code: Code, message: impl Into<String>, help: &str) -> Error {
    Error { code, message: message.into(), help: Some(help.to_owned()), path: None, labels: Vec::new() }
}

fn to_json<T: serde::Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}
