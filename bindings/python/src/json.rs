//! Canonical JSON, digests, and the catalogues of codes.

use crate::error::raise_one;
use crate::read;
use glasskey::model::ReasonCode;
use glasskey::{Code, Digest, canonical};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString};

/// The RFC 8785 bytes of a value, or of JSON text given as `bytes`.
#[pyfunction]
#[pyo3(name = "canonical")]
pub fn canonical_bytes<'py>(document: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    let py = document.py();
    let value = read::any(document).map_err(|error| raise_one(py, error))?;
    Ok(PyBytes::new(py, &canonical::to_bytes(&value)))
}

/// The digest of the RFC 8785 bytes of a value, or of JSON text given as `bytes`.
#[pyfunction]
pub fn digest(document: &Bound<'_, PyAny>) -> PyResult<String> {
    let value = read::any(document).map_err(|error| raise_one(document.py(), error))?;
    Ok(Digest::of_canonical(&value).to_string())
}

/// The catalogues of `errors` and `reasons`: each code and when it is given.
#[pyfunction]
pub fn catalogue(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let of = |codes: &mut dyn Iterator<Item = (&'static str, &'static str)>| {
        let dict = PyDict::new(py);
        for (code, describe) in codes {
            dict.set_item(PyString::intern(py, code), describe.trim())?;
        }
        PyResult::Ok(dict)
    };
    let all = PyDict::new(py);
    all.set_item("errors", of(&mut Code::ALL.iter().map(|c| (c.as_str(), c.describe())))?)?;
    all.set_item("reasons", of(&mut ReasonCode::ALL.iter().map(|c| (c.as_str(), c.describe())))?)?;
    Ok(all)
}
