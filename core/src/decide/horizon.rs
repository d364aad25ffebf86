//! Until when an answer holds, and what ends that.

use crate::facts::{Age, age};
use crate::model::{Limit, Validity};
use crate::time::{Instant, Span};

/// Gathers every instant at which the answer might change; the first one counts.
#[derive(Clone, Debug)]
pub(crate) struct Horizon {
    now: Instant,
    first: Option<Validity>,
}

impl Horizon {
    pub(crate) const fn new(now: Instant) -> Self {
        Self { now, first: None }
    }

    /// The answer may change at `at`; what is past already cannot change it again.
    pub(crate) fn note(&mut self, at: Instant, by: Limit) {
        let noted = Validity { at, by };
        if at > self.now && self.first.is_none_or(|first| noted < first) {
            self.first = Some(noted);
        }
    }

    /// A fact of this age is read: whether it is usable, with its end noted.
    pub(crate) fn read(
        &mut self,
        observed_at: Instant,
        max_age: Option<Span>,
        skew: Span,
        by: Limit,
    ) -> bool {
        match age(observed_at, max_age, skew, self.now) {
            Age::Fresh { until } => {
                if let Some(until) = until {
                    self.note(until, by);
                }
                true
            }
            Age::Stale => false,
            Age::Future { from } => {
                self.note(from, Limit::RecordStart);
                false
            }
        }
    }

    pub(crate) const fn first(&self) -> Option<Validity> {
        self.first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_change_after_now_counts() {
        let at = |ms| Instant::from_ms(ms).unwrap();
        let mut horizon = Horizon::new(at(10));
        horizon.note(at(10), Limit::RuleTtl);
        assert_eq!(horizon.first(), None);
        horizon.note(at(30), Limit::RuleTtl);
        horizon.note(at(20), Limit::ShiftEnd);
        horizon.note(at(20), Limit::PolicyTime);
        assert_eq!(horizon.first(), Some(Validity { at: at(20), by: Limit::ShiftEnd }));
    }
}
