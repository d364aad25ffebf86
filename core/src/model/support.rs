//! Supports: what makes an emergency valid.

use crate::error::{Code, Error};
use crate::prelude::*;
use crate::wire::encode;
use core::fmt;
use serde::de::Deserializer;
use serde::ser::{SerializeMap as _, Serializer};
use serde::{Deserialize, Serialize};

/// The kinds of supports, in their fixed order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SupportKind {
    /// An incident, in one epoch.
    Incident,
    /// A person's time on call.
    Shift,
    /// An approved change or maintenance window.
    Window,
    /// A task: a ticket, a release, a run of an agent.
    Task,
}

impl SupportKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Incident, Self::Shift, Self::Window, Self::Task];

    /// The kind as it stands on the wire and in `context`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Incident => "incident",
            Self::Shift => "shift",
            Self::Window => "window",
            Self::Task => "task",
        }
    }
}

impl fmt::Display for SupportKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A support that a request names: `{"incident":"INC-100","epoch":1}`, `{"shift":"S-7"}`,
/// `{"window":"CHG-3"}` or `{"task":"T-55"}`.
///
/// An incident without an epoch means the epoch that is current when it is decided.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Support {
    /// What kind of support.
    pub kind: SupportKind,
    /// The record's id.
    pub id: String,
    /// For incidents: the epoch that is meant.
    pub epoch: Option<u32>,
}

impl fmt::Display for Support {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.id)?;
        self.epoch.map_or(Ok(()), |epoch| write!(f, " epoch {epoch}"))
    }
}

impl Serialize for Support {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut map = s.serialize_map(None)?;
        map.serialize_entry(self.kind.as_str(), &self.id)?;
        if let Some(epoch) = self.epoch {
            map.serialize_entry("epoch", &epoch)?;
        }
        map.end()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    incident: Option<String>,
    shift: Option<String>,
    window: Option<String>,
    task: Option<String>,
    epoch: Option<u32>,
}

impl<'de> Deserialize<'de> for Support {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let wire = Wire::deserialize(d)?;
        let mut named = [
            (SupportKind::Incident, wire.incident),
            (SupportKind::Shift, wire.shift),
            (SupportKind::Window, wire.window),
            (SupportKind::Task, wire.task),
        ]
        .into_iter()
        .filter_map(|(kind, id)| id.map(|id| (kind, id)));
        let (Some((kind, id)), None) = (named.next(), named.next()) else {
            return Err(encode(
                Error::new(Code::BadValue, "a support names one incident, shift, window or task")
                    .help("write one member, like `{\"incident\":\"INC-100\"}`"),
            ));
        };
        if wire.epoch.is_some() && kind != SupportKind::Incident {
            return Err(encode(
                Error::new(Code::BadValue, format!("a {kind} has no epoch"))
                    .help("drop `epoch`; only incidents have one"),
            ));
        }
        Ok(Self { kind, id, epoch: wire.epoch })
    }
}
