//! Canonical bytes (RFC 8785), written straight.
//!
//! A value's members are written as they come, and put in order when their object ends, if they
//! did not come in order. So there is no tree of values in between: digests of evidence, ledger
//! entries and asks are most of what a recorded decision costs.
//!
//! What our shapes do not have (numbers that are not whole, or too large; names that are not
//! text) is left to `serde_json_canonicalizer`, which the tests hold this to.

use crate::canonical::INTEGER_MAX;
use crate::prelude::*;
use core::cmp::Ordering;
use core::fmt::{self, Display, Write as _};
use serde::Serialize;
use serde::ser::{
    Error as _, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

/// The RFC 8785 bytes of a value; `None` if it is not for us.
pub(super) fn bytes(value: &(impl Serialize + ?Sized)) -> Option<Vec<u8>> {
    let mut writer = Writer { out: Vec::with_capacity(1_024), members: Vec::new() };
    value.serialize(&mut writer).ok()?;
    Some(writer.out)
}

struct Writer {
    out: Vec<u8>,
    /// The members of every object that is open, innermost last.
    members: Vec<Member>,
}

/// Where a member begins, and where its name ends: `"name":value`.
#[derive(Clone, Copy)]
struct Member {
    at: usize,
    named: usize,
}

/// The value is not for us.
#[derive(Debug)]
struct NotOurs;

impl Display for NotOurs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not written here")
    }
}

impl core::error::Error for NotOurs {}

impl serde::ser::Error for NotOurs {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

type Done = Result<(), NotOurs>;

impl Writer {
    fn whole(&mut self, number: i64) -> Done {
        if !(-INTEGER_MAX..=INTEGER_MAX).contains(&number) {
            return Err(NotOurs);
        }
        write!(Raw(&mut self.out), "{number}").map_err(NotOurs::custom)
    }

    fn string(&mut self, text: &str) {
        self.out.push(b'"');
        escape(text, &mut self.out);
        self.out.push(b'"');
    }

    fn open(&mut self, opening: u8, closing: &'static [u8]) -> Open<'_> {
        self.out.push(opening);
        Open { first: true, base: self.members.len(), closing, writer: self }
    }

    /// The head of a variant with content: `{"Name":`.
    fn variant(&mut self, name: &str) {
        self.out.push(b'{');
        self.string(name);
        self.out.push(b':');
    }

    /// Puts the members from `base` on in order.
    fn arrange(&mut self, base: usize) -> Done {
        let members = self.members.get(base..).unwrap_or_default();
        let Some(first) = members.first().map(|m| m.at) else { return Ok(()) };
        let name = |m: &Member| {
            let last = m.named.checked_sub(1)?;
            self.out.get(m.at.checked_add(1)?..last)
        };
        let order =
            |a: &Member, b: &Member| in_order(name(a).unwrap_or_default(), name(b).unwrap_or_default());
        if !members.is_sorted_by(|a, b| order(a, b) == Ordering::Less) {
            let mut sorted = members.to_vec();
            sorted.sort_by(order);
            if sorted.windows(2).any(|two| matches!(two, [a, b] if order(a, b) == Ordering::Equal)) {
                return Err(NotOurs); // a name twice
            }
            // Each ends before the comma of the next.
            let next = |at: usize| members.get(members.partition_point(|m| m.at <= at));
            let mut moved = Vec::with_capacity(self.out.len().saturating_sub(first));
            for member in sorted {
                let end = next(member.at).map_or(self.out.len(), |n| n.at.saturating_sub(1));
                if !moved.is_empty() {
                    moved.push(b',');
                }
                moved.extend_from_slice(self.out.get(member.at..end).ok_or(NotOurs)?);
            }
            self.out.truncate(first);
            self.out.append(&mut moved);
        }
        self.members.truncate(base);
        Ok(())
    }
}

/// Names are ordered by their UTF-16 units; of plain names that is the order of their bytes.
fn in_order(a: &[u8], b: &[u8]) -> Ordering {
    let plain = |name: &[u8]| !name.iter().fold(false, |found, c| found | !c.is_ascii() | (*c == b'\\'));
    if plain(a) && plain(b) {
        return a.cmp(b);
    }
    let units = |name: &[u8]| -> Vec<u16> {
        let quoted = [b"\"", name, b"\""].concat();
        let text: String = serde_json::from_slice(&quoted).unwrap_or_default();
        text.encode_utf16().collect()
    };
    units(a).cmp(&units(b))
}

/// The inside of a string, as ECMAScript's `JSON.stringify` writes it.
fn escape(text: &str, out: &mut Vec<u8>) {
    // No early end, so that many bytes are looked at together.
    let special = |b: u8| b < 0x20 || b == b'"' || b == b'\\';
    if !text.bytes().fold(false, |found, b| found | special(b)) {
        out.extend_from_slice(text.as_bytes());
    } else {
        text.bytes().for_each(|b| escaped(b, out));
    }
}

fn escaped(byte: u8, out: &mut Vec<u8>) {
    let short = match byte {
        b'"' => b'"',
        b'\\' => b'\\',
        0x08 => b'b',
        0x09 => b't',
        0x0A => b'n',
        0x0C => b'f',
        0x0D => b'r',
        0x00..0x20 => {
            let digit = |nibble: u8| nibble.wrapping_add(if nibble < 10 { b'0' } else { b'W' });
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', digit(byte.wrapping_shr(4)), digit(byte & 15)]);
            return;
        }
        plain => return out.push(plain),
    };
    out.extend_from_slice(&[b'\\', short]);
}

struct Raw<'o>(&'o mut Vec<u8>);

impl fmt::Write for Raw<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

struct Escaping<'o>(&'o mut Vec<u8>);

impl fmt::Write for Escaping<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        escape(text, self.0);
        Ok(())
    }
}

/// An array or an object under way.
struct Open<'w> {
    writer: &'w mut Writer,
    first: bool,
    /// How many members the objects around it have.
    base: usize,
    closing: &'static [u8],
}

impl Open<'_> {
    fn comma(&mut self) {
        if !self.first {
            self.writer.out.push(b',');
        }
        self.first = false;
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        self.comma();
        value.serialize(&mut *self.writer)
    }

    fn name<T: Serialize + ?Sized>(&mut self, name: &T) -> Done {
        self.comma();
        let at = self.writer.out.len();
        name.serialize(&mut *self.writer)?;
        if self.writer.out.get(at) != Some(&b'"') {
            return Err(NotOurs);
        }
        self.writer.members.push(Member { at, named: self.writer.out.len() });
        self.writer.out.push(b':');
        Ok(())
    }

    fn member<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Done {
        self.name(name)?;
        value.serialize(&mut *self.writer)
    }

    fn close(self) -> Done {
        self.writer.arrange(self.base)?;
        self.writer.out.extend_from_slice(self.closing);
        Ok(())
    }
}

impl<'w> Serializer for &'w mut Writer {
    type Ok = ();
    type Error = NotOurs;
    type SerializeSeq = Open<'w>;
    type SerializeTuple = Open<'w>;
    type SerializeTupleStruct = Open<'w>;
    type SerializeTupleVariant = Open<'w>;
    type SerializeMap = Open<'w>;
    type SerializeStruct = Open<'w>;
    type SerializeStructVariant = Open<'w>;

    fn serialize_bool(self, b: bool) -> Done {
        self.out.extend_from_slice(if b { b"true" } else { b"false" });
        Ok(())
    }

    fn serialize_i8(self, n: i8) -> Done {
        self.whole(n.into())
    }

    fn serialize_i16(self, n: i16) -> Done {
        self.whole(n.into())
    }

    fn serialize_i32(self, n: i32) -> Done {
        self.whole(n.into())
    }

    fn serialize_i64(self, n: i64) -> Done {
        self.whole(n)
    }

    fn serialize_u8(self, n: u8) -> Done {
        self.whole(n.into())
    }

    fn serialize_u16(self, n: u16) -> Done {
        self.whole(n.into())
    }

    fn serialize_u32(self, n: u32) -> Done {
        self.whole(n.into())
    }

    fn serialize_u64(self, n: u64) -> Done {
        self.whole(i64::try_from(n).map_err(NotOurs::custom)?)
    }

    fn serialize_f32(self, _: f32) -> Done {
        Err(NotOurs)
    }

    fn serialize_f64(self, _: f64) -> Done {
        Err(NotOurs)
    }

    fn serialize_char(self, c: char) -> Done {
        self.serialize_str(c.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Done {
        self.string(text);
        Ok(())
    }

    fn serialize_bytes(self, _: &[u8]) -> Done {
        Err(NotOurs)
    }

    fn serialize_none(self) -> Done {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Done {
        self.out.extend_from_slice(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Done {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Done {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Done {
        self.variant(variant);
        value.serialize(&mut *self)?;
        self.out.push(b'}');
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Open<'w>, NotOurs> {
        Ok(self.open(b'[', b"]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Open<'w>, NotOurs> {
        Ok(self.open(b'[', b"]"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Open<'w>, NotOurs> {
        Ok(self.open(b'[', b"]"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Open<'w>, NotOurs> {
        self.variant(variant);
        Ok(self.open(b'[', b"]}"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Open<'w>, NotOurs> {
        Ok(self.open(b'{', b"}"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Open<'w>, NotOurs> {
        Ok(self.open(b'{', b"}"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Open<'w>, NotOurs> {
        self.variant(variant);
        Ok(self.open(b'{', b"}}"))
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Done {
        self.out.push(b'"');
        write!(Escaping(&mut self.out), "{value}").map_err(NotOurs::custom)?;
        self.out.push(b'"');
        Ok(())
    }
}

/// One of serde's seven ways to write the parts of an array or an object.
macro_rules! parts {
    ($trait:ident, $part:ident($($name:ident: $type:ty),*), $by:ident) => {
        impl $trait for Open<'_> {
            type Ok = ();
            type Error = NotOurs;

            fn $part<T: Serialize + ?Sized>(&mut self, $($name: $type,)* value: &T) -> Done {
                self.$by($($name,)* value)
            }

            fn end(self) -> Done {
                self.close()
            }
        }
    };
}

parts!(SerializeSeq, serialize_element(), element);
parts!(SerializeTuple, serialize_element(), element);
parts!(SerializeTupleStruct, serialize_field(), element);
parts!(SerializeTupleVariant, serialize_field(), element);
parts!(SerializeStruct, serialize_field(name: &'static str), member);
parts!(SerializeStructVariant, serialize_field(name: &'static str), member);

impl SerializeMap for Open<'_> {
    type Ok = ();
    type Error = NotOurs;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, name: &T) -> Done {
        self.name(name)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Done {
        self.close()
    }
}

#[cfg(test)]
mod tests;
