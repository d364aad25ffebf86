//! Worlds of the shape that privileged access has: permits for a group on a group of systems,
//! under conditions on incident, shift and target; a dozen guardrails over everything.

use crate::World;
use cedar_policy::{Context, Entities, PolicyId, PolicySet, Request as CedarRequest, SlotId};
use glasskey::{Bundle, Facts, Instant, Request, Sources};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::fmt::Write as _;

/// How many ancestors the principal and the resource have each.
const ANCESTORS: usize = 10;
const GUARDRAILS: usize = 12;

const MANIFEST: &str = "name = \"pam\"\nversion = \"1\"\n";
const SCHEMA: &str = r#"
namespace Ops {
  action elevate in [Glasskey::Action::"privileged"] appliesTo {
    principal: [Glasskey::Person, Glasskey::Agent],
    resource: Glasskey::System,
    context: Glasskey::Context,
  };
}
"#;

/// How large a world is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Permits.
    pub policies: usize,
    /// Of them, those in whose scope the request is.
    pub candidates: usize,
    /// Entities in all; at least the principal, the resource and their ancestors.
    pub entities: usize,
}

/// How many conditions there are; the permits take turns with them, as in real packs.
const CONDITIONS: usize = 20;

/// Seven clauses.
fn condition(nth: usize) -> String {
    format!(
        "context has incident && context.incident.open && context.incident.severity <= {}\n\
         && context has shift && context.shift.covers\n\
         && resource has tier && resource.tier >= {}\n\
         && context.actor.depth < 3 && [\"console\", \"slack\"].contains(context.channel)\n\
         && context.now < datetime(\"2030-01-{:02}\") && context.requested_ttl <= duration(\"8h\")",
        2 + nth % 4,
        nth % 2,
        1 + nth % CONDITIONS,
    )
}

/// For which group and which system each permit is.
fn scopes(size: Size) -> impl Iterator<Item = (usize, usize)> {
    (0..size.policies).map(move |nth| {
        if nth < size.candidates {
            (nth % ANCESTORS, (nth / 2) % ANCESTORS)
        } else if nth % 10 == 0 {
            // The principal's own group, but somebody else's systems.
            (nth % ANCESTORS, ANCESTORS + nth / 4)
        } else {
            (ANCESTORS + nth / 3, ANCESTORS + nth / 4)
        }
    })
}

fn guardrails(out: &mut String) {
    for nth in 0..GUARDRAILS {
        let _ = write!(
            out,
            "@id(\"guard-{nth}\") forbid (principal, action, resource is Glasskey::System)\n\
             when {{ resource has environment && resource.environment == \"frozen-{nth}\" \
             && context.actor.depth > {nth} }};\n",
        );
    }
}

fn written(size: Size, own_clause: bool) -> String {
    let mut out = String::new();
    for (nth, (group, system)) in scopes(size).enumerate() {
        let (ttl, priority, condition) = (30 + nth % 60, nth % 7, condition(nth));
        let own = if own_clause { format!(" && context.purpose != \"p{nth}\"") } else { String::new() };
        let _ = write!(
            out,
            "@id(\"permit-{nth}\") @max_ttl(\"{ttl}m\") @quorum(\"none\") @priority(\"{priority}\")\n\
             permit (principal is Glasskey::Person in Glasskey::Group::\"g{group}\", \
             action == Ops::Action::\"elevate\", resource in Glasskey::System::\"s{system}\")\n\
             when {{ {condition}{own} }};\n",
        );
    }
    guardrails(&mut out);
    out
}

/// The policies as text.
#[must_use]
pub fn policies(size: Size) -> String {
    written(size, false)
}

/// The same, where no two conditions are equal: each permit has an eighth clause of its own.
#[must_use]
pub fn unlike_policies(size: Size) -> String {
    written(size, true)
}

/// The same permits, linked from twenty templates. A bundle takes no templates, so this is for
/// the engine alone.
///
/// # Errors
/// None, while this file is whole.
pub fn linked(size: Size) -> Result<PolicySet, Box<dyn Error>> {
    let mut text = String::new();
    for nth in 0..CONDITIONS {
        let _ = writeln!(
            text,
            "permit (principal is Glasskey::Person in ?principal, action == Ops::Action::\"elevate\", \
             resource in ?resource) when {{ {} }};",
            condition(nth)
        );
    }
    guardrails(&mut text);
    let mut set: PolicySet = text.parse()?;
    for (nth, (group, system)) in scopes(size).enumerate() {
        let template = PolicyId::new(format!("policy{}", nth % CONDITIONS));
        let who = format!("Glasskey::Group::\"g{group}\"").parse()?;
        let whereto = format!("Glasskey::System::\"s{system}\"").parse()?;
        let slots = HashMap::from([(SlotId::principal(), who), (SlotId::resource(), whereto)]);
        set.link(template, PolicyId::new(format!("permit-{nth}")), slots)?;
    }
    Ok(set)
}

fn uid(kind: &str, id: &str) -> Value {
    json!({"type": format!("Glasskey::{kind}"), "id": id})
}

/// The entities in Cedar's JSON.
#[must_use]
pub fn entities(size: Size) -> Vec<Value> {
    let chain = |kind: &str, letter: char, nth: usize| {
        let parents: Vec<Value> =
            (nth + 1 < ANCESTORS).then(|| uid(kind, &format!("{letter}{}", nth + 1))).into_iter().collect();
        json!({"uid": uid(kind, &format!("{letter}{nth}")), "attrs": {}, "parents": parents})
    };
    let mut all: Vec<Value> = (0..ANCESTORS).map(|nth| chain("Group", 'g', nth)).collect();
    all.extend((0..ANCESTORS).map(|nth| chain("System", 's', nth)));
    all.push(json!({"uid": uid("Person", "asha"), "attrs": {"employer": "Example"}, "parents": [uid("Group", "g0")]}));
    all.push(json!({"uid": uid("System", "target"), "attrs": {"tier": 1, "environment": "production"}, "parents": [uid("System", "s0")]}));
    all.extend((all.len()..size.entities).enumerate().map(|(nth, _)| other(nth, "Example")));
    all
}

/// Somebody else.
#[must_use]
pub fn other(nth: usize, employer: &str) -> Value {
    let parents = [uid("Group", &format!("g{}", nth % ANCESTORS))];
    json!({"uid": uid("Person", &format!("p{nth}")), "attrs": {"employer": employer}, "parents": parents})
}

/// A facts document.
#[must_use]
pub fn facts(size: Size) -> Value {
    json!({
        "observed_at": "2026-03-01T02:05:00Z",
        "entities": entities(size),
        "incidents": [{"id": "INC-100", "epoch": 1, "status": "open", "severity": 1, "source": "pagerduty",
            "opened_at": "2026-03-01T02:00:00Z", "resources": ["Glasskey::System::\"s0\""],
            "responders": ["Glasskey::Person::\"asha\""]}],
        "shifts": [{"id": "S-7", "person": "Glasskey::Person::\"asha\"", "start": "2026-03-01T00:00:00Z",
            "end": "2026-03-01T08:00:00Z", "resources": ["Glasskey::System::\"s0\""]}],
    })
}

/// The files of a world's pack, by name.
#[must_use]
pub fn files(size: Size) -> BTreeMap<&'static str, String> {
    let files = [("bundle.toml", MANIFEST.to_owned()), ("pam.cedarschema", SCHEMA.to_owned())];
    files.into_iter().chain([("pam.cedar", policies(size))]).collect()
}

/// The sources of a world's bundle.
#[must_use]
pub fn sources(size: Size) -> Sources {
    files(size).into_iter().fold(Sources::new(), |all, (name, text)| all.with(name, text))
}

/// The facts of a world, read from JSON.
///
/// # Errors
/// Whatever keeps them from being read.
pub fn loaded(bundle: &Bundle, size: Size) -> Result<Facts, Box<dyn Error>> {
    Ok(Facts::from_json(bundle, facts(size).to_string().as_bytes())?)
}

/// What is asked in every world, and when.
///
/// # Errors
/// None, while this file is whole.
pub fn asked() -> Result<(Request, Instant), Box<dyn Error>> {
    let request = json!({
        "principal": "Glasskey::Person::\"asha\"",
        "scope": [{"action": "Ops::Action::\"elevate\"", "resource": "Glasskey::System::\"target\""}],
        "purpose": "restore payments", "ttl": "1h", "emergency": true, "channel": "console",
        "supports": [{"incident": "INC-100"}, {"shift": "S-7"}],
    });
    let request = Request::from_json(request.to_string().as_bytes())?;
    Ok((request, Instant::parse("2026-03-01T02:05:05Z")?))
}

/// A whole world, for us and for plain Cedar.
///
/// # Errors
/// Whatever keeps it from being made.
pub fn world(size: Size) -> Result<World, Box<dyn Error>> {
    let bundle = Bundle::compile(&sources(size))?;
    let facts = loaded(&bundle, size)?;
    let (request, now) = asked()?;
    let schema = crate::schema(&bundle)?;
    let cedars = Entities::from_json_value(Value::Array(entities(size)), Some(&schema))?;
    let action = "Ops::Action::\"elevate\"".parse()?;
    let context = Context::from_json_value(crate::context(), Some((&schema, &action)))?;
    let asked = CedarRequest::new(
        "Glasskey::Person::\"asha\"".parse()?,
        action,
        "Glasskey::System::\"target\"".parse()?,
        context,
        Some(&schema),
    )?;
    let policies: PolicySet = policies(size).parse()?;
    Ok(World { bundle, facts, request, now, policies, entities: cedars, asked })
}
