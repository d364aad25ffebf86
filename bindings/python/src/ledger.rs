//! `Ledger`: a record that proves itself.

use crate::bundle::Bundle;
use crate::error::raise_one;
use crate::{clock, read, write};
use glasskey::ledger::redact::{Disclosure, Seed};
use glasskey::ledger::{Checkpoint, Entry, Kind, Recorded, Replay, TlogProof, Verifier};
use glasskey::lifecycle::Applied;
use glasskey::signing::{Note, VerifierKey};
use glasskey::{Error, ledger};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyType};
use serde::Serialize;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Where a ledger ends: enough to append to it. It holds no entries; the host writes each one.
/// Locked: safe to use from many threads.
#[pyclass(frozen, module = "glasskey", weakref)]
pub struct Ledger(Mutex<ledger::Ledger>);

impl Ledger {
    fn of(ledger: ledger::Ledger) -> Self {
        Self(Mutex::new(ledger))
    }

    fn lock(&self) -> MutexGuard<'_, ledger::Ledger> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A ledger and the entry that it begins with.
type Begun<'py> = (Ledger, Bound<'py, PyAny>);

fn begun(py: Python<'_>, begun: Result<(ledger::Ledger, Entry), Error>) -> PyResult<Begun<'_>> {
    let (ledger, entry) = begun.map_err(|error| raise_one(py, error))?;
    Ok((Ledger::of(ledger), write::to_python(py, &entry)?))
}

#[pymethods]
impl Ledger {
    /// Begins a ledger: the ledger, and its first entry, which names it.
    #[classmethod]
    #[pyo3(signature = (origin, at=None))]
    fn begin<'py>(
        _: &Bound<'py, PyType>,
        py: Python<'py>,
        origin: &str,
        at: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Begun<'py>> {
        begun(py, ledger::Ledger::begin(origin, clock::instant(py, at)?))
    }

    /// Opens a ledger at its first entry; `push` takes the others.
    #[classmethod]
    fn open(_: &Bound<'_, PyType>, first: &Bound<'_, PyAny>) -> PyResult<Self> {
        let opened = read::read::<Entry>(first).and_then(|entry| ledger::Ledger::open(&entry));
        opened.map(Self::of).map_err(|error| raise_one(first.py(), error))
    }

    /// A ledger from its `state`, as it was kept.
    #[classmethod]
    fn from_state(_: &Bound<'_, PyType>, state: &Bound<'_, PyAny>) -> PyResult<Self> {
        read::read(state).map(Self::of).map_err(|error| raise_one(state.py(), error))
    }

    /// Begins a ledger that continues this one, which the host then closes.
    #[pyo3(signature = (origin, at=None))]
    fn continue_as<'py>(
        &self,
        py: Python<'py>,
        origin: &str,
        at: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Begun<'py>> {
        let at = clock::instant(py, at)?;
        let next = self.lock().continue_as(origin, at);
        begun(py, next)
    }

    /// Makes the next entry and moves the end behind it. The caller writes the entry: its
    /// canonical text is its line. The body is a value, or JSON text given as `bytes`.
    #[pyo3(signature = (kind, body, at=None))]
    fn append<'py>(
        &self,
        py: Python<'py>,
        kind: &str,
        body: &Bound<'py, PyAny>,
        at: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let at = clock::instant(py, at)?;
        let entry = Kind::parse(kind)
            .and_then(|kind| Ok((kind, read::any(body)?)))
            .and_then(|(kind, body)| self.lock().append(kind, body, at));
        write::to_python(py, &entry.map_err(|error| raise_one(py, error))?)
    }

    /// Makes the entries of what a lifecycle did, in the order in which they must be written.
    fn record<'py>(&self, applied: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let entries = read::read::<Applied>(applied).and_then(|applied| self.lock().record(&applied));
        write::to_python(applied.py(), &entries.map_err(|error| raise_one(applied.py(), error))?)
    }

    /// Takes an entry that was written before, and checks that it is the next one.
    fn push(&self, entry: &Bound<'_, PyAny>) -> PyResult<()> {
        let pushed = read::read::<Entry>(entry).and_then(|entry| self.lock().push(&entry));
        pushed.map_err(|error| raise_one(entry.py(), error))
    }

    /// `now`, or the time of the last entry if a clock stepped back behind it.
    #[pyo3(signature = (now=None))]
    fn not_before(&self, py: Python<'_>, now: Option<&Bound<'_, PyAny>>) -> PyResult<String> {
        Ok(self.lock().not_before(clock::instant(py, now)?).to_string())
    }

    /// Its name.
    #[getter]
    fn origin(&self) -> String {
        self.lock().origin().to_owned()
    }

    /// The hash of the last entry.
    #[getter]
    fn head(&self) -> String {
        self.lock().head().to_string()
    }

    /// The root of the Merkle tree over the entries.
    #[getter]
    fn root(&self) -> String {
        self.lock().root().to_string()
    }

    /// When the last entry was written.
    #[getter]
    fn last_at(&self) -> String {
        self.lock().last_at().to_string()
    }

    /// All of it as plain data, to be kept where the ledger itself is kept.
    #[getter]
    fn state<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        write::to_python(py, &self.lock().clone())
    }

    /// The text of the ledger as it is now, which the host's signer signs.
    fn checkpoint(&self) -> String {
        Checkpoint::of(&self.lock()).to_text()
    }

    fn __len__(&self) -> usize {
        usize::try_from(self.lock().len()).unwrap_or(usize::MAX)
    }

    /// Another one at the same place: append to it, write, and then keep it.
    fn __copy__(&self) -> Self {
        Self::of(self.lock().clone())
    }

    fn __repr__(&self) -> String {
        let ledger = self.lock();
        let head = ledger.head().to_string();
        format!(
            "<glasskey.Ledger {}: {} entries, {}…>",
            ledger.origin(),
            ledger.len(),
            head.get(..15).unwrap_or_default()
        )
    }
}

/// Reads a ledger to its first fault: its bytes, or any iterable of bytes cut anywhere.
///
/// `checkpoints` are older ones that the ledger is held to, as notes signed by one of `keys`;
/// `resume` is a ledger whose state is trusted already, when only what stands behind it is read.
#[pyfunction]
#[pyo3(signature = (ledger, *, checkpoints=Vec::new(), keys=Vec::new(), resume=None))]
pub fn verify<'py>(
    ledger: &Bound<'py, PyAny>,
    checkpoints: Vec<String>,
    keys: Vec<String>,
    resume: Option<&Bound<'py, Ledger>>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = ledger.py();
    let known = trusted(&keys).and_then(|keys| {
        checkpoints
            .iter()
            .map(|note| Checkpoint::verify(&Note::parse(note)?, &keys))
            .collect::<Result<Vec<_>, _>>()
    });
    let known = known.map_err(|error| raise_one(py, error))?;
    let mut verifier =
        resume.map_or_else(Verifier::new, |ledger| Verifier::resume(ledger.get().lock().clone()));
    verifier = verifier.against(known);
    // The first fault stands in the report.
    if let Ok(all) = ledger.cast::<PyBytes>() {
        let all = all.as_bytes();
        _ = py.detach(|| verifier.feed(all));
    } else {
        for chunk in ledger.try_iter()? {
            let chunk = chunk?;
            let chunk = chunk.cast::<PyBytes>()?.as_bytes();
            if py.detach(|| verifier.feed(chunk)).is_err() {
                break;
            }
            py.check_signals()?;
        }
    }
    write::to_python(py, &verifier.finish())
}

pub(crate) fn trusted(keys: &[String]) -> Result<Vec<VerifierKey>, Error> {
    keys.iter().map(|key| VerifierKey::parse(key)).collect()
}

/// The checkpoint of a `.tlog-proof`, once it proves that the entry is in the ledger.
#[pyfunction]
pub fn verify_proof<'py>(
    proof: &str,
    entry: &Bound<'py, PyAny>,
    keys: Vec<String>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = entry.py();
    let verified =
        trusted(&keys).and_then(|keys| TlogProof::parse(proof)?.verify(&read::read(entry)?, &keys));
    write::to_python(py, &verified.map_err(|error| raise_one(py, error))?)
}

/// The `.tlog-proof` of an entry, for the tree of a checkpoint's note.
#[pyfunction]
pub fn prove(ledger: &Bound<'_, PyBytes>, index: u64, checkpoint: &str) -> PyResult<String> {
    let (py, bytes) = (ledger.py(), ledger.as_bytes());
    let proof = py.detach(|| ledger::prove(bytes, index, Note::parse(checkpoint)?));
    proof.map(|proof| proof.to_string()).map_err(|error| raise_one(py, error))
}

/// The note of a text, or a note itself, with what the host's signer made of the text.
#[pyfunction]
pub fn sign_note(py: Python<'_>, text: &str, key: &str, signature: &[u8]) -> PyResult<String> {
    let note = Note::parse(text).or_else(|_| Note::new(text));
    let signed = note.and_then(|note| note.signed(&VerifierKey::parse(key)?, signature));
    signed.map(|note| note.to_string()).map_err(|error| raise_one(py, error))
}

/// A body without the values at some paths, and what opens them again.
///
/// `seed` is 32 random bytes of a cryptographic source, new ones for every body.
#[pyfunction]
pub fn redact<'py>(
    body: &Bound<'py, PyAny>,
    paths: Vec<String>,
    seed: [u8; 32],
) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
    let py = body.py();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let redacted = read::any(body).and_then(|body| ledger::redact::redact(body, &paths, Seed(seed)));
    let (body, disclosures) = redacted.map_err(|error| raise_one(py, error))?;
    Ok((write::to_python(py, &body)?, write::to_python(py, &disclosures)?))
}

/// A body with disclosed values back in their places, each proven to be the one that was meant.
#[pyfunction]
pub fn disclose<'py>(
    body: &Bound<'py, PyAny>,
    disclosures: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = body.py();
    let opened = read::any(body).and_then(|body| {
        let disclosures: Vec<Disclosure> = read::read(disclosures)?;
        ledger::redact::disclose(body, &disclosures)
    });
    write::to_python(py, &opened.map_err(|error| raise_one(py, error))?)
}

/// Reads every record of a ledger and keeps what `of` makes of it.
fn each<'py, T: Serialize + Send>(
    ledger: &Bound<'py, PyBytes>,
    of: impl Fn(Recorded) -> Result<Option<T>, Error> + Sync,
) -> PyResult<Bound<'py, PyAny>> {
    let (py, bytes) = (ledger.py(), ledger.as_bytes());
    let kept = py.detach(|| {
        let mut kept = Vec::new();
        ledger::read_records(bytes, |record| {
            kept.extend(of(record)?);
            Ok(())
        })?;
        Ok(kept)
    });
    write::to_python(py, &kept.map_err(|error| raise_one(py, error))?)
}

/// What a lifecycle did, put together again from the entries of a ledger.
#[pyfunction]
pub fn records<'py>(ledger: &Bound<'py, PyBytes>) -> PyResult<Bound<'py, PyAny>> {
    each(ledger, |record| Ok(Some(record)))
}

/// Every decision in a ledger that does not follow from its evidence.
#[pyfunction]
pub fn replay<'py>(
    ledger: &Bound<'py, PyBytes>,
    bundles: Vec<PyRef<'py, Bundle>>,
) -> PyResult<Bound<'py, PyAny>> {
    let replay = Replay::new(bundles.iter().map(|bundle| bundle.0.clone()));
    each(ledger, |record| replay.check(&record))
}

/// Who held what, why, from when until when: of one incident, or of all; as of an instant, or of the
/// last record.
#[pyfunction]
#[pyo3(signature = (ledger, *, incident=None, as_of=None))]
pub fn timeline<'py>(
    ledger: &Bound<'py, PyBytes>,
    incident: Option<&str>,
    as_of: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let (py, bytes) = (ledger.py(), ledger.as_bytes());
    let as_of = as_of.map(|as_of| clock::instant(py, Some(as_of))).transpose()?;
    let timeline = py.detach(|| ledger::timeline(bytes, incident, as_of));
    write::to_python(py, &timeline.map_err(|error| raise_one(py, error))?)
}

/// What is left at an instant: privilege that is in force, and what has ended and was not confirmed
/// to have ended.
#[pyfunction]
#[pyo3(signature = (ledger, now=None))]
pub fn residual<'py>(
    ledger: &Bound<'py, PyBytes>,
    now: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let (py, bytes) = (ledger.py(), ledger.as_bytes());
    let now = clock::instant(py, now)?;
    let left = py.detach(|| ledger::residual(bytes, now));
    write::to_python(py, &left.map_err(|error| raise_one(py, error))?)
}

/// What another bundle would have made of each decision in a ledger.
#[pyfunction]
pub fn counterfactual<'py>(ledger: &Bound<'py, PyBytes>, bundle: &Bundle) -> PyResult<Bound<'py, PyAny>> {
    let bundle = bundle.0.clone();
    each(ledger, |record| ledger::counterfactual(&bundle, &record))
}
