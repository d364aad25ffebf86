//! The command line of Glasskey as a library: [`run`] does what the program does, and
//! [`scenario`] runs scenario files for whoever wants to, such as the conformance tests.

mod account;
mod args;
mod commands;
mod fault;
mod key;
mod ledger;
mod outcome;
mod pack;
mod place;
mod progress;
mod report;
pub mod scenario;
mod screen;
mod show;

pub use args::Args;
pub use commands::run;
pub use fault::{CODES, Fault, Text};
pub use ledger::Recording;
pub use outcome::{Exit, Outcome};
pub use pack::{Document, Pack};
pub use screen::{Ink, Pen, Screen};
