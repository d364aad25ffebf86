//! Python objects as the source of a serde deserializer, and the documents read from them.
//!
//! No JSON text is made on the way. What JSON cannot hold is refused with the code that the
//! JSON reader gives, or turned into the text that stands on the wire: an aware `datetime`
//! into an instant, a `timedelta` into a duration.

use crate::clock;
use glasskey::canonical::{self, INTEGER_MAX, Json};
use glasskey::limits::{JSON_DEPTH_MAX, STRING_BYTES_MAX};
use glasskey::{Code, Error};
use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyBytes, PyDateTime, PyDelta, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple, dict,
};
use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

/// Reads a document: a `dict`, or JSON text as `str` or `bytes`.
pub fn read<T: DeserializeOwned>(value: &Bound<'_, PyAny>) -> Result<T, Error> {
    if let Ok(text) = value.cast::<PyBytes>() {
        return canonical::read(text.as_bytes());
    }
    if let Ok(text) = value.cast::<PyString>() {
        return canonical::read(str_of(text)?.as_bytes());
    }
    // Straight to the shape; only what is refused is read again by way of a JSON value, so that
    // the fault is the one that every other language gives.
    canonical::from_deserializer(Native { value, depth: 0 }).or_else(|_| canonical::from_value(any(value)?))
}

/// Reads anything that JSON can hold, or JSON text given as `bytes`.
pub fn any(value: &Bound<'_, PyAny>) -> Result<serde_json::Value, Error> {
    if let Ok(text) = value.cast::<PyBytes>() {
        return canonical::parse(text.as_bytes());
    }
    canonical::from_deserializer::<Json, _>(Native { value, depth: 0 }).map(|json| json.0)
}

/// A text, unless it holds half a surrogate pair.
pub fn str_of<'a>(text: &'a Bound<'_, PyString>) -> Result<&'a str, Error> {
    text.to_str()
        .map_err(|_| fault(Code::BadJson, "the text holds half a surrogate pair", "send valid Unicode"))
}

/// A fault of the border's own.
pub fn fault(code: Code, message: impl Into<String>, help: &str) -> Error {
    Error { code, message: message.into(), help: Some(help.to_owned()), path: None, labels: Vec::new() }
}

/// The error of this deserializer: nothing but a text, in which the core finds its own errors.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Refused(String);

impl serde::de::Error for Refused {
    fn custom<T: std::fmt::Display>(text: T) -> Self {
        Self(text.to_string())
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        error.into_serde()
    }
}

/// An object, and how deep it lies.
#[derive(Clone, Copy)]
struct Native<'a, 'py> {
    value: &'a Bound<'py, PyAny>,
    depth: usize,
}

impl Native<'_, '_> {
    fn integer<'de, V: Visitor<'de>>(
        self,
        number: &Bound<'_, PyInt>,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        match number.extract::<i64>() {
            Ok(n) if (-INTEGER_MAX..=INTEGER_MAX).contains(&n) => visitor.visit_i64(n),
            _ => Err(bad_number(number)),
        }
    }

    fn within(self) -> Result<usize, Refused> {
        if self.depth < JSON_DEPTH_MAX {
            return Ok(self.depth + 1);
        }
        Err(fault(Code::TooDeep, format!("nested deeper than {JSON_DEPTH_MAX}"), "flatten the document")
            .into())
    }

    fn other<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        if let Ok(number) = self.value.cast::<PyFloat>() {
            return Err(bad_number(number));
        }
        if let Ok(instant) = self.value.cast::<PyDateTime>() {
            return visitor.visit_str(&clock::instant_text(instant)?);
        }
        if let Ok(span) = self.value.cast::<PyDelta>() {
            return visitor.visit_str(&clock::span_text(span)?);
        }
        let kind = self.value.get_type().to_string();
        Err(fault(
            Code::WrongType,
            format!("{kind} has no place in a document"),
            "give dict, list, tuple, str, int, bool, None, datetime or timedelta",
        )
        .into())
    }
}

fn bad_number(shown: &Bound<'_, PyAny>) -> Refused {
    let shown =
        shown.repr().map(|text| text.to_string()).unwrap_or_else(|_| "an integer of many digits".to_owned());
    let message = format!("`{shown}` is not a whole number within ±(2^53-1)");
    fault(Code::BadNumber, message, "use a whole number, or a string for anything larger").into()
}

fn text<'a>(text: &'a Bound<'_, PyString>) -> Result<&'a str, Refused> {
    let text = str_of(text)?;
    if text.len() <= STRING_BYTES_MAX {
        return Ok(text);
    }
    let message = format!("a string has {} bytes; the limit is {STRING_BYTES_MAX}", text.len());
    Err(fault(Code::TooLarge, message, "keep long texts outside and refer to them").into())
}

impl<'de> Deserializer<'de> for Native<'_, '_> {
    type Error = Refused;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        let value = self.value;
        if let Ok(string) = value.cast::<PyString>() {
            visitor.visit_str(text(string)?)
        } else if let Ok(dict) = value.cast::<PyDict>() {
            visitor.visit_map(Members { members: dict.iter(), value: None, depth: self.within()? })
        } else if let Ok(list) = value.cast::<PyList>() {
            visitor.visit_seq(Elements { elements: list.iter(), depth: self.within()? })
        } else if value.is_none() {
            visitor.visit_unit()
        } else if let Ok(bool) = value.cast::<PyBool>() {
            visitor.visit_bool(bool.is_true())
        } else if let Ok(number) = value.cast::<PyInt>() {
            self.integer(number, visitor)
        } else if let Ok(tuple) = value.cast::<PyTuple>() {
            visitor.visit_seq(Elements { elements: tuple.iter(), depth: self.within()? })
        } else {
            self.other(visitor)
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        if self.value.is_none() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        if let Ok(name) = self.value.cast::<PyString>() {
            return visitor.visit_enum(text(name)?.into_deserializer());
        }
        let one = self.value.cast::<PyDict>().ok().filter(|dict| dict.len() == 1);
        let Some((name, value)) = one.and_then(|dict| dict.iter().next()) else {
            return Err(Refused("invalid type: value, expected one named variant".to_owned()));
        };
        visitor.visit_enum(Variant { name, value, depth: self.within()? })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

struct Members<'py> {
    members: dict::BoundDictIterator<'py>,
    value: Option<Bound<'py, PyAny>>,
    depth: usize,
}

impl<'de> MapAccess<'de> for Members<'_> {
    type Error = Refused;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Refused> {
        let Some((name, value)) = self.members.next() else { return Ok(None) };
        self.value = Some(value);
        member_name(&name, seed).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Refused> {
        let value = self.value.take().ok_or_else(|| Refused("a value before its name".to_owned()))?;
        seed.deserialize(Native { value: &value, depth: self.depth })
    }
}

fn member_name<'de, K: DeserializeSeed<'de>>(name: &Bound<'_, PyAny>, seed: K) -> Result<K::Value, Refused> {
    let Ok(name) = name.cast::<PyString>() else {
        let message = format!("a member is named by {}, not by a text", name.get_type());
        return Err(fault(Code::WrongType, message, "name members with str").into());
    };
    let name: StrDeserializer<'_, Refused> = text(name)?.into_deserializer();
    seed.deserialize(name)
}

struct Elements<I> {
    elements: I,
    depth: usize,
}

impl<'de, 'py, I: Iterator<Item = Bound<'py, PyAny>>> SeqAccess<'de> for Elements<I> {
    type Error = Refused;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Refused> {
        let element = self.elements.next();
        element.map(|value| seed.deserialize(Native { value: &value, depth: self.depth })).transpose()
    }
}

struct Variant<'py> {
    name: Bound<'py, PyAny>,
    value: Bound<'py, PyAny>,
    depth: usize,
}

impl<'de> EnumAccess<'de> for Variant<'_> {
    type Error = Refused;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Refused> {
        let name = member_name(&self.name, seed)?;
        Ok((name, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_> {
    type Error = Refused;

    fn unit_variant(self) -> Result<(), Refused> {
        if self.value.is_none() {
            Ok(())
        } else {
            Err(Refused("invalid type: value, expected null".to_owned()))
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Refused> {
        seed.deserialize(Native { value: &self.value, depth: self.depth })
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Refused> {
        Native { value: &self.value, depth: self.depth }.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        Native { value: &self.value, depth: self.depth }.deserialize_any(visitor)
    }
}
