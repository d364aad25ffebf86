//! The runner in Rust: one function for each operation. README.md tells how vectors are read.

mod given;

pub use given::folder;

use given::{bundle, document, facts, request};
use glasskey::ledger::{Checkpoint, Kind, Ledger, Replay, Verifier, counterfactual, read_records};
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
    ("lifecycle", lived),
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
    ("append", |_, w| {
        let (mut ledger, _) = Ledger::begin(text(&w["origin"]), at(&w["at"])?)?;
        for entry in each(w, "entries") {
            let body = canonical::parse(document(&entry["body"]).as_bytes())?;
            ledger.append(Kind::parse(text(&entry["kind"]))?, body, at(&entry["at"])?)?;
        }
        Ok(json!({ "state": ledger, "root": ledger.root(), "checkpoint": Checkpoint::of(&ledger).to_text() }))
    }),
];

/// Applies commands, folds what they did into another lifecycle, records it in a ledger, and reads
/// the ledger back in every way.
fn lived(given: &Value, when: &Value) -> Answer {
    let first = bundle(given)?;
    let mut life = Lifecycle::new(first.clone(), facts(given, &first)?);
    let (mut again, mut bundles, mut answers) = (life.clone(), vec![first.clone()], Vec::new());
    let (mut ledger, entry) = Ledger::begin("example.com/pam", at(&when["begin"])?)?;
    let mut lines = entry.to_line() + "\n";
    for step in each(when, "steps") {
        let now = at(&step["at"])?;
        let applied = if step["change_bundle"].is_null() {
            Command::from_json(document(&step["command"]).as_bytes())
                .and_then(|command| life.apply(&command, now))
        } else {
            bundles.push(bundle(&step["change_bundle"])?);
            life.change_bundle(text(&step["command_id"]), bundles[bundles.len() - 1].clone(), now)
        };
        if let Ok(applied) = &applied
            && applied.seq > again.seq()
        {
            again.fold(applied, bundles.last())?;
            lines.extend(ledger.record(applied)?.iter().map(|entry| entry.to_line() + "\n"));
        }
        answers.push(item(applied.map(|a| told(&a))));
    }
    let (replay, mut differing, mut other, mut records) = (Replay::new(bundles), Vec::new(), Vec::new(), 0);
    read_records(lines.as_bytes(), |record| {
        records += 1;
        differing.extend(replay.check(&record)?);
        other.extend(counterfactual(&first, &record)?);
        Ok(())
    })?;
    let mut verifier = Verifier::new();
    _ = verifier.feed(lines.as_bytes());
    let (requests, grants): (Vec<_>, Vec<_>) = (life.requests().collect(), life.grants().collect());
    Ok(json!({
        "answers": answers, "seq": life.seq(), "next_change": life.next_change(at(&when["now"])?),
        "requests": requests, "grants": grants, "folded": life.same_state(&again),
        "records": records, "differing": differing, "other": other, "report": verifier.finish(),
    }))
}

/// An answer in short, and the digest of the whole.
fn told(applied: &Applied) -> Value {
    let decision = applied.decision.as_ref();
    let reasons: Option<Vec<_>> =
        decision.map(|d| d.reasons.iter().map(|r| json!({ "code": r.code })).collect());
    json!({ "digest": Digest::of_canonical(applied), "state": applied.standing.state, "reasons": reasons })
}

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
