//! What records say, without bundle or facts: enough to tell who held what, and when.

use crate::error::{Code, Error};
use crate::lifecycle::state::State;
use crate::lifecycle::{Applied, Event, Extension, Grant, RequestRecord};
use crate::prelude::*;
use crate::time::Instant;

/// The state that records leave behind, for those who read and do not decide.
#[derive(Clone, Debug, Default)]
pub struct Archive {
    state: State,
    seq: u64,
    last: Option<Instant>,
}

impl Archive {
    /// Nothing has happened yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in the next record.
    ///
    /// # Errors
    /// `sequence_conflict` if it is not the next one.
    pub fn fold(&mut self, applied: &Applied) -> Result<(), Error> {
        if applied.seq != self.seq.saturating_add(1) {
            return Err(Error::new(
                Code::SequenceConflict,
                format!("record {} does not follow {}", applied.seq, self.seq),
            )
            .help("fold every record once, in order"));
        }
        for event in &applied.events {
            self.state.evolve(event, applied.at);
        }
        self.seq = applied.seq;
        self.last = Some(applied.at);
        Ok(())
    }

    /// Takes in one event by itself, for a reader who follows some requests and grants and passes
    /// over the rest: an event about something that was passed over changes nothing.
    pub fn take(&mut self, event: &Event, at: Instant) {
        self.state.evolve(event, at);
        self.last = self.last.max(Some(at));
    }

    /// Forgets a grant, its request and its extensions, so that memory does not grow with the
    /// grants that are over.
    pub fn forget(&mut self, grant: &str) {
        self.state.forget(grant);
    }

    /// The number of the last record.
    #[must_use]
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// The instant of the last record.
    #[must_use]
    pub const fn last(&self) -> Option<Instant> {
        self.last
    }

    /// All grants, in the order in which they began.
    #[must_use]
    pub fn grants(&self) -> Vec<&Grant> {
        let mut all: Vec<&Grant> = self.state.grants.values().collect();
        all.sort_by_key(|g| g.seq);
        all
    }

    /// A grant by its id.
    #[must_use]
    pub fn grant(&self, id: &str) -> Option<&Grant> {
        self.state.grants.get(id.as_bytes())
    }

    /// A request by its id.
    #[must_use]
    pub fn request(&self, id: &str) -> Option<&RequestRecord> {
        self.state.requests.get(id.as_bytes())
    }

    /// All requests, in the order in which they were made.
    #[must_use]
    pub fn requests(&self) -> Vec<&RequestRecord> {
        let mut all: Vec<&RequestRecord> = self.state.requests.values().collect();
        all.sort_by(|a, b| (a.submitted_at, &a.id).cmp(&(b.submitted_at, &b.id)));
        all
    }

    /// All extensions, in order of their ids.
    pub fn extensions(&self) -> impl Iterator<Item = &Extension> {
        self.state.extensions.values()
    }
}
