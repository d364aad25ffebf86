//! Scenario files: tests as data, for policy authors and for every binding alike.
//!
//! A scenario is a small world, a pack and some steps. Each step does one thing at one
//! instant and says what it expects of the result; `expect` is a partial match. What steps
//! there are is a table, [`step::KINDS`].

mod document;
mod find;
mod matching;
mod names;
mod run;
pub mod step;

pub use document::{Scenario, Step};
pub use find::{Found, find};
pub use matching::{Mismatch, mismatches};
pub use names::Names;
pub use run::{Packs, Report, StepReport, run};
