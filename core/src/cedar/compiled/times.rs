//! Datetimes and durations in milliseconds, with Cedar's own rules for overflow and rounding.

use serde::{Deserialize, Serialize};

const DAY_MS: i64 = 86_400_000;

/// What takes one datetime or duration: `toDate`, `toTime`, `toMilliseconds` …
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum OfTime {
    Date,
    Time,
    Milliseconds,
    Seconds,
    Minutes,
    Hours,
    Days,
}

/// What takes two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum OfTwo {
    Offset,
    DurationSince,
}

impl OfTime {
    pub(super) const ALL: [Self; 7] =
        [Self::Date, Self::Time, Self::Milliseconds, Self::Seconds, Self::Minutes, Self::Hours, Self::Days];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Date => "toDate",
            Self::Time => "toTime",
            Self::Milliseconds => "toMilliseconds",
            Self::Seconds => "toSeconds",
            Self::Minutes => "toMinutes",
            Self::Hours => "toHours",
            Self::Days => "toDays",
        }
    }

    /// Whole units in a duration, truncated towards zero; `None` for what takes a datetime.
    pub(super) const fn unit_ms(self) -> Option<i64> {
        match self {
            Self::Date | Self::Time => None,
            Self::Milliseconds => Some(1),
            Self::Seconds => Some(1_000),
            Self::Minutes => Some(60_000),
            Self::Hours => Some(3_600_000),
            Self::Days => Some(DAY_MS),
        }
    }
}

impl OfTwo {
    pub(super) const ALL: [Self; 2] = [Self::Offset, Self::DurationSince];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Offset => "offset",
            Self::DurationSince => "durationSince",
        }
    }
}

/// Midnight before (or at) a datetime; `None` where that overflows.
pub(super) fn date(ms: i64) -> Option<i64> {
    ms.checked_sub(time(ms))
}

/// The time of day.
pub(super) const fn time(ms: i64) -> i64 {
    ms.rem_euclid(DAY_MS)
}
