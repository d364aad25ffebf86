//! `Lifecycle`: from request to confirmed end.

use crate::bundle::Bundle;
use crate::error::raise_one;
use crate::facts::Facts;
use crate::{clock, read, write};
use glasskey::lifecycle::Applied;
use glasskey::{Command, Error, Instant};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString};
use serde::Serialize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// From request to confirmed end, as one aggregate without I/O. Locked: safe to use from many
/// threads, one command at a time.
#[pyclass(frozen, module = "glasskey", weakref)]
pub struct Lifecycle(Mutex<glasskey::Lifecycle>);

impl Lifecycle {
    /// After an error nothing has changed, so what a panic left behind is still whole.
    fn lock(&self) -> MutexGuard<'_, glasskey::Lifecycle> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something while other threads run.
    fn with<R: Send>(&self, py: Python<'_>, what: impl FnOnce(&mut glasskey::Lifecycle) -> R + Send) -> R {
        py.detach(|| what(&mut self.lock()))
    }

    fn applied<'py>(
        &self,
        py: Python<'py>,
        what: impl FnOnce(&mut glasskey::Lifecycle) -> Result<Arc<Applied>, Error> + Send,
    ) -> PyResult<Bound<'py, PyAny>> {
        let applied = self.with(py, what).map_err(|error| raise_one(py, error))?;
        write::to_python(py, &*applied)
    }

    fn shown<'py, T: Serialize + Clone + Send>(
        &self,
        py: Python<'py>,
        what: impl FnOnce(&glasskey::Lifecycle) -> Option<T> + Send,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.with(py, |life| what(life)).map(|record| write::to_python(py, &record)).transpose()
    }
}

/// A command: a `dict`, or JSON text.
fn command(value: &Bound<'_, PyAny>) -> Result<Command, Error> {
    if let Ok(text) = value.cast::<PyBytes>() {
        return Command::from_json(text.as_bytes());
    }
    match value.cast::<PyString>() {
        Ok(text) => Command::from_json(read::str_of(text)?.as_bytes()),
        Err(_) => Command::from_value(read::any(value)?),
    }
}

#[pymethods]
impl Lifecycle {
    /// A lifecycle in which nothing has happened yet.
    #[new]
    fn new(bundle: &Bundle, facts: &Facts) -> Self {
        Self(Mutex::new(glasskey::Lifecycle::new(bundle.0.clone(), facts.facts.clone())))
    }

    /// Applies one command: what happened, what to carry out, what was decided.
    ///
    /// A refusal is no error. Sending the same command again gives the same answer and changes
    /// nothing. After an error nothing has changed.
    #[pyo3(signature = (command, now=None))]
    fn apply<'py>(
        &self,
        py: Python<'py>,
        command: &Bound<'py, PyAny>,
        now: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let now = clock::instant(py, now)?;
        let command = self::command(command).map_err(|error| raise_one(py, error))?;
        self.applied(py, |life| life.apply(&command, now))
    }

    /// Applies commands of one instant, those that end privilege first, so that any order of
    /// arrival gives the same answers: `{"command_id", "ok"}` or `{"command_id", "error"}` each.
    #[pyo3(signature = (commands, now=None))]
    fn apply_all<'py>(
        &self,
        py: Python<'py>,
        commands: &Bound<'py, PyAny>,
        now: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyList>> {
        let now = clock::instant(py, now)?;
        let each = |c: PyResult<Bound<'py, PyAny>>| command(&c?).map_err(|error| raise_one(py, error));
        let commands = commands.try_iter()?.map(each).collect::<PyResult<Vec<Command>>>()?;
        let answers = PyList::empty(py);
        for (id, answer) in self.with(py, |life| life.apply_all(&commands, now)) {
            let item = PyDict::new(py);
            item.set_item("command_id", id)?;
            match answer {
                Ok(applied) => item.set_item("ok", write::to_python(py, &*applied)?)?,
                Err(error) => item.set_item("error", write::to_python(py, &error)?)?,
            }
            answers.append(item)?;
        }
        Ok(answers)
    }

    /// Lets another bundle decide from now on. What it no longer permits becomes void, or ends.
    #[pyo3(signature = (command_id, bundle, now=None))]
    fn change_bundle<'py>(
        &self,
        py: Python<'py>,
        command_id: &str,
        bundle: &Bundle,
        now: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let now = clock::instant(py, now)?;
        self.applied(py, |life| life.change_bundle(command_id, bundle.0.clone(), now))
    }

    /// Takes in a record that a lifecycle like this one gave before: the state after it is the
    /// state that made it. `bundle` is the one that decides from there on, if the record changed it.
    #[pyo3(signature = (applied, bundle=None))]
    fn fold(&self, py: Python<'_>, applied: &Bound<'_, PyAny>, bundle: Option<&Bundle>) -> PyResult<()> {
        let folded = read::read::<Applied>(applied)
            .and_then(|applied| self.with(py, |life| life.fold(&applied, bundle.map(|b| &b.0))));
        folded.map_err(|error| raise_one(py, error))
    }

    /// Forgets what commands were answered before an instant, to free memory: it is in the ledger.
    /// Such a command sent again is not applied again, but refused as `answer_forgotten`.
    fn forget_answers(&self, before: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = before.py();
        let before: Instant = clock::instant(py, Some(before))?;
        self.with(py, |life| life.forget_answers(before));
        Ok(())
    }

    /// The first instant at which anything changes by itself; come back then with a `tick`.
    #[pyo3(signature = (now=None))]
    fn next_change(&self, py: Python<'_>, now: Option<&Bound<'_, PyAny>>) -> PyResult<Option<String>> {
        let now: Instant = clock::instant(py, now)?;
        Ok(self.with(py, |life| life.next_change(now)).map(|at| at.to_string()))
    }

    /// The number of the last record.
    #[getter]
    fn seq(&self, py: Python<'_>) -> u64 {
        self.with(py, |life| life.seq())
    }

    /// The facts as they stand.
    #[getter]
    fn facts(&self, py: Python<'_>) -> Facts {
        self.with(py, |life| Facts { facts: life.facts().clone(), bundle: life.bundle().clone() })
    }

    /// The bundle that decides.
    #[getter]
    fn bundle(&self, py: Python<'_>) -> Bundle {
        Bundle(self.with(py, |life| life.bundle().clone()))
    }

    /// A request by its id.
    fn request<'py>(&self, py: Python<'py>, id: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.shown(py, |life| life.request(id).cloned())
    }

    /// A grant by its id.
    fn grant<'py>(&self, py: Python<'py>, id: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.shown(py, |life| life.grant(id).cloned())
    }

    /// An extension by its id.
    fn extension<'py>(&self, py: Python<'py>, id: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.shown(py, |life| life.extension(id).cloned())
    }

    /// All requests, in order of their ids.
    fn requests<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        write::to_python(py, &self.with(py, |life| life.requests().cloned().collect::<Vec<_>>()))
    }

    /// All grants, in order of their ids.
    fn grants<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        write::to_python(py, &self.with(py, |life| life.grants().cloned().collect::<Vec<_>>()))
    }

    /// Whether the other one is in the same state.
    fn same_state(&self, py: Python<'_>, other: &Self) -> bool {
        let other = other.with(py, |life| life.clone());
        self.with(py, |life| life.same_state(&other))
    }

    /// Another one in the same state: what is applied to it leaves this one alone.
    fn __copy__(&self, py: Python<'_>) -> Self {
        Self(Mutex::new(self.with(py, |life| life.clone())))
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        let (seq, requests, grants) =
            self.with(py, |life| (life.seq(), life.requests().count(), life.grants().count()));
        format!("<glasskey.Lifecycle at {seq}: {requests} requests, {grants} grants>")
    }
}
