//! The shape of a scenario file.

use glasskey::Instant;
use serde::Deserialize;
use serde_json::{Map, Value};

/// A scenario as it stands in its file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it shows, in a line.
    pub name: String,
    /// More about it, for people.
    #[serde(default)]
    pub description: String,
    /// The folder of the pack, relative to the file.
    pub bundle: String,
    /// The facts at the beginning: a document, or the path of one relative to the file.
    pub facts: Value,
    /// The time of steps that do not say their own.
    #[serde(default)]
    pub now: Option<Instant>,
    /// What happens.
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// When; the step before's time, or the scenario's `now`, if not said.
    #[serde(default)]
    pub at: Option<Instant>,
    /// A word on it, for people.
    #[serde(default)]
    pub note: String,
    /// The id of the command, so that a later step can send the same one again; a fresh one,
    /// if not said.
    #[serde(default)]
    pub command_id: Option<String>,
    /// A name for what the step makes, so that later steps can refer to it. A lifecycle step
    /// may say it in its own body as well.
    #[serde(default, rename = "as")]
    pub name: Option<String>,
    /// What: one member, named like the step's kind.
    #[serde(rename = "do")]
    pub action: Map<String, Value>,
    /// What the result must hold.
    #[serde(default)]
    pub expect: Option<Value>,
    /// What the error must hold: the step must be refused as malformed.
    #[serde(default)]
    pub expect_error: Option<Value>,
}
