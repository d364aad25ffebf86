//! `Lifecycle`: from request to confirmed end.

use crate::bundle::Bundle;
use crate::error::{instant, text, thrown_one};
use crate::facts::Facts;
use glasskey::lifecycle::Applied;
use glasskey::{Command, Error, canonical};
use napi_derive::napi;
use serde_json::{Value, json};
use std::sync::Arc;

#[napi]
pub struct Lifecycle(glasskey::Lifecycle);

#[napi]
impl Lifecycle {
    #[napi(constructor)]
    pub fn new(bundle: &Bundle, facts: &Facts) -> Self {
        Self(glasskey::Lifecycle::new(bundle.0.clone(), facts.facts.clone()))
    }

    #[napi]
    pub fn apply(&mut self, command: String, now: i64) -> napi::Result<String> {
        let command = Command::from_json(command.as_bytes()).map_err(thrown_one)?;
        text(&*self.0.apply(&command, instant(now)?).map_err(thrown_one)?)
    }

    #[napi]
    pub fn apply_all(&mut self, commands: Vec<String>, now: i64) -> napi::Result<String> {
        let read = |text: String| Command::from_json(text.as_bytes()).map_err(thrown_one);
        let commands = commands.into_iter().map(read).collect::<napi::Result<Vec<_>>>()?;
        let answers = self.0.apply_all(&commands, instant(now)?);
        let item = |(id, answer): (String, Result<Arc<Applied>, Error>)| match answer {
            Ok(applied) => json!({ "command_id": id, "ok": *applied }),
            Err(error) => json!({ "command_id": id, "error": error }),
        };
        text(&answers.into_iter().map(item).collect::<Vec<Value>>())
    }

    #[napi]
    pub fn change_bundle(&mut self, command_id: String, bundle: &Bundle, now: i64) -> napi::Result<String> {
        let applied = self.0.change_bundle(&command_id, bundle.0.clone(), instant(now)?);
        text(&*applied.map_err(thrown_one)?)
    }

    #[napi]
    pub fn fold(&mut self, applied: String, bundle: Option<&Bundle>) -> napi::Result<()> {
        let applied: Applied = canonical::read(applied.as_bytes()).map_err(thrown_one)?;
        self.0.fold(&applied, bundle.map(|b| &b.0)).map_err(thrown_one)
    }

    #[napi]
    pub fn forget_answers(&mut self, before: i64) -> napi::Result<()> {
        self.0.forget_answers(instant(before)?);
        Ok(())
    }

    #[napi]
    pub fn next_change(&self, now: i64) -> napi::Result<Option<String>> {
        Ok(self.0.next_change(instant(now)?).map(|at| at.to_string()))
    }

    #[napi(getter)]
    pub fn seq(&self) -> i64 {
        i64::try_from(self.0.seq()).unwrap_or(i64::MAX)
    }

    #[napi(getter)]
    pub fn facts(&self) -> Facts {
        Facts::of(self.0.facts().clone(), self.0.bundle().clone())
    }

    #[napi(getter)]
    pub fn bundle(&self) -> Bundle {
        Bundle(self.0.bundle().clone())
    }

    #[napi]
    pub fn request(&self, id: String) -> napi::Result<Option<String>> {
        self.0.request(&id).map(text).transpose()
    }

    #[napi]
    pub fn grant(&self, id: String) -> napi::Result<Option<String>> {
        self.0.grant(&id).map(text).transpose()
    }

    #[napi]
    pub fn extension(&self, id: String) -> napi::Result<Option<String>> {
        self.0.extension(&id).map(text).transpose()
    }

    #[napi]
    pub fn requests(&self) -> napi::Result<String> {
        text(&self.0.requests().collect::<Vec<_>>())
    }

    #[napi]
    pub fn grants(&self) -> napi::Result<String> {
        text(&self.0.grants().collect::<Vec<_>>())
    }

    #[napi]
    pub fn same_state(&self, other: &Lifecycle) -> bool {
        self.0.same_state(&other.0)
    }

    #[napi]
    pub fn copy(&self) -> Self {
        Self(self.0.clone())
    }
}
