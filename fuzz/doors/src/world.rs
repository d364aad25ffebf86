//! What the doors share: a small bundle and world, questions to ask of them, and vectors.

use crate::common;
use glasskey::{
    Answer, Bundle, Digest, Evaluator, Facts, Request, answer, canonical, decide, decide_again, decide_by,
    decide_with_evidence,
};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::LazyLock;

pub(crate) static BUNDLE: LazyLock<Bundle> = LazyLock::new(common::bundle);
pub(crate) static FACTS: LazyLock<Facts> = LazyLock::new(|| common::facts_of(&BUNDLE, &common::world()));

/// One request for each way that the small pack goes.
pub(crate) static REQUESTS: LazyLock<Vec<Request>> = LazyLock::new(|| {
    let mut emergency = common::ask("asha", "drop", "core-db");
    emergency["emergency"] = json!(true);
    emergency["approvals"] = json!([{"by": "eve.l@corp", "at": "2026-03-01T02:05:01Z"}]);
    let asks = [
        common::ask("asha", "restart", "pay-db"),
        common::ask("bob", "restart", "hr-db"),
        common::ask("nobody", "read", "nothing"),
        emergency,
    ];
    asks.into_iter().map(common::request).collect()
});

/// Decides in every way there is, and holds them to each other.
pub(crate) fn decided(bundle: &Bundle, facts: &Facts, request: &Request) -> Digest {
    let now = common::at(common::NOW);
    let first = decide(bundle, facts, request, now);
    let bytes = canonical::to_bytes(&first);
    assert_eq!(bytes, canonical::to_bytes(&decide(bundle, facts, request, now)), "decided twice");
    let plain = decide_by(Evaluator::Reference, bundle, facts, request, now);
    assert_eq!(bytes, canonical::to_bytes(&plain), "decided by plain Cedar");
    assert_eq!(answer(bundle, facts, request, now).decision, first.decision, "the answer alone");
    let (recorded, evidence) = decide_with_evidence(bundle, facts, request, now);
    assert_eq!(bytes, canonical::to_bytes(&recorded), "decided for the record");
    let again = decide_again(bundle, &evidence).expect("evidence can be read");
    assert_eq!(bytes, canonical::to_bytes(&again), "decided again from the evidence");
    if first.decision == Answer::Permit {
        assert!(first.ends_at.is_none_or(|end| end > now), "a permit lasts");
        assert!(first.valid_until.is_none_or(|until| until > now), "a permit holds for a while");
    }
    Digest::of(&bytes)
}

/// A folder of the checkout.
pub(crate) fn folder(path: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(path)
}

/// The vectors of one operation in a file of the conformance suite.
pub(crate) fn vectors(file: &str, op: &str) -> Vec<Value> {
    let path = folder("bindings/conformance").join(file);
    let all: Value = serde_json::from_slice(&std::fs::read(path).expect("vectors")).expect("JSON");
    let all = all.as_array().cloned().unwrap_or_default();
    all.into_iter().filter(|v| v["op"] == op).collect()
}

/// The name of a vector as that of a file.
pub(crate) fn file_name(vector: &Value) -> String {
    vector["id"].as_str().unwrap_or_default().replace(['/', ' '], "-")
}

/// A document of a vector: plain data, or a text as it stands.
pub(crate) fn document(value: &Value) -> Vec<u8> {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned).into_bytes()
}

/// Inputs larger than this teach a fuzzer little and cost it much.
pub(crate) const SEED_BYTES_MAX: usize = 16_384;
