//! The runner in Rust: one function for each operation. README.md tells how vectors are read.

mod given;
mod kept;

pub use given::{bundle, facts, files, folder, read, request, vectors};

use given::document;
use glasskey::lifecycle::Applied;
use glasskey::{
    Bundle, Command, Digest, Error, Errors, Evidence, Facts, FactsDocument, Instant, Lifecycle, Request,
    canonical,
};
use serde_json::{Value, json};
use std::sync::Arc;

type Answer = Result<Value, Errors>;

/// What an operation makes of a vector's `given` and `when`.
pub type Op = fn(&Value, &Value) -> Answer;

/// Every operation, by its name in the vectors.
pub const OPS: &[(&str, Op)] = &[
    ("canonical", |_, w| Ok(json!(canonical::to_text(&canonical::parse(text(&w["text"]).as_bytes())?)))),
    ("digest", |_, w| Ok(json!(Digest::of_canonical(&canonical::parse(text(&w["text"]).as_bytes())?)))),
    ("compile", |g, _| Ok(json!(bundle(g)?.outline()))),
    ("facts", |g, _| Ok(summary(&facts(g, &bundle(g)?)?))),
    ("observe", |g, w| {
        let bundle = bundle(g)?;
        let change = FactsDocument::from_json(document(&w["change"]).as_bytes())?;
        let (next, ignored) = facts(g, &bundle)?.with_notes(&bundle, change, at(&w["now"])?)?;
        Ok(json!({ "facts": summary(&next), "ignored": ignored }))
    }),
    ("rebind", |g, w| Ok(summary(&facts(g, &bundle(g)?)?.rebind(&bundle(&w["to"])?)?))),
    ("request", |_, w| Ok(json!(request(&w["request"])?))),
    ("decide", |g, w| decided(g, w, |b, f, r, now| json!(glasskey::decide(b, f, r, now)))),
    ("answer", |g, w| decided(g, w, |b, f, r, now| json!(glasskey::answer(b, f, r, now)))),
    ("decide_with_reasons", |g, w| {
        decided(g, w, |b, f, r, now| json!(glasskey::decide_with_reasons(b, f, r, now)))
    }),
    ("who_can", |g, w| decided(g, w, |b, f, r, now| json!(glasskey::who_can(b, f, r, now)))),
    ("what_can", |g, w| decided(g, w, |b, f, r, now| json!(glasskey::what_can(b, f, r, now)))),
    ("decide_json", |g, w| {
        decided(g, w, |b, f, r, now| json!(canonical::to_text(&glasskey::decide(b, f, r, now))))
    }),
    ("explain", |g, w| decided(g, w, |b, f, r, now| json!(glasskey::explain(b, f, r, now)))),
    ("decide_with_evidence", |g, w| {
        decided(g, w, |b, f, r, now| {
            let (decision, evidence) = glasskey::decide_with_evidence(b, f, r, now);
            json!({ "decision": decision, "evidence": evidence })
        })
    }),
    ("decide_again", |g, w| {
        let evidence: Evidence = canonical::read(document(&w["evidence"]).as_bytes())?;
        Ok(json!(glasskey::decide_again(&bundle(g)?, &evidence)?))
    }),
    ("decide_many", |g, w| {
        let bundle = bundle(g)?;
        let (facts, now) = (facts(g, &bundle)?, at(&w["now"])?);
        let decide = |r| request(r).map(|r| json!(glasskey::decide(&bundle, &facts, &r, now)));
        Ok(each(w, "requests").map(|r| item(decide(r))).collect())
    }),
    ("lifecycle", kept::lived),
    ("apply_all", |g, w| {
        let commands = each(w, "commands").map(|c| Command::from_json(document(c).as_bytes()));
        let commands = commands.collect::<Result<Vec<_>, _>>()?;
        let bundle = bundle(g)?;
        let answers = Lifecycle::new(bundle.clone(), facts(g, &bundle)?).apply_all(&commands, at(&w["now"])?);
        let short = |(id, answer): (String, Result<Arc<Applied>, Error>)| {
            let item = item(answer.map(|applied| json!(Digest::of_canonical(&*applied))));
            json!({ "command_id": id, "item": item })
        };
        Ok(answers.into_iter().map(short).collect())
    }),
    ("append", kept::append),
    ("resume", kept::resume),
    ("prove", kept::prove),
    ("verify_proof", kept::verify_proof),
    ("replay", kept::replay),
    ("timeline", kept::timeline),
    ("residual", kept::residual),
    ("redact", kept::redact),
    ("disclose", kept::disclose),
    ("sign_note", kept::sign_note),
    ("verify_bundle", kept::verify_bundle),
    ("compile_signed", kept::compile_signed),
    ("compiled", |g, w| {
        let bytes = bundle(g)?.to_compiled()?;
        let bundle = Bundle::from_compiled(&bytes)?;
        let facts = facts(g, &bundle)?;
        let decision = glasskey::decide(&bundle, &facts, &request(&w["request"])?, at(&w["now"])?);
        Ok(json!({ "form": Digest::of_canonical(&bytes), "decision": decision }))
    }),
    ("from_compiled", |_, w| Ok(json!(Bundle::from_compiled(&kept::bytes(&w["bytes"]))?.digest()))),
    ("from_compiled_signed", kept::from_compiled_signed),
];

fn decided(given: &Value, when: &Value, how: fn(&Bundle, &Facts, &Request, Instant) -> Value) -> Answer {
    let bundle = bundle(given)?;
    Ok(how(&bundle, &facts(given, &bundle)?, &request(&when["request"])?, at(&when["now"])?))
}

fn each<'v>(when: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    when[name].as_array().into_iter().flatten()
}

fn item(answer: Result<Value, Error>) -> Value {
    match answer {
        Ok(value) => json!({ "ok": value }),
        Err(error) => json!({ "error": error }),
    }
}

fn summary(facts: &Facts) -> Value {
    json!({ "observed_at": facts.observed_at(), "entity_count": facts.entity_count() })
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn at(value: &Value) -> Result<Instant, Error> {
    Instant::parse(text(value))
}
