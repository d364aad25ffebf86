//! The account of what happened, as an auditor reads it: the core's timeline, for people.

mod axis;
mod drawing;
mod gantt;
mod html;
mod markdown;
mod said;

pub(crate) use gantt::{gantt, holders, story};
pub(crate) use html::html;
pub(crate) use markdown::markdown;

use glasskey::ledger::{Timeline, VerifyReport};
use serde::Serialize;
use std::collections::BTreeMap;

/// What is told, and of which ledger.
#[derive(Debug, Serialize)]
pub(crate) struct Account {
    /// What was found when the ledger was verified.
    pub(crate) ledger: VerifyReport,
    /// What it tells.
    pub(crate) timeline: Timeline,
}

/// Short names in place of ids: `R1`, `G1`.
pub(crate) struct Names(BTreeMap<String, String>);

impl Names {
    fn of(timeline: &Timeline) -> Self {
        let requests =
            timeline.requests.iter().enumerate().map(|(i, r)| (r.id.clone(), format!("R{}", i + 1)));
        let grants = timeline.grants.iter().enumerate().map(|(i, g)| (g.id.clone(), format!("G{}", i + 1)));
        Self(requests.chain(grants).collect())
    }

    fn name<'a>(&'a self, id: &'a str) -> &'a str {
        self.0.get(id).map_or(id, String::as_str)
    }
}

impl Account {
    /// The page's title.
    fn title(&self) -> String {
        self.timeline
            .incident
            .as_ref()
            .map_or_else(|| "Who held what".to_owned(), |id| format!("Incident {id}"))
    }

    /// What the reader may take from it, and what not.
    fn standing(&self) -> String {
        let ledger = &self.ledger;
        let entries =
            if ledger.entries == 1 { "1 entry".to_owned() } else { format!("{} entries", ledger.entries) };
        let held = match ledger.checkpoints {
            0 => {
                "No checkpoint was compared, so the ledger is shown to be consistent with itself and no more."
                    .to_owned()
            }
            1 => "It agrees with 1 signed checkpoint.".to_owned(),
            n => format!("It agrees with {n} signed checkpoints."),
        };
        format!("{entries}, none altered, missing or moved. {held}")
    }
}
