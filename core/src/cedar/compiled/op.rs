//! The nodes of the graph.

use super::times::{OfTime, OfTwo};
use serde::{Deserialize, Serialize};

/// A node, by its place in the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Node(pub(in crate::cedar) u32);

/// A node as it stands in the program.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Made {
    pub(in crate::cedar) op: Op,
    /// Several others use it, so its value is worth keeping.
    pub(in crate::cedar) shared: bool,
}

/// What a node does. Numbers are places in the program's tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Op {
    Const(u32),
    Principal,
    Action,
    Resource,
    Context,
    /// `a.name`.
    Get(Node, u32),
    /// `a has name`.
    Has(Node, u32),
    /// `a has name.name.name`.
    HasPath(Node, u32),
    GetTag(Node, Node),
    HasTag(Node, Node),
    Not(Node),
    Neg(Node),
    IsEmpty(Node),
    /// `a && b && c`.
    All(u32),
    /// `a || b || c`.
    Any(u32),
    If(Node, Node, Node),
    Eq(Node, Node),
    Less(Node, Node),
    LessEq(Node, Node),
    Add(Node, Node),
    Sub(Node, Node),
    Mul(Node, Node),
    In(Node, Node),
    /// `a in [uid, uid]`.
    InAny(Node, u32),
    Contains(Node, Node),
    ContainsAll(Node, Node),
    ContainsAny(Node, Node),
    Like(Node, u32),
    Is(Node, u32),
    /// A method of one datetime or duration.
    OfTime(OfTime, Node),
    /// A method of two of them.
    OfTwo(OfTwo, Node, Node),
    /// Any other extension function, by its place, and its arguments' list.
    Call(u32, u32),
    /// It is known to err.
    Errs,
    /// Only Cedar knows.
    Opaque,
}

impl Op {
    /// Whether keeping its value costs more than evaluating it again.
    pub(in crate::cedar) const fn is_trivial(self) -> bool {
        matches!(
            self,
            Self::Const(_)
                | Self::Principal
                | Self::Action
                | Self::Resource
                | Self::Context
                | Self::Errs
                | Self::Opaque
        )
    }

    /// The nodes that it names; those of its list stand in the program.
    pub(super) const fn nodes(self) -> [Option<Node>; 3] {
        match self {
            Self::Get(a, _)
            | Self::Has(a, _)
            | Self::HasPath(a, _)
            | Self::Not(a)
            | Self::Neg(a)
            | Self::IsEmpty(a)
            | Self::InAny(a, _)
            | Self::Like(a, _)
            | Self::Is(a, _)
            | Self::OfTime(_, a) => [Some(a), None, None],
            Self::GetTag(a, b)
            | Self::HasTag(a, b)
            | Self::Eq(a, b)
            | Self::Less(a, b)
            | Self::LessEq(a, b)
            | Self::Add(a, b)
            | Self::Sub(a, b)
            | Self::Mul(a, b)
            | Self::In(a, b)
            | Self::Contains(a, b)
            | Self::ContainsAll(a, b)
            | Self::ContainsAny(a, b)
            | Self::OfTwo(_, a, b) => [Some(a), Some(b), None],
            Self::If(a, b, c) => [Some(a), Some(b), Some(c)],
            Self::Const(_)
            | Self::Principal
            | Self::Action
            | Self::Resource
            | Self::Context
            | Self::All(_)
            | Self::Any(_)
            | Self::Call(..)
            | Self::Errs
            | Self::Opaque => [None, None, None],
        }
    }

    /// The list of nodes that it names, if it names one.
    pub(super) const fn list(self) -> Option<u32> {
        match self {
            Self::All(list) | Self::Any(list) | Self::Call(_, list) => Some(list),
            _ => None,
        }
    }
}
