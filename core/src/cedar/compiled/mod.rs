//! Conditions, compiled once.
//!
//! Cedar rebuilds a policy's expression and parses its datetime literals on every evaluation.
//! Here the conditions of all policies of a bundle become one graph of small nodes, in which
//! equal expressions are one node: an attribute that forty policies read is read once per
//! decision, and a clause that they share is evaluated once.
//!
//! The graph knows Cedar's semantics to the letter or not at all. Whatever it does not know,
//! and every value that it does not expect, makes it bail out ([`Stop::Bail`]), and Cedar's own
//! evaluator decides that policy. Where it knows that evaluation errs ([`Stop::Err`]), Cedar
//! is asked only for the words of the error. `core/tests/differential.rs` holds it against
//! Cedar's authorizer.
//!
//! What makes sharing sound: Cedar's expressions have no effects, so evaluating a node twice in
//! one case gives the same value or the same error, and evaluating it once is enough. A node is
//! evaluated only when evaluation reaches it, so short-circuiting is as written.

mod build;
mod forms;
mod item;
mod memo;
mod op;
mod run;
mod times;

pub(super) use build::Builder;
pub use forms::{FORMS, Tally};
pub(super) use item::{Item, Stop};
pub(super) use memo::Memo;
pub(super) use op::{Made, Node, Op};
pub(super) use run::{Run, Scene};

use crate::cedar::Uid;
use crate::cedar::value::Val;
use crate::prelude::*;
use cedar_policy_core::ast::{EntityType, ExtensionFunction, Pattern};
use smol_str::SmolStr;

/// The conditions of many policies as one graph.
#[derive(Default)]
pub(crate) struct Program {
    pub(super) nodes: Vec<Made>,
    pub(super) constants: Vec<Val>,
    pub(super) names: Vec<SmolStr>,
    pub(super) paths: Vec<Box<[SmolStr]>>,
    pub(super) lists: Vec<Box<[Node]>>,
    pub(super) uids: Vec<Box<[Uid]>>,
    pub(super) patterns: Vec<Pattern>,
    pub(super) types: Vec<EntityType>,
    pub(super) functions: Vec<&'static ExtensionFunction>,
}

impl Program {
    /// How many different expressions it holds.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }
}
