//! An entry as one line of text, written and taken apart without a JSON tree.
//!
//! RFC 8785 fixes the order of the members, and every member but `body` has a known form:
//! `{"at":"…","body":…,"hash":"sha256:…","kind":"…","prev":"sha256:…","seq":7}`.
//! The hashed text is the line without its `hash` member.

use super::entry::{Entry, Link};
use super::kind::Kind;
use super::scan;
use crate::canonical::{Digest, INTEGER_MAX};
use crate::limits::JSON_BYTES_MAX;
use crate::prelude::*;
use crate::time::Instant;
use sha2::{Digest as _, Sha256};

/// Bytes of a line beside its body, at most.
pub(super) const FRAME_BYTES_MAX: usize = 360;

const AT: &str = "{\"at\":\"";
const BODY: &str = "\",\"body\":";
const HASH: &str = ",\"hash\":\"";
const KIND: &str = ",\"kind\":\"";
const PREV: &str = ",\"prev\":\"";
const SEQ: &str = ",\"seq\":";
const AT_BYTES: usize = "2026-03-01T02:05:00.000Z".len();
const DIGEST_BYTES: usize = 71;

/// The line, given the canonical text of the body.
pub(super) fn write(entry: &Entry, body: &str) -> String {
    let (before, after) = around_hash(entry.seq, entry.at, &entry.kind, body, entry.prev);
    format!("{before}{HASH}{}\"{after}", entry.hash)
}

/// The hash of an entry, given the canonical text of its body.
pub(super) fn digest(seq: u64, at: Instant, kind: &Kind, body: &str, prev: Digest) -> Digest {
    let (before, after) = around_hash(seq, at, kind, body, prev);
    hash_of(&before, &after)
}

fn around_hash(seq: u64, at: Instant, kind: &Kind, body: &str, prev: Digest) -> (String, String) {
    (format!("{AT}{at}{BODY}{body}"), format!("{KIND}{kind}\"{PREV}{prev}\"{SEQ}{seq}}}"))
}

fn hash_of(before: &str, after: &str) -> Digest {
    Digest::from_bytes(Sha256::new().chain_update(before).chain_update(after).finalize().into())
}

/// A line that is canonical in every part, its hash not yet compared.
pub(super) struct Line<'a> {
    pub(super) link: Link,
    before_hash: &'a str,
    after_hash: &'a str,
}

impl<'a> Line<'a> {
    /// Takes a line apart; none if it is not canonical, whatever the reason.
    pub(super) fn split(line: &'a [u8]) -> Option<Self> {
        if line.len() > JSON_BYTES_MAX {
            return None;
        }
        let text = core::str::from_utf8(line).ok()?;
        let rest = text.strip_prefix(AT)?;
        let (at_text, rest) = rest.split_at_checked(AT_BYTES)?;
        let rest = rest.strip_prefix(BODY)?;
        let (rest, seq) = rest.strip_suffix('}')?.rsplit_once(SEQ)?;
        let (rest, prev) = split_digest(rest)?;
        let (rest, kind) = rest.strip_suffix(PREV)?.strip_suffix('"')?.rsplit_once(KIND)?;
        let (rest, hash) = split_digest(rest)?;
        let body = rest.strip_suffix(HASH)?;
        let at = Instant::parse(at_text).ok()?;
        let canonical = at.to_string() == at_text && Kind::is_valid(kind) && scan::is_canonical(body, 1);
        if !canonical {
            return None;
        }
        let before =
            [AT.len(), AT_BYTES, BODY.len(), body.len()].iter().fold(0, |a: usize, b| a.saturating_add(*b));
        let (before_hash, rest) = text.split_at_checked(before)?;
        let (_, after_hash) =
            rest.split_at_checked(HASH.len().saturating_add(DIGEST_BYTES).saturating_add(1))?;
        let genesis = kind == Kind::GENESIS.as_str();
        Some(Self { link: Link { seq: whole(seq)?, at, genesis, prev, hash }, before_hash, after_hash })
    }

    /// The hash that the line should have.
    pub(super) fn digest(&self) -> Digest {
        hash_of(self.before_hash, self.after_hash)
    }
}

/// A text that ends in a digest and a quotation mark: what is before, and the digest.
fn split_digest(text: &str) -> Option<(&str, Digest)> {
    let text = text.strip_suffix('"')?;
    let (rest, digest) = text.split_at_checked(text.len().checked_sub(DIGEST_BYTES)?)?;
    Some((rest, Digest::parse(digest).ok()?))
}

/// A whole number without sign or leading zeroes, no larger than every JSON reader keeps.
pub(super) fn whole(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    let n = text.parse::<u64>().ok().filter(|_| plain)?;
    i64::try_from(n).is_ok_and(|n| n <= INTEGER_MAX).then_some(n)
}
