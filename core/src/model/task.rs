//! Tasks: tickets, releases, runs of an agent.

use crate::cedar::Uid;
use crate::prelude::*;
use crate::time::Instant;
use serde::{Deserialize, Serialize};

/// How a task stands. Only `open` supports anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskStatus {
    /// Being worked on.
    Open,
    /// Finished.
    Done,
    /// Given up or aborted.
    Failed,
    /// Ran out of time.
    Timeout,
}

impl TaskStatus {
    /// The status as it stands on the wire and in `context.task.status`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Timeout => "timeout",
        }
    }
}

/// A task that somebody was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// The tracker's id.
    pub id: String,
    /// How it stands.
    pub status: TaskStatus,
    /// When it ends whatever its status; `None` for no such time.
    pub ends_at: Option<Instant>,
    /// What it is about, and what stands below.
    pub resources: Vec<Uid>,
    /// Who may work on it; nobody named means anybody.
    pub assignees: Vec<Uid>,
    /// When the record was true.
    pub observed_at: Instant,
}

/// A task as it is reported: members left out keep what is known of the same task.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TaskPatch {
    /// The tracker's id.
    pub id: String,
    /// How it stands; open, if nothing is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<TaskStatus>,
    /// When it ends whatever its status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Instant>,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<Vec<Uid>>,
    /// Who may work on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignees: Option<Vec<Uid>>,
    /// When the record was true; the document's `observed_at`, if not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_at: Option<Instant>,
}

impl From<&Task> for TaskPatch {
    fn from(t: &Task) -> Self {
        Self {
            id: t.id.clone(),
            status: Some(t.status),
            ends_at: t.ends_at,
            resources: Some(t.resources.clone()),
            assignees: Some(t.assignees.clone()),
            observed_at: Some(t.observed_at),
        }
    }
}
