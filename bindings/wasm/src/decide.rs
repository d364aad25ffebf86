//! Decisions, one at a time.

use crate::bundle::Bundle;
use crate::error::{instant, text, thrown_one};
use crate::facts::Facts;
use glasskey::canonical;
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

/// A request that is read and checked. The glue around the module needs the host's own `Request`.
#[wasm_bindgen(js_name = Ask)]
pub struct Request(glasskey::Request);

#[wasm_bindgen(js_class = Ask)]
impl Request {
    /// Reads a request.
    #[wasm_bindgen(constructor)]
    pub fn new(request: String) -> Result<Self, JsError> {
        glasskey::Request::from_json(request.as_bytes()).map(Self).map_err(thrown_one)
    }

    /// The request as JSON text.
    pub fn text(&self) -> Result<String, JsError> {
        text(&self.0)
    }
}

/// The decision.
#[wasm_bindgen]
pub fn decide(bundle: &Bundle, facts: &Facts, ask: &Request, now: f64) -> Result<String, JsError> {
    text(&glasskey::decide(&bundle.0, &facts.facts, &ask.0, instant(now)?))
}

/// The decision as canonical text.
#[wasm_bindgen(js_name = decideJson)]
pub fn decide_json(bundle: &Bundle, facts: &Facts, ask: &Request, now: f64) -> Result<String, JsError> {
    Ok(canonical::to_text(&glasskey::decide(&bundle.0, &facts.facts, &ask.0, instant(now)?)))
}

/// The answer and its duties.
#[wasm_bindgen]
pub fn answer(bundle: &Bundle, facts: &Facts, ask: &Request, now: f64) -> Result<String, JsError> {
    text(&glasskey::answer(&bundle.0, &facts.facts, &ask.0, instant(now)?))
}

/// The decision without evidence.
#[wasm_bindgen(js_name = decideWithReasons)]
pub fn decide_with_reasons(
    bundle: &Bundle,
    facts: &Facts,
    ask: &Request,
    now: f64,
) -> Result<String, JsError> {
    text(&glasskey::decide_with_reasons(&bundle.0, &facts.facts, &ask.0, instant(now)?))
}

/// The decision, and all that it followed from.
#[wasm_bindgen(js_name = decideWithEvidence)]
pub fn decide_with_evidence(
    bundle: &Bundle,
    facts: &Facts,
    ask: &Request,
    now: f64,
) -> Result<String, JsError> {
    let (decision, evidence) = glasskey::decide_with_evidence(&bundle.0, &facts.facts, &ask.0, instant(now)?);
    text(&serde_json::json!({ "decision": decision, "evidence": evidence }))
}

/// The decision, and every rule that was considered.
#[cfg(feature = "full")]
#[wasm_bindgen]
pub fn explain(bundle: &Bundle, facts: &Facts, ask: &Request, now: f64) -> Result<String, JsError> {
    text(&glasskey::explain(&bundle.0, &facts.facts, &ask.0, instant(now)?))
}

/// The decision from its evidence alone.
#[cfg(feature = "full")]
#[wasm_bindgen(js_name = decideAgain)]
pub fn decide_again(bundle: &Bundle, evidence: String) -> Result<String, JsError> {
    let again = canonical::read(evidence.as_bytes())
        .and_then(|evidence: glasskey::Evidence| glasskey::decide_again(&bundle.0, &evidence))
        .map_err(thrown_one)?;
    text(&again)
}

/// Who would be permitted it.
#[cfg(feature = "full")]
#[wasm_bindgen(js_name = whoCan)]
pub fn who_can(bundle: &Bundle, facts: &Facts, ask: &Request, now: f64) -> Result<String, JsError> {
    text(&glasskey::who_can(&bundle.0, &facts.facts, &ask.0, instant(now)?))
}

/// What the principal would be permitted.
#[cfg(feature = "full")]
#[wasm_bindgen(js_name = whatCan)]
pub fn what_can(bundle: &Bundle, facts: &Facts, ask: &Request, now: f64) -> Result<String, JsError> {
    text(&glasskey::what_can(&bundle.0, &facts.facts, &ask.0, instant(now)?))
}
