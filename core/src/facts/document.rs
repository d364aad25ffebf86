//! Facts on the wire.

use crate::canonical::{self, Bounds};
use crate::cedar::Uid;
use crate::error::{Code, Error};
use crate::limits::{FACTS_BYTES_MAX, RECORD_MEMBERS_MAX, RECORDS_MAX};
use crate::model::{
    History, IncidentPatch, Lock, LockTarget, ShiftPatch, Signal, SupportKind, TaskPatch, WindowPatch,
};
use crate::prelude::*;
use crate::time::Instant;
use crate::wire::{refuse_secret_texts, refuse_secrets};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A snapshot of the world, or what changed since the last one.
///
/// Records are put by their ids; `remove` takes them away. A record's `observed_at` defaults
/// to the document's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FactsDocument {
    /// When all this was true; a whole snapshot must say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_at: Option<Instant>,
    /// When the entities as a whole were true, if at another time. In a change: all entities,
    /// those not repeated here included, were confirmed at that time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entities_observed_at: Option<Instant>,
    /// The same for locks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locks_observed_at: Option<Instant>,
    /// People, machines, groups and targets, in Cedar's JSON.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entities: Vec<Value>,
    /// Incidents.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub incidents: Vec<IncidentPatch>,
    /// On-call shifts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shifts: Vec<ShiftPatch>,
    /// Change windows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<WindowPatch>,
    /// Tasks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tasks: Vec<TaskPatch>,
    /// Signals, by name and source.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub signals: Vec<Signal>,
    /// Locks, by target.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub locks: Vec<Lock>,
    /// Other names of persons; letter case does not matter.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub aliases: BTreeMap<String, Uid>,
    /// Histories, by principal.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<History>,
    /// What is gone.
    #[serde(skip_serializing_if = "Removed::is_empty")]
    pub remove: Removed,
}

/// What a change takes away.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Removed {
    /// Entities that no longer exist.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entities: Vec<Uid>,
    /// Shifts that were struck off the schedule.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shifts: Vec<String>,
    /// Locks that are lifted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub locks: Vec<LockTarget>,
    /// Signals, every source of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub signals: Vec<String>,
    /// Aliases that no longer hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
}

impl Removed {
    fn is_empty(&self) -> bool {
        self.entities.is_empty()
            && self.shifts.is_empty()
            && self.locks.is_empty()
            && self.signals.is_empty()
            && self.aliases.is_empty()
    }
}

impl FactsDocument {
    /// Reads a snapshot or a change.
    ///
    /// # Errors
    /// Those of [`canonical::read`]; a facts document may be longer than others.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        canonical::read_within(json, Bounds { bytes_max: FACTS_BYTES_MAX, ..Bounds::USUAL })
    }

    /// Checks the bounds that a shape alone does not show.
    pub(super) fn check(&self) -> Result<(), Error> {
        for (path, count) in [
            ("entities", self.entities.len()),
            ("incidents", self.incidents.len()),
            ("shifts", self.shifts.len()),
            ("windows", self.windows.len()),
            ("tasks", self.tasks.len()),
            ("signals", self.signals.len()),
            ("locks", self.locks.len()),
            ("aliases", self.aliases.len()),
            ("history", self.history.len()),
        ] {
            if count > RECORDS_MAX {
                return Err(Error::new(Code::TooMany, format!("more than {RECORDS_MAX} records"))
                    .help("keep to what decisions can read")
                    .at(path));
            }
        }
        self.check_ids()?;
        self.check_members()
    }

    /// What is known of the world is recorded with every decision that read it.
    pub(super) fn refuse_secrets(&self) -> Result<(), Error> {
        for (i, entity) in self.entities.iter().enumerate() {
            refuse_secrets(entity).map_err(|e| {
                let inner = e.path.clone().unwrap_or_default();
                e.at(format!("entities[{i}].{inner}"))
            })?;
        }
        fn ids<'u>(
            path: &'static str,
            uids: &'u Option<Vec<Uid>>,
        ) -> impl Iterator<Item = (&'static str, &'u str)> {
            uids.iter().flatten().map(move |uid| (path, uid.id()))
        }
        refuse_secret_texts(
            (self.incidents.iter().flat_map(|r| {
                let own = [("incidents", r.id.as_str()), ("incidents", r.source.as_deref().unwrap_or(""))];
                own.into_iter().chain(ids("incidents", &r.resources)).chain(ids("incidents", &r.responders))
            }))
            .chain(self.shifts.iter().flat_map(|r| {
                let person = r.person.iter().map(|uid| ("shifts", uid.id()));
                person.chain([("shifts", r.id.as_str())]).chain(ids("shifts", &r.resources))
            }))
            .chain(self.windows.iter().flat_map(|r| {
                let own = [("windows", r.id.as_str())].into_iter();
                own.chain(ids("windows", &r.resources)).chain(ids("windows", &r.assignees))
            }))
            .chain(self.tasks.iter().flat_map(|r| {
                let own = [("tasks", r.id.as_str())].into_iter();
                own.chain(ids("tasks", &r.resources)).chain(ids("tasks", &r.assignees))
            }))
            .chain(
                self.signals
                    .iter()
                    .flat_map(|s| [&s.name, &s.state, &s.source].map(|t| ("signals", t.as_str()))),
            )
            .chain(self.locks.iter().flat_map(|l| {
                let target = match &l.target {
                    LockTarget::All => "",
                    LockTarget::Entity(uid) => uid.id(),
                };
                [("locks", target), ("locks", l.reason.as_str())]
            }))
            .chain(self.aliases.iter().flat_map(|(a, uid)| [("aliases", a.as_str()), ("aliases", uid.id())]))
            .chain(self.history.iter().map(|h| ("history", h.principal.id()))),
        )
    }

    fn check_ids(&self) -> Result<(), Error> {
        let lists: [(SupportKind, Vec<&str>); 4] = [
            (SupportKind::Incident, self.incidents.iter().map(|r| r.id.as_str()).collect()),
            (SupportKind::Shift, self.shifts.iter().map(|r| r.id.as_str()).collect()),
            (SupportKind::Window, self.windows.iter().map(|r| r.id.as_str()).collect()),
            (SupportKind::Task, self.tasks.iter().map(|r| r.id.as_str()).collect()),
        ];
        for (kind, ids) in lists {
            let mut seen = BTreeSet::new();
            for (i, id) in ids.into_iter().enumerate() {
                let path = format!("{kind}s[{i}].id");
                if id.is_empty() {
                    return Err(Error::new(Code::MissingMember, format!("a {kind} without an id"))
                        .help("give it the id of its source")
                        .at(path));
                }
                if !seen.insert(id) {
                    return Err(Error::new(Code::DuplicateId, format!("two {kind}s are named `{id}`"))
                        .help("send one record for each id")
                        .at(path));
                }
            }
        }
        Ok(())
    }

    fn check_members(&self) -> Result<(), Error> {
        let count = |list: &Option<Vec<Uid>>| list.as_ref().map_or(0, Vec::len);
        let lists = self
            .incidents
            .iter()
            .flat_map(|r| [count(&r.resources), count(&r.responders)])
            .chain(self.shifts.iter().map(|r| count(&r.resources)))
            .chain(self.windows.iter().flat_map(|r| [count(&r.resources), count(&r.assignees)]))
            .chain(self.tasks.iter().flat_map(|r| [count(&r.resources), count(&r.assignees)]));
        if lists.max().unwrap_or(0) > RECORD_MEMBERS_MAX {
            return Err(Error::new(
                Code::TooMany,
                format!("a record names more than {RECORD_MEMBERS_MAX} resources or people"),
            )
            .help("name a group instead"));
        }
        Ok(())
    }
}
