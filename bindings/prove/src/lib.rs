//! Proofs about packs: what holds of every request, every entity and every fact at once,
//! with a counterexample where it does not. Symbolic compilation is Cedar's own
//! (`cedar-policy-symcc`); the solver is cvc5, a program that must be installed.
//!
//! docs/POLICIES.md says how to use it, and what a proof covers.

mod builtin;
mod cache;
mod case;
mod coverage;
mod diff;
#[cfg(test)]
mod honesty;
mod lint;
mod offer;
mod pack;
mod property;
mod prove;
mod scenario;
mod solver;
mod witness;

pub use cache::Cache;
pub use coverage::{Coverage, coverage};
pub use diff::{Change, Diff, diff};
pub use lint::{Advice, lint};
pub use pack::Pack;
pub use property::{By, Emergency, Property, Stated};
pub use prove::{Finding, Report, Step, Verdict, Wanted, prove};
pub use scenario::Counterexample;
pub use solver::{INSTALL, Limits, Prover};
pub use witness::{Ought, Witness};
