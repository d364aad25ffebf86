//! One link of the ledger.

use super::kind::Kind;
use super::line::{self, Line};
use crate::canonical::{self, Digest, INTEGER_MAX, Json};
use crate::error::{Code, Error};
use crate::limits::{JSON_BYTES_MAX, JSON_DEPTH_MAX, STRING_BYTES_MAX};
use crate::prelude::*;
use crate::time::Instant;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One link: what happened, when, and the hash that binds it to everything before.
///
/// In a file: its RFC 8785 text and a newline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its place, from 0.
    pub seq: u64,
    /// When it was written; never before the entry ahead of it.
    pub at: Instant,
    /// What it records.
    pub kind: Kind,
    /// The record itself.
    #[serde(deserialize_with = "strictly")]
    pub body: Value,
    /// The hash of the entry before; for the first one [`super::genesis_prev`].
    pub prev: Digest,
    /// SHA-256 of the RFC 8785 text of this entry without `hash`.
    pub hash: Digest,
}

fn strictly<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Value, D::Error> {
    Json::deserialize(d).map(|json| json.0)
}

impl Entry {
    /// Makes the link: everything but its place in a ledger is given.
    pub(super) fn seal(seq: u64, at: Instant, kind: Kind, body: Value, prev: Digest) -> Result<Self, Error> {
        check_body(&body)?;
        let text = canonical::to_text(&body);
        let hash = line::digest(seq, at, &kind, &text, prev);
        let entry = Self { seq, at, kind, body, prev, hash };
        let length = text.len().saturating_add(line::FRAME_BYTES_MAX);
        if length > JSON_BYTES_MAX {
            return Err(too_long(length));
        }
        Ok(entry)
    }

    /// The hash that the entry should have.
    #[must_use]
    pub fn expected_hash(&self) -> Digest {
        line::digest(self.seq, self.at, &self.kind, &canonical::to_text(&self.body), self.prev)
    }

    /// The entry as it stands in a file, without the newline.
    #[must_use]
    pub fn to_line(&self) -> String {
        line::write(self, &canonical::to_text(&self.body))
    }

    /// Reads a line of a file, without its newline, and checks its hash. Its place in a
    /// ledger is checked by [`super::Ledger::push`].
    ///
    /// # Errors
    /// Those of [`canonical::read`]; `not_canonical`; `entry_altered`.
    pub fn parse(text: &[u8]) -> Result<Self, Error> {
        let entry: Self = canonical::read(text)?;
        if Line::split(text).is_some_and(|line| line.digest() == line.link.hash) {
            return Ok(entry);
        }
        let body = canonical::to_text(&entry.body);
        if line::write(&entry, &body).as_bytes() != text {
            return Err(Error::new(Code::NotCanonical, "the line is not the RFC 8785 text of its entry")
                .help("it was not written by a ledger, or was rewritten since"));
        }
        if line::digest(entry.seq, entry.at, &entry.kind, &body, entry.prev) != entry.hash {
            return Err(altered());
        }
        Ok(entry)
    }

    pub(super) fn link(&self) -> Link {
        let genesis = self.kind == Kind::GENESIS;
        Link { seq: self.seq, at: self.at, genesis, prev: self.prev, hash: self.hash }
    }
}

/// What binds an entry to its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) seq: u64,
    pub(super) at: Instant,
    pub(super) genesis: bool,
    pub(super) prev: Digest,
    pub(super) hash: Digest,
}

impl Link {
    /// Checks a line without building its body: the same answers as [`Entry::parse`].
    pub(super) fn parse(text: &[u8]) -> Result<Self, Error> {
        match Line::split(text) {
            Some(line) if line.digest() == line.link.hash => Ok(line.link),
            _ => Entry::parse(text).map(|entry| entry.link()),
        }
    }
}

pub(super) fn altered() -> Error {
    Error::new(Code::EntryAltered, "the entry's hash is not that of its content")
        .help("compare it with a copy, or with the entries' Merkle tree at an older checkpoint")
}

fn too_long(bytes: usize) -> Error {
    Error::new(Code::TooLarge, format!("the entry has {bytes} bytes; the limit is {JSON_BYTES_MAX}"))
        .help("keep large documents outside and record their digest")
}

/// A body must be readable again by [`canonical::parse`], so the same bounds hold.
fn check_body(body: &Value) -> Result<(), Error> {
    check(body, 1)
}

fn check(value: &Value, depth: usize) -> Result<(), Error> {
    let deeper = depth.saturating_add(1);
    match value {
        Value::Array(_) | Value::Object(_) if deeper > JSON_DEPTH_MAX => {
            Err(Error::new(Code::TooDeep, format!("nested deeper than {JSON_DEPTH_MAX}"))
                .help("flatten the record")
                .at("body"))
        }
        Value::Null | Value::Bool(_) => Ok(()),
        Value::Number(n) => match n.as_i64() {
            Some(n) if (-INTEGER_MAX..=INTEGER_MAX).contains(&n) => Ok(()),
            _ => Err(Error::new(Code::BadNumber, format!("`{n}` is not a whole number within ±(2^53-1)"))
                .help("use a whole number, or a string for anything larger")
                .at("body")),
        },
        Value::String(text) => check_text(text),
        Value::Array(items) => items.iter().try_for_each(|item| check(item, deeper)),
        Value::Object(members) => members.iter().try_for_each(|(name, item)| {
            check_text(name)?;
            check(item, deeper)
        }),
    }
}

fn check_text(text: &str) -> Result<(), Error> {
    if text.len() <= STRING_BYTES_MAX {
        return Ok(());
    }
    Err(Error::new(
        Code::TooLarge,
        format!("a string has {} bytes; the limit is {STRING_BYTES_MAX}", text.len()),
    )
    .help("keep long texts outside and record their digest")
    .at("body"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sealed(body: Value) -> Result<Entry, Error> {
        let at = Instant::parse("2026-03-01T02:05:00Z").unwrap();
        Entry::seal(7, at, Kind::USE, body, Digest::of(b"before"))
    }

    #[test]
    fn the_line_is_the_canonical_text_and_the_hash_covers_the_rest() {
        let entry = sealed(json!({"b": [1, "é\u{1}\n\"", null], "a": {"€": -3, "\u{10000}": true}})).unwrap();
        assert_eq!(entry.to_line(), canonical::to_text(&entry));
        let mut bare = serde_json::to_value(&entry).unwrap();
        bare.as_object_mut().unwrap().remove("hash");
        assert_eq!(entry.hash, Digest::of_canonical(&bare));
        assert_eq!(Entry::parse(entry.to_line().as_bytes()).unwrap(), entry);
    }

    #[test]
    fn another_canonicalizer_agrees() {
        let entry = sealed(json!({"\u{ffff}": 1, "\u{10000}": 2, "a\u{0}\u{7f}/": "\\\t", "": []})).unwrap();
        assert_eq!(entry.to_line(), serde_jcs::to_string(&entry).unwrap());
    }

    #[test]
    fn a_body_that_could_not_be_read_back_is_refused() {
        let code = |body| sealed(body).unwrap_err().code;
        assert_eq!(code(json!(1.5)), Code::BadNumber);
        assert_eq!(code(json!([9_007_199_254_740_992_i64])), Code::BadNumber);
        assert_eq!(code(json!(u64::MAX)), Code::BadNumber);
        assert_eq!(code(json!({"x": "y".repeat(STRING_BYTES_MAX + 1)})), Code::TooLarge);
        assert_eq!(code(json!(vec!["y".repeat(STRING_BYTES_MAX); 64])), Code::TooLarge);
        let nest = |n: usize| (1..n).fold(json!([]), |inner, _| json!([inner]));
        let deepest = sealed(nest(JSON_DEPTH_MAX - 1)).unwrap();
        assert_eq!(Entry::parse(deepest.to_line().as_bytes()).unwrap(), deepest);
        assert_eq!(code(nest(JSON_DEPTH_MAX)), Code::TooDeep);
    }

    #[test]
    fn a_line_that_differs_is_refused_with_the_cause() {
        let line = sealed(json!({"who": "ann"})).unwrap().to_line();
        let code = |text: &str| {
            let code = Entry::parse(text.as_bytes()).unwrap_err().code;
            assert_eq!(Link::parse(text.as_bytes()).unwrap_err().code, code, "{text}");
            code
        };
        assert_eq!(code(&line.replace("ann", "eve")), Code::EntryAltered);
        assert_eq!(code(&line.replace(":00.000Z", ":01.000Z")), Code::EntryAltered);
        assert_eq!(code(&line.replace("\"ann\"", " \"ann\"")), Code::NotCanonical);
        assert_eq!(code(&line.replace(".000Z", ".0000Z")), Code::NotCanonical);
        assert_eq!(code(&line.replace("\"ann\"", "1.5")), Code::BadNumber);
        assert_eq!(code(&line.replace("use", "Use")), Code::BadKind);
        assert_eq!(code(&line.replace("seq", "sec")), Code::UnknownMember);
        assert_eq!(code(&line[..line.len() - 1]), Code::BadJson);
    }
}
