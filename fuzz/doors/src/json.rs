//! Any text as JSON.

use crate::world::{SEED_BYTES_MAX, file_name, vectors};
use glasskey::{Code, canonical};
use serde_json::Value;

/// Lets any text in.
pub(crate) fn body(data: &[u8]) {
    let other: Result<Value, _> = serde_json::from_slice(data);
    match canonical::parse(data) {
        Ok(value) => {
            assert_eq!(other.expect("another reader reads it too"), value, "and reads the same");
            let text = canonical::to_text(&value);
            assert_eq!(canonical::parse(text.as_bytes()).expect("its own text"), value);
            assert_eq!(canonical::to_text(&value), text, "written twice");
        }
        // What another reader refuses is no JSON here either, and is never called anything milder.
        Err(error) if other.is_err() => assert!(
            matches!(
                error.code,
                Code::BadJson | Code::TooDeep | Code::TooLarge | Code::BadNumber | Code::DuplicateMember
            ),
            "{error:?}"
        ),
        Err(error) => assert!(error.help.is_some(), "{error:?}"),
    }
}

pub(crate) fn seeds() -> Vec<(String, Vec<u8>)> {
    let mut seeds: Vec<(String, Vec<u8>)> = Vec::new();
    for vector in vectors("json.json", "canonical") {
        seeds.push((file_name(&vector), vector["when"]["text"].as_str().unwrap_or_default().into()));
    }
    seeds.retain(|(_, seed)| seed.len() <= SEED_BYTES_MAX);
    seeds
}
