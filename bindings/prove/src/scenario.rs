//! A counterexample as a pack and a scenario: what `glasskey test` fails on until the fault is
//! mended. A counterexample to "whatever the rule" brings the rule, in a small pack that
//! extends the one at fault.

use crate::pack::Pack;
use crate::witness::{Ought, Witness};
use glasskey::model::{Answer, ReasonCode};
use glasskey::{Bundle, Decision, Facts, Instant, Request, Sources, decide};
use serde_json::{Map, Value, json};
use std::path::Path;

/// The rule that stands for all that could be added.
const ANY: &str = "any-rule";
/// The group of those who could fill the seats.
const APPROVERS: &str = "witness-approvers";
/// The base's name while the counterexample is tried out.
const HERE: &str = "base";

/// A counterexample that was run, and fails.
#[derive(Clone, Debug)]
pub struct Counterexample {
    name: String,
    policies: String,
    facts: Value,
    request: Value,
    now: String,
    expect: Value,
}

impl Counterexample {
    /// Makes a scenario of a witness, and runs it.
    ///
    /// # Errors
    /// Why it is none: the engine cannot be asked this, or answers as it ought to.
    pub fn of(pack: &Pack, title: &str, witness: &Witness) -> Result<Self, String> {
        let offer = witness.context.get("offer");
        let seats = offer.and_then(|o| o["seats"].as_u64()).unwrap_or(0);
        if seats > 16 {
            return Err("no quorum has so many seats".to_owned());
        }
        let rule = match (&witness.rule, offer) {
            (Some(rule), _) => Some(rule.clone()),
            (None, Some(_)) if !witness.as_asked => Some(ANY.to_owned()),
            (None, _) => None,
        };
        let (facts, now) = facts(witness)?;
        let this = Self {
            name: title.to_owned(),
            policies: policies(witness, seats),
            facts,
            request: request(witness, rule.as_deref()),
            now,
            expect: expectation(&witness.ought, seats),
        };
        let answer = this.run(pack)?;
        // What is refused before any policy is read tells nothing about the policies.
        let unread = answer.reasons.iter().any(|r| r.code == ReasonCode::NotAPerson);
        if unread || as_it_ought(&witness.ought, &answer) {
            let codes: Vec<&str> = answer.reasons.iter().map(|r| r.code.as_str()).collect();
            return Err(format!("the engine sees to it, whatever the policies say: {}", codes.join(", ")));
        }
        Ok(this)
    }

    fn run(&self, pack: &Pack) -> Result<Decision, String> {
        let mut sources = Sources::new()
            .with("bundle.toml", manifest(HERE))
            .with("any-rule.cedar", self.policies.as_bytes());
        for (name, content) in pack.sources.iter() {
            sources = sources.with(format!("{HERE}/{name}"), content);
        }
        let bundle = Bundle::compile(&sources)
            .map_err(|e| e.0.first().map_or_else(String::new, |f| format!("no pack can hold it: {f}")))?;
        let bytes = glasskey::canonical::to_text(&self.facts).into_bytes();
        let facts = Facts::from_json(&bundle, &bytes).map_err(|e| format!("no facts can say it: {e}"))?;
        let request =
            Request::from_value(self.request.clone()).map_err(|e| format!("nobody can ask for it: {e}"))?;
        let now = Instant::parse(&self.now).map_err(|e| format!("at no time: {e}"))?;
        Ok(decide(&bundle, &facts, &request, now))
    }

    /// Writes `bundle.toml`, `any-rule.cedar` and `scenarios/counterexample.json` into a
    /// folder; `base` is the way from there to the pack at fault.
    ///
    /// # Errors
    /// What cannot be written.
    pub fn write(&self, folder: &Path, base: &str) -> Result<(), String> {
        let scenario = json!({
            "name": self.name, "bundle": "..", "facts": self.facts, "now": self.now,
            "steps": [{ "do": { "decide": self.request }, "expect": self.expect }],
        });
        let scenario = serde_json::to_string_pretty(&scenario).map_err(|e| e.to_string())? + "\n";
        for (name, text) in [
            ("bundle.toml", manifest(base)),
            ("any-rule.cedar", self.policies.clone()),
            ("scenarios/counterexample.json", scenario),
        ] {
            let path = folder.join(name);
            let parent = path.parent().unwrap_or(folder);
            std::fs::create_dir_all(parent)
                .and_then(|()| std::fs::write(&path, text))
                .map_err(|e| format!("cannot write `{}`: {e}", path.display()))?;
        }
        Ok(())
    }
}

fn manifest(base: &str) -> String {
    format!(
        "name = \"counterexample\"\nversion = \"1\"\ndescription = \"A rule that somebody might add, and what it would open\"\n\n\
         [extends]\npack = {base:?}\n\n[seats]\nwitness = \"Anybody but the requester\"\n"
    )
}

/// The rule, and people who may fill any seat.
fn policies(witness: &Witness, seats: u64) -> String {
    let mut out = String::new();
    if let Some(offer) = witness.context.get("offer").filter(|_| witness.brings_a_rule()) {
        let text = |member: &str| offer[member].as_str().unwrap_or_default().to_owned();
        let quorum = if seats == 0 { "none".to_owned() } else { format!("witness={seats}") };
        let obligations: Vec<&str> =
            offer["obligations"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let obligations = if obligations.is_empty() {
            String::new()
        } else {
            format!("@obligations({:?})\n", obligations.join(", "))
        };
        let kind = witness.principal.split("::\"").next().unwrap_or_default();
        out.push_str(&format!(
            "@id(\"{ANY}\")\n@max_ttl(\"{}\")\n@quorum(\"{quorum}\")\n{obligations}permit (\n  principal is {kind},\n  \
             action == {},\n  resource\n);\n\n",
            text("ttl"),
            witness.action
        ));
    }
    out.push_str(&format!(
        "@id(\"seat-witness\")\npermit (\n  principal is Glasskey::Person in Glasskey::Group::\"{APPROVERS}\",\n  \
         action == Glasskey::Action::\"approve\",\n  resource\n);\n"
    ));
    out
}

/// The world of the witness, and its time.
fn facts(witness: &Witness) -> Result<(Value, String), String> {
    let context = &witness.context;
    let now = context["now"].as_str().ok_or("its time cannot be written down")?.to_owned();
    let mut entities = witness.entities.as_array().cloned().unwrap_or_default();
    let mut add = |kind: &str, id: &str, parents: Value| {
        let uid = json!({ "type": kind, "id": id });
        if entities.iter().all(|e| e["uid"] != uid) {
            entities.push(json!({ "uid": uid, "attrs": {}, "parents": parents }));
        }
    };
    let group = json!({ "type": "Glasskey::Group", "id": APPROVERS });
    add("Glasskey::Group", APPROVERS, json!([]));
    (1..=16).for_each(|n| add("Glasskey::Person", &format!("approver-{n}"), json!([group])));
    for n in 1..=context["actor"]["depth"].as_u64().unwrap_or(0) {
        add("Glasskey::Person", &format!("caller-{n}"), json!([]));
    }
    let covered = |fact: &Value| {
        let other = "Glasskey::System::\"elsewhere\"";
        if fact["covers"] == json!(true) { json!([witness.resource]) } else { json!([other]) }
    };
    let those = |yes: &Value| if *yes == json!(true) { json!([witness.principal]) } else { json!([]) };
    let mut out = json!({ "observed_at": now, "entities": entities });
    if let Some(i) = context.get("incident") {
        out["incidents"] = json!([{ "id": i["id"], "epoch": i["epoch"], "severity": i["severity"],
            "status": if i["open"] == json!(true) { "open" } else { "closed" }, "opened_at": i["opened_at"],
            "resources": covered(i), "responders": those(&i["responder"]), "source": i["source"] }]);
    }
    if let Some(s) = context.get("shift") {
        out["shifts"] = json!([{ "id": s["id"], "person": witness.principal, "start": s["start"], "end": s["end"],
            "resources": covered(s) }]);
    }
    if let Some(w) = context.get("window") {
        out["windows"] = json!([{ "id": w["id"], "status": "approved", "start": w["start"], "end": w["end"],
            "resources": covered(w), "assignees": those(&w["assigned"]) }]);
    }
    if let Some(t) = context.get("task") {
        out["tasks"] = json!([{ "id": t["id"], "status": t["status"], "resources": covered(t),
            "assignees": [witness.principal] }]);
    }
    let mut signals = Vec::new();
    for (name, signal) in context["signals"].as_object().into_iter().flatten() {
        for n in 1..=signal["probes"].as_u64().unwrap_or(0).min(64) {
            signals.push(json!({ "name": name, "state": signal["state"], "source": format!("probe-{n}") }));
        }
    }
    out["signals"] = Value::Array(signals);
    let mut history = context["history"].as_object().cloned().unwrap_or_default();
    history.insert("principal".to_owned(), json!(witness.principal));
    out["history"] = json!([history]);
    Ok((out, now))
}

fn request(witness: &Witness, rule: Option<&str>) -> Value {
    let context = &witness.context;
    let mut out = json!({
        "principal": witness.principal,
        "scope": [{ "action": witness.action, "resource": witness.resource }],
        "purpose": context["purpose"], "emergency": context["emergency"], "channel": context["channel"],
    });
    let depth = context["actor"]["depth"].as_u64().unwrap_or(0);
    let via: Vec<String> = (1..=depth).map(|n| format!("Glasskey::Person::\"caller-{n}\"")).collect();
    let supports: Vec<Value> = ["incident", "shift", "window", "task"]
        .into_iter()
        .filter_map(|kind| {
            context
                .get(kind)
                .map(|fact| Value::Object(Map::from_iter([(kind.to_owned(), fact["id"].clone())])))
        })
        .collect();
    for (member, value) in [
        ("via", (!via.is_empty()).then(|| json!(via))),
        ("supports", (!supports.is_empty()).then(|| json!(supports))),
        ("rule", rule.map(|r| json!(r))),
        ("ttl", context.get("offer").map(|o| o["ttl"].clone())),
        ("host", context.get("host").filter(|h| **h != json!({})).cloned()),
    ] {
        if let Some(value) = value {
            out[member] = value;
        }
    }
    out
}

fn expectation(ought: &Ought, seats: u64) -> Value {
    match ought {
        Ought::Denied => json!({ "decision": "deny" }),
        Ought::Refused => json!({ "decision": "deny", "reasons": [{ "code": "forbidden" }] }),
        Ought::RefusedBy(id) => {
            json!({ "decision": "deny", "reasons": [{ "code": "forbidden", "policy": id }] })
        }
        Ought::Open if seats == 0 => json!({ "decision": "permit" }),
        Ought::Open => json!({ "decision": "pending" }),
        Ought::Under(rule) => json!({ "rule": rule }),
        Ought::WithoutError => json!({ "warnings": [] }),
    }
}

fn as_it_ought(ought: &Ought, answer: &Decision) -> bool {
    let denied = answer.decision == Answer::Deny;
    let forbidden = |by: Option<&str>| {
        let mut reasons = answer.reasons.iter().filter(|r| r.code == ReasonCode::Forbidden);
        denied && reasons.any(|r| by.is_none_or(|id| r.policy.as_deref() == Some(id)))
    };
    match ought {
        Ought::Denied => denied,
        Ought::Refused => forbidden(None),
        Ought::RefusedBy(id) => forbidden(Some(id)),
        Ought::Open => !denied,
        Ought::Under(rule) => answer.rule.as_ref() == Some(rule),
        Ought::WithoutError => answer.warnings.is_empty(),
    }
}
