//! Every scenario of the starter pack, step by step through the lifecycle.

use glasskey::{Bundle, Command, Facts, Instant, Lifecycle, Request, Sources, canonical, decide};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies/starter")
}

fn bundle() -> Bundle {
    let mut sources = Sources::new();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name == "bundle.toml" || name.ends_with(".cedar") || name.ends_with(".cedarschema") {
            sources = sources.with(name, std::fs::read(&path).unwrap());
        }
    }
    Bundle::compile(&sources).unwrap_or_else(|e| panic!("{e:#?}"))
}

/// Objects by member, arrays as "contains in order".
fn matches(expected: &Value, got: &Value) -> bool {
    match (expected, got) {
        (Value::Object(e), Value::Object(g)) => {
            e.iter().all(|(k, v)| g.get(k).is_some_and(|x| matches(v, x)))
        }
        (Value::Array(e), Value::Array(g)) => {
            let mut rest = g.iter();
            e.iter().all(|want| rest.any(|have| matches(want, have)))
        }
        _ => expected == got,
    }
}

struct Run {
    life: Lifecycle,
    ids: BTreeMap<String, String>,
    asks: BTreeMap<String, Value>,
}

impl Run {
    /// Names of a scenario for the ids of the lifecycle, and back.
    fn rename(&self, value: &mut Value, back: bool) {
        match value {
            Value::String(text) => {
                for (name, id) in &self.ids {
                    if back {
                        *text = text.replace(id, name);
                    } else if text == name {
                        *text = id.clone();
                    }
                }
            }
            Value::Array(list) => list.iter_mut().for_each(|v| self.rename(v, back)),
            Value::Object(members) => members.values_mut().for_each(|v| self.rename(v, back)),
            _ => {}
        }
    }

    fn step(&mut self, number: usize, at: Instant, kind: &str, mut body: Value) -> Result<Value, Value> {
        let name =
            body.as_object_mut().and_then(|b| b.remove("as")).and_then(|n| n.as_str().map(str::to_owned));
        if kind == "decide" {
            for approval in body.get_mut("approvals").and_then(Value::as_array_mut).into_iter().flatten() {
                if let Some(ask) = approval.get("ask").and_then(Value::as_str).and_then(|a| self.asks.get(a))
                {
                    approval["ask"] = ask.clone();
                }
            }
            let request = Request::from_value(body).map_err(|e| json!(e))?;
            let decision = decide(self.life.bundle(), self.life.facts(), &request, at);
            let result = json!(decision);
            if let Some(name) = name {
                self.asks.insert(name, result["ask"].clone());
            }
            return Ok(result);
        }
        for member in ["request", "grant", "parent"] {
            if let Some(v) = body.get_mut(member).filter(|v| v.is_string()) {
                self.rename(v, false);
            }
        }
        let mut command = Map::new();
        command.insert("command_id".into(), json!(format!("step-{number}")));
        command.insert(kind.into(), body);
        let command = Command::from_value(Value::Object(command)).map_err(|e| json!(e))?;
        let applied = self.life.apply(&command, at).map_err(|e| json!(e))?;
        if let Some(name) = name {
            let made = match kind {
                "submit" => &applied.request,
                "extend" => &applied.extension,
                _ => &applied.grant,
            };
            if let Some(id) = made {
                self.ids.insert(name, id.clone());
            }
        }
        let mut result = json!(*applied);
        let decision = result.as_object_mut().unwrap().remove("decision");
        result.as_object_mut().unwrap().remove("evidence");
        if let Some(Value::Object(members)) = decision {
            result.as_object_mut().unwrap().extend(members);
        }
        if let Some(grant) = applied.grant.as_deref().and_then(|g| self.life.grant(g)) {
            result["flags"] = json!(grant.flags);
            result["grant_record"] = json!(grant);
        }
        self.rename(&mut result, true);
        Ok(result)
    }
}

#[test]
fn every_scenario_comes_out_as_it_should() {
    let bundle = bundle();
    let mut failed = Vec::new();
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder().join("scenarios")).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    if let Ok(only) = std::env::var("ONLY") {
        files.retain(|f| f.display().to_string().contains(&only));
    }
    for file in &files {
        let scenario = canonical::parse(&std::fs::read(file).unwrap()).unwrap();
        let facts = match scenario["facts"].as_str() {
            Some(path) => std::fs::read(file.parent().unwrap().join(path)).unwrap(),
            None => scenario["facts"].to_string().into_bytes(),
        };
        let facts =
            Facts::from_json(&bundle, &facts).unwrap_or_else(|e| panic!("{}: {e:#?}", file.display()));
        let mut run =
            Run { life: Lifecycle::new(bundle.clone(), facts), ids: BTreeMap::new(), asks: BTreeMap::new() };
        let mut now = scenario["now"].as_str().map(|t| Instant::parse(t).unwrap());
        for (i, step) in scenario["steps"].as_array().unwrap().iter().enumerate() {
            now = step["at"].as_str().map(|t| Instant::parse(t).unwrap()).or(now);
            let (kind, body) = step["do"].as_object().unwrap().iter().next().unwrap();
            let mut body = body.clone();
            if let Some(name) = step.get("as") {
                body["as"] = name.clone();
            }
            let got = run.step(i, now.unwrap(), kind, body);
            let ok = match (&got, step.get("expect"), step.get("expect_error")) {
                (Err(error), _, Some(expected)) => matches(expected, error),
                (Ok(result), Some(expected), None) => matches(expected, result),
                (Ok(_), None, None) => true,
                _ => false,
            };
            if !ok {
                let short = serde_json::to_string_pretty(&match got {
                    Ok(mut v) => {
                        v.as_object_mut().unwrap().remove("grant_record");
                        v
                    }
                    Err(v) => v,
                })
                .unwrap();
                failed.push(format!(
                    "{} step {i} at {} {kind}\nexpected {}\ngot {}",
                    file.file_name().unwrap().display(),
                    now.unwrap(),
                    step.get("expect").or(step.get("expect_error")).unwrap_or(&Value::Null),
                    short.chars().take(2500).collect::<String>()
                ));
                break;
            }
        }
    }
    assert!(failed.is_empty(), "{} of {} failed\n{}", failed.len(), files.len(), failed.join("\n----\n"));
}
