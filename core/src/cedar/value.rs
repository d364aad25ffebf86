//! Cedar values from ours, and ours from Cedar's.

use crate::cedar::Uid;
use crate::prelude::*;
use crate::time::{Instant, Span};
use cedar_policy_core::FromNormalizedStr as _;
use cedar_policy_core::ast::{Literal, Name, PartialValue, Value, ValueKind};
use cedar_policy_core::extensions::Extensions;
use smol_str::SmolStr;

/// A record under construction.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record(pub(super) BTreeMap<SmolStr, Value>);

impl Record {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn put(&mut self, name: &str, value: impl Into<Val>) {
        self.0.insert(name.into(), value.into().0);
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<Val>) -> Self {
        self.put(name, value);
        self
    }

    pub(crate) fn put_some(&mut self, name: &str, value: Option<impl Into<Val>>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }
}

/// One Cedar value.
#[derive(Clone, Debug)]
pub(crate) struct Val(pub(super) Value);

impl From<&str> for Val {
    fn from(text: &str) -> Self {
        Self(Value::from(text))
    }
}
impl From<bool> for Val {
    fn from(b: bool) -> Self {
        Self(Value::from(b))
    }
}
impl From<u32> for Val {
    fn from(n: u32) -> Self {
        Self(Value::from(i64::from(n)))
    }
}
impl From<Instant> for Val {
    fn from(t: Instant) -> Self {
        Self(call("datetime", &[Value::from(t.to_string())]))
    }
}
impl From<Span> for Val {
    fn from(s: Span) -> Self {
        Self(call("duration", &[Value::from(s.to_string())]))
    }
}
impl From<&Uid> for Val {
    fn from(uid: &Uid) -> Self {
        Self(Value::from(uid.inner().clone()))
    }
}
impl From<Record> for Val {
    fn from(record: Record) -> Self {
        Self(Value::record_arc(Arc::new(record.0), None))
    }
}

/// A set of texts.
pub(crate) fn texts<'a>(all: impl IntoIterator<Item = &'a str>) -> Val {
    Val(Value::set(all.into_iter().map(Value::from), None))
}

/// Calls an extension function. Our own arguments are always in its range; should one ever
/// not be, the value is the text `?`, which makes whatever reads it err, and so fail closed.
pub(super) fn call(function: &str, arguments: &[Value]) -> Value {
    let found = Name::from_normalized_str(function)
        .ok()
        .and_then(|name| Extensions::all_available().func(&name).ok()?.call(arguments).ok());
    match found {
        Some(PartialValue::Value(value)) => value,
        _ => Value::from("?"),
    }
}

pub(super) fn as_long(value: &Value) -> Option<i64> {
    match value.value_kind() {
        ValueKind::Lit(Literal::Long(n)) => Some(*n),
        _ => None,
    }
}

pub(super) fn as_bool(value: &Value) -> Option<bool> {
    match value.value_kind() {
        ValueKind::Lit(Literal::Bool(b)) => Some(*b),
        _ => None,
    }
}

pub(super) fn as_uid(value: &Value) -> Option<Uid> {
    match value.value_kind() {
        ValueKind::Lit(Literal::EntityUID(uid)) => Some(Uid::from(uid.as_ref().clone())),
        _ => None,
    }
}

/// Milliseconds since the epoch, of a datetime.
pub(super) fn datetime_ms(value: &Value) -> Option<i64> {
    let epoch = call("datetime", &[Value::from("1970-01-01")]);
    duration_ms(&call("durationSince", &[value.clone(), epoch]))
}

/// Milliseconds, of a duration.
pub(super) fn duration_ms(value: &Value) -> Option<i64> {
    as_long(&call("toMilliseconds", core::slice::from_ref(value)))
}

/// A datetime as an instant, where RFC 3339 can write it.
pub(super) fn as_instant(value: &Value) -> Option<Instant> {
    Instant::from_ms(datetime_ms(value)?).ok()
}

/// Every uid inside a value, records and sets included.
pub(super) fn uids_in(value: &Value, out: &mut BTreeSet<Uid>) {
    match value.value_kind() {
        ValueKind::Lit(Literal::EntityUID(uid)) => {
            out.insert(Uid::from(uid.as_ref().clone()));
        }
        ValueKind::Lit(_) | ValueKind::ExtensionValue(_) => {}
        ValueKind::Set(set) => set.iter().for_each(|v| uids_in(v, out)),
        ValueKind::Record(record) => record.values().for_each(|v| uids_in(v, out)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_round_trip_through_cedar() {
        for ms in [0, 1, -1, 1_772_330_700_123, 253_402_300_799_999, -62_167_219_200_000] {
            let instant = Instant::from_ms(ms).unwrap();
            assert_eq!(as_instant(&Val::from(instant).0), Some(instant), "{instant}");
        }
        for ms in [0, 1, 90_061_001] {
            assert_eq!(duration_ms(&Val::from(Span::from_ms(ms)).0), Some(ms));
        }
        assert_eq!(duration_ms(&Val::from("x").0), None);
    }
}
