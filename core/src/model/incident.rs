//! Incidents, in epochs.

use crate::cedar::Uid;
use crate::prelude::*;
use crate::time::Instant;
use serde::{Deserialize, Serialize};

/// Whether an epoch of an incident still runs. Only `open` supports anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentStatus {
    /// Being worked on.
    Open,
    /// Over; a reopen is a new epoch.
    Closed,
    /// Folded into another incident; over for what it supported.
    Merged,
}

/// One incident in its current epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// The source's id.
    pub id: String,
    /// Counts up with each reopening, from 1.
    pub epoch: u32,
    /// Whether this epoch still runs.
    pub status: IncidentStatus,
    /// 1 is the most severe, 5 the least.
    pub severity: u8,
    /// When this epoch was opened.
    pub opened_at: Instant,
    /// What it is about; it supports these and what stands below them, nothing else.
    pub resources: Vec<Uid>,
    /// Who works on it.
    pub responders: Vec<Uid>,
    /// Where the record comes from.
    pub source: String,
    /// When the record was true.
    pub observed_at: Instant,
}

/// An incident as it is reported: members left out keep what is known of the same incident.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IncidentPatch {
    /// The source's id.
    pub id: String,
    /// The epoch; a reopened incident without one starts the next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epoch: Option<u32>,
    /// Whether the epoch still runs; open, if nothing is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<IncidentStatus>,
    /// 1 to 5; 5, if nothing is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<u8>,
    /// When the epoch was opened; the time of the report, if nothing is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opened_at: Option<Instant>,
    /// What it is about; nothing, if nothing is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<Vec<Uid>>,
    /// Who works on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub responders: Option<Vec<Uid>>,
    /// Where the record comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// When the record was true; the document's `observed_at`, if not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_at: Option<Instant>,
}

impl From<&Incident> for IncidentPatch {
    fn from(i: &Incident) -> Self {
        Self {
            id: i.id.clone(),
            epoch: Some(i.epoch),
            status: Some(i.status),
            severity: Some(i.severity),
            opened_at: Some(i.opened_at),
            resources: Some(i.resources.clone()),
            responders: Some(i.responders.clone()),
            source: Some(i.source.clone()),
            observed_at: Some(i.observed_at),
        }
    }
}
