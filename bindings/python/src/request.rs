//! `Request`: an ask that is read once and decided often.

use crate::error::raise_one;
use crate::{read, write};
use glasskey::Error;
use pyo3::prelude::*;

/// A request that is read and checked once, to be decided often. Immutable.
#[pyclass(frozen, module = "glasskey", weakref)]
pub struct Request(pub glasskey::Request);

/// A request as it is given: prepared, a `dict` or JSON text.
pub fn of(value: &Bound<'_, PyAny>) -> Result<glasskey::Request, Error> {
    if let Ok(prepared) = value.cast::<Request>() {
        return Ok(prepared.get().0.clone());
    }
    let request: glasskey::Request = read::read(value)?;
    request.check()?;
    Ok(request)
}

#[pymethods]
impl Request {
    /// Reads a request.
    #[new]
    fn new(request: &Bound<'_, PyAny>) -> PyResult<Self> {
        of(request).map(Self).map_err(|error| raise_one(request.py(), error))
    }

    /// The request as plain data.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        write::to_python(py, &self.0)
    }

    fn __repr__(&self) -> String {
        let pairs: Vec<String> =
            self.0.scope.iter().map(|p| format!("{} on {}", p.action, p.resource)).collect();
        format!("<glasskey.Request {}: {}>", self.0.principal, pairs.join(", "))
    }
}
