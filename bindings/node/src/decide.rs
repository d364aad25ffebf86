//! Decisions, one at a time.

use crate::bundle::Bundle;
use crate::error::{instant, text, thrown_one};
use crate::facts::Facts;
use glasskey::{Error, Evidence, canonical};
use napi::bindgen_prelude::{ClassInstance, Either};
use napi_derive::napi;
use std::borrow::Cow;

#[napi]
pub struct Request(pub(crate) glasskey::Request);

#[napi]
impl Request {
    #[napi(constructor)]
    pub fn new(request: String) -> napi::Result<Self> {
        glasskey::Request::from_json(request.as_bytes()).map(Self).map_err(thrown_one)
    }

    #[napi]
    pub fn text(&self) -> napi::Result<String> {
        text(&self.0)
    }
}

/// A request as it crosses: prepared, or JSON text.
pub type Ask<'a> = Either<ClassInstance<'a, Request>, String>;

pub fn request<'a>(ask: &'a Ask<'_>) -> Result<Cow<'a, glasskey::Request>, Error> {
    match ask {
        Either::A(prepared) => Ok(Cow::Borrowed(&prepared.0)),
        Either::B(json) => glasskey::Request::from_json(json.as_bytes()).map(Cow::Owned),
    }
}

#[napi]
pub fn decide(bundle: &Bundle, facts: &Facts, ask: Ask<'_>, now: i64) -> napi::Result<String> {
    let request = request(&ask).map_err(thrown_one)?;
    text(&glasskey::decide(&bundle.0, &facts.facts, &request, instant(now)?))
}

#[napi]
pub fn decide_json(bundle: &Bundle, facts: &Facts, ask: Ask<'_>, now: i64) -> napi::Result<String> {
    let request = request(&ask).map_err(thrown_one)?;
    Ok(canonical::to_text(&glasskey::decide(&bundle.0, &facts.facts, &request, instant(now)?)))
}

#[napi]
pub fn explain(bundle: &Bundle, facts: &Facts, ask: Ask<'_>, now: i64) -> napi::Result<String> {
    let request = request(&ask).map_err(thrown_one)?;
    text(&glasskey::explain(&bundle.0, &facts.facts, &request, instant(now)?))
}

#[napi]
pub fn decide_with_evidence(bundle: &Bundle, facts: &Facts, ask: Ask<'_>, now: i64) -> napi::Result<String> {
    let request = request(&ask).map_err(thrown_one)?;
    let (decision, evidence) =
        glasskey::decide_with_evidence(&bundle.0, &facts.facts, &request, instant(now)?);
    text(&serde_json::json!({ "decision": decision, "evidence": evidence }))
}

#[napi]
pub fn decide_again(bundle: &Bundle, evidence: String) -> napi::Result<String> {
    let again = canonical::read(evidence.as_bytes())
        .and_then(|evidence: Evidence| glasskey::decide_again(&bundle.0, &evidence))
        .map_err(thrown_one)?;
    text(&again)
}

#[napi]
pub fn answer(bundle: &Bundle, facts: &Facts, ask: Ask<'_>, now: i64) -> napi::Result<String> {
    let request = request(&ask).map_err(thrown_one)?;
    text(&glasskey::answer(&bundle.0, &facts.facts, &request, instant(now)?))
}

#[napi]
pub fn decide_with_reasons(bundle: &Bundle, facts: &Facts, ask: Ask<'_>, now: i64) -> napi::Result<String> {
    let request = request(&ask).map_err(thrown_one)?;
    text(&glasskey::decide_with_reasons(&bundle.0, &facts.facts, &request, instant(now)?))
}

#[napi]
pub fn who_can(bundle: &Bundle, facts: &Facts, ask: Ask<'_>, now: i64) -> napi::Result<String> {
    let request = request(&ask).map_err(thrown_one)?;
    text(&glasskey::who_can(&bundle.0, &facts.facts, &request, instant(now)?))
}

#[napi]
pub fn what_can(bundle: &Bundle, facts: &Facts, ask: Ask<'_>, now: i64) -> napi::Result<String> {
    let request = request(&ask).map_err(thrown_one)?;
    text(&glasskey::what_can(&bundle.0, &facts.facts, &request, instant(now)?))
}
