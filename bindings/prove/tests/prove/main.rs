//! The prover, held against packs that are right and packs that are broken on purpose.

mod common;
mod counterexamples;
mod diff;
mod faults;
mod guardrails;
mod page;
mod program;
