//! Every vector, in Rust. `BLESS=1` writes what is answered now into the vectors.

use glasskey::model::ReasonCode;
use glasskey::{Code, canonical};
use glasskey_conformance::{OPS, files, folder, read, vectors};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Codes that no vector can bring about, and why.
const UNREACHED: &[(&str, &str)] = &[("schema_mismatch", "in the bindings a snapshot keeps its own bundle")];

/// What is expected by the scenarios of the packs and by the cases of the ledger, which every
/// language runs too.
fn elsewhere() -> Vec<String> {
    let scenarios = std::fs::read_dir(folder().join("../../policies/starter/scenarios")).unwrap();
    let files = scenarios.map(|f| f.unwrap().path()).chain([folder().join("ledger/cases.json")]);
    files.map(|file| std::fs::read_to_string(file).unwrap()).collect()
}

/// What came out, as it stands in a vector.
fn answer(vector: &Value) -> Value {
    let op = vector["op"].as_str().unwrap();
    let (_, run) = OPS.iter().find(|(name, _)| *name == op).unwrap_or_else(|| panic!("no operation `{op}`"));
    match run(&vector["given"], &vector["when"]) {
        Ok(value) => json!({ "ok": value }),
        Err(errors) => {
            let mut error = json!({ "code": errors.0[0].code });
            if let Some(path) = &errors.0[0].path {
                error["path"] = json!(path);
            }
            if errors.0.len() > 1 {
                error["codes"] = errors.0.iter().map(|e| json!(e.code)).collect();
            }
            json!({ "error": error })
        }
    }
}

#[test]
fn every_vector_is_answered_as_it_says() {
    let bless = std::env::var_os("BLESS").is_some();
    for file in files() {
        let mut lines = Vec::new();
        for vector in read(&file) {
            let got = answer(&vector);
            let same = canonical::to_text(&got) == canonical::to_text(&vector["then"]);
            assert!(bless || same, "{}\nexpected {}\ngot      {got}", vector["id"], vector["then"]);
            let part =
                |name: &str| vector.get(name).map(|v| format!(" \"{name}\": {v},\n")).unwrap_or_default();
            let head = format!("{{\"id\": {}, \"op\": {},\n", vector["id"], vector["op"]);
            lines.push(format!("{head}{}{} \"then\": {got}}}", part("given"), part("when")));
        }
        if bless {
            std::fs::write(file, format!("[\n{}\n]\n", lines.join(",\n"))).unwrap();
        }
    }
}

#[test]
fn every_operation_and_every_code_has_a_vector() {
    let all = vectors();
    let ids: BTreeSet<&str> = all.iter().map(|v| v["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), all.len(), "two vectors have one id");
    let ops: BTreeSet<&str> = all.iter().map(|v| v["op"].as_str().unwrap()).collect();
    assert_eq!(ops, OPS.iter().map(|(name, _)| *name).collect(), "operations");
    let answers: String = all.iter().map(|v| v["then"].to_string()).chain(elsewhere()).collect();
    let codes = Code::ALL.iter().map(|c| c.as_str()).chain(ReasonCode::ALL.iter().map(|c| c.as_str()));
    let reached = |code: &str| {
        answers.contains(&format!("\"code\":\"{code}\"")) || answers.contains(&format!("\"{code}\""))
    };
    let missing: Vec<&str> = codes.filter(|c| !reached(c) && UNREACHED.iter().all(|(u, _)| u != c)).collect();
    assert!(missing.is_empty(), "no vector brings about {missing:?}");
}
