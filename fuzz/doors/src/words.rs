//! The small words: what kind of word, and the word.

use glasskey::bundle::Quorum;
use glasskey::ledger::Kind;
use glasskey::model::LockTarget;
use glasskey::signing::VerifierKey;
use glasskey::{Digest, Error, Instant, Span, Uid};
use std::fmt::{Debug, Display};

/// Lets a word in, as each of the words there are.
pub(crate) fn body(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    same(text, Instant::parse);
    same(text, Span::parse);
    same(text, Digest::parse);
    same(text, Uid::parse);
    same(text, LockTarget::parse);
    same(text, Kind::parse);
    same(text, VerifierKey::parse);
    same(text, Quorum::parse);
    if let Ok(uid) = Uid::parse(text) {
        let parts = Uid::from_parts(&uid.type_name(), uid.id()).expect("its own parts");
        assert_eq!(parts, uid);
    }
    if let (Ok(instant), Ok(span)) = (Instant::parse(text), Span::parse("1h")) {
        let later = instant.plus(span);
        assert!(later >= instant && instant.minus(span) <= instant, "time does not wrap around");
    }
}

fn same<T: PartialEq + Debug + Display>(text: &str, parse: fn(&str) -> Result<T, Error>) {
    match parse(text) {
        Ok(word) => {
            let written = word.to_string();
            let again = parse(&written).unwrap_or_else(|e| panic!("`{written}`: {e:?}"));
            assert_eq!(again, word, "`{written}`");
            assert_eq!(again.to_string(), written);
        }
        Err(error) => assert!(error.help.is_some(), "{error:?}"),
    }
}

pub(crate) fn seeds() -> Vec<(String, Vec<u8>)> {
    let words = [
        ("instant", "2026-03-01T02:05:00.000Z"),
        ("instant-offset", "2026-03-01t02:05:00.5+01:30"),
        ("instant-leap", "2024-02-29T23:59:60Z"),
        ("span", "1d2h3m4s5ms"),
        ("digest", "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
        ("uid", "Glasskey::Person::\"a\\n\\u{1f511}\""),
        ("target", "*"),
        ("kind", "decision_2"),
        ("key", "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"),
        ("quorum", "owner=2, security=1"),
        ("none", "none"),
    ];
    words.map(|(name, word)| (name.to_owned(), word.as_bytes().to_vec())).into()
}
