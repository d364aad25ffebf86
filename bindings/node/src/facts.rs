//! `Facts`: a snapshot of the world.

use crate::bundle::Bundle;
use crate::error::{instant, text, thrown_one};
use glasskey::FactsDocument;
use napi_derive::napi;

#[napi]
pub struct Facts {
    pub(crate) facts: glasskey::Facts,
    bundle: glasskey::Bundle,
    ignored: Vec<glasskey::facts::Ignored>,
}

#[napi]
impl Facts {
    #[napi(constructor)]
    pub fn new(bundle: &Bundle, snapshot: String) -> napi::Result<Self> {
        let facts = glasskey::Facts::from_json(&bundle.0, snapshot.as_bytes()).map_err(thrown_one)?;
        Ok(Self::of(facts, bundle.0.clone()))
    }

    #[napi]
    pub fn observe(&self, change: String, now: i64) -> napi::Result<Self> {
        let now = instant(now)?;
        let (facts, ignored) = FactsDocument::from_json(change.as_bytes())
            .and_then(|change| self.facts.with_notes(&self.bundle, change, now))
            .map_err(thrown_one)?;
        Ok(Self { facts, bundle: self.bundle.clone(), ignored })
    }

    /// What the change that led here left out of account.
    #[napi(getter)]
    pub fn ignored(&self) -> napi::Result<String> {
        text(&self.ignored)
    }

    #[napi]
    pub fn rebind(&self, bundle: &Bundle) -> napi::Result<Self> {
        let facts = self.facts.rebind(&bundle.0).map_err(thrown_one)?;
        Ok(Self::of(facts, bundle.0.clone()))
    }

    #[napi(getter)]
    pub fn observed_at(&self) -> String {
        self.facts.observed_at().to_string()
    }

    #[napi(getter)]
    pub fn entity_count(&self) -> u32 {
        u32::try_from(self.facts.entity_count()).unwrap_or(u32::MAX)
    }
}

impl Facts {
    pub(crate) fn of(facts: glasskey::Facts, bundle: glasskey::Bundle) -> Self {
        Self { facts, bundle, ignored: Vec::new() }
    }
}
