//! Glasskey's errors on their way to `index.js`, which makes a `GlasskeyError` of them.

use glasskey::{Error, Errors, Instant};
use napi::Status;
use serde_json::json;

/// The faults as JSON text in the message; `index.js` knows it by its beginning.
pub fn thrown(errors: &Errors) -> napi::Error {
    napi::Error::new(Status::GenericFailure, json!({ "errors": errors, "report": errors.report() }))
}

/// As [`thrown`], for one fault.
pub fn thrown_one(error: Error) -> napi::Error {
    thrown(&error.into())
}

/// An instant from the milliseconds of a `Date`.
pub fn instant(ms: i64) -> napi::Result<Instant> {
    Instant::from_ms(ms).map_err(thrown_one)
}

/// JSON text for `index.js` to read.
pub fn text<T: serde::Serialize>(value: &T) -> napi::Result<String> {
    serde_json::to_string(value).map_err(|e| napi::Error::from_reason(e.to_string()))
}
