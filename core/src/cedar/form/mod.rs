//! A bundle's schema and policies in their compiled form, as plain data.
//!
//! Everything is named by its place in a table, and what is made of parts names only parts that
//! stand before it: so reading needs no recursion, whatever the bytes, and nothing can go in
//! circles.

mod read;
mod write;

use crate::cedar::compiled::Op;
use crate::cedar::flips::Function;
use crate::prelude::*;
use serde::{Deserialize, Serialize};

/// A place in one of the tables.
type At = u32;

/// Schema and policies.
#[derive(Serialize, Deserialize)]
pub(crate) struct Form {
    types: Vec<String>,
    uids: Vec<(At, String)>,
    kinds: Vec<KindForm>,
    shapes: Vec<ShapeForm>,
    actions: Vec<ActionForm>,
    values: Vec<ValueForm>,
    program: ProgramForm,
    reads: Vec<ReadsForm>,
    timings: Vec<TimingForm>,
    conditions: Vec<ConditionsForm>,
    policies: Vec<PolicyForm>,
}

#[derive(Clone, Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
enum KindForm {
    Bool,
    Long,
    Text,
    Entity(At),
    Set(At),
    Record(FieldsForm),
    Time,
    Span,
}

/// Members, each with its kind and whether it must be there; and whether there may be others.
#[derive(Clone, Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct FieldsForm(Vec<(String, At, bool)>, bool);

#[derive(Serialize, Deserialize)]
struct ShapeForm {
    of: At,
    attrs: FieldsForm,
    tags: Option<At>,
    above: Vec<At>,
    ids: Option<Vec<String>>,
}

#[derive(Serialize, Deserialize)]
struct ActionForm {
    uid: At,
    above: Vec<At>,
    principals: Vec<At>,
    resources: Vec<At>,
    /// None for a group, which is in no context.
    context: Option<At>,
}

#[derive(Clone, Serialize, Deserialize)]
enum ValueForm {
    Bool(bool),
    Long(i64),
    Text(String),
    Uid(At),
    Time(i64),
    Span(i64),
    Record(Vec<(String, At)>),
    Set(Vec<At>),
}

#[derive(Serialize, Deserialize)]
struct ProgramForm {
    nodes: Vec<(Op, bool)>,
    constants: Vec<At>,
    names: Vec<String>,
    paths: Vec<Vec<String>>,
    lists: Vec<Vec<At>>,
    uids: Vec<Vec<At>>,
    /// None is a wildcard.
    patterns: Vec<Vec<Option<char>>>,
    types: Vec<At>,
}

#[derive(Serialize, Deserialize)]
struct ReadsForm {
    context: Vec<String>,
    signals: Vec<String>,
    whole_context: bool,
    all_signals: bool,
    attributes: Vec<String>,
    tags: bool,
    hops: u32,
    entities: Vec<At>,
}

/// How a side of a comparison is made from the time.
#[derive(Serialize, Deserialize)]
enum TimingForm {
    Now,
    Fixed(At),
    Call(Function, Vec<At>),
    Opaque,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
enum Comparison {
    Less,
    LessEq,
    Eq,
}

#[derive(Serialize, Deserialize)]
struct ConditionsForm {
    conjuncts: Vec<At>,
    comparisons: Vec<(Comparison, At, At)>,
    restless: bool,
}

#[derive(Serialize, Deserialize)]
struct PolicyForm {
    id: String,
    file: String,
    permits: bool,
    actions: Vec<At>,
    reads: At,
    conditions: At,
    principal: BoundForm,
    action: ActionBoundForm,
    resource: BoundForm,
}

#[derive(Serialize, Deserialize)]
enum BoundForm {
    Any,
    Eq(At),
    In(At),
    Is(At),
    IsIn(At, At),
    Nothing,
}

#[derive(Serialize, Deserialize)]
enum ActionBoundForm {
    Any,
    Eq(At),
    In(Vec<At>),
}
