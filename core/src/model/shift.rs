//! On-call shifts.

use crate::cedar::Uid;
use crate::prelude::*;
use crate::time::Instant;
use serde::{Deserialize, Serialize};

/// One person's time on call, `[start, end)`, in absolute instants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shift {
    /// The schedule's id for it.
    pub id: String,
    /// Who is on call.
    pub person: Uid,
    /// First instant.
    pub start: Instant,
    /// First instant that is no longer in it.
    pub end: Instant,
    /// What they are on call for, and what stands below.
    pub resources: Vec<Uid>,
    /// When the record was true.
    pub observed_at: Instant,
}

/// A shift as it is reported: members left out keep what is known of the same shift.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ShiftPatch {
    /// The schedule's id for it.
    pub id: String,
    /// Who is on call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<Uid>,
    /// First instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<Instant>,
    /// First instant that is no longer in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<Instant>,
    /// What they are on call for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<Vec<Uid>>,
    /// When the record was true; the document's `observed_at`, if not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_at: Option<Instant>,
}

impl From<&Shift> for ShiftPatch {
    fn from(s: &Shift) -> Self {
        Self {
            id: s.id.clone(),
            person: Some(s.person.clone()),
            start: Some(s.start),
            end: Some(s.end),
            resources: Some(s.resources.clone()),
            observed_at: Some(s.observed_at),
        }
    }
}
