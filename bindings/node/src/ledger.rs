//! `Ledger`: a record that proves itself.

use crate::bundle::Bundle;
use crate::error::{instant, text, thrown_one};
use glasskey::ledger::redact::{Disclosure, Seed};
use glasskey::ledger::{self, Checkpoint, Entry, Kind, Replay, TlogProof, Verifier};
use glasskey::lifecycle::Applied;
use glasskey::signing::{Note, VerifierKey};
use glasskey::{Error, canonical};
use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;

#[napi]
pub struct Ledger(ledger::Ledger);

/// A ledger and the entry that it begins with.
#[napi]
pub struct Begun {
    ledger: ledger::Ledger,
    entry: Entry,
}

#[napi]
impl Begun {
    #[napi(getter)]
    pub fn ledger(&self) -> Ledger {
        Ledger(self.ledger.clone())
    }

    #[napi(getter)]
    pub fn entry(&self) -> napi::Result<String> {
        text(&self.entry)
    }
}

fn read<T: serde::de::DeserializeOwned>(json: &str) -> napi::Result<T> {
    canonical::read(json.as_bytes()).map_err(thrown_one)
}

fn begun(begun: Result<(ledger::Ledger, Entry), Error>) -> napi::Result<Begun> {
    begun.map(|(ledger, entry)| Begun { ledger, entry }).map_err(thrown_one)
}

#[napi]
impl Ledger {
    #[napi]
    pub fn begin(origin: String, at: i64) -> napi::Result<Begun> {
        begun(ledger::Ledger::begin(&origin, instant(at)?))
    }

    #[napi(factory)]
    pub fn open(first: String) -> napi::Result<Self> {
        ledger::Ledger::open(&read(&first)?).map(Self).map_err(thrown_one)
    }

    #[napi(factory)]
    pub fn from_state(state: String) -> napi::Result<Self> {
        read(&state).map(Self)
    }

    #[napi]
    pub fn continue_as(&self, origin: String, at: i64) -> napi::Result<Begun> {
        begun(self.0.continue_as(&origin, instant(at)?))
    }

    #[napi]
    pub fn append(&mut self, kind: String, body: String, at: i64) -> napi::Result<String> {
        let at = instant(at)?;
        let entry = Kind::parse(&kind)
            .and_then(|kind| Ok((kind, canonical::parse(body.as_bytes())?)))
            .and_then(|(kind, body)| self.0.append(kind, body, at));
        text(&entry.map_err(thrown_one)?)
    }

    #[napi]
    pub fn record(&mut self, applied: String) -> napi::Result<String> {
        let applied: Applied = read(&applied)?;
        text(&self.0.record(&applied).map_err(thrown_one)?)
    }

    #[napi]
    pub fn push(&mut self, entry: String) -> napi::Result<()> {
        self.0.push(&read(&entry)?).map_err(thrown_one)
    }

    #[napi]
    pub fn not_before(&self, now: i64) -> napi::Result<String> {
        Ok(self.0.not_before(instant(now)?).to_string())
    }

    #[napi(getter)]
    pub fn origin(&self) -> String {
        self.0.origin().to_owned()
    }

    #[napi(getter)]
    pub fn size(&self) -> i64 {
        i64::try_from(self.0.len()).unwrap_or(i64::MAX)
    }

    #[napi(getter)]
    pub fn head(&self) -> String {
        self.0.head().to_string()
    }

    #[napi(getter)]
    pub fn root(&self) -> String {
        self.0.root().to_string()
    }

    #[napi(getter)]
    pub fn last_at(&self) -> String {
        self.0.last_at().to_string()
    }

    #[napi(getter)]
    pub fn state(&self) -> napi::Result<String> {
        text(&self.0)
    }

    #[napi]
    pub fn checkpoint(&self) -> String {
        Checkpoint::of(&self.0).to_text()
    }

    #[napi]
    pub fn copy(&self) -> Self {
        Self(self.0.clone())
    }
}

pub(crate) fn trusted(keys: &[String]) -> Result<Vec<VerifierKey>, Error> {
    keys.iter().map(|key| VerifierKey::parse(key)).collect()
}

#[napi]
pub fn verify(
    chunks: Vec<Uint8Array>,
    checkpoints: Vec<String>,
    keys: Vec<String>,
    resume: Option<&Ledger>,
) -> napi::Result<String> {
    let known = trusted(&keys).and_then(|keys| {
        checkpoints
            .iter()
            .map(|note| Checkpoint::verify(&Note::parse(note)?, &keys))
            .collect::<Result<Vec<_>, _>>()
    });
    let mut verifier = resume.map_or_else(Verifier::new, |ledger| Verifier::resume(ledger.0.clone()));
    verifier = verifier.against(known.map_err(thrown_one)?);
    // The first fault stands in the report.
    _ = chunks.iter().try_for_each(|chunk| verifier.feed(chunk));
    text(&verifier.finish())
}

#[napi]
pub fn verify_proof(proof: String, entry: String, keys: Vec<String>) -> napi::Result<String> {
    let verified = trusted(&keys)
        .and_then(|keys| TlogProof::parse(&proof)?.verify(&canonical::read(entry.as_bytes())?, &keys));
    text(&verified.map_err(thrown_one)?)
}

#[napi]
pub fn records(ledger: Uint8Array) -> napi::Result<String> {
    let mut all = Vec::new();
    ledger::read_records(&ledger, |record| {
        all.push(record);
        Ok(())
    })
    .map_err(thrown_one)?;
    text(&all)
}

#[napi]
pub fn replay(ledger: Uint8Array, bundles: Vec<&Bundle>) -> napi::Result<String> {
    let replay = Replay::new(bundles.into_iter().map(|bundle| bundle.0.clone()));
    let mut all = Vec::new();
    ledger::read_records(&ledger, |record| {
        all.extend(replay.check(&record)?);
        Ok(())
    })
    .map_err(thrown_one)?;
    text(&all)
}

#[napi]
pub fn timeline(ledger: Uint8Array, incident: Option<String>, as_of: Option<i64>) -> napi::Result<String> {
    let as_of = as_of.map(instant).transpose()?;
    text(&ledger::timeline(&ledger, incident.as_deref(), as_of).map_err(thrown_one)?)
}

#[napi]
pub fn residual(ledger: Uint8Array, now: i64) -> napi::Result<String> {
    text(&ledger::residual(&ledger, instant(now)?).map_err(thrown_one)?)
}

#[napi]
pub fn counterfactual(ledger: Uint8Array, bundle: &Bundle) -> napi::Result<String> {
    let mut all = Vec::new();
    ledger::read_records(&ledger, |record| {
        all.extend(ledger::counterfactual(&bundle.0, &record)?);
        Ok(())
    })
    .map_err(thrown_one)?;
    text(&all)
}

#[napi]
pub fn prove(ledger: Uint8Array, index: i64, checkpoint: String) -> napi::Result<String> {
    let index = u64::try_from(index).unwrap_or(u64::MAX);
    let proof = Note::parse(&checkpoint).and_then(|note| ledger::prove(&ledger, index, note));
    proof.map(|proof| proof.to_string()).map_err(thrown_one)
}

#[napi]
pub fn sign_note(note: String, key: String, signature: Uint8Array) -> napi::Result<String> {
    let note = Note::parse(&note).or_else(|_| Note::new(note));
    let signed = note.and_then(|note| note.signed(&VerifierKey::parse(&key)?, &signature));
    signed.map(|note| note.to_string()).map_err(thrown_one)
}

#[napi]
pub fn redact(body: String, paths: Vec<String>, seed: Uint8Array) -> napi::Result<String> {
    let seed = <[u8; 32]>::try_from(&*seed).map_err(|_| {
        napi::Error::new(napi::Status::InvalidArg, "a seed has 32 bytes of a cryptographic source")
    })?;
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let redacted =
        canonical::parse(body.as_bytes()).and_then(|body| ledger::redact::redact(body, &paths, Seed(seed)));
    let (body, disclosures) = redacted.map_err(thrown_one)?;
    text(&serde_json::json!({ "body": body, "disclosures": disclosures }))
}

#[napi]
pub fn disclose(body: String, disclosures: String) -> napi::Result<String> {
    let opened = canonical::parse(body.as_bytes()).and_then(|body| {
        let disclosures: Vec<Disclosure> = canonical::read(disclosures.as_bytes())?;
        ledger::redact::disclose(body, &disclosures)
    });
    text(&opened.map_err(thrown_one)?)
}
