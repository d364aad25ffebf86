//! Change and maintenance windows.

use crate::cedar::Uid;
use crate::prelude::*;
use crate::time::Instant;
use serde::{Deserialize, Serialize};

/// Whether a window may be used at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowStatus {
    /// Approved; it runs from its start to its end.
    Approved,
    /// Not yet approved.
    Planned,
    /// The work is done.
    Done,
    /// Called off.
    Cancelled,
}

/// A window `[start, end)` in which assigned people may work on some targets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// The change's id.
    pub id: String,
    /// Whether it may be used.
    pub status: WindowStatus,
    /// First instant.
    pub start: Instant,
    /// First instant that is no longer in it.
    pub end: Instant,
    /// What it is about, and what stands below.
    pub resources: Vec<Uid>,
    /// Who works in it.
    pub assignees: Vec<Uid>,
    /// When the record was true.
    pub observed_at: Instant,
}

/// A window as it is reported: members left out keep what is known of the same window.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WindowPatch {
    /// The change's id.
    pub id: String,
    /// Whether it may be used; planned, if nothing is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<WindowStatus>,
    /// First instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<Instant>,
    /// First instant that is no longer in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<Instant>,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<Vec<Uid>>,
    /// Who works in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignees: Option<Vec<Uid>>,
    /// When the record was true; the document's `observed_at`, if not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_at: Option<Instant>,
}

impl From<&Window> for WindowPatch {
    fn from(w: &Window) -> Self {
        Self {
            id: w.id.clone(),
            status: Some(w.status),
            start: Some(w.start),
            end: Some(w.end),
            resources: Some(w.resources.clone()),
            assignees: Some(w.assignees.clone()),
            observed_at: Some(w.observed_at),
        }
    }
}
