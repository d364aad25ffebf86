//! What is kept: a lifecycle's records, ledgers, and what is signed.

use crate::given::{bundle, document, facts, sources};
use crate::{Answer, at, each, item, text};
use glasskey::ledger::redact::{self as redaction, Disclosure, Seed};
use glasskey::ledger::{
    self, Checkpoint, Entry, Kind, Ledger, Replay, TlogProof, Verifier, counterfactual, read_records,
};
use glasskey::lifecycle::Applied;
use glasskey::signing::{Envelope, Note, Statement, VerifierKey};
use glasskey::{Bundle, Command, Digest, Error, Lifecycle, canonical};
use serde_json::{Value, json};

/// Applies commands, folds what they did into another lifecycle, records it in a ledger, and reads
/// the ledger back in every way.
pub(crate) fn lived(given: &Value, when: &Value) -> Answer {
    let first = bundle(given)?;
    let mut life = Lifecycle::new(first.clone(), facts(given, &first)?);
    let (mut again, mut bundles, mut answers) = (life.clone(), vec![first.clone()], Vec::new());
    let (mut ledger, entry) = Ledger::begin("example.com/pam", at(&when["begin"])?)?;
    let mut lines = entry.to_line() + "\n";
    for step in each(when, "steps") {
        let now = at(&step["at"])?;
        if step["forget"] == true {
            life.forget_answers(now);
            continue;
        }
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
    let timeline = ledger::timeline(lines.as_bytes(), None, None)?;
    let residual = ledger::residual(lines.as_bytes(), at(&when["now"])?)?;
    Ok(json!({
        "timeline": Digest::of_canonical(&timeline), "residual": residual, "answers": answers, "seq": life.seq(), "next_change": life.next_change(at(&when["now"])?),
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

pub(crate) fn append(_: &Value, when: &Value) -> Answer {
    let (mut ledger, _) = Ledger::begin(text(&when["origin"]), at(&when["at"])?)?;
    for entry in each(when, "entries") {
        let body = canonical::parse(document(&entry["body"]).as_bytes())?;
        ledger.append(Kind::parse(text(&entry["kind"]))?, body, at(&entry["at"])?)?;
    }
    Ok(json!({ "state": ledger, "root": ledger.root(), "checkpoint": Checkpoint::of(&ledger).to_text() }))
}

pub(crate) fn resume(_: &Value, when: &Value) -> Answer {
    let ledger: Ledger = canonical::from_value(when["state"].clone())?;
    Ok(json!({ "head": ledger.head(), "root": ledger.root() }))
}

pub(crate) fn prove(_: &Value, when: &Value) -> Answer {
    let index = when["index"].as_u64().unwrap_or_default();
    let note = Note::parse(text(&when["checkpoint"]))?;
    Ok(json!(ledger::prove(text(&when["ledger"]).as_bytes(), index, note)?.to_string()))
}

pub(crate) fn verify_proof(_: &Value, when: &Value) -> Answer {
    let entry: Entry = canonical::from_value(when["entry"].clone())?;
    Ok(json!(TlogProof::parse(text(&when["proof"]))?.verify(&entry, &keys(when)?)?))
}

pub(crate) fn replay(given: &Value, when: &Value) -> Answer {
    let (replay, mut differing) = (Replay::new([bundle(given)?]), Vec::new());
    read_records(text(&when["ledger"]).as_bytes(), |record| {
        differing.extend(replay.check(&record)?);
        Ok(())
    })?;
    Ok(json!(differing))
}

pub(crate) fn timeline(_: &Value, when: &Value) -> Answer {
    let as_of = Some(&when["as_of"]).filter(|as_of| !as_of.is_null()).map(at).transpose()?;
    Ok(json!(ledger::timeline(text(&when["ledger"]).as_bytes(), when["incident"].as_str(), as_of)?))
}

pub(crate) fn residual(_: &Value, when: &Value) -> Answer {
    Ok(json!(ledger::residual(text(&when["ledger"]).as_bytes(), at(&when["now"])?)?))
}

pub(crate) fn redact(_: &Value, when: &Value) -> Answer {
    let paths: Vec<&str> = each(when, "paths").map(text).collect();
    let seed: [u8; 32] = bytes(&when["seed"]).try_into().unwrap_or_default();
    let (body, disclosures) = redaction::redact(when["body"].clone(), &paths, Seed(seed))?;
    Ok(json!({ "body": body, "disclosures": disclosures }))
}

pub(crate) fn disclose(_: &Value, when: &Value) -> Answer {
    let disclosures: Vec<Disclosure> = canonical::from_value(when["disclosures"].clone())?;
    Ok(redaction::disclose(when["body"].clone(), &disclosures)?)
}

pub(crate) fn sign_note(_: &Value, when: &Value) -> Answer {
    let note = Note::new(text(&when["text"]))?;
    Ok(json!(note.signed(&VerifierKey::parse(text(&when["key"]))?, &bytes(&when["signature"]))?.to_string()))
}

pub(crate) fn verify_bundle(given: &Value, when: &Value) -> Answer {
    let keys = keys(when)?;
    let (statement, _) = Statement::open(&Envelope::parse(document(&when["envelope"]).as_bytes())?, &keys)?;
    statement.check(sources(given).iter())?;
    Ok(json!(statement.predicate()))
}

pub(crate) fn compile_signed(given: &Value, when: &Value) -> Answer {
    let envelope = Some(&when["envelope"]).filter(|e| !e.is_null()).map(document);
    let envelope = envelope.as_ref().map(String::as_bytes);
    let bundle = Bundle::compile_signed(&sources(given), envelope, &keys(when)?)?;
    Ok(json!({ "digest": bundle.digest(), "signed_by": bundle.signed_by() }))
}

pub(crate) fn from_compiled_signed(_: &Value, when: &Value) -> Answer {
    let envelope = Some(&when["envelope"]).filter(|e| !e.is_null()).map(document);
    let envelope = envelope.as_ref().map(String::as_bytes);
    let bundle = Bundle::from_compiled_signed(&bytes(&when["bytes"]), envelope, &keys(when)?)?;
    Ok(json!({ "digest": bundle.digest(), "signed_by": bundle.signed_by() }))
}

fn keys(when: &Value) -> Result<Vec<VerifierKey>, Error> {
    each(when, "keys").map(|key| VerifierKey::parse(text(key))).collect()
}

pub(crate) fn bytes(value: &Value) -> Vec<u8> {
    let byte = |byte: &Value| u8::try_from(byte.as_u64()?).ok();
    value.as_array().into_iter().flatten().filter_map(byte).collect()
}
