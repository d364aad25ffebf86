//! `Facts`: a snapshot of the world.

use crate::bundle::Bundle;
use crate::error::{instant, text, thrown_one};
use glasskey::FactsDocument;
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

/// A snapshot of the world, read for one bundle.
#[wasm_bindgen]
pub struct Facts {
    pub(crate) facts: glasskey::Facts,
    bundle: glasskey::Bundle,
    ignored: Vec<glasskey::facts::Ignored>,
}

#[wasm_bindgen]
impl Facts {
    /// Reads a whole snapshot.
    #[wasm_bindgen(constructor)]
    pub fn new(bundle: &Bundle, snapshot: String) -> Result<Self, JsError> {
        let facts = glasskey::Facts::from_json(&bundle.0, snapshot.as_bytes()).map_err(thrown_one)?;
        Ok(Self::of(facts, bundle.0.clone()))
    }

    /// The next snapshot.
    pub fn observe(&self, change: String, now: f64) -> Result<Self, JsError> {
        let now = instant(now)?;
        let (facts, ignored) = FactsDocument::from_json(change.as_bytes())
            .and_then(|change| self.facts.with_notes(&self.bundle, change, now))
            .map_err(thrown_one)?;
        Ok(Self { facts, bundle: self.bundle.clone(), ignored })
    }

    /// What the change that led here left out of account.
    #[wasm_bindgen(getter)]
    pub fn ignored(&self) -> Result<String, JsError> {
        text(&self.ignored)
    }

    /// The same facts for another bundle.
    pub fn rebind(&self, bundle: &Bundle) -> Result<Self, JsError> {
        let facts = self.facts.rebind(&bundle.0).map_err(thrown_one)?;
        Ok(Self::of(facts, bundle.0.clone()))
    }

    /// The latest time at which anything in it was observed.
    #[wasm_bindgen(getter, js_name = observedAt)]
    pub fn observed_at(&self) -> String {
        self.facts.observed_at().to_string()
    }

    /// How many entities it has.
    #[wasm_bindgen(getter, js_name = entityCount)]
    pub fn entity_count(&self) -> u32 {
        u32::try_from(self.facts.entity_count()).unwrap_or(u32::MAX)
    }
}

impl Facts {
    pub(crate) fn of(facts: glasskey::Facts, bundle: glasskey::Bundle) -> Self {
        Self { facts, bundle, ignored: Vec::new() }
    }
}
