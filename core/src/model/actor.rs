//! Kinds of actors.

use core::fmt;
use serde::{Deserialize, Serialize};

/// What kind of principal somebody is; each has rules of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A human being.
    Person,
    /// A workload.
    Service,
    /// An autonomous agent.
    Agent,
}

impl ActorKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Person, Self::Service, Self::Agent];

    /// The kind as it stands on the wire and in `context.actor.kind`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Service => "service",
            Self::Agent => "agent",
        }
    }
}

impl fmt::Display for ActorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
