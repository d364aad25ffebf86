//! Our own values: what a policy computes with, small, typed, and without text for times.
//!
//! They are made from Cedar's when an entity is read, and turned into Cedar's again only where
//! Cedar itself must evaluate or write.

use crate::cedar::{Uid, stamp};
use crate::prelude::*;
use crate::time::{Instant, Span};
use cedar_policy_core::FromNormalizedStr as _;
use cedar_policy_core::ast::{Expr, ExprKind, Literal, Name, PartialValue, Set, Value, ValueKind};
use cedar_policy_core::extensions::Extensions;
use smol_str::{SmolStr, ToSmolStr as _};

/// A record, in order of its members' names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record(Vec<(SmolStr, Val)>);

/// One value.
#[derive(Clone, Debug)]
pub(crate) enum Val {
    Bool(bool),
    Long(i64),
    Text(SmolStr),
    Uid(Uid),
    /// A datetime.
    Time(Stamp),
    /// A duration.
    Span(Stamp),
    Record(Arc<Record>),
    Set(Set),
    /// A decimal or an address, which only Cedar looks into.
    Other(Arc<Value>),
}

/// A datetime or a duration in milliseconds, and how it was written, if it was.
#[derive(Clone, Debug)]
pub(crate) struct Stamp {
    pub(super) ms: i64,
    written: Written,
}

/// How a datetime or a duration was written.
#[derive(Clone, Debug)]
enum Written {
    /// It was computed.
    Not,
    /// As the text that its constructor takes.
    Text(SmolStr),
    /// In some other way, which only Cedar knows.
    Whole(Arc<Value>),
}

impl Record {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// An empty record with room for so many members.
    pub(crate) fn of(members: usize) -> Self {
        Self(Vec::with_capacity(members))
    }

    pub(crate) fn put(&mut self, name: &'static str, value: impl Into<Val>) {
        self.insert(SmolStr::new_static(name), value.into());
    }

    /// As [`Record::put`], under a name that a pack gave.
    pub(crate) fn put_named(&mut self, name: &str, value: impl Into<Val>) {
        self.insert(name.into(), value.into());
    }

    fn insert(&mut self, name: SmolStr, value: Val) {
        // Members mostly come in order.
        if self.0.last().is_none_or(|(last, _)| *last < name) {
            self.0.push((name, value));
            return;
        }
        match self.0.binary_search_by(|(n, _)| n.cmp(&name)) {
            Ok(at) => {
                if let Some(place) = self.0.get_mut(at) {
                    place.1 = value;
                }
            }
            Err(at) => self.0.insert(at, (name, value)),
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Val>) -> Self {
        self.put(name, value);
        self
    }

    pub(crate) fn put_some(&mut self, name: &'static str, value: Option<impl Into<Val>>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Val> {
        let at = self.0.binary_search_by(|(n, _)| n.as_str().cmp(name)).ok()?;
        self.0.get(at).map(|(_, value)| value)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn members(&self) -> impl Iterator<Item = (&SmolStr, &Val)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// A record from Cedar's values.
    pub(super) fn lift<'a>(members: impl Iterator<Item = (&'a SmolStr, &'a Value)>) -> Self {
        let mut out = Self::new();
        members.for_each(|(name, value)| out.insert(name.clone(), Val::lift(value)));
        out
    }

    /// The same record as Cedar's.
    pub(super) fn lower(&self) -> BTreeMap<SmolStr, Value> {
        self.0.iter().map(|(name, value)| (name.clone(), value.lower())).collect()
    }
}

impl Val {
    pub(super) fn lift(value: &Value) -> Self {
        let whole = || Self::Other(Arc::new(value.clone()));
        match value.value_kind() {
            ValueKind::Lit(Literal::Bool(b)) => Self::Bool(*b),
            ValueKind::Lit(Literal::Long(n)) => Self::Long(*n),
            ValueKind::Lit(Literal::String(text)) => Self::Text(text.clone()),
            ValueKind::Lit(Literal::EntityUID(uid)) => Self::Uid(Uid::from(uid.as_ref().clone())),
            ValueKind::Set(set) => Self::Set(set.clone()),
            ValueKind::Record(members) => Self::Record(Arc::new(Record::lift(members.iter()))),
            #[cfg(not(feature = "full"))]
            ValueKind::ExtensionValue(_) => whole(),
            #[cfg(feature = "full")]
            ValueKind::ExtensionValue(of) => match of.typename().to_string().as_str() {
                "datetime" => Stamp::lift(value, "datetime", stamp::datetime, datetime_ms)
                    .map_or_else(whole, Self::Time),
                "duration" => Stamp::lift(value, "duration", stamp::duration, duration_ms)
                    .map_or_else(whole, Self::Span),
                _ => whole(),
            },
        }
    }

    /// As Cedar's value, if no part of it takes one of Cedar's functions to be made.
    pub(super) fn plain(&self) -> Option<Value> {
        match self {
            Self::Bool(b) => Some(Value::from(*b)),
            Self::Long(n) => Some(Value::from(*n)),
            Self::Text(text) => Some(Value::from(text.clone())),
            Self::Uid(uid) => Some(Value::from(uid.shared().clone())),
            Self::Record(record) => {
                let one = |(name, value): &(SmolStr, Self)| Some((name.clone(), value.plain()?));
                let all = record.0.iter().map(one).collect::<Option<BTreeMap<SmolStr, Value>>>()?;
                Some(Value::record_arc(Arc::new(all), None))
            }
            Self::Set(set) => Some(Value::new(ValueKind::Set(set.clone()), None)),
            Self::Time(_) | Self::Span(_) | Self::Other(_) => None,
        }
    }

    pub(super) fn lower(&self) -> Value {
        match self {
            Self::Bool(b) => Value::from(*b),
            Self::Long(n) => Value::from(*n),
            Self::Text(text) => Value::from(text.clone()),
            Self::Uid(uid) => Value::from(uid.shared().clone()),
            Self::Time(stamp) => stamp.lower("datetime", stamp.time_text()),
            Self::Span(stamp) => stamp.lower("duration", stamp.span_text()),
            Self::Record(record) => Value::record_arc(Arc::new(record.lower()), None),
            Self::Set(set) => Value::new(ValueKind::Set(set.clone()), None),
            Self::Other(value) => value.as_ref().clone(),
        }
    }

    /// Every uid inside it, records and sets included.
    pub(super) fn uids_in(&self, out: &mut BTreeSet<Uid>) {
        match self {
            Self::Uid(uid) => {
                out.insert(uid.clone());
            }
            Self::Set(set) => {
                out.extend(set.iter().flat_map(Value::all_literal_uids).map(Uid::from));
            }
            Self::Record(record) => record.0.iter().for_each(|(_, value)| value.uids_in(out)),
            Self::Bool(_)
            | Self::Long(_)
            | Self::Text(_)
            | Self::Time(_)
            | Self::Span(_)
            | Self::Other(_) => {}
        }
    }
}

impl Stamp {
    pub(super) const fn of(ms: i64) -> Self {
        Self { ms, written: Written::Not }
    }

    /// A datetime from Cedar's writing of it.
    pub(super) fn time(text: &str) -> Option<Self> {
        Some(Self { ms: stamp::datetime(text)?, written: Written::Text(text.into()) })
    }

    /// A duration from Cedar's writing of it.
    pub(super) fn span(text: &str) -> Option<Self> {
        Some(Self { ms: stamp::duration(text)?, written: Written::Text(text.into()) })
    }

    /// Cedar's value: most were written as a text, which says all.
    fn lift(
        value: &Value,
        constructor: &str,
        read: fn(&str) -> Option<i64>,
        ask: fn(&Value) -> Option<i64>,
    ) -> Option<Self> {
        if let Some(text) = written(value, constructor)
            && let Some(ms) = read(&text)
        {
            return Some(Self { ms, written: Written::Text(text) });
        }
        Some(Self { ms: ask(value)?, written: Written::Whole(Arc::new(value.clone())) })
    }

    fn lower(&self, constructor: &str, text: Option<SmolStr>) -> Value {
        match (&self.written, text) {
            (Written::Whole(value), _) => value.as_ref().clone(),
            (_, Some(text)) => call(constructor, &[Value::from(text)]),
            (_, None) => Value::from("?"),
        }
    }

    /// What a datetime is written as; `None` if only Cedar knows.
    pub(super) fn time_text(&self) -> Option<SmolStr> {
        match &self.written {
            Written::Text(text) => Some(text.clone()),
            Written::Whole(_) => None,
            Written::Not => Instant::from_ms(self.ms).ok().map(|instant| instant.to_smolstr()),
        }
    }

    /// What a duration is written as; `None` if only Cedar knows.
    pub(super) fn span_text(&self) -> Option<SmolStr> {
        match &self.written {
            Written::Text(text) => Some(text.clone()),
            Written::Whole(_) => None,
            Written::Not => Some(Span::from_ms(self.ms).to_smolstr()),
        }
    }

    /// As an instant, where RFC 3339 can write it.
    pub(super) fn instant(&self) -> Option<Instant> {
        Instant::from_ms(self.ms).ok()
    }
}

/// The text that an extension's constructor was called with, if that is how the value was written.
fn written(value: &Value, constructor: &str) -> Option<SmolStr> {
    let call = Expr::from(value.clone());
    let ExprKind::ExtensionFunctionApp { fn_name, args } = call.expr_kind() else { return None };
    let [argument] = args.as_slice() else { return None };
    match argument.expr_kind() {
        ExprKind::Lit(Literal::String(text)) if fn_name.to_string() == constructor => Some(text.clone()),
        _ => None,
    }
}

impl From<&str> for Val {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}
impl From<bool> for Val {
    fn from(b: bool) -> Self {
        Self::Bool(b)
    }
}
impl From<u32> for Val {
    fn from(n: u32) -> Self {
        Self::Long(i64::from(n))
    }
}
impl From<Instant> for Val {
    fn from(t: Instant) -> Self {
        Self::Time(Stamp::of(t.ms()))
    }
}
impl From<Span> for Val {
    fn from(s: Span) -> Self {
        Self::Span(Stamp::of(s.ms()))
    }
}
impl From<&Uid> for Val {
    fn from(uid: &Uid) -> Self {
        Self::Uid(uid.clone())
    }
}
impl From<Record> for Val {
    fn from(record: Record) -> Self {
        Self::Record(Arc::new(record))
    }
}

/// A set of texts.
pub(crate) fn texts<'a>(all: impl IntoIterator<Item = &'a str>) -> Val {
    Val::Set(Set::from_lits(all.into_iter().map(Literal::from)))
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

/// Milliseconds since the epoch, of a datetime.
pub(super) fn datetime_ms(value: &Value) -> Option<i64> {
    let epoch = call("datetime", &[Value::from("1970-01-01")]);
    duration_ms(&call("durationSince", &[value.clone(), epoch]))
}

/// Milliseconds, of a duration.
pub(super) fn duration_ms(value: &Value) -> Option<i64> {
    as_long(&call("toMilliseconds", core::slice::from_ref(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_round_trip_through_cedar() {
        for ms in [0, 1, -1, 1_772_330_700_123, 253_402_300_799_999, -62_167_219_200_000] {
            let value = Val::from(Instant::from_ms(ms).unwrap()).lower();
            assert!(matches!(Val::lift(&value), Val::Time(stamp) if stamp.ms == ms), "{ms}");
        }
        for ms in [0, 1, 90_061_001] {
            let value = Val::from(Span::from_ms(ms)).lower();
            assert!(matches!(Val::lift(&value), Val::Span(stamp) if stamp.ms == ms), "{ms}");
        }
        assert_eq!(duration_ms(&Value::from("x")), None);
    }

    #[test]
    fn records_hold_each_member_once_in_order() {
        let record = Record::new().with("b", 2_u32).with("a", 1_u32).with("b", 3_u32);
        let names: Vec<&str> = record.members().map(|(n, _)| n.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
        assert!(matches!(record.get("b"), Some(Val::Long(3))));
        assert!(record.get("c").is_none());
    }
}
