//! Canonical JSON, digests, and the catalogues of codes.

use crate::error::{text, thrown_one};
use glasskey::model::ReasonCode;
use glasskey::{Code, Digest, Instant, canonical as core};
use napi_derive::napi;
use serde_json::{Map, Value, json};

#[napi]
pub fn canonical(document: String) -> napi::Result<String> {
    core::parse(document.as_bytes()).map(|value| core::to_text(&value)).map_err(thrown_one)
}

#[napi]
pub fn digest(document: String) -> napi::Result<String> {
    let value = core::parse(document.as_bytes()).map_err(thrown_one)?;
    Ok(Digest::of_canonical(&value).to_string())
}

/// Milliseconds since 1970 of an RFC 3339 text.
#[napi]
pub fn instant(rfc3339: String) -> napi::Result<i64> {
    Instant::parse(&rfc3339).map(Instant::ms).map_err(thrown_one)
}

/// Faults that `index.js` found itself, as people read them.
#[napi]
pub fn report(errors: String) -> napi::Result<String> {
    let errors: glasskey::Errors = core::read(errors.as_bytes()).map_err(thrown_one)?;
    Ok(errors.report())
}

#[napi]
pub fn catalogue() -> napi::Result<String> {
    let errors = Code::ALL.iter().map(|c| (c.as_str().to_owned(), Value::from(c.describe().trim())));
    let reasons = ReasonCode::ALL.iter().map(|c| (c.as_str().to_owned(), Value::from(c.describe().trim())));
    text(&json!({ "errors": errors.collect::<Map<_, _>>(), "reasons": reasons.collect::<Map<_, _>>() }))
}
