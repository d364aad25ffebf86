//! Freshness: whether a fact may still, or already, be believed.

use crate::time::{Instant, Span};

/// A fact's age against its limit, at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Age {
    /// Usable, and until when (never again after, unless observed anew).
    Fresh { until: Option<Instant> },
    /// Too old.
    Stale,
    /// From further in the future than clocks may differ; usable from then on.
    Future { from: Instant },
}

/// Usable iff `observed_at <= now + skew` and `now < observed_at + max_age`.
pub(crate) fn age(observed_at: Instant, max_age: Option<Span>, skew: Span, now: Instant) -> Age {
    if observed_at > now.plus(skew) {
        return Age::Future { from: observed_at.minus(skew) };
    }
    let until = max_age.map(|max_age| observed_at.plus(max_age));
    if until.is_some_and(|until| now >= until) {
        return Age::Stale;
    }
    Age::Fresh { until }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_half_open() {
        let at = |ms| Instant::from_ms(ms).unwrap();
        let check = |observed, now| age(at(observed), Some(Span::from_ms(100)), Span::from_ms(10), at(now));
        assert_eq!(check(0, 99), Age::Fresh { until: Some(at(100)) });
        assert_eq!(check(0, 100), Age::Stale);
        assert_eq!(check(10, 0), Age::Fresh { until: Some(at(110)) });
        assert_eq!(check(11, 0), Age::Future { from: at(1) });
        assert_eq!(age(at(0), None, Span::ZERO, at(1_000_000)), Age::Fresh { until: None });
    }
}
