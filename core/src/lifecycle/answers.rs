//! What each command was answered, so that one that is sent again gets the same bytes.

use crate::canonical::Digest;
use crate::error::{Code, Error};
use crate::lifecycle::Applied;
use crate::prelude::*;
use crate::time::Instant;

/// Answers by command id, and in the order in which they were given.
#[derive(Clone, Debug, Default)]
pub(super) struct Answers {
    by_id: BTreeMap<String, Answer>,
    kept: BTreeMap<u64, Arc<Applied>>,
}

#[derive(Clone, Copy, Debug)]
struct Answer {
    seq: u64,
    command: Digest,
}

impl Answers {
    /// What a command was answered, if it was applied before.
    ///
    /// # Errors
    /// `command_conflict` for another command under a known id; `answer_forgotten` if it was
    /// applied, but what it was answered is no longer kept.
    pub(super) fn again(&self, command_id: &str, command: Digest) -> Result<Option<Arc<Applied>>, Error> {
        let Some(answer) = self.by_id.get(command_id) else { return Ok(None) };
        if answer.command != command {
            return Err(Error::new(Code::CommandConflict, "this `command_id` was used for another command")
                .help("give each command an id of its own")
                .at("command_id"));
        }
        match self.kept.get(&answer.seq) {
            Some(applied) => Ok(Some(Arc::clone(applied))),
            None => Err(Error::new(
                Code::AnswerForgotten,
                format!("this command was applied as record {}, whose answer is no longer kept", answer.seq),
            )
            .help("read it in the ledger; the command is not applied again")
            .at("command_id")),
        }
    }

    pub(super) fn keep(&mut self, applied: Arc<Applied>) {
        let answer = Answer { seq: applied.seq, command: applied.command };
        self.by_id.insert(applied.command_id.clone(), answer);
        self.kept.insert(applied.seq, applied);
    }

    /// Forgets what was answered before an instant, but not that it was.
    pub(super) fn forget(&mut self, before: Instant) {
        while self.kept.first_key_value().is_some_and(|(_, applied)| applied.at < before) {
            self.kept.pop_first();
        }
    }
}
