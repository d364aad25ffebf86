//! Worlds of the shape that privileged access has: permits for a group on a group of systems,
//! under conditions on incident, shift and target; a dozen guardrails over everything.

use crate::World;
use cedar_policy::{Context, Entities, PolicySet, Request as CedarRequest};
use glasskey::{Bundle, Facts, Instant, Request, Sources};
use serde_json::{Value, json};
use std::collections::BTreeMap;
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
    /// Entities besides the principal's and the resource's own.
    pub entities: usize,
}

/// One permit with seven clauses; forty variants, so that clauses are shared as in real packs.
fn permit(out: &mut String, nth: usize, group: usize, system: usize) {
    let _ = write!(
        out,
        "@id(\"permit-{nth}\") @max_ttl(\"{}m\") @quorum(\"none\") @priority(\"{}\")\n\
         permit (principal is Glasskey::Person in Glasskey::Group::\"g{group}\", \
         action == Ops::Action::\"elevate\", resource in Glasskey::System::\"s{system}\")\n\
         when {{ context has incident && context.incident.open && context.incident.severity <= {}\n\
         && context has shift && context.shift.covers\n\
         && resource has tier && resource.tier >= {}\n\
         && context.actor.depth < 3 && [\"console\", \"slack\"].contains(context.channel)\n\
         && context.now < datetime(\"2030-01-{:02}\") && context.requested_ttl <= duration(\"8h\") }};\n",
        30 + nth % 60,
        nth % 7,
        2 + nth % 4,
        nth % 2,
        1 + nth % 20,
    );
}

/// The policies as text.
#[must_use]
pub fn policies(size: Size) -> String {
    let mut out = String::new();
    for nth in 0..size.policies {
        if nth < size.candidates {
            permit(&mut out, nth, nth % ANCESTORS, (nth / 2) % ANCESTORS);
        } else if nth % 10 == 0 {
            // The principal's own group, but somebody else's systems.
            permit(&mut out, nth, nth % ANCESTORS, ANCESTORS + nth / 4);
        } else {
            permit(&mut out, nth, ANCESTORS + nth / 3, ANCESTORS + nth / 4);
        }
    }
    for nth in 0..GUARDRAILS {
        let _ = write!(
            out,
            "@id(\"guard-{nth}\") forbid (principal, action, resource is Glasskey::System)\n\
             when {{ resource has environment && resource.environment == \"frozen-{nth}\" \
             && context.actor.depth > {nth} }};\n",
        );
    }
    out
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
    all.extend((0..size.entities).map(|nth| other(nth, "Example")));
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

/// The bundle of a world.
///
/// # Errors
/// Whatever keeps it from being compiled.
pub fn bundle(size: Size) -> Result<Bundle, Box<dyn Error>> {
    let sources = files(size).into_iter().fold(Sources::new(), |all, (name, text)| all.with(name, text));
    Ok(Bundle::compile(&sources)?)
}

/// A whole world, for us and for plain Cedar.
///
/// # Errors
/// Whatever keeps it from being made.
pub fn world(size: Size) -> Result<World, Box<dyn Error>> {
    let bundle = bundle(size)?;
    let facts = Facts::from_json(&bundle, facts(size).to_string().as_bytes())?;
    let request = json!({
        "principal": "Glasskey::Person::\"asha\"",
        "scope": [{"action": "Ops::Action::\"elevate\"", "resource": "Glasskey::System::\"target\""}],
        "purpose": "restore payments", "ttl": "1h", "emergency": true, "channel": "console",
        "supports": [{"incident": "INC-100"}, {"shift": "S-7"}],
    });
    let request = Request::from_json(request.to_string().as_bytes())?;
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
    Ok(World {
        bundle,
        facts,
        request,
        now: Instant::parse("2026-03-01T02:05:05Z")?,
        policies,
        entities: cedars,
        asked,
    })
}
