//! Python's times, and the one place that asks the system clock.

use crate::error::raise_one;
use crate::read::{fault, str_of};
use glasskey::{Code, Error, Instant, Span};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDateTime, PyDelta, PyString, PyTzInfo};
use std::time::{SystemTime, UNIX_EPOCH};

/// The instant that is meant: an aware `datetime`, RFC 3339 text, or `None` for the system clock.
pub fn instant(py: Python<'_>, now: Option<&Bound<'_, PyAny>>) -> PyResult<Instant> {
    let read = match now {
        None => system(),
        Some(value) => instant_of(value),
    };
    read.map_err(|error| raise_one(py, error))
}

fn system() -> Result<Instant, Error> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map(|since| since.as_millis());
    let ms = since.ok().and_then(|ms| i64::try_from(ms).ok());
    Instant::from_ms(
        ms.ok_or_else(|| fault(Code::BadInstant, "the system clock is not set", "set the clock"))?,
    )
}

fn instant_of(value: &Bound<'_, PyAny>) -> Result<Instant, Error> {
    if let Ok(text) = value.cast::<PyString>() {
        return Instant::parse(str_of(text)?);
    }
    let Ok(instant) = value.cast::<PyDateTime>() else {
        let message = format!("{} is no instant", value.get_type());
        return Err(fault(Code::WrongType, message, "give an aware datetime, RFC 3339 text or None"));
    };
    Instant::parse(&instant_text(instant)?)
}

/// The text of an aware `datetime`, in UTC, cut to milliseconds.
pub fn instant_text(instant: &Bound<'_, PyDateTime>) -> Result<String, Error> {
    let py = instant.py();
    let aware = instant.call_method0(intern!(py, "utcoffset")).is_ok_and(|offset| !offset.is_none());
    if !aware {
        let message = format!("`{instant}` is a naive datetime, which names no instant");
        return Err(fault(Code::BadInstant, message, "attach its zone, like `datetime.now(timezone.utc)`"));
    }
    let text = || {
        let utc = instant.call_method1(intern!(py, "astimezone"), (PyTzInfo::utc(py)?,))?;
        utc.call_method1(intern!(py, "isoformat"), (intern!(py, "T"), intern!(py, "milliseconds")))?.extract()
    };
    text().map_err(|_: PyErr| {
        fault(
            Code::BadInstant,
            format!("`{instant}` has no form in UTC"),
            "use a datetime within the years 1 to 9999",
        )
    })
}

/// The text of a `timedelta`, cut to milliseconds.
pub fn span_text(span: &Bound<'_, PyDelta>) -> Result<String, Error> {
    let py = span.py();
    let part = |name| span.getattr(name).and_then(|value| value.extract::<i64>()).unwrap_or(i64::MAX);
    let (days, seconds) = (part(intern!(py, "days")), part(intern!(py, "seconds")));
    if days < 0 {
        return Err(fault(
            Code::BadDuration,
            format!("`{span}` is negative"),
            "give a timedelta of zero or more",
        ));
    }
    let ms = part(intern!(py, "microseconds")) / 1_000;
    Ok(Span::from_ms(days.saturating_mul(86_400_000).saturating_add(seconds * 1_000).saturating_add(ms))
        .to_string())
}
