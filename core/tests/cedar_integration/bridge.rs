//! Cedar's tests as bundles, facts and requests: what Cedar decides, asked for as a privilege.
//!
//! One action at a time becomes privileged, for one type of principals. Its context becomes the pack's
//! `HostContext`, so that a policy's `context` is `context.host`; a permit becomes a rule without a
//! quorum, and for principals of that type, who are persons. Then our answer follows from Cedar's: permitted where it allows, by one of the policies
//! that it names, and denied where it denies; but a forbid that errs, which Cedar skips, refuses here.

use crate::case::{Ask, Test, read};
use crate::vectors;
use cedar_policy::{EntityUid, PolicySet, SchemaFragment};
use glasskey::{Bundle, Errors, Facts, Instant, Request, Sources, decide};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::str::FromStr;

pub const UNKNOWN: &str = "about an entity that is not there, and of whose type more must be known";
const NOW: &str = "2026-03-01T02:05:00.000Z";

/// What became of the requests of some tests.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Bridged {
    /// Those that were asked, and answered as they should be.
    pub asked: usize,
    pub permitted: usize,
    /// Denied here, and only here, since a forbid erred.
    pub stricter: usize,
    /// Those that make no bundle, no facts or no request, by the reason.
    pub unasked: BTreeMap<String, usize>,
    /// The same questions and answers, as vectors.
    pub vectors: Vec<Value>,
}

impl Bridged {
    pub fn join(&mut self, other: Self) {
        self.asked += other.asked;
        self.permitted += other.permitted;
        self.stricter += other.stricter;
        for (why, count) in other.unasked {
            *self.unasked.entry(why).or_default() += count;
        }
        self.vectors.extend(other.vectors);
    }

    fn leave(&mut self, why: impl Into<String>, count: usize) {
        *self.unasked.entry(why.into()).or_default() += count;
    }
}

/// Asks everything of one test that can be asked.
pub fn ask(folder: &Path, path: &Path, test: &Test) -> Bridged {
    let mut out = Bridged::default();
    if !test.should_validate {
        out.leave("policies that are not valid by their schema", test.requests.len());
        return out;
    }
    let mut groups: BTreeMap<(String, String), Vec<&Ask>> = BTreeMap::new();
    for ask in &test.requests {
        groups.entry((uid(&ask.action).to_string(), kind(&ask.principal))).or_default().push(ask);
    }
    let name = path.file_stem().expect("a name").to_string_lossy();
    for (nth, asks) in groups.into_values().enumerate() {
        let id = format!("cedar/{name}/{nth}");
        let (count, before) = (asks.len(), out.unasked.values().sum::<usize>());
        match asked_together(folder, &id, test, asks, &mut out) {
            Ok(vector) => out.vectors.extend(vector),
            Err(why) => {
                let left = out.unasked.values().sum::<usize>() - before;
                out.leave(why, count - left);
            }
        }
    }
    out
}

fn asked_together(
    folder: &Path,
    id: &str,
    test: &Test,
    asks: Vec<&Ask>,
    out: &mut Bridged,
) -> Result<Option<Value>, String> {
    let (action, person) = (uid(&asks[0].action), kind(&asks[0].principal));
    let schema = schema(&read(&folder.join(&test.schema)), &action)?;
    let (policies, forbids) = policies(&read(&folder.join(&test.policies)), &person)?;
    let manifest = format!("name = \"cedar\"\nversion = \"1\"\n[actors]\n{person:?} = \"person\"\n");
    let files =
        vectors::files(&[("bundle.toml", &manifest), ("a.cedarschema", &schema), ("a.cedar", &policies)]);
    let sources = Sources::new().with("bundle.toml", manifest).with("a.cedarschema", schema);
    let bundle = Bundle::compile(&sources.with("a.cedar", policies))
        .map_err(|Errors(faults)| format!("no bundle: {}", faults[0].code.as_str()))?;
    let mut entities: Vec<Value> =
        serde_json::from_str(&read(&folder.join(&test.entities))).expect("a list of entities");
    // Actions are the schema's; whoever is only asked about is there all the same.
    entities.retain(|entity| !uid(&entity["uid"]).type_name().to_string().ends_with("Action"));
    let known: BTreeSet<String> = entities.iter().map(|entity| uid(&entity["uid"]).to_string()).collect();
    let mut bare: BTreeMap<String, Value> = BTreeMap::new();
    for named in asks.iter().flat_map(|ask| [&ask.principal, &ask.resource]) {
        let entity = json!({"uid": named, "attrs": {}, "parents": []});
        let alone = json!({"observed_at": NOW, "entities": [entity]});
        let name = uid(named).to_string();
        if !known.contains(&name) && Facts::from_json(&bundle, alone.to_string().as_bytes()).is_ok() {
            bare.insert(name, entity);
        }
    }
    let there = |named: &Value| {
        let name = uid(named).to_string();
        known.contains(&name) || bare.contains_key(&name)
    };
    let (asks, unknown): (Vec<&Ask>, Vec<&Ask>) =
        asks.into_iter().partition(|ask| there(&ask.principal) && there(&ask.resource));
    if !unknown.is_empty() {
        out.leave(UNKNOWN, unknown.len());
    }
    entities.extend(bare.into_values());
    let world = json!({"observed_at": NOW, "entities": entities});
    let facts = Facts::from_json(&bundle, world.to_string().as_bytes())
        .map_err(|fault| format!("no facts: {}", fault.code.as_str()))?;
    let now = Instant::parse(NOW).expect("an instant");
    let (mut requests, mut items) = (Vec::new(), Vec::new());
    for ask in asks {
        let pair = json!({"action": action.to_string(), "resource": uid(&ask.resource).to_string()});
        let request =
            json!({"principal": uid(&ask.principal).to_string(), "scope": [pair], "host": ask.context});
        let read = match Request::from_json(request.to_string().as_bytes()) {
            Ok(read) => read,
            Err(fault) => {
                out.leave(format!("no request: {}", fault.code.as_str()), 1);
                continue;
            }
        };
        let decision = json!(decide(&bundle, &facts, &read, now));
        let structural = ["bad_host_context", "not_applicable", "unknown_action"];
        if let Some(why) = structural.iter().find(|code| decision["reasons"][0]["code"] == **code) {
            out.leave(format!("refused as it is asked: {why}"), 1);
            continue;
        }
        check(id, ask, &decision, &forbids, out);
        requests.push(request);
        items.push(json!({"ok": decision}));
    }
    let given = json!({"pack": vectors::PACK, "files": files, "world": vectors::world(world)});
    Ok((!items.is_empty()).then(|| {
        json!({"id": id, "op": "decide_many", "given": given,
            "when": {"requests": requests, "now": NOW}, "then": {"ok": items}})
    }))
}

/// Holds our answer to what follows from Cedar's.
fn check(id: &str, ask: &Ask, decision: &Value, forbids: &BTreeSet<String>, out: &mut Bridged) {
    let cedars = ask.expected();
    let erring: BTreeSet<&str> =
        cedars.errors.iter().filter(|id| forbids.contains(*id)).map(String::as_str).collect();
    let place = format!("{id}: {}: {decision:#}\nCedar: {cedars:?}", ask.description);
    let permitted = cedars.allowed && erring.is_empty();
    assert_eq!(decision["decision"], if permitted { "permit" } else { "deny" }, "{place}");
    out.asked += 1;
    out.permitted += usize::from(permitted);
    out.stricter += usize::from(cedars.allowed && !permitted);
    if permitted {
        let rule = decision["rule"].as_str().expect("a rule");
        assert!(cedars.reasons.iter().any(|reason| reason == rule), "{place}");
        return;
    }
    // What refuses is what Cedar names; where no permit holds, nobody need ask the forbids.
    let of = |code: &str| -> BTreeSet<&str> {
        let reasons = decision["reasons"].as_array().expect("reasons").iter();
        reasons
            .filter(|reason| reason["code"] == code)
            .filter_map(|reason| reason["policy"].as_str())
            .collect()
    };
    let reasons: BTreeSet<&str> = cedars.reasons.iter().map(String::as_str).collect();
    if decision["reasons"][0]["code"] == "not_permitted" {
        assert!(!cedars.allowed, "{place}");
    } else {
        let forbidden = if cedars.allowed { BTreeSet::new() } else { reasons };
        assert_eq!(of("forbidden"), forbidden, "{place}");
        assert!(of("policy_error").is_superset(&erring), "{place}");
    }
}

/// The schema, with one action privileged and the others asked for by nobody.
fn schema(text: &str, action: &EntityUid) -> Result<String, String> {
    let (fragment, _) = SchemaFragment::from_cedarschema_str(text).map_err(|e| e.to_string())?;
    let mut json = fragment.to_json_value().map_err(|e| e.to_string())?;
    let space = action.type_name().namespace();
    for (name, namespace) in json.as_object_mut().expect("namespaces") {
        let (mut context, own) = (None, *name == space);
        for (id, shape) in namespace["actions"].as_object_mut().into_iter().flatten() {
            if own && id == action.id().unescaped() {
                let applies =
                    shape["appliesTo"].as_object_mut().ok_or("an action that applies to nothing")?;
                let common = json!({"type": "EntityOrCommon", "name": "Glasskey::Context"});
                context = applies.insert("context".to_owned(), common);
                let parents = shape["memberOf"].as_array().cloned().unwrap_or_default().into_iter();
                let privileged = json!({"type": "Glasskey::Action", "id": "privileged"});
                shape["memberOf"] = parents.chain([privileged]).collect();
            } else {
                shape.as_object_mut().expect("an action").remove("appliesTo");
            }
        }
        if own {
            let context = context.unwrap_or_else(|| json!({"type": "Record", "attributes": {}}));
            let commons = namespace.as_object_mut().expect("a namespace").entry("commonTypes");
            commons.or_insert_with(|| json!({}))["AskedIn"] = context;
        }
    }
    let host = if space.is_empty() { "AskedIn".to_owned() } else { format!("{space}::AskedIn") };
    let host = json!({"HostContext": {"type": "EntityOrCommon", "name": host}});
    json["Glasskey"] = json!({"commonTypes": host, "entityTypes": {}, "actions": {}});
    let whole = SchemaFragment::from_json_value(json).map_err(|e| format!("no schema: {e}"))?;
    whole.to_cedarschema().map_err(|e| format!("no schema: {e}"))
}

/// The policies as ours, and which of them are forbids. A rule must name whom it is for.
fn policies(text: &str, person: &str) -> Result<(String, BTreeSet<String>), String> {
    let set = PolicySet::from_str(text).expect("policies");
    let (mut out, mut forbids) = (String::new(), BTreeSet::new());
    for policy in set.policies() {
        let id = policy.id().to_string();
        let mut json = policy.to_json().map_err(|e| e.to_string())?;
        let mut annotations = Map::from_iter([("id".to_owned(), json!(id))]);
        if json["effect"] == "permit" {
            annotations.insert("max_ttl".to_owned(), json!("1h"));
            annotations.insert("quorum".to_owned(), json!("none"));
            let scope = &json["principal"];
            json["principal"] = match scope["op"].as_str() {
                Some("All") => json!({"op": "is", "entity_type": person}),
                Some("in") => json!({"op": "is", "entity_type": person, "in": {"entity": scope["entity"]}}),
                _ => scope.clone(),
            };
        } else {
            forbids.insert(id);
        }
        json["annotations"] = Value::Object(annotations);
        host(&mut json["conditions"]);
        let ours = cedar_policy::Policy::from_json(None, json).map_err(|e| e.to_string())?;
        out += &ours.to_cedar().ok_or("a policy that cannot be written")?;
        out += "\n";
    }
    Ok((out, forbids))
}

/// `context` becomes `context.host`.
fn host(condition: &mut Value) {
    match condition {
        Value::Object(members) if members.get("Var").is_some_and(|var| var == "context") => {
            *condition = json!({".": {"left": {"Var": "context"}, "attr": "host"}});
        }
        // A literal is nobody's variable.
        Value::Object(members) => {
            members.iter_mut().filter(|(name, _)| *name != "Value").for_each(|(_, inner)| host(inner));
        }
        Value::Array(all) => all.iter_mut().for_each(host),
        _ => {}
    }
}

fn kind(principal: &Value) -> String {
    uid(principal).type_name().to_string()
}

fn uid(value: &Value) -> EntityUid {
    EntityUid::from_json(value.clone()).expect("a uid")
}
