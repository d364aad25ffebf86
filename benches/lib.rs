//! The starter pack and its world, for us and for plain Cedar.
//!
//! Plain Cedar gets the same policies, the same schema, the same entities and a context of the
//! same shape, and answers allow or deny. We answer with rule, limits, horizon, seats, reasons
//! and evidence besides; so the ratio says what all that costs, and is no race between equals.

pub mod pam;
pub mod workloads;

use cedar_policy::{
    Context, Entities, EntityUid, PolicySet, Request as CedarRequest, Schema, SchemaFragment,
};
use glasskey::{Bundle, Facts, Instant, Request, Sources};
use serde_json::{Value, json};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Both sides of a comparison, ready to decide.
pub struct World {
    /// Ours.
    pub bundle: Bundle,
    /// Ours.
    pub facts: Facts,
    /// Ours.
    pub request: Request,
    /// Ours.
    pub now: Instant,
    /// Cedar's.
    pub policies: PolicySet,
    /// Cedar's.
    pub entities: Entities,
    /// Cedar's.
    pub asked: CedarRequest,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies/starter")
}

/// The on-call restart of the README.
///
/// # Errors
/// Whatever keeps the pack from being read.
pub fn starter() -> Result<World, Box<dyn Error>> {
    let (mut sources, mut policies) = (Sources::new(), String::new());
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder())?.map(|e| Ok(e?.path())).collect::<Result<_, Box<dyn Error>>>()?;
    files.sort();
    for path in files {
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default().to_owned();
        if name == "bundle.toml" || name.ends_with(".cedar") || name.ends_with(".cedarschema") {
            let text = std::fs::read_to_string(&path)?;
            if name.ends_with(".cedar") {
                policies.push_str(&text);
                policies.push('\n');
            }
            sources = sources.with(name, text);
        }
    }
    let bundle = Bundle::compile(&sources)?;
    let facts_json = std::fs::read(folder().join("facts.json"))?;
    let facts = Facts::from_json(&bundle, &facts_json)?;
    let request = Request::from_json(&std::fs::read(folder().join("requests/oncall-restart.json"))?)?;
    let schema = schema(&bundle)?;
    let world: Value = serde_json::from_slice(&facts_json)?;
    let entities =
        Entities::from_json_value(world.get("entities").cloned().unwrap_or_default(), Some(&schema))?;
    let first = request.scope.first().ok_or("the request asks for nothing")?;
    let uid = |text: String| -> Result<EntityUid, Box<dyn Error>> { Ok(text.parse()?) };
    let action = uid(first.action.to_string())?;
    let context = Context::from_json_value(context(), Some((&schema, &action)))?;
    let asked = CedarRequest::new(
        uid(request.principal.to_string())?,
        action,
        uid(first.resource.to_string())?,
        context,
        Some(&schema),
    )?;
    Ok(World {
        bundle,
        facts,
        request,
        now: Instant::parse("2026-03-01T02:05:05Z")?,
        policies: policies.parse()?,
        entities,
        asked,
    })
}

/// The bundle's own schema, fragment by fragment, for plain Cedar.
///
/// # Errors
/// None, while Cedar reads what we wrote.
pub fn schema(bundle: &Bundle) -> Result<Schema, Box<dyn Error>> {
    let mut fragments = Vec::new();
    for text in bundle.schema_fragments() {
        fragments.push(SchemaFragment::from_cedarschema_str(text)?.0);
    }
    Ok(Schema::from_schema_fragments(fragments)?)
}

/// A bound on the size of a run: 10,000, if the environment names no other.
#[must_use]
pub fn up_to(name: &str) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(10_000)
}

/// The median time of so many calls, after as many again to warm up.
pub fn median(calls: usize, mut one: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..calls * 2)
        .map(|_| {
            let start = std::time::Instant::now();
            one();
            start.elapsed()
        })
        .collect();
    times.drain(..calls);
    times.sort();
    times[calls / 2]
}

/// The context that the on-call restart is decided in, as Cedar's JSON.
#[must_use]
pub fn context() -> Value {
    let time = |t: &str| json!({"__extn": {"fn": "datetime", "arg": t}});
    let span = |t: &str| json!({"__extn": {"fn": "duration", "arg": t}});
    json!({
        "now": time("2026-03-01T02:05:05.000Z"),
        "purpose": "restore payments",
        "emergency": true,
        "requested_ttl": span("1h"),
        "channel": "console",
        "actor": {"kind": "person", "depth": 0},
        "history": {"grants_24h": 0, "extensions": 0, "refusals_10m": 0, "overdue_reviews": 0,
            "emergencies_7d": 0, "chain": span("0s")},
        "incident": {"id": "INC-100", "epoch": 1, "open": true, "severity": 1, "source": "pagerduty",
            "opened_at": time("2026-03-01T02:00:00.000Z"), "covers": true, "responder": true},
        "shift": {"id": "S-7", "start": time("2026-03-01T00:00:00.000Z"),
            "end": time("2026-03-01T08:00:00.000Z"), "covers": true},
        "signals": {},
        "host": {}
    })
}
