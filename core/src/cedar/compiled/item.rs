//! What a node evaluates to: a value that borrows, and copies like a number.

use crate::cedar::Uid;
use crate::cedar::value::{Record, Val};
use crate::prelude::*;
use cedar_policy_core::ast::{Set, Value, ValueKind};
use smol_str::SmolStr;

/// Why there is no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Evaluation errs, as Cedar's would.
    Err,
    /// Only Cedar knows.
    Bail,
}

/// A value, borrowed from the program, the context or an entity.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Item<'v> {
    Bool(bool),
    Long(i64),
    Time(i64),
    Span(i64),
    Text(&'v SmolStr),
    Uid(&'v Uid),
    Record(&'v Record),
    Set(&'v Set),
    Other(&'v Value),
}

impl<'v> From<&'v Val> for Item<'v> {
    fn from(value: &'v Val) -> Self {
        match value {
            Val::Bool(b) => Self::Bool(*b),
            Val::Long(n) => Self::Long(*n),
            Val::Time(stamp) => Self::Time(stamp.ms),
            Val::Span(stamp) => Self::Span(stamp.ms),
            Val::Text(text) => Self::Text(text),
            Val::Uid(uid) => Self::Uid(uid),
            Val::Record(record) => Self::Record(record),
            Val::Set(set) => Self::Set(set),
            Val::Other(value) => Self::Other(value),
        }
    }
}

impl<'v> Item<'v> {
    pub(crate) const fn bool(self) -> Result<bool, Stop> {
        match self {
            Self::Bool(b) => Ok(b),
            _ => Err(Stop::Err),
        }
    }

    pub(super) const fn long(self) -> Result<i64, Stop> {
        match self {
            Self::Long(n) => Ok(n),
            _ => Err(Stop::Err),
        }
    }

    pub(super) const fn text(self) -> Result<&'v SmolStr, Stop> {
        match self {
            Self::Text(text) => Ok(text),
            _ => Err(Stop::Err),
        }
    }

    pub(super) const fn uid(self) -> Result<&'v Uid, Stop> {
        match self {
            Self::Uid(uid) => Ok(uid),
            _ => Err(Stop::Err),
        }
    }

    pub(super) const fn set(self) -> Result<&'v Set, Stop> {
        match self {
            Self::Set(set) => Ok(set),
            _ => Err(Stop::Err),
        }
    }

    /// Cedar's `==`: values of different types are unequal, and never an error.
    pub(super) fn equals(self, other: Self) -> bool {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Long(a), Self::Long(b))
            | (Self::Time(a), Self::Time(b))
            | (Self::Span(a), Self::Span(b)) => a == b,
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::Uid(a), Self::Uid(b)) => a == b,
            (Self::Set(a), Self::Set(b)) => a == b,
            (Self::Other(a), Self::Other(b)) => a == b,
            (Self::Record(a), Self::Record(b)) => {
                a.members().count() == b.members().count()
                    && a.members()
                        .zip(b.members())
                        .all(|((m, x), (n, y))| m == n && Item::from(x).equals(Item::from(y)))
            }
            _ => false,
        }
    }

    /// Whether a set holds it.
    pub(super) fn is_among(self, set: &Set) -> Result<bool, Stop> {
        match self.literal() {
            Some(value) => Ok(set.contains(&value)),
            // A set of nothing but literals holds nothing else.
            None if set.fast.is_some() => Ok(false),
            None => match self {
                Self::Set(own) => Ok(set.contains(&Value::new(ValueKind::Set(own.clone()), None))),
                Self::Other(value) => Ok(set.contains(value)),
                _ => Err(Stop::Bail),
            },
        }
    }

    /// A literal as Cedar's value.
    fn literal(self) -> Option<Value> {
        match self {
            Self::Bool(b) => Some(Value::from(b)),
            Self::Long(n) => Some(Value::from(n)),
            Self::Text(text) => Some(Value::from(text.clone())),
            Self::Uid(uid) => Some(Value::from(Arc::clone(uid.shared()))),
            _ => None,
        }
    }

    /// As an argument of one of Cedar's functions.
    pub(super) fn argument(self) -> Result<Value, Stop> {
        match self {
            Self::Other(value) => Ok(value.clone()),
            // A time would have to be written first, only to be refused or read again.
            _ => self.literal().ok_or(Stop::Bail),
        }
    }
}
