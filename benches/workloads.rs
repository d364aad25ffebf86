//! The three workloads of Cedar's OOPSLA paper (a document share, a code forge, a to-do list),
//! modelled anew: sharing by policies, by groups that a resource names, and by ownership.

use cedar_policy::{Context, Entities, EntityUid, PolicySet, Request as CedarRequest, Schema as CedarSchema};
use glasskey::{Bundle, Facts, Instant, Request, Sources};
use serde_json::{Value, json};
use std::error::Error;
use std::fmt::Write as _;

/// One application: its schema, its policies, its world, and how it is asked.
pub struct Workload {
    /// As tables call it.
    pub name: &'static str,
    schema: &'static str,
    policies: fn(usize) -> String,
    entities: fn(usize) -> Vec<Value>,
    actions: &'static [&'static str],
    resource: &'static str,
}

/// All three.
pub const ALL: [Workload; 3] = [
    Workload {
        name: "gdrive",
        schema: DRIVE,
        policies: drive_policies,
        entities: drive_entities,
        actions: &["App::Action::\"view\"", "App::Action::\"edit\""],
        resource: "App::Document",
    },
    Workload {
        name: "github",
        schema: FORGE,
        policies: forge_policies,
        entities: forge_entities,
        actions: &["App::Action::\"pull\"", "App::Action::\"push\"", "App::Action::\"administer\""],
        resource: "App::Repository",
    },
    Workload {
        name: "tinytodo",
        schema: TINYTODO,
        policies: todo_policies,
        entities: todo_entities,
        actions: &["App::Action::\"read\"", "App::Action::\"write\"", "App::Action::\"share\""],
        resource: "App::List",
    },
];

const NOW: &str = "2026-03-01T02:05:00Z";

/// One question, for both.
pub struct Question {
    /// Ours.
    pub ours: Request,
    /// Plain Cedar's.
    pub cedars: CedarRequest,
}

/// A workload of one size, for us and for plain Cedar.
pub struct Ready {
    /// Ours.
    pub bundle: Bundle,
    /// Ours.
    pub facts: Facts,
    /// When.
    pub now: Instant,
    /// Plain Cedar's.
    pub policies: PolicySet,
    /// Plain Cedar's.
    pub entities: Entities,
    /// What is asked.
    pub questions: Vec<Question>,
}

impl Workload {
    /// Makes it: `size` users, groups and resources each, and as many questions as are wanted.
    ///
    /// # Errors
    /// Whatever keeps it from being made.
    pub fn ready(&self, size: usize, wanted: usize) -> Result<Ready, Box<dyn Error>> {
        let policies = (self.policies)(size);
        let sources = Sources::new()
            .with("bundle.toml", "name = \"workload\"\nversion = \"1\"\n")
            .with("app.cedarschema", self.schema)
            .with("app.cedar", policies.as_str());
        let bundle = Bundle::compile(&sources)?;
        let entities = (self.entities)(size);
        let document = json!({"observed_at": NOW, "entities": entities.clone()});
        let facts = Facts::from_json(&bundle, document.to_string().as_bytes())?;
        let schema: CedarSchema = crate::schema(&bundle)?;
        let mut questions = Vec::new();
        for nth in 0..wanted {
            let principal = format!("Glasskey::Person::\"u{}\"", mix(nth, 1, size));
            let action = self.actions.get(nth % self.actions.len()).copied().unwrap_or_default();
            let resource = format!("{}::\"r{}\"", self.resource, mix(nth, 2, size));
            let ours = json!({"principal": principal, "scope": [{"action": action, "resource": resource}]});
            let uid = |text: &str| Ok::<EntityUid, Box<dyn Error>>(text.parse()?);
            questions.push(Question {
                ours: Request::from_value(ours)?,
                cedars: CedarRequest::new(
                    uid(&principal)?,
                    uid(action)?,
                    uid(&resource)?,
                    Context::empty(),
                    None,
                )?,
            });
        }
        Ok(Ready {
            bundle,
            facts,
            now: Instant::parse(NOW)?,
            policies: policies.parse()?,
            entities: Entities::from_json_value(Value::Array(entities), Some(&schema))?,
            questions,
        })
    }
}

/// Numbers without pattern, the same in every run.
fn mix(nth: usize, salt: usize, below: usize) -> usize {
    let mut n =
        (nth as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (salt as u64).wrapping_mul(0xC2B2_AE3D);
    n ^= n >> 29;
    n = n.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    ((n >> 32) % below.max(1) as u64) as usize
}

fn entity(kind: &str, id: &str, attrs: Value, parents: &[Value]) -> Value {
    json!({"uid": {"type": kind, "id": id}, "attrs": attrs, "parents": parents})
}

fn named(kind: &str, id: &str) -> Value {
    json!({"type": kind, "id": id})
}

fn value(kind: &str, id: &str) -> Value {
    json!({"__entity": named(kind, id)})
}

const GROUP: &str = "Glasskey::Group";
const PERSON: &str = "Glasskey::Person";

/// Users in a few of the groups `g0…`, and a ladder of groups.
fn people(size: usize) -> Vec<Value> {
    let mut all = Vec::new();
    for nth in 0..size {
        let above: Vec<Value> =
            (nth % 3 == 0 && nth > 0).then(|| named(GROUP, &format!("g{}", nth / 3))).into_iter().collect();
        all.push(entity(GROUP, &format!("g{nth}"), json!({}), &above));
        let mut groups: Vec<usize> = (0..3).map(|salt| mix(nth, 10 + salt, size)).collect();
        groups.sort_unstable();
        groups.dedup();
        let groups: Vec<Value> = groups.into_iter().map(|g| named(GROUP, &format!("g{g}"))).collect();
        all.push(entity(PERSON, &format!("u{nth}"), json!({}), &groups));
    }
    all
}

const DRIVE: &str = "namespace App {
  entity Folder in [Folder];
  entity Document in [Folder] = { owner: Glasskey::Person, public: Bool };
  action view, edit appliesTo { principal: Glasskey::Person, resource: Document, context: Glasskey::Context };
}";

fn drive_policies(size: usize) -> String {
    let mut out = String::from(
        "@id(\"owner\") permit (principal is Glasskey::Person, action, resource is App::Document)
         when { resource.owner == principal };
         @id(\"public\") permit (principal is Glasskey::Person, action == App::Action::\"view\", resource is App::Document)
         when { resource.public };\n",
    );
    for nth in 0..size * 4 {
        let action = if nth % 2 == 0 { "view" } else { "edit" };
        let who = match nth % 3 {
            0 => format!("principal == Glasskey::Person::\"u{}\"", mix(nth, 20, size)),
            _ => format!("principal in Glasskey::Group::\"g{}\"", mix(nth, 21, size)),
        };
        let on = match nth % 4 {
            0 => format!("resource == App::Document::\"r{}\"", mix(nth, 22, size)),
            _ => format!("resource in App::Folder::\"f{}\"", mix(nth, 23, size)),
        };
        let _ =
            writeln!(out, "@id(\"share-{nth}\") permit ({who}, action == App::Action::\"{action}\", {on});");
    }
    out
}

fn drive_entities(size: usize) -> Vec<Value> {
    let mut all = people(size);
    for nth in 0..size {
        let above: Vec<Value> =
            (nth > 0).then(|| named("App::Folder", &format!("f{}", nth / 2))).into_iter().collect();
        all.push(entity("App::Folder", &format!("f{nth}"), json!({}), &above));
        let attrs =
            json!({"owner": value(PERSON, &format!("u{}", mix(nth, 24, size))), "public": nth % 10 == 0});
        let folder = named("App::Folder", &format!("f{}", mix(nth, 25, size)));
        all.push(entity("App::Document", &format!("r{nth}"), attrs, &[folder]));
    }
    all
}

const FORGE: &str = "namespace App {
  entity Repository = { readers: Glasskey::Group, writers: Glasskey::Group, admins: Glasskey::Group, archived: Bool };
  action pull, push, administer appliesTo { principal: Glasskey::Person, resource: Repository, context: Glasskey::Context };
}";

fn forge_policies(_: usize) -> String {
    "@id(\"readers\") permit (principal, action == App::Action::\"pull\", resource is App::Repository)
     when { principal in resource.readers || principal in resource.writers || principal in resource.admins };
     @id(\"writers\") permit (principal, action == App::Action::\"push\", resource is App::Repository)
     when { principal in resource.writers || principal in resource.admins };
     @id(\"admins\") permit (principal, action == App::Action::\"administer\", resource is App::Repository)
     when { principal in resource.admins };
     @id(\"archived\") forbid (principal, action == App::Action::\"push\", resource is App::Repository)
     when { resource.archived };\n"
        .to_owned()
}

fn forge_entities(size: usize) -> Vec<Value> {
    let mut all = people(size);
    for nth in 0..size {
        let group = |salt| value(GROUP, &format!("g{}", mix(nth, salt, size)));
        let attrs = json!({"readers": group(30), "writers": group(31), "admins": group(32), "archived": nth % 8 == 0});
        all.push(entity("App::Repository", &format!("r{nth}"), attrs, &[]));
    }
    all
}

const TINYTODO: &str = "namespace App {
  entity List = { owner: Glasskey::Person, readers: Glasskey::Group, editors: Glasskey::Group };
  action read, write, share appliesTo { principal: Glasskey::Person, resource: List, context: Glasskey::Context };
}";

fn todo_policies(_: usize) -> String {
    "@id(\"owner\") permit (principal, action, resource is App::List) when { resource.owner == principal };
     @id(\"readers\") permit (principal, action == App::Action::\"read\", resource is App::List)
     when { principal in resource.readers || principal in resource.editors };
     @id(\"editors\") permit (principal, action == App::Action::\"write\", resource is App::List)
     when { principal in resource.editors };
     @id(\"g0-shares-nothing\") forbid (principal in Glasskey::Group::\"g0\", action == App::Action::\"share\", resource is App::List);\n"
        .to_owned()
}

fn todo_entities(size: usize) -> Vec<Value> {
    let mut all = people(size);
    for nth in 0..size {
        let group = |salt| value(GROUP, &format!("g{}", mix(nth, salt, size)));
        let owner = value(PERSON, &format!("u{}", mix(nth, 40, size)));
        let attrs = json!({"owner": owner, "readers": group(41), "editors": group(42)});
        all.push(entity("App::List", &format!("r{nth}"), attrs, &[]));
    }
    all
}
