//! Datetimes and durations as Cedar writes them, read without its regular expressions.

use chrono::{NaiveDate, NaiveTime, Timelike as _};

const SECOND_MS: i64 = 1_000;
const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 86_400_000;

/// Milliseconds since the epoch of `2024-01-31`, `2024-01-31T23:59:59Z`, `…T23:59:59.999+0130`;
/// `None` for whatever Cedar's `datetime` refuses.
pub(super) fn datetime(text: &str) -> Option<i64> {
    let mut at = Text(text);
    let year = at.number(4)?;
    at.word("-")?;
    let month = at.number(2)?;
    at.word("-")?;
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, at.number(2)?)?;
    let days = date.signed_duration_since(NaiveDate::from_ymd_opt(1970, 1, 1)?).num_days();
    let midnight = days.checked_mul(DAY_MS)?;
    if at.0.is_empty() {
        return Some(midnight);
    }
    at.word("T")?;
    let hour = at.number(2)?;
    at.word(":")?;
    let minute = at.number(2)?;
    at.word(":")?;
    let second = at.number(2)?;
    let ms = if at.word(".").is_some() { at.number(3)? } else { 0 };
    let time = NaiveTime::from_hms_milli_opt(hour, minute, second, ms)?;
    let seconds = i64::from(time.num_seconds_from_midnight()).checked_mul(SECOND_MS)?;
    let local = midnight.checked_add(seconds)?.checked_add(i64::from(ms))?;
    let utc = local.checked_sub(at.offset()?)?;
    at.0.is_empty().then_some(utc)
}

/// Milliseconds of `1d2h3m4s5ms`, or of `-1h`; `None` for whatever Cedar's `duration` refuses.
pub(super) fn duration(text: &str) -> Option<i64> {
    let mut at = Text(text);
    let back = at.word("-").is_some();
    if at.0.is_empty() {
        return None;
    }
    let mut counts = [0_u64; 5];
    let mut units = [("d", DAY_MS), ("h", HOUR_MS), ("m", MINUTE_MS), ("s", SECOND_MS), ("ms", 1)]
        .into_iter()
        .zip(&mut counts);
    while !at.0.is_empty() {
        let digits = at.0.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = at.0.split_at_checked(digits)?;
        let letters = rest.bytes().take_while(u8::is_ascii_lowercase).count();
        let (unit, rest) = rest.split_at_checked(letters)?;
        let (_, count) = units.find(|((name, _), _)| *name == unit)?;
        *count = number.parse().ok()?;
        at = Text(rest);
    }
    // The sum is made as Cedar makes it, since it may overflow on the way.
    let [d, h, m, s, ms] = counts;
    let mut sum = if back { 0_i64.checked_sub_unsigned(ms)? } else { i64::try_from(ms).ok()? };
    for (count, unit) in [(s, SECOND_MS), (m, MINUTE_MS), (h, HOUR_MS), (d, DAY_MS)] {
        let part = i64::try_from(count).ok()?.checked_mul(unit)?;
        sum = if back { sum.checked_sub(part)? } else { sum.checked_add(part)? };
    }
    Some(sum)
}

/// What is still to be read.
struct Text<'t>(&'t str);

impl Text<'_> {
    fn word(&mut self, word: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(word)?;
        Some(())
    }

    /// A number of just so many digits.
    fn number(&mut self, digits: usize) -> Option<u32> {
        let (number, rest) = self.0.split_at_checked(digits)?;
        if !number.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        self.0 = rest;
        number.parse().ok()
    }

    /// `Z`, or `+hhmm`: how far local time is ahead, in milliseconds.
    fn offset(&mut self) -> Option<i64> {
        if self.word("Z").is_some() {
            return Some(0);
        }
        let ahead = self.word("+").is_some();
        if !ahead {
            self.word("-")?;
        }
        let (hours, minutes) = (self.number(2)?, self.number(2)?);
        if hours >= 24 || minutes >= 60 {
            return None;
        }
        let (hours, minutes) = (i64::from(hours), i64::from(minutes));
        let offset = hours.checked_mul(HOUR_MS)?.checked_add(minutes.checked_mul(MINUTE_MS)?)?;
        if ahead { Some(offset) } else { offset.checked_neg() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cedar::value::{call, datetime_ms, duration_ms};
    use cedar_policy_core::ast::Value;
    use proptest::prelude::*;

    fn same(text: &str) {
        let cedars = |function| call(function, &[Value::from(text)]);
        assert_eq!(datetime(text), datetime_ms(&cedars("datetime")), "{text:?}");
        assert_eq!(duration(text), duration_ms(&cedars("duration")), "{text:?}");
    }

    #[test]
    fn what_stands_at_the_edges_is_read_as_cedar_reads_it() {
        for text in [
            "",
            "-",
            "2024-02-29",
            "2023-02-29",
            "0000-01-01",
            "9999-12-31T23:59:59.999-2359",
            "2024-1-01",
            "2024-01-01T00:00:00Z",
            "2024-01-01T24:00:00Z",
            "2024-01-01T00:00:60Z",
            "2024-01-01T00:00:00.1Z",
            "2024-01-01T00:00:00.123Z",
            "2024-01-01T00:00:00.1234Z",
            "2024-01-01T00:00:00+2400",
            "2024-01-01T00:00:00+0060",
            "2024-01-01T00:00:00-0130",
            "2024-01-01T00:00:00",
            "2024-01-01 ",
            "2024-01-01T00:00:00z",
            "2024-01-01t00:00:00Z",
            "+024-01-01",
            "2024-01-01T00:00:00Z ",
            "٢٠٢٤-01-01",
            "1d",
            "1d1h1m1s1ms",
            "-1d1h1m1s1ms",
            "1h1d",
            "1ms1s",
            "5m5s",
            "5m5ms",
            "1d1d",
            "1",
            "d",
            "--1d",
            "+1d",
            "1 d",
            "9223372036854775807ms",
            "-9223372036854775808ms",
            "9223372036854775808ms",
            "18446744073709551616ms",
            "106751991167d7h12m55s807ms",
            "-106751991167d7h12m55s808ms",
            "106751991167d7h12m55s808ms",
            "1D",
            "1day",
            "00000000000000000000000001ms",
            "0ms",
            "-0ms",
            "1d\n",
        ] {
            same(text);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_as_cedar_reads_it(
            date in "[0-9]{4}-[0-3][0-9]-[0-3][0-9](T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{3})?(Z|[+-][0-2][0-9][0-6][0-9])?)?",
            span in "-?([0-9]{1,20}d)?([0-9]{1,20}h)?([0-9]{1,5}m)?([0-9]{1,5}s)?([0-9]{1,20}ms)?",
            noise in "[-0-9TZdhms:.+ ]{0,12}",
        ) {
            same(&date);
            same(&span);
            same(&noise);
        }
    }
}
