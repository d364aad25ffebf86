//! Canonical JSON, digests, and the catalogues of codes.

use crate::error::{text, thrown_one};
use glasskey::model::ReasonCode;
use glasskey::{Code, Digest, Instant, canonical as core};
use serde_json::{Map, Value, json};
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

/// The RFC 8785 text of a document.
#[wasm_bindgen]
pub fn canonical(document: String) -> Result<String, JsError> {
    core::parse(document.as_bytes()).map(|value| core::to_text(&value)).map_err(thrown_one)
}

/// The digest of that text.
#[wasm_bindgen]
pub fn digest(document: String) -> Result<String, JsError> {
    let value = core::parse(document.as_bytes()).map_err(thrown_one)?;
    Ok(Digest::of_canonical(&value).to_string())
}

/// Milliseconds since 1970 of an RFC 3339 text.
#[wasm_bindgen]
pub fn instant(rfc3339: String) -> Result<f64, JsError> {
    // An instant has four digits of years: its milliseconds are far below 2^53.
    Instant::parse(&rfc3339).map(|at| at.ms() as f64).map_err(thrown_one)
}

/// Faults that JavaScript found itself, as people read them.
#[wasm_bindgen]
pub fn report(errors: String) -> Result<String, JsError> {
    let errors: glasskey::Errors = core::read(errors.as_bytes()).map_err(thrown_one)?;
    Ok(errors.report())
}

/// Each code, and when it is given.
#[wasm_bindgen]
pub fn catalogue() -> Result<String, JsError> {
    let errors = Code::ALL.iter().map(|c| (c.as_str().to_owned(), Value::from(c.describe().trim())));
    let reasons = ReasonCode::ALL.iter().map(|c| (c.as_str().to_owned(), Value::from(c.describe().trim())));
    text(&json!({ "errors": errors.collect::<Map<_, _>>(), "reasons": reasons.collect::<Map<_, _>>() }))
}
