//! Glasskey's errors as Python exceptions.

use crate::write;
use glasskey::{Error, Errors};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

/// `GlasskeyError`, whose class is written in Python, with every fault as plain data.
pub fn raise(py: Python<'_>, errors: &Errors) -> PyErr {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let raised = || {
        let class = CLASS.import(py, "glasskey._errors", "GlasskeyError")?;
        let report: Vec<String> = errors.0.iter().map(Error::report).collect();
        Ok(PyErr::from_value(class.call1((write::to_python(py, errors)?, report.join("\n\n")))?))
    };
    raised().unwrap_or_else(|failed: PyErr| failed)
}

/// As [`raise`], for one fault.
pub fn raise_one(py: Python<'_>, error: Error) -> PyErr {
    raise(py, &error.into())
}
