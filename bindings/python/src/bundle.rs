//! `Bundle`: a compiled pack.

use crate::error::{raise, raise_one};
use crate::ledger::trusted;
use crate::read::str_of;
use crate::write;
use glasskey::Sources;
use glasskey::signing::{Envelope, Statement};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyMapping, PyString, PyType};

/// A compiled pack: schema, policies and manifest. Immutable; safe to use from many threads.
#[pyclass(frozen, module = "glasskey", weakref)]
pub struct Bundle(pub glasskey::Bundle);

/// A pack's files by name: text, or bytes.
fn sources(files: &Bound<'_, PyMapping>) -> PyResult<Sources> {
    let py = files.py();
    let mut sources = Sources::new();
    for item in files.items()? {
        let (name, content): (String, Bound<'_, PyAny>) = item.extract()?;
        sources = match content.cast::<PyString>() {
            Ok(text) => sources.with(name, str_of(text).map_err(|e| raise_one(py, e))?),
            Err(_) => sources.with(name, content.cast::<PyBytes>()?.as_bytes()),
        };
    }
    Ok(sources)
}

/// What a signed envelope says of a bundle, once one of `keys` signed it and the files are those.
#[pyfunction]
pub fn verify_bundle<'py>(
    files: &Bound<'py, PyMapping>,
    envelope: &str,
    keys: Vec<String>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = files.py();
    let sources = sources(files)?;
    let keys = trusted(&keys).map_err(|error| raise_one(py, error))?;
    let opened =
        Envelope::parse(envelope.as_bytes()).and_then(|envelope| Ok(Statement::open(&envelope, &keys)?.0));
    let statement = opened.map_err(|error| raise_one(py, error))?;
    statement.check(sources.iter()).map_err(|errors| raise(py, &errors))?;
    write::to_python(py, statement.predicate())
}

#[pymethods]
impl Bundle {
    /// Compiles a pack from its files, by name: one `bundle.toml`, any `*.cedar` and `*.cedarschema`.
    ///
    /// Raises GlasskeyError with every fault of every file in `.errors`.
    #[classmethod]
    fn compile(_: &Bound<'_, PyType>, files: &Bound<'_, PyMapping>) -> PyResult<Self> {
        let py = files.py();
        let sources = sources(files)?;
        py.detach(|| glasskey::Bundle::compile(&sources)).map(Self).map_err(|errors| raise(py, &errors))
    }

    /// Compiles a pack that one of `keys` has signed: `envelope` is the text of its `bundle.dsse.json`,
    /// or None if there is none, which is an error. Decisions, evidence and records name the signers.
    #[classmethod]
    fn compile_signed(
        _: &Bound<'_, PyType>,
        files: &Bound<'_, PyMapping>,
        envelope: Option<&str>,
        keys: Vec<String>,
    ) -> PyResult<Self> {
        let py = files.py();
        let sources = sources(files)?;
        let keys = trusted(&keys).map_err(|error| raise_one(py, error))?;
        let envelope = envelope.map(str::as_bytes);
        py.detach(|| glasskey::Bundle::compile_signed(&sources, envelope, &keys))
            .map(Self)
            .map_err(|errors| raise(py, &errors))
    }

    /// A pack from its compiled form, which loads without a parser and decides the same. Only load
    /// what you would run: `from_compiled_signed` checks who made it.
    ///
    /// Raises GlasskeyError `bad_compiled` for bytes that are none, or are those of another version.
    #[classmethod]
    fn from_compiled(kind: &Bound<'_, PyType>, form: &[u8]) -> PyResult<Self> {
        let py = kind.py();
        py.detach(|| glasskey::Bundle::from_compiled(form)).map(Self).map_err(|error| raise_one(py, error))
    }

    /// A pack from its compiled form, if one of `keys` has signed it. The envelope is over one file,
    /// `bundle.compiled`.
    #[classmethod]
    fn from_compiled_signed(
        kind: &Bound<'_, PyType>,
        form: &[u8],
        envelope: Option<&str>,
        keys: Vec<String>,
    ) -> PyResult<Self> {
        let py = kind.py();
        let keys = trusted(&keys).map_err(|error| raise_one(py, error))?;
        let envelope = envelope.map(str::as_bytes);
        py.detach(|| glasskey::Bundle::from_compiled_signed(form, envelope, &keys))
            .map(Self)
            .map_err(|errors| raise(py, &errors))
    }

    /// Its compiled form: always the same bytes for the same pack. Texts of policies and schema are
    /// left out: what is loaded from it points at no place in a text, and cannot be extended.
    ///
    /// Raises GlasskeyError `not_compilable` if something in the pack takes Cedar itself.
    fn to_compiled<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let form = py.detach(|| self.0.to_compiled()).map_err(|error| raise_one(py, error))?;
        Ok(PyBytes::new(py, &form))
    }

    /// The folder, relative to the pack's own, of a pack that these files extend and do not hold
    /// yet: its files go in under names that begin with it, like `../starter/rules.cedar`.
    #[staticmethod]
    fn missing_base(files: &Bound<'_, PyMapping>) -> PyResult<Option<String>> {
        Ok(sources(files)?.missing_base())
    }

    /// The digest that names it.
    #[getter]
    fn digest(&self) -> String {
        self.0.digest().to_string()
    }

    /// The keys that signed it, if a signature was demanded.
    #[getter]
    fn signed_by(&self) -> Vec<String> {
        self.0.signed_by().to_vec()
    }

    /// The pack's name.
    #[getter]
    fn name(&self) -> &str {
        &self.0.manifest().name
    }

    /// The pack's version.
    #[getter]
    fn version(&self) -> &str {
        &self.0.manifest().version
    }

    /// The whole schema as Cedar text.
    #[getter]
    fn schema(&self) -> &str {
        self.0.schema_text()
    }

    /// What it holds: manifest, rules with their terms, guards, actions, warnings.
    fn outline<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        write::to_python(py, &self.0.outline())
    }

    fn __repr__(&self) -> String {
        let (rules, guards) = (self.0.rules().len(), self.0.guards().len());
        let digest = self.0.digest().to_string();
        let short = digest.get(..15).unwrap_or_default();
        format!(
            "<glasskey.Bundle {} {}: {rules} rules, {guards} guards, {short}…>",
            self.name(),
            self.version()
        )
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.0.digest() == other.0.digest()
    }

    fn __hash__(&self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = *self.0.digest().as_bytes();
        u64::from_le_bytes([a, b, c, d, e, f, g, h])
    }
}
