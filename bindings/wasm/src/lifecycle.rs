//! `Lifecycle`: from request to confirmed end.

use crate::bundle::Bundle;
use crate::error::{instant, text, thrown_one};
use crate::facts::Facts;
use glasskey::lifecycle::Applied;
use glasskey::{Command, Error, canonical};
use serde_json::{Value, json};
use std::sync::Arc;
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

/// Requests and grants, from the first ask to the confirmed end.
#[wasm_bindgen]
pub struct Lifecycle(glasskey::Lifecycle);

#[wasm_bindgen]
impl Lifecycle {
    /// One in which nothing has happened yet.
    #[wasm_bindgen(constructor)]
    pub fn new(bundle: &Bundle, facts: &Facts) -> Self {
        Self(glasskey::Lifecycle::new(bundle.0.clone(), facts.facts.clone()))
    }

    /// Applies one command.
    pub fn apply(&mut self, command: String, now: f64) -> Result<String, JsError> {
        let command = Command::from_json(command.as_bytes()).map_err(thrown_one)?;
        text(&*self.0.apply(&command, instant(now)?).map_err(thrown_one)?)
    }

    /// Applies commands of one instant.
    #[wasm_bindgen(js_name = applyAll)]
    pub fn apply_all(&mut self, commands: Vec<String>, now: f64) -> Result<String, JsError> {
        let read = |text: String| Command::from_json(text.as_bytes()).map_err(thrown_one);
        let commands = commands.into_iter().map(read).collect::<Result<Vec<_>, JsError>>()?;
        let answers = self.0.apply_all(&commands, instant(now)?);
        let item = |(id, answer): (String, Result<Arc<Applied>, Error>)| match answer {
            Ok(applied) => json!({ "command_id": id, "ok": *applied }),
            Err(error) => json!({ "command_id": id, "error": error }),
        };
        text(&answers.into_iter().map(item).collect::<Vec<Value>>())
    }

    /// Lets another bundle decide from now on.
    #[wasm_bindgen(js_name = changeBundle)]
    pub fn change_bundle(
        &mut self,
        command_id: String,
        bundle: &Bundle,
        now: f64,
    ) -> Result<String, JsError> {
        let applied = self.0.change_bundle(&command_id, bundle.0.clone(), instant(now)?);
        text(&*applied.map_err(thrown_one)?)
    }

    /// Takes in a record.
    #[wasm_bindgen(js_name = foldAlone)]
    pub fn fold_alone(&mut self, applied: String) -> Result<(), JsError> {
        self.folded(&applied, None)
    }

    /// Takes in a record; the bundle decides from there on.
    #[wasm_bindgen(js_name = foldWith)]
    pub fn fold_with(&mut self, applied: String, bundle: &Bundle) -> Result<(), JsError> {
        self.folded(&applied, Some(&bundle.0))
    }

    /// Lets go of the answers of commands of before.
    #[wasm_bindgen(js_name = forgetAnswers)]
    pub fn forget_answers(&mut self, before: f64) -> Result<(), JsError> {
        self.0.forget_answers(instant(before)?);
        Ok(())
    }

    /// The first instant at which anything changes by itself.
    #[wasm_bindgen(js_name = nextChange)]
    pub fn next_change(&self, now: f64) -> Result<Option<String>, JsError> {
        Ok(self.0.next_change(instant(now)?).map(|at| at.to_string()))
    }

    /// The number of the last record.
    #[wasm_bindgen(getter)]
    pub fn seq(&self) -> f64 {
        self.0.seq() as f64
    }

    /// The facts as they stand.
    #[wasm_bindgen(getter)]
    pub fn facts(&self) -> Facts {
        Facts::of(self.0.facts().clone(), self.0.bundle().clone())
    }

    /// The bundle that decides.
    #[wasm_bindgen(getter)]
    pub fn bundle(&self) -> Bundle {
        Bundle(self.0.bundle().clone())
    }

    /// A request by its id.
    pub fn request(&self, id: String) -> Result<Option<String>, JsError> {
        self.0.request(&id).map(text).transpose()
    }

    /// A grant by its id.
    pub fn grant(&self, id: String) -> Result<Option<String>, JsError> {
        self.0.grant(&id).map(text).transpose()
    }

    /// An extension by its id.
    pub fn extension(&self, id: String) -> Result<Option<String>, JsError> {
        self.0.extension(&id).map(text).transpose()
    }

    /// All requests.
    pub fn requests(&self) -> Result<String, JsError> {
        text(&self.0.requests().collect::<Vec<_>>())
    }

    /// All grants.
    pub fn grants(&self) -> Result<String, JsError> {
        text(&self.0.grants().collect::<Vec<_>>())
    }

    /// Whether the other one is in the same state.
    #[wasm_bindgen(js_name = sameState)]
    pub fn same_state(&self, other: &Lifecycle) -> bool {
        self.0.same_state(&other.0)
    }

    /// Another one in the same state.
    pub fn copy(&self) -> Self {
        Self(self.0.clone())
    }
}

impl Lifecycle {
    fn folded(&mut self, applied: &str, bundle: Option<&glasskey::Bundle>) -> Result<(), JsError> {
        let applied: Applied = canonical::read(applied.as_bytes()).map_err(thrown_one)?;
        self.0.fold(&applied, bundle).map_err(thrown_one)
    }
}
