//! `Facts`: a snapshot of the world.

use crate::bundle::Bundle;
use crate::error::raise_one;
use crate::read::{self, str_of};
use crate::{clock, write};
use glasskey::{Error, FactsDocument};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

/// A snapshot of the world, read for one bundle. Immutable; safe to use from many threads.
#[pyclass(frozen, module = "glasskey", weakref)]
pub struct Facts {
    pub facts: glasskey::Facts,
    pub bundle: glasskey::Bundle,
}

/// A facts document: a `dict`, or JSON text of any length that the core takes.
fn document(value: &Bound<'_, PyAny>) -> Result<FactsDocument, Error> {
    let py = value.py();
    if let Ok(text) = value.cast::<PyBytes>() {
        let json = text.as_bytes();
        return py.detach(|| FactsDocument::from_json(json));
    }
    match value.cast::<PyString>() {
        Ok(text) => FactsDocument::from_json(str_of(text)?.as_bytes()),
        Err(_) => read::read(value),
    }
}

#[pymethods]
impl Facts {
    /// Reads a whole snapshot, which must say when it was taken.
    #[new]
    fn new(py: Python<'_>, bundle: &Bundle, snapshot: &Bound<'_, PyAny>) -> PyResult<Self> {
        let bundle = bundle.0.clone();
        let facts = document(snapshot)
            .and_then(|document| py.detach(|| glasskey::Facts::from_document(&bundle, document)))
            .map_err(|error| raise_one(py, error))?;
        Ok(Self { facts, bundle })
    }

    /// The next snapshot: this one, and what changed. This one stays as it is.
    #[pyo3(signature = (change, now=None))]
    fn observe(
        &self,
        py: Python<'_>,
        change: &Bound<'_, PyAny>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        self.observed(py, change, now).map(|(next, _)| next)
    }

    /// As `observe`, with the records that were left out of account, and why.
    #[pyo3(signature = (change, now=None))]
    fn observe_with_notes<'py>(
        &self,
        py: Python<'py>,
        change: &Bound<'py, PyAny>,
        now: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<(Self, Bound<'py, PyAny>)> {
        let (next, ignored) = self.observed(py, change, now)?;
        Ok((next, write::to_python(py, &ignored)?))
    }

    /// The same facts for another bundle, if its schema takes them.
    fn rebind(&self, py: Python<'_>, bundle: &Bundle) -> PyResult<Self> {
        let bundle = bundle.0.clone();
        let facts = py.detach(|| self.facts.rebind(&bundle)).map_err(|error| raise_one(py, error))?;
        Ok(Self { facts, bundle })
    }

    /// The latest time at which anything in it was observed.
    #[getter]
    fn observed_at(&self) -> String {
        self.facts.observed_at().to_string()
    }

    /// How many entities it has.
    #[getter]
    fn entity_count(&self) -> usize {
        self.facts.entity_count()
    }

    fn __repr__(&self) -> String {
        format!("<glasskey.{:?}>", self.facts)
    }
}

impl Facts {
    fn observed(
        &self,
        py: Python<'_>,
        change: &Bound<'_, PyAny>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<(Self, Vec<glasskey::facts::Ignored>)> {
        let now = clock::instant(py, now)?;
        let (facts, ignored) = document(change)
            .and_then(|change| py.detach(|| self.facts.with_notes(&self.bundle, change, now)))
            .map_err(|error| raise_one(py, error))?;
        Ok((Self { facts, bundle: self.bundle.clone() }, ignored))
    }
}
