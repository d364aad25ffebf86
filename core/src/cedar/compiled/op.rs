//! The nodes of the graph.

use super::times::{OfTime, OfTwo};

/// A node, by its place in the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Node(pub(super) u32);

/// A node as it stands in the program.
#[derive(Clone, Copy, Debug)]
pub(super) struct Made {
    pub(super) op: Op,
    /// Several others use it, so its value is worth keeping.
    pub(super) shared: bool,
}

/// What a node does. Numbers are places in the program's tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Op {
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
    pub(super) const fn is_trivial(self) -> bool {
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
}
