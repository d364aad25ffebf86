//! Decisions by the thousand, off the main thread and on all cores.

use crate::bundle::Bundle;
use crate::decide::{Ask, request};
use crate::error::{instant, text};
use crate::facts::Facts;
use glasskey::{Error, Instant};
use napi::bindgen_prelude::AsyncTask;
use napi::{Env, Task};
use napi_derive::napi;
use rayon::prelude::*;
use serde_json::json;

/// A batch at one instant.
pub struct DecideMany {
    bundle: glasskey::Bundle,
    facts: glasskey::Facts,
    requests: Vec<Result<glasskey::Request, Error>>,
    now: Instant,
}

#[napi]
pub fn decide_many(
    bundle: &Bundle,
    facts: &Facts,
    asks: Vec<Ask<'_>>,
    now: i64,
) -> napi::Result<AsyncTask<DecideMany>> {
    Ok(AsyncTask::new(DecideMany {
        bundle: bundle.0.clone(),
        facts: facts.facts.clone(),
        requests: asks.iter().map(|ask| request(ask).map(|r| r.into_owned())).collect(),
        now: instant(now)?,
    }))
}

impl Task for DecideMany {
    type Output = String;
    type JsValue = String;

    fn compute(&mut self) -> napi::Result<String> {
        let Self { bundle, facts, requests, now } = self;
        let items: Vec<String> = requests
            .par_iter()
            .map(|request| match request {
                Ok(request) => {
                    text(&glasskey::decide(bundle, facts, request, *now)).map(|ok| format!("{{\"ok\":{ok}}}"))
                }
                Err(error) => text(&json!({ "error": error })),
            })
            .collect::<napi::Result<_>>()?;
        Ok(format!("[{}]", items.join(",")))
    }

    fn resolve(&mut self, _: Env, items: String) -> napi::Result<String> {
        Ok(items)
    }
}
