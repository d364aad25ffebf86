//! The border for JSON: strict reading, canonical writing (RFC 8785), digests.

mod write;

use crate::error::{Code, Error, nearest};
use crate::limits::{JSON_BYTES_MAX, JSON_DEPTH_MAX, STRING_BYTES_MAX};
use crate::prelude::*;
use crate::wire::{MARK, clip, encode, text_on_the_wire};
use core::fmt;
use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

/// The largest whole number that every JSON reader keeps exactly (RFC 7493): 2^53-1.
pub const INTEGER_MAX: i64 = 9_007_199_254_740_991;

/// A SHA-256 digest; on the wire `sha256:` and 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest of the RFC 8785 form of `value`.
    #[must_use]
    pub fn of_canonical<T: Serialize>(value: &T) -> Self {
        Self::of(&to_bytes(value))
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A digest from its bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads `sha256:` and 64 lower-case hex digits.
    ///
    /// # Errors
    /// `bad_digest`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let bad = || {
            Error::new(Code::BadDigest, format!("`{}` is not a digest", clip(text)))
                .help("write `sha256:` and 64 lower-case hex digits")
        };
        let hex = text.strip_prefix("sha256:").ok_or_else(bad)?.as_bytes();
        let mut out = [0_u8; 32];
        if hex.len() != 64 {
            return Err(bad());
        }
        for (byte, pair) in out.iter_mut().zip(hex.chunks_exact(2)) {
            let mut value = 0_u8;
            for c in pair {
                let digit = match c {
                    b'0'..=b'9' => c.wrapping_sub(b'0'),
                    b'a'..=b'f' => c.wrapping_sub(b'a').wrapping_add(10),
                    _ => return Err(bad()),
                };
                value = value.wrapping_shl(4) | digit;
            }
            *byte = value;
        }
        Ok(Self(out))
    }

    /// The 64 hex digits without the prefix.
    #[must_use]
    pub fn hex(&self) -> String {
        let mut out = String::with_capacity(64);
        for byte in self.0 {
            for nibble in [byte.wrapping_shr(4), byte & 15] {
                out.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
            }
        }
        out
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

text_on_the_wire!(Digest, "a digest such as `sha256:…`");

/// The RFC 8785 bytes of `value`.
///
/// Total for the shapes of this crate, which hold no floats and no map with other keys
/// than strings; for anything else the bytes are empty, which no digest of ours equals.
#[must_use]
pub fn to_bytes<T: Serialize>(value: &T) -> Vec<u8> {
    write::bytes(value).unwrap_or_else(|| serde_json_canonicalizer::to_vec(value).unwrap_or_default())
}

/// The RFC 8785 text of `value`; see [`to_bytes`].
#[must_use]
pub fn to_text<T: Serialize>(value: &T) -> String {
    String::from_utf8(to_bytes(value)).unwrap_or_default()
}

/// Reads one JSON document of a known shape.
///
/// # Errors
/// Every fault of the text has its code, and a path into the document: `bad_json`,
/// `duplicate_member`, `unknown_member`, `missing_member`, `wrong_type`, `bad_number`,
/// `too_large`, `too_deep`, and those of the shapes inside.
pub fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, Error> {
    from_value(parse(json)?)
}

/// As [`read`], for documents that are bound otherwise.
pub(crate) fn read_within<T: DeserializeOwned>(json: &[u8], bounds: Bounds) -> Result<T, Error> {
    from_value(parse_within(json, bounds)?)
}

/// How long a document may be, and each text in it.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) bytes_max: usize,
    pub(crate) string_bytes_max: usize,
}

impl Bounds {
    pub(crate) const USUAL: Self = Self { bytes_max: JSON_BYTES_MAX, string_bytes_max: STRING_BYTES_MAX };
}

/// Reads any JSON document strictly: unique members, whole numbers within ±(2^53-1), bounded.
///
/// # Errors
/// As [`read`], but for the shapes.
pub fn parse(json: &[u8]) -> Result<Value, Error> {
    parse_within(json, Bounds::USUAL)
}

fn parse_within(json: &[u8], bounds: Bounds) -> Result<Value, Error> {
    let Bounds { bytes_max, string_bytes_max } = bounds;
    if json.len() > bytes_max {
        return Err(Error::new(
            Code::TooLarge,
            format!("the document has {} bytes; the limit is {bytes_max}", json.len()),
        )
        .help("send less in one document"));
    }
    let mut reader = serde_json::Deserializer::from_slice(json);
    let strict = Strict { depth: 0, string_bytes_max };
    let value = strict.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    value.map_err(|e| {
        // Where it is in the document is found out only for what is refused.
        let reader = &mut serde_json::Deserializer::from_slice(json);
        let mut track = serde_path_to_error::Track::new();
        let again = strict.deserialize(serde_path_to_error::Deserializer::new(reader, &mut track));
        let error = decode(&e.to_string(), again.err().and_then(|_| shown(&track.path())));
        if error.code == Code::BadJson { Error { path: None, ..error } } else { error }
    })
}

/// Gives a strictly read document its shape.
///
/// # Errors
/// As [`read`].
pub fn from_value<T: DeserializeOwned>(value: Value) -> Result<T, Error> {
    serde_path_to_error::deserialize(value).map_err(|e| {
        let path = shown(e.path());
        decode(&e.inner().to_string(), path)
    })
}

/// Reads a shape straight from another format's deserializer (a Python dict, a JS object),
/// with the same errors as [`read`].
///
/// # Errors
/// As [`read`].
pub fn from_deserializer<'de, T, D>(native: D) -> Result<T, Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    serde_path_to_error::deserialize(native).map_err(|e| {
        let path = shown(e.path());
        decode(&e.inner().to_string(), path)
    })
}

/// A strictly read JSON value, for bindings that convert native objects.
#[derive(Clone, Debug, PartialEq)]
pub struct Json(pub Value);

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Strict { depth: 0, string_bytes_max: STRING_BYTES_MAX }.deserialize(d).map(Self)
    }
}

/// A path as people write it; none for the whole document.
fn shown(path: &serde_path_to_error::Path) -> Option<String> {
    let path = path.to_string();
    let path = path.strip_suffix('?').map_or(path.as_str(), |known| known.trim_end_matches('.'));
    Some(path).filter(|p| !matches!(*p, "" | ".")).map(ToOwned::to_owned)
}

fn decode(text: &str, path: Option<String>) -> Error {
    let error = classify(text);
    match path {
        Some(path) => error.at(path),
        None => error,
    }
}

fn classify(text: &str) -> Error {
    let mut parts = text.split(MARK).skip(1);
    if let (Some(code), Some(message), Some(help)) = (parts.next(), parts.next(), parts.next())
        && let Some(code) = Code::ALL.iter().find(|c| c.as_str() == code)
    {
        let error = Error::new(*code, message);
        return if help.is_empty() { error } else { error.help(help) };
    }
    let quoted = |prefix: &str| {
        let rest = text.strip_prefix(prefix)?;
        rest.split_once('`').map(|(name, _)| name.to_owned())
    };
    if let Some(name) = quoted("unknown field `").or_else(|| quoted("unknown variant `")) {
        let known: Vec<&str> = text.split('`').skip(3).step_by(2).collect();
        let variant = text.starts_with("unknown variant");
        let (code, what) = if variant { (Code::BadValue, "value") } else { (Code::UnknownMember, "member") };
        let error = Error::new(code, format!("unknown {what} `{}`", clip(&name)));
        return match nearest(&name, known.iter().copied()) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error.help(format!("known here: {}", known.join(", "))),
        };
    }
    if let Some(name) = quoted("missing field `") {
        return Error::new(Code::MissingMember, format!("member `{name}` is missing"))
            .help(format!("add `{name}`"));
    }
    if let Some(name) = quoted("duplicate field `") {
        return Error::new(Code::DuplicateMember, format!("member `{name}` stands twice"))
            .help("keep one of them");
    }
    if let Some(rest) = text.strip_prefix("invalid type: ").or_else(|| text.strip_prefix("invalid value: ")) {
        return Error::new(Code::WrongType, rest.replace(", expected", "; expected"))
            .help("give the type that is expected here");
    }
    if let Some(rest) = text.strip_prefix("invalid length ") {
        return Error::new(Code::WrongType, format!("length {rest}"))
            .help("give as many elements as expected");
    }
    // What overflows even a float is a number all the same.
    if text.starts_with("number out of range") {
        return Error::new(Code::BadNumber, text.replace(MARK, " "))
            .help("use a whole number within ±(2^53-1), or a string for anything larger");
    }
    if text.contains("did not match any variant") {
        return Error::new(Code::WrongType, "the value has none of the shapes known here")
            .help("compare it with the shapes in the documentation");
    }
    Error::new(Code::BadJson, text.replace(MARK, " ")).help("mend the JSON text at that place")
}

#[derive(Clone, Copy)]
struct Strict {
    depth: usize,
    string_bytes_max: usize,
}

impl Strict {
    fn deeper<E: de::Error>(&self) -> Result<Self, E> {
        let depth = self.depth.saturating_add(1);
        if depth > JSON_DEPTH_MAX {
            return Err(encode(
                Error::new(Code::TooDeep, format!("nested deeper than {JSON_DEPTH_MAX}"))
                    .help("flatten the document"),
            ));
        }
        Ok(Self { depth, ..*self })
    }

    fn check_text<E: de::Error>(&self, text: &str) -> Result<(), E> {
        let (bytes, bytes_max) = (text.len(), self.string_bytes_max);
        if bytes > bytes_max {
            return Err(encode(
                Error::new(Code::TooLarge, format!("a string has {bytes} bytes; the limit is {bytes_max}"))
                    .help("keep long texts outside and refer to them"),
            ));
        }
        Ok(())
    }
}

fn bad_number<E: de::Error>(shown: impl fmt::Display) -> E {
    encode(
        Error::new(Code::BadNumber, format!("`{shown}` is not a whole number within ±(2^53-1)"))
            .help("use a whole number, or a string for anything larger"),
    )
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Value, D::Error> {
        d.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_none<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_some<D: Deserializer<'de>>(self, d: D) -> Result<Value, D::Error> {
        self.deserialize(d)
    }
    fn visit_bool<E: de::Error>(self, b: bool) -> Result<Value, E> {
        Ok(Value::Bool(b))
    }
    fn visit_i64<E: de::Error>(self, n: i64) -> Result<Value, E> {
        if (-INTEGER_MAX..=INTEGER_MAX).contains(&n) { Ok(n.into()) } else { Err(bad_number(n)) }
    }
    fn visit_u64<E: de::Error>(self, n: u64) -> Result<Value, E> {
        i64::try_from(n).map_or_else(|_| Err(bad_number(n)), |n| self.visit_i64(n))
    }
    fn visit_f64<E: de::Error>(self, n: f64) -> Result<Value, E> {
        Err(bad_number(format_args!("{n:?}")))
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        self.check_text(text)?;
        Ok(Value::String(text.to_owned()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut out = Vec::new();
        let inner = self.deeper()?;
        while let Some(value) = seq.next_element_seed(inner)? {
            out.push(value);
        }
        Ok(Value::Array(out))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut out = Map::new();
        let inner = self.deeper()?;
        while let Some(name) = map.next_key::<String>()? {
            self.check_text(&name)?;
            let value = map.next_value_seed(inner)?;
            if out.contains_key(&name) {
                return Err(encode(
                    Error::new(Code::DuplicateMember, format!("member `{}` stands twice", clip(&name)))
                        .help("keep one of them"),
                ));
            }
            out.insert(name, value);
        }
        Ok(Value::Object(out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(json: &str) -> Code {
        parse(json.as_bytes()).unwrap_err().code
    }

    #[test]
    fn malformed_text_is_refused_with_its_code() {
        assert_eq!(code("{\"a\":1"), Code::BadJson);
        assert_eq!(code("{\"a\":1} x"), Code::BadJson);
        assert_eq!(code("{\"a\":1,\"a\":1}"), Code::DuplicateMember);
        assert_eq!(code("1.5"), Code::BadNumber);
        assert_eq!(code("1.0"), Code::BadNumber);
        assert_eq!(code("9007199254740992"), Code::BadNumber);
        assert_eq!(code("-9007199254740992"), Code::BadNumber);
        assert_eq!(code("18446744073709551615"), Code::BadNumber);
        assert_eq!(code("123456789012345678901234567890"), Code::BadNumber);
        assert_eq!(code("1e999"), Code::BadNumber);
        assert_eq!(code("{\"a\":[-1e999]}"), Code::BadNumber);
        assert_eq!(code(&format!("\"{}\"", "x".repeat(STRING_BYTES_MAX + 1))), Code::TooLarge);
        assert_eq!(code(&" ".repeat(JSON_BYTES_MAX + 1)), Code::TooLarge);
        let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(parse(deep(JSON_DEPTH_MAX).as_bytes()).is_ok());
        assert_eq!(code(&deep(JSON_DEPTH_MAX + 2)), Code::TooDeep);
        assert_eq!(code(&deep(10_000)), Code::TooDeep);
    }

    #[test]
    fn the_largest_whole_numbers_pass() {
        assert_eq!(parse(b"9007199254740991").unwrap(), Value::from(INTEGER_MAX));
        assert_eq!(parse(b"-9007199254740991").unwrap(), Value::from(-INTEGER_MAX));
    }

    #[test]
    fn shapes_tell_the_path_and_the_nearest_name() {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Shape {
            #[expect(dead_code, reason = "only its presence matters")]
            scope: Vec<crate::time::Instant>,
        }
        let error = read::<Shape>(br#"{"scop":[]}"#).unwrap_err();
        assert_eq!(error.code, Code::UnknownMember);
        assert_eq!(error.help.as_deref(), Some("did you mean `scope`?"));
        let error = read::<Shape>(br#"{"scope":["2026-01-01T00:00:00Z","noon"]}"#).unwrap_err();
        assert_eq!((error.code, error.path.as_deref()), (Code::BadInstant, Some("scope[1]")));
        let error = read::<Shape>(br#"{"scope":3}"#).unwrap_err();
        assert_eq!((error.code, error.path.as_deref()), (Code::WrongType, Some("scope")));
        assert_eq!(read::<Shape>(b"{}").unwrap_err().code, Code::MissingMember);
        let error = read::<Shape>(br#"{"scope":["2026-01-01T00:00:00Z",{"a":1.5}]}"#).unwrap_err();
        assert_eq!((error.code, error.path.as_deref()), (Code::BadNumber, Some("scope[1].a")));
        assert_eq!(
            read::<Shape>(br#"{"scope":[1"#).unwrap_err().path,
            None,
            "a text has no place before it parses"
        );
    }

    #[test]
    fn digests_round_trip_and_ignore_member_order() {
        let a = parse(br#"{"b":1,"a":[true,null]}"#).unwrap();
        let b = parse(br#"{"a":[true,null],"b":1}"#).unwrap();
        let digest = Digest::of_canonical(&a);
        assert_eq!(digest, Digest::of_canonical(&b));
        assert_eq!(Digest::parse(&digest.to_string()).unwrap(), digest);
        assert!(Digest::parse("sha256:00").is_err());
        assert!(Digest::parse(&digest.to_string().to_uppercase()).is_err());
    }
}
