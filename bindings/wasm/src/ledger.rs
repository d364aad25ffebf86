//! `Ledger`: a record that proves itself.

use crate::bundle::{Bundle, trusted};
use crate::error::{instant, text, thrown_one};
use glasskey::ledger::redact::{Disclosure, Seed};
use glasskey::ledger::{self, Checkpoint, Entry, Kind, Replay, Verifier};
use glasskey::lifecycle::Applied;
use glasskey::signing::{Note, VerifierKey};
use glasskey::{Error, canonical};
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

/// Where a ledger ends: enough to append to it.
#[wasm_bindgen]
pub struct Ledger(ledger::Ledger);

/// A ledger and the entry that it begins with.
#[wasm_bindgen]
pub struct Begun {
    ledger: ledger::Ledger,
    entry: Entry,
}

#[wasm_bindgen]
impl Begun {
    /// The ledger.
    #[wasm_bindgen(getter)]
    pub fn ledger(&self) -> Ledger {
        Ledger(self.ledger.clone())
    }

    /// Its first entry.
    #[wasm_bindgen(getter)]
    pub fn entry(&self) -> Result<String, JsError> {
        text(&self.entry)
    }
}

fn read<T: serde::de::DeserializeOwned>(json: &str) -> Result<T, JsError> {
    canonical::read(json.as_bytes()).map_err(thrown_one)
}

fn begun(begun: Result<(ledger::Ledger, Entry), Error>) -> Result<Begun, JsError> {
    begun.map(|(ledger, entry)| Begun { ledger, entry }).map_err(thrown_one)
}

#[wasm_bindgen]
impl Ledger {
    /// Begins a ledger.
    pub fn begin(origin: String, at: f64) -> Result<Begun, JsError> {
        begun(ledger::Ledger::begin(&origin, instant(at)?))
    }

    /// Opens a ledger at its first entry.
    pub fn open(first: String) -> Result<Self, JsError> {
        ledger::Ledger::open(&read(&first)?).map(Self).map_err(thrown_one)
    }

    /// A ledger from its state.
    #[wasm_bindgen(js_name = fromState)]
    pub fn from_state(state: String) -> Result<Self, JsError> {
        read(&state).map(Self)
    }

    /// Begins a ledger that continues this one.
    #[wasm_bindgen(js_name = continueAs)]
    pub fn continue_as(&self, origin: String, at: f64) -> Result<Begun, JsError> {
        begun(self.0.continue_as(&origin, instant(at)?))
    }

    /// Makes the next entry.
    pub fn append(&mut self, kind: String, body: String, at: f64) -> Result<String, JsError> {
        let at = instant(at)?;
        let entry = Kind::parse(&kind)
            .and_then(|kind| Ok((kind, canonical::parse(body.as_bytes())?)))
            .and_then(|(kind, body)| self.0.append(kind, body, at));
        text(&entry.map_err(thrown_one)?)
    }

    /// Makes the entries of what a lifecycle did.
    pub fn record(&mut self, applied: String) -> Result<String, JsError> {
        let applied: Applied = read(&applied)?;
        text(&self.0.record(&applied).map_err(thrown_one)?)
    }

    /// Takes an entry that was written before.
    pub fn push(&mut self, entry: String) -> Result<(), JsError> {
        self.0.push(&read(&entry)?).map_err(thrown_one)
    }

    /// `now`, or the time of the last entry if that is later.
    #[wasm_bindgen(js_name = notBefore)]
    pub fn not_before(&self, now: f64) -> Result<String, JsError> {
        Ok(self.0.not_before(instant(now)?).to_string())
    }

    /// Its name.
    #[wasm_bindgen(getter)]
    pub fn origin(&self) -> String {
        self.0.origin().to_owned()
    }

    /// How many entries it has.
    #[wasm_bindgen(getter)]
    pub fn size(&self) -> f64 {
        self.0.len() as f64
    }

    /// The hash of the last entry.
    #[wasm_bindgen(getter)]
    pub fn head(&self) -> String {
        self.0.head().to_string()
    }

    /// The root of the Merkle tree.
    #[wasm_bindgen(getter)]
    pub fn root(&self) -> String {
        self.0.root().to_string()
    }

    /// When the last entry was written.
    #[wasm_bindgen(getter, js_name = lastAt)]
    pub fn last_at(&self) -> String {
        self.0.last_at().to_string()
    }

    /// All of it, to be kept.
    #[wasm_bindgen(getter)]
    pub fn state(&self) -> Result<String, JsError> {
        text(&self.0)
    }

    /// The text that the host's signer signs.
    pub fn checkpoint(&self) -> String {
        Checkpoint::of(&self.0).to_text()
    }

    /// Another one at the same place.
    pub fn copy(&self) -> Self {
        Self(self.0.clone())
    }
}

/// A ledger being read to its first fault.
#[wasm_bindgen]
pub struct Verifying(Verifier);

#[wasm_bindgen]
impl Verifying {
    /// From the beginning of a ledger.
    pub fn begin(checkpoints: Vec<String>, keys: Vec<String>) -> Result<Self, JsError> {
        Self::of(Verifier::new(), &checkpoints, &keys)
    }

    /// From where a ledger was read to before.
    pub fn resume(ledger: &Ledger, checkpoints: Vec<String>, keys: Vec<String>) -> Result<Self, JsError> {
        Self::of(Verifier::resume(ledger.0.clone()), &checkpoints, &keys)
    }

    /// Reads on; whether the ledger holds so far.
    pub fn feed(&mut self, chunk: &[u8]) -> bool {
        self.0.feed(chunk).is_ok()
    }

    /// What was found.
    pub fn finish(mut self) -> Result<String, JsError> {
        text(&self.0.finish())
    }
}

impl Verifying {
    fn of(verifier: Verifier, checkpoints: &[String], keys: &[String]) -> Result<Self, JsError> {
        let known = trusted(keys).and_then(|keys| {
            let verified = |note: &String| Checkpoint::verify(&Note::parse(note)?, &keys);
            checkpoints.iter().map(verified).collect::<Result<Vec<_>, _>>()
        });
        Ok(Self(verifier.against(known.map_err(thrown_one)?)))
    }
}

/// What a lifecycle did, from the entries of a ledger.
#[wasm_bindgen]
pub fn records(ledger: &[u8]) -> Result<String, JsError> {
    let mut all = Vec::new();
    ledger::read_records(ledger, |record| {
        all.push(record);
        Ok(())
    })
    .map_err(thrown_one)?;
    text(&all)
}

/// The bundles of a replay, one after the other.
#[wasm_bindgen]
#[derive(Default)]
pub struct Bundles(Vec<glasskey::Bundle>);

#[wasm_bindgen]
impl Bundles {
    /// None yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// One more.
    pub fn push(&mut self, bundle: &Bundle) {
        self.0.push(bundle.0.clone());
    }
}

/// Every decision that does not follow from its evidence.
#[wasm_bindgen]
pub fn replay(ledger: &[u8], bundles: &Bundles) -> Result<String, JsError> {
    let replay = Replay::new(bundles.0.iter().cloned());
    let mut all = Vec::new();
    ledger::read_records(ledger, |record| {
        all.extend(replay.check(&record)?);
        Ok(())
    })
    .map_err(thrown_one)?;
    text(&all)
}

/// Who held what, why, from when until when.
#[wasm_bindgen]
pub fn timeline(ledger: &[u8], incident: Option<String>, as_of: Option<f64>) -> Result<String, JsError> {
    let as_of = as_of.map(instant).transpose()?;
    text(&ledger::timeline(ledger, incident.as_deref(), as_of).map_err(thrown_one)?)
}

/// What is left at an instant.
#[wasm_bindgen]
pub fn residual(ledger: &[u8], now: f64) -> Result<String, JsError> {
    text(&ledger::residual(ledger, instant(now)?).map_err(thrown_one)?)
}

/// What another bundle would have made of each decision.
#[wasm_bindgen]
pub fn counterfactual(ledger: &[u8], bundle: &Bundle) -> Result<String, JsError> {
    let mut all = Vec::new();
    ledger::read_records(ledger, |record| {
        all.extend(ledger::counterfactual(&bundle.0, &record)?);
        Ok(())
    })
    .map_err(thrown_one)?;
    text(&all)
}

/// The proof of an entry.
#[wasm_bindgen]
pub fn prove(ledger: &[u8], index: f64, checkpoint: String) -> Result<String, JsError> {
    let index = if index < 0.0 { u64::MAX } else { index as u64 };
    let proof = Note::parse(&checkpoint).and_then(|note| ledger::prove(ledger, index, note));
    proof.map(|proof| proof.to_string()).map_err(thrown_one)
}

/// A note with the signature that the host's signer made.
#[wasm_bindgen(js_name = signNote)]
pub fn sign_note(note: String, key: String, signature: &[u8]) -> Result<String, JsError> {
    let note = Note::parse(&note).or_else(|_| Note::new(note));
    let signed = note.and_then(|note| note.signed(&VerifierKey::parse(&key)?, signature));
    signed.map(|note| note.to_string()).map_err(thrown_one)
}

/// A body without some values, and what opens them again; the seed has 32 bytes.
#[wasm_bindgen]
pub fn redact(body: String, paths: Vec<String>, seed: &[u8]) -> Result<String, JsError> {
    let seed = <[u8; 32]>::try_from(seed)
        .map_err(|_| JsError::new("a seed has 32 bytes of a cryptographic source"))?;
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let redacted =
        canonical::parse(body.as_bytes()).and_then(|body| ledger::redact::redact(body, &paths, Seed(seed)));
    let (body, disclosures) = redacted.map_err(thrown_one)?;
    text(&serde_json::json!({ "body": body, "disclosures": disclosures }))
}

/// A body with disclosed values back in their places.
#[wasm_bindgen]
pub fn disclose(body: String, disclosures: String) -> Result<String, JsError> {
    let opened = canonical::parse(body.as_bytes()).and_then(|body| {
        let disclosures: Vec<Disclosure> = canonical::read(disclosures.as_bytes())?;
        ledger::redact::disclose(body, &disclosures)
    });
    text(&opened.map_err(thrown_one)?)
}
