//! Instants and spans: whole milliseconds, never floats, never a clock.

use crate::error::{Code, Error};
use crate::prelude::*;
use crate::wire::{clip, text_on_the_wire};
use chrono::{DateTime, SecondsFormat};
use core::fmt;

/// A point in time, in milliseconds since 1970-01-01T00:00:00Z.
///
/// On the wire: RFC 3339 in UTC with milliseconds, `2026-03-01T02:05:00.000Z`. Any offset
/// is read; a text without one is refused, since a local time names no instant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

/// A non-negative length of time in milliseconds.
///
/// On the wire: as Cedar writes durations, `1h30m`, units `d h m s ms` in that order,
/// each at most once; a day is 24 hours.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span(i64);

/// The years that RFC 3339 can write: 0000 to 9999.
const YEAR_0000_MS: i64 = -62_167_219_200_000;
const YEAR_9999_MS: i64 = 253_402_300_799_999;
const UNITS: [(&str, i64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

impl Instant {
    /// The instant `ms` milliseconds after the epoch.
    ///
    /// # Errors
    /// `bad_instant` outside the years 0000 to 9999, which RFC 3339 cannot write.
    pub fn from_ms(ms: i64) -> Result<Self, Error> {
        if (YEAR_0000_MS..=YEAR_9999_MS).contains(&ms) {
            Ok(Self(ms))
        } else {
            Err(Error::new(Code::BadInstant, format!("`{ms}` ms is outside the years 0000 to 9999"))
                .help("give milliseconds since 1970-01-01T00:00:00Z"))
        }
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn ms(self) -> i64 {
        self.0
    }

    /// Reads an RFC 3339 text.
    ///
    /// # Errors
    /// `bad_instant` for anything else, a local time without an offset included.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let bad = || {
            Error::new(Code::BadInstant, format!("`{}` is not an RFC 3339 instant", clip(text)))
                .help("write it with its zone, like `2026-03-01T02:05:00.000Z`")
        };
        let read = DateTime::parse_from_rfc3339(text).map_err(|_| bad())?;
        if read.timestamp_subsec_nanos() >= 1_000_000_000 {
            return Err(bad().help("leap seconds are not instants here; use the second after"));
        }
        Self::from_ms(read.timestamp_millis()).map_err(|_| bad())
    }

    /// The later instant, held at the last one that can be written.
    #[must_use]
    pub fn plus(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0).min(YEAR_9999_MS))
    }

    /// The earlier instant, held at the first one that can be written.
    #[must_use]
    pub fn minus(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0).max(YEAR_0000_MS))
    }

    /// How long after `earlier`; zero if it is not after.
    #[must_use]
    pub fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0).max(0))
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// A span of `ms` milliseconds; negative counts are held at zero.
    #[must_use]
    pub const fn from_ms(ms: i64) -> Self {
        Self(if ms < 0 { 0 } else { ms })
    }

    /// A span of `minutes`.
    #[must_use]
    pub const fn from_minutes(minutes: u32) -> Self {
        Self(Self::widen(minutes).saturating_mul(60_000))
    }

    /// A span of `seconds`.
    #[must_use]
    pub const fn from_seconds(seconds: u32) -> Self {
        Self(Self::widen(seconds).saturating_mul(1_000))
    }

    #[expect(clippy::as_conversions, reason = "`From` is not const; u32 always fits i64")]
    const fn widen(n: u32) -> i64 {
        n as i64
    }

    /// Milliseconds.
    #[must_use]
    pub const fn ms(self) -> i64 {
        self.0
    }

    /// Reads a duration as Cedar writes it, refusing negative ones.
    ///
    /// # Errors
    /// `bad_duration`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let bad = |why: &str| {
            Error::new(Code::BadDuration, format!("`{}` {why}", clip(text)))
                .help("write it like `1h30m`: units d, h, m, s, ms in that order, each once")
        };
        if text.starts_with('-') {
            return Err(bad("is negative"));
        }
        let mut total: i64 = 0;
        let mut units = UNITS.iter();
        let mut rest = text;
        if rest.is_empty() {
            return Err(bad("is not a duration"));
        }
        while !rest.is_empty() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let (number, tail) = rest.split_at_checked(digits).unwrap_or(("", rest));
            let letters = tail.bytes().take_while(u8::is_ascii_alphabetic).count();
            let (unit, tail) = tail.split_at_checked(letters).unwrap_or(("", tail));
            let size = units.find(|(name, _)| *name == unit).map(|(_, size)| *size);
            let (Some(size), Ok(count)) = (size, number.parse::<i64>()) else {
                return Err(bad("is not a duration"));
            };
            total = count
                .checked_mul(size)
                .and_then(|ms| total.checked_add(ms))
                .ok_or_else(|| bad("is too long"))?;
            rest = tail;
        }
        Ok(Self(total))
    }

    /// The sum, held at the longest span.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match DateTime::from_timestamp_millis(self.0) {
            Some(t) => f.write_str(&t.to_rfc3339_opts(SecondsFormat::Millis, true)),
            None => write!(f, "{}ms", self.0), // unreachable by construction; still no panic
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        let mut rest = self.0;
        for (name, size) in UNITS {
            let count = rest.checked_div(size).unwrap_or(0);
            if count > 0 {
                write!(f, "{count}{name}")?;
                rest = rest.saturating_sub(count.saturating_mul(size));
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

text_on_the_wire!(Instant, "an RFC 3339 instant");
text_on_the_wire!(Span, "a duration such as `1h30m`");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_read_with_any_offset_and_written_in_utc() {
        let t = Instant::parse("2026-03-01T04:05:00+02:00").unwrap();
        assert_eq!(t.to_string(), "2026-03-01T02:05:00.000Z");
        assert_eq!(Instant::parse(&t.to_string()).unwrap(), t);
    }

    #[test]
    fn local_times_and_leap_seconds_are_refused() {
        for text in ["2026-03-01T02:05:00", "2026-03-01", "2016-12-31T23:59:60Z", "", "now"] {
            assert_eq!(Instant::parse(text).unwrap_err().code, Code::BadInstant, "{text}");
        }
    }

    #[test]
    fn spans_are_read_and_written_as_cedar_writes_them() {
        for (text, ms, out) in [
            ("1h30m", 5_400_000, "1h30m"),
            ("90m", 5_400_000, "1h30m"),
            ("250ms", 250, "250ms"),
            ("1d", 86_400_000, "1d"),
            ("0s", 0, "0s"),
        ] {
            let span = Span::parse(text).unwrap();
            assert_eq!((span.ms(), span.to_string().as_str()), (ms, out));
        }
    }

    #[test]
    fn malformed_spans_are_refused() {
        for text in ["", "-1h", "1", "h", "1m1h", "1h1h", "1.5h", "1 h", "99999999999999d", "PT1H"] {
            assert_eq!(Span::parse(text).unwrap_err().code, Code::BadDuration, "{text}");
        }
    }

    #[test]
    fn spans_are_counted_from_milliseconds_seconds_and_minutes_and_never_negative() {
        for (span, ms) in [
            (Span::from_ms(-5), 0),
            (Span::from_ms(7), 7),
            (Span::from_seconds(90), 90_000),
            (Span::from_minutes(3), 180_000),
            (Span::from_ms(i64::MAX).plus(Span::from_ms(1)), i64::MAX),
            (Span::from_ms(2).plus(Span::from_ms(3)), 5),
        ] {
            assert_eq!(span.ms(), ms);
        }
    }

    #[test]
    fn an_instant_is_so_long_after_an_earlier_one_and_not_at_all_after_a_later_one() {
        let [one, two] = [1_000, 4_500].map(|ms| Instant::from_ms(ms).unwrap());
        assert_eq!((two.since(one).ms(), one.since(two), one.since(one)), (3_500, Span::ZERO, Span::ZERO));
        assert_eq!((one.plus(two.since(one)), two.minus(two.since(one))), (two, one));
        let first = Instant::from_ms(YEAR_0000_MS).unwrap();
        assert_eq!((first.minus(Span::from_ms(1)), first.ms()), (first, -62_167_219_200_000));
        assert!(Instant::from_ms(YEAR_0000_MS - 1).is_err());
        assert_eq!(format!("{first:?} {:?}", Span::from_ms(1_001)), "0000-01-01T00:00:00.000Z 1s1ms");
    }

    #[test]
    fn arithmetic_is_held_inside_what_can_be_written() {
        let last = Instant::from_ms(YEAR_9999_MS).unwrap();
        assert_eq!(last.plus(Span::from_minutes(1)), last);
        assert!(Instant::from_ms(YEAR_9999_MS + 1).is_err());
    }
}
