//! A small pack and a small world that the tests of decide share.
#![allow(dead_code, reason = "each test file uses its own part")]

use glasskey::model::ReasonCode;
use glasskey::{Bundle, Decision, Facts, Instant, Request, Sources, decide};
use serde_json::{Value, json};

pub const NOW: &str = "2026-03-01T02:05:05Z";

pub const SCHEMA: &str = r#"
namespace Ops {
  action restart, drop, read in [Glasskey::Action::"privileged"] appliesTo {
    principal: [Glasskey::Person, Glasskey::Agent],
    resource: Glasskey::System,
    context: Glasskey::Context,
  };
}
namespace Glasskey { type Signals = { idp?: Signal }; }
"#;

pub const MANIFEST: &str = r#"
name = "test"
version = "1"
[seats]
eng = "engineering"
sec = "security"
"#;

pub const POLICIES: &str = r#"
@id("oncall") @max_ttl("1h") @quorum("none") @priority("10") @obligations("record_session")
permit (principal is Glasskey::Person, action == Ops::Action::"restart", resource)
when { context has shift && context.shift.covers && context has incident && context.incident.covers };

@id("dual") @max_ttl("4h") @quorum("eng=1, sec=1")
permit (principal is Glasskey::Person, action in [Ops::Action::"restart", Ops::Action::"drop"], resource)
when { context.emergency };

@id("approve-eng")
permit (principal in Glasskey::Group::"eng", action == Glasskey::Action::"approve", resource is Glasskey::Request)
when { context.seat == "eng" };
@id("approve-sec")
permit (principal in Glasskey::Group::"sec", action == Glasskey::Action::"approve", resource is Glasskey::Request)
when { context.seat == "sec" };

@id("short-on-tier-0") @advice("ask for 30 minutes")
forbid (principal, action, resource is Glasskey::System)
when { context has offer && resource has tier && resource.tier == 0 && context.offer.ttl > duration("2h") };
"#;

pub fn compile(policies: &str) -> Bundle {
    let sources =
        Sources::new().with("bundle.toml", MANIFEST).with("a.cedarschema", SCHEMA).with("a.cedar", policies);
    match Bundle::compile(&sources) {
        Ok(bundle) => bundle,
        Err(errors) => panic!("{errors:#?}"),
    }
}

pub fn bundle() -> Bundle {
    compile(POLICIES)
}

pub fn person(id: &str, groups: &[&str]) -> Value {
    let parents: Vec<Value> = groups.iter().map(|g| json!({"type": "Glasskey::Group", "id": g})).collect();
    json!({"uid": {"type": "Glasskey::Person", "id": id}, "attrs": {}, "parents": parents})
}

pub fn system(id: &str, tier: i64, above: &[&str]) -> Value {
    let parents: Vec<Value> = above.iter().map(|g| json!({"type": "Glasskey::System", "id": g})).collect();
    json!({"uid": {"type": "Glasskey::System", "id": id}, "attrs": {"tier": tier}, "parents": parents})
}

pub fn world() -> Value {
    json!({
        "observed_at": "2026-03-01T02:05:00Z",
        "entities": [
            person("asha", &["eng"]), person("eve", &["eng"]), person("bob", &["eng", "sec"]), person("ann", &["sec"]),
            json!({"uid": {"type": "Glasskey::Group", "id": "eng"}, "attrs": {}, "parents": []}),
            json!({"uid": {"type": "Glasskey::Group", "id": "sec"}, "attrs": {}, "parents": []}),
            system("payments", 1, &[]), system("pay-db", 1, &["payments"]), system("core-db", 0, &[]), system("hr-db", 2, &[]),
        ],
        "incidents": [{"id": "INC-100", "epoch": 1, "status": "open", "severity": 1, "opened_at": "2026-03-01T02:00:00Z",
            "resources": ["Glasskey::System::\"payments\"", "Glasskey::System::\"core-db\""]}],
        "shifts": [{"id": "S-7", "person": "Glasskey::Person::\"asha\"", "start": "2026-03-01T00:00:00Z", "end": "2026-03-01T08:00:00Z",
            "resources": ["Glasskey::System::\"payments\"", "Glasskey::System::\"core-db\""]}],
        "aliases": {"eve.l@corp": "Glasskey::Person::\"eve\""},
    })
}

pub fn facts_of(bundle: &Bundle, world: &Value) -> Facts {
    Facts::from_json(bundle, world.to_string().as_bytes()).unwrap()
}

pub fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

pub fn request(json: Value) -> Request {
    Request::from_json(json.to_string().as_bytes()).unwrap()
}

pub fn ask(who: &str, action: &str, target: &str) -> Value {
    json!({
        "principal": format!("Glasskey::Person::\"{who}\""),
        "scope": [{"action": format!("Ops::Action::\"{action}\""), "resource": format!("Glasskey::System::\"{target}\"")}],
        "supports": [{"incident": "INC-100"}, {"shift": "S-7"}],
    })
}

pub fn told(policies: &str, world: &Value, ask: &Value, now: &str) -> Decision {
    let bundle = compile(policies);
    decide(&bundle, &facts_of(&bundle, world), &request(ask.clone()), at(now))
}

pub fn codes(decision: &Decision) -> Vec<ReasonCode> {
    decision.reasons.iter().map(|r| r.code).collect()
}

/// An ask in an emergency, on no support.
pub fn emergency(who: &str, action: &str) -> Value {
    let mut ask = ask(who, action, "pay-db");
    ask["emergency"] = json!(true);
    ask.as_object_mut().unwrap().remove("supports");
    ask
}

/// A value with these members over its own.
pub fn over(mut value: Value, members: Value) -> Value {
    value.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    value
}
