//! Entries of a ledger that is elsewhere.

use crate::bundle::trusted;
use crate::error::{text, thrown_one};
use glasskey::canonical;
use glasskey::ledger::TlogProof;
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

/// The checkpoint of a proof that holds.
#[wasm_bindgen(js_name = verifyProof)]
pub fn verify_proof(proof: String, entry: String, keys: Vec<String>) -> Result<String, JsError> {
    let verified = trusted(&keys)
        .and_then(|keys| TlogProof::parse(&proof)?.verify(&canonical::read(entry.as_bytes())?, &keys));
    text(&verified.map_err(thrown_one)?)
}
