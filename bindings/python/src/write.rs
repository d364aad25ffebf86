//! Plain data on the way out: a serde serializer that makes Python objects.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyNone, PyString};
use serde::ser::{
    Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, Serializer,
};
use std::fmt;

/// The value as `dict`, `list`, `str`, `int`, `bool` and `None`.
pub fn to_python<'py, T: Serialize>(py: Python<'py>, value: &T) -> PyResult<Bound<'py, PyAny>> {
    value.serialize(Native(py)).map_err(|failed| failed.0)
}

struct Failed(PyErr);

impl fmt::Debug for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl std::error::Error for Failed {}

impl serde::ser::Error for Failed {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Self(pyo3::exceptions::PyRuntimeError::new_err(text.to_string()))
    }
}

impl From<PyErr> for Failed {
    fn from(error: PyErr) -> Self {
        Self(error)
    }
}

type Made<'py> = Result<Bound<'py, PyAny>, Failed>;

#[derive(Clone, Copy)]
struct Native<'py>(Python<'py>);

/// A shape that nothing in Glasskey has.
fn none_has<T>(what: &str) -> Result<T, Failed> {
    Err(serde::ser::Error::custom(format_args!("{what} cannot be given to Python")))
}

macro_rules! whole_numbers {
    ($($name:ident $type:ty),*) => {
        $(fn $name(self, n: $type) -> Made<'py> {
            Ok(n.into_pyobject(self.0).map_err(PyErr::from)?.into_any())
        })*
    };
}

impl<'py> Serializer for Native<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failed;
    type SerializeSeq = List<'py>;
    type SerializeTuple = List<'py>;
    type SerializeTupleStruct = Impossible<Self::Ok, Failed>;
    type SerializeTupleVariant = Impossible<Self::Ok, Failed>;
    type SerializeMap = Dict<'py>;
    type SerializeStruct = Dict<'py>;
    type SerializeStructVariant = Variant<'py>;

    whole_numbers!(
        serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64,
        serialize_u8 u8, serialize_u16 u16, serialize_u32 u32, serialize_u64 u64
    );

    fn serialize_bool(self, b: bool) -> Made<'py> {
        Ok(b.into_pyobject(self.0).map_err(PyErr::from)?.to_owned().into_any())
    }

    fn serialize_str(self, text: &str) -> Made<'py> {
        Ok(PyString::new(self.0, text).into_any())
    }

    fn collect_str<T: ?Sized + fmt::Display>(self, text: &T) -> Made<'py> {
        self.serialize_str(&text.to_string())
    }

    fn serialize_char(self, c: char) -> Made<'py> {
        self.serialize_str(c.encode_utf8(&mut [0; 4]))
    }

    fn serialize_f32(self, _: f32) -> Made<'py> {
        none_has("a float")
    }

    fn serialize_f64(self, _: f64) -> Made<'py> {
        none_has("a float")
    }

    fn serialize_bytes(self, _: &[u8]) -> Made<'py> {
        none_has("bytes")
    }

    fn serialize_none(self) -> Made<'py> {
        Ok(PyNone::get(self.0).to_owned().into_any())
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Made<'py> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Made<'py> {
        self.serialize_none()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Made<'py> {
        self.serialize_none()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Made<'py> {
        Ok(PyString::intern(self.0, variant).into_any())
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(self, _: &'static str, value: &T) -> Made<'py> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Made<'py> {
        let dict = PyDict::new(self.0);
        dict.set_item(PyString::intern(self.0, variant), value.serialize(self)?)?;
        Ok(dict.into_any())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List<'py>, Failed> {
        Ok(List(self.0, PyList::empty(self.0)))
    }

    fn serialize_tuple(self, len: usize) -> Result<List<'py>, Failed> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, Failed> {
        none_has("a tuple struct")
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Failed> {
        none_has("a tuple variant")
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Dict<'py>, Failed> {
        Ok(Dict { py: self.0, dict: PyDict::new(self.0), name: None })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Dict<'py>, Failed> {
        self.serialize_map(None)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Variant<'py>, Failed> {
        Ok(Variant { members: self.serialize_map(None)?, variant })
    }
}

struct List<'py>(Python<'py>, Bound<'py, PyList>);

impl<'py> SerializeSeq for List<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failed;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Failed> {
        Ok(self.1.append(value.serialize(Native(self.0))?)?)
    }

    fn end(self) -> Made<'py> {
        Ok(self.1.into_any())
    }
}

impl<'py> SerializeTuple for List<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failed;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Failed> {
        SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Made<'py> {
        SerializeSeq::end(self)
    }
}

struct Dict<'py> {
    py: Python<'py>,
    dict: Bound<'py, PyDict>,
    name: Option<Bound<'py, PyAny>>,
}

impl<'py> SerializeMap for Dict<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failed;

    fn serialize_key<T: ?Sized + Serialize>(&mut self, name: &T) -> Result<(), Failed> {
        self.name = Some(name.serialize(Native(self.py))?);
        Ok(())
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Failed> {
        let value = value.serialize(Native(self.py))?;
        Ok(self.dict.set_item(self.name.take(), value)?)
    }

    fn end(self) -> Made<'py> {
        Ok(self.dict.into_any())
    }
}

impl<'py> SerializeStruct for Dict<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failed;

    fn serialize_field<T: ?Sized + Serialize>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Failed> {
        let value = value.serialize(Native(self.py))?;
        Ok(self.dict.set_item(PyString::intern(self.py, name), value)?)
    }

    fn end(self) -> Made<'py> {
        Ok(self.dict.into_any())
    }
}

/// `{"variant": {members}}`
struct Variant<'py> {
    members: Dict<'py>,
    variant: &'static str,
}

impl<'py> SerializeStructVariant for Variant<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failed;

    fn serialize_field<T: ?Sized + Serialize>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Failed> {
        SerializeStruct::serialize_field(&mut self.members, name, value)
    }

    fn end(self) -> Made<'py> {
        let outer = PyDict::new(self.members.py);
        outer.set_item(PyString::intern(self.members.py, self.variant), self.members.dict)?;
        Ok(outer.into_any())
    }
}
