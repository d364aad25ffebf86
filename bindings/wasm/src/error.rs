//! Glasskey's errors on their way to JavaScript, which makes a `GlasskeyError` of them.

use glasskey::{Error, Errors, Instant};
use serde_json::json;
use wasm_bindgen::JsError;

/// The faults as JSON text in the message, as the addon for Node.js has them.
pub fn thrown(errors: &Errors) -> JsError {
    JsError::new(&json!({ "errors": errors, "report": errors.report() }).to_string())
}

/// As [`thrown`], for one fault.
pub fn thrown_one(error: Error) -> JsError {
    thrown(&error.into())
}

/// An instant from the milliseconds of a `Date`.
pub fn instant(ms: f64) -> Result<Instant, JsError> {
    Instant::from_ms(ms as i64).map_err(thrown_one)
}

/// JSON text for JavaScript to read.
pub fn text<T: serde::Serialize>(value: &T) -> Result<String, JsError> {
    Ok(serde_json::to_string(value)?)
}
