//! Decisions.

use crate::bundle::Bundle;
use crate::error::raise_one;
use crate::facts::Facts;
use crate::{clock, request, write};
use glasskey::{Decision, Error, Instant, canonical};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList};
use rayon::prelude::*;

/// How many decisions of a batch are made before signals such as Ctrl-C are looked at.
const CHUNK: usize = 1_024;

/// Decides one request by `how`, while other threads run.
fn one<R: Send>(
    bundle: &Bundle,
    facts: &Facts,
    request: &Bound<'_, PyAny>,
    now: Option<&Bound<'_, PyAny>>,
    how: fn(&glasskey::Bundle, &glasskey::Facts, &glasskey::Request, Instant) -> R,
) -> PyResult<R> {
    let py = request.py();
    let now = clock::instant(py, now)?;
    let request = request::of(request).map_err(|error| raise_one(py, error))?;
    Ok(py.detach(|| how(&bundle.0, &facts.facts, &request, now)))
}

/// Decides a request: permit, pending or deny, with what follows from it.
#[pyfunction]
#[pyo3(signature = (bundle, facts, request, now=None))]
pub fn decide<'py>(
    bundle: &Bound<'py, Bundle>,
    facts: &Bound<'py, Facts>,
    request: &Bound<'py, PyAny>,
    now: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let decision = one(bundle.get(), facts.get(), request, now, glasskey::decide)?;
    write::to_python(request.py(), &decision)
}

/// As `decide`, but only the answer, until when, and its duties: much the quickest.
#[pyfunction]
#[pyo3(signature = (bundle, facts, request, now=None))]
pub fn answer<'py>(
    bundle: &Bound<'py, Bundle>,
    facts: &Bound<'py, Facts>,
    request: &Bound<'py, PyAny>,
    now: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let verdict = one(bundle.get(), facts.get(), request, now, glasskey::answer)?;
    write::to_python(request.py(), &verdict)
}

/// As `decide`, for what nobody records: without `evaluation_id` and `evidence`.
#[pyfunction]
#[pyo3(signature = (bundle, facts, request, now=None))]
pub fn decide_with_reasons<'py>(
    bundle: &Bound<'py, Bundle>,
    facts: &Bound<'py, Facts>,
    request: &Bound<'py, PyAny>,
    now: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let decision = one(bundle.get(), facts.get(), request, now, glasskey::decide_with_reasons)?;
    write::to_python(request.py(), &decision)
}

/// Everybody who would be permitted what is asked for, or could be once seats are filled.
#[pyfunction]
#[pyo3(signature = (bundle, facts, request, now=None))]
pub fn who_can<'py>(
    bundle: &Bound<'py, Bundle>,
    facts: &Bound<'py, Facts>,
    request: &Bound<'py, PyAny>,
    now: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let found = one(bundle.get(), facts.get(), request, now, glasskey::who_can)?;
    write::to_python(request.py(), &found)
}

/// Everything that the request's principal would be permitted, or could be once seats are filled.
#[pyfunction]
#[pyo3(signature = (bundle, facts, request, now=None))]
pub fn what_can<'py>(
    bundle: &Bound<'py, Bundle>,
    facts: &Bound<'py, Facts>,
    request: &Bound<'py, PyAny>,
    now: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let found = one(bundle.get(), facts.get(), request, now, glasskey::what_can)?;
    write::to_python(request.py(), &found)
}

/// As `decide`, from JSON text to canonical JSON text (RFC 8785).
#[pyfunction]
#[pyo3(signature = (bundle, facts, request, now=None))]
pub fn decide_json<'py>(
    bundle: &Bound<'py, Bundle>,
    facts: &Bound<'py, Facts>,
    request: &Bound<'py, PyAny>,
    now: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyBytes>> {
    let bytes = one(bundle.get(), facts.get(), request, now, |b, f, r, now| {
        canonical::to_bytes(&glasskey::decide(b, f, r, now))
    })?;
    Ok(PyBytes::new(request.py(), &bytes))
}

/// As `decide`, with every rule that was considered and the first condition that failed.
#[pyfunction]
#[pyo3(signature = (bundle, facts, request, now=None))]
pub fn explain<'py>(
    bundle: &Bound<'py, Bundle>,
    facts: &Bound<'py, Facts>,
    request: &Bound<'py, PyAny>,
    now: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let explanation = one(bundle.get(), facts.get(), request, now, glasskey::explain)?;
    write::to_python(request.py(), &explanation)
}

/// As `decide`, with all that the decision followed from.
#[pyfunction]
#[pyo3(signature = (bundle, facts, request, now=None))]
pub fn decide_with_evidence<'py>(
    bundle: &Bound<'py, Bundle>,
    facts: &Bound<'py, Facts>,
    request: &Bound<'py, PyAny>,
    now: Option<&Bound<'py, PyAny>>,
) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
    let py = request.py();
    let (decision, evidence) = one(bundle.get(), facts.get(), request, now, glasskey::decide_with_evidence)?;
    Ok((write::to_python(py, &decision)?, write::to_python(py, &evidence)?))
}

/// Decides again from a decision's evidence alone.
#[pyfunction]
pub fn decide_again<'py>(
    bundle: &Bound<'py, Bundle>,
    evidence: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = evidence.py();
    let bundle = &bundle.get().0;
    let again = crate::read::read(evidence)
        .and_then(|evidence| py.detach(|| glasskey::decide_again(bundle, &evidence)))
        .map_err(|error| raise_one(py, error))?;
    write::to_python(py, &again)
}

/// Decides many requests at one instant, on all cores, in the order given.
///
/// Each item of the answer is `{"ok": decision}` or `{"error": fault}`.
#[pyfunction]
#[pyo3(signature = (bundle, facts, requests, now=None))]
pub fn decide_many<'py>(
    bundle: &Bound<'py, Bundle>,
    facts: &Bound<'py, Facts>,
    requests: &Bound<'py, PyAny>,
    now: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyList>> {
    let py = requests.py();
    let now = clock::instant(py, now)?;
    let (bundle, facts) = (&bundle.get().0, &facts.get().facts);
    let answers = PyList::empty(py);
    let mut requests = requests.try_iter()?;
    loop {
        let chunk = requests
            .by_ref()
            .take(CHUNK)
            .map(|r| r.map(|r| request::of(&r)))
            .collect::<PyResult<Vec<_>>>()?;
        if chunk.is_empty() {
            return Ok(answers);
        }
        let decided: Vec<Result<Decision, Error>> = py.detach(|| {
            chunk.into_par_iter().map(|r| Ok(glasskey::decide(bundle, facts, &r?, now))).collect()
        });
        for answer in decided {
            let item = PyDict::new(py);
            match answer {
                Ok(decision) => item.set_item(pyo3::intern!(py, "ok"), write::to_python(py, &decision)?)?,
                Err(error) => item.set_item(pyo3::intern!(py, "error"), write::to_python(py, &error)?)?,
            }
            answers.append(item)?;
        }
        py.check_signals()?;
    }
}
