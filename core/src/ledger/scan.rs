//! Is a text the RFC 8785 form of a value that the border would let in?
//!
//! One pass, nothing allocated: this is what makes verifying a long ledger cost little
//! more than hashing it. A text that fails here is read again the slow way, which finds
//! the reason, so this must never say yes to what [`crate::canonical`] would write
//! otherwise; the property test below holds it to that.

use crate::canonical::INTEGER_MAX;
use crate::limits::{JSON_DEPTH_MAX, STRING_BYTES_MAX};
use core::cmp::Ordering;

/// Whether `text` is canonical when it stands `depth` levels deep in a document.
pub(super) fn is_canonical(text: &str, depth: usize) -> bool {
    value(text, depth).is_some_and(str::is_empty)
}

/// The rest behind one value.
fn value(text: &str, depth: usize) -> Option<&str> {
    let deeper = depth.saturating_add(1);
    match text.as_bytes().first()? {
        b'{' | b'[' if deeper > JSON_DEPTH_MAX => None,
        b'{' => object(text.strip_prefix('{')?, deeper),
        b'[' => array(text.strip_prefix('[')?, deeper),
        b'"' => string(text).map(|(_, rest)| rest),
        b't' => text.strip_prefix("true"),
        b'f' => text.strip_prefix("false"),
        b'n' => text.strip_prefix("null"),
        _ => number(text),
    }
}

fn array(mut text: &str, depth: usize) -> Option<&str> {
    if let Some(rest) = text.strip_prefix(']') {
        return Some(rest);
    }
    loop {
        text = value(text, depth)?;
        match text.strip_prefix(',') {
            Some(rest) => text = rest,
            None => return text.strip_prefix(']'),
        }
    }
}

fn object(mut text: &str, depth: usize) -> Option<&str> {
    if let Some(rest) = text.strip_prefix('}') {
        return Some(rest);
    }
    let mut before: Option<&str> = None;
    loop {
        let (name, rest) = string(text)?;
        if before.is_some_and(|b| order(b, name) != Ordering::Less) {
            return None;
        }
        before = Some(name);
        text = value(rest.strip_prefix(':')?, depth)?;
        match text.strip_prefix(',') {
            Some(rest) => text = rest,
            None => return text.strip_prefix('}'),
        }
    }
}

fn number(text: &str) -> Option<&str> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let length = digits.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = digits.split_at_checked(length)?;
    let n: i64 = digits.parse().ok()?;
    let leading_zero = digits.len() > 1 && digits.starts_with('0');
    let minus_zero = n == 0 && text.starts_with('-');
    (n <= INTEGER_MAX && !leading_zero && !minus_zero).then_some(rest)
}

/// What stands between the quotation marks, escapes and all, and the rest behind them.
fn string(text: &str) -> Option<(&str, &str)> {
    let text = text.strip_prefix('"')?;
    let bytes = text.as_bytes();
    let mut at = 0_usize;
    let mut decoded = 0_usize;
    loop {
        let step = match bytes.get(at)? {
            b'"' => break,
            b'\\' => escape(bytes.get(at.saturating_add(1)..)?)?.1,
            0x00..=0x1f => return None,
            _ => 1,
        };
        at = at.saturating_add(step);
        decoded = decoded.saturating_add(1);
    }
    let (inner, rest) = text.split_at_checked(at)?;
    (decoded <= STRING_BYTES_MAX).then_some((inner, rest.strip_prefix('"')?))
}

/// The character that an escape stands for, and its length with the backslash; none for
/// an escape that RFC 8785 would not write. `bytes` begins behind the backslash.
fn escape(bytes: &[u8]) -> Option<(u8, usize)> {
    let short = |c| Some((c, 2));
    match bytes {
        [b'"', ..] => short(b'"'),
        [b'\\', ..] => short(b'\\'),
        [b'b', ..] => short(0x08),
        [b't', ..] => short(b'\t'),
        [b'n', ..] => short(b'\n'),
        [b'f', ..] => short(0x0c),
        [b'r', ..] => short(b'\r'),
        [b'u', b'0', b'0', high @ b'0'..=b'1', low, ..] => {
            let low = match low {
                b'0'..=b'9' => low.wrapping_sub(b'0'),
                b'a'..=b'f' => low.wrapping_sub(b'a').wrapping_add(10),
                _ => return None,
            };
            let code = if *high == b'1' { low.wrapping_add(16) } else { low };
            (!matches!(code, 0x08 | 0x09 | 0x0a | 0x0c | 0x0d)).then_some((code, 6))
        }
        _ => None,
    }
}

/// The order of two member names: by UTF-16 code units, once unescaped.
fn order(a: &str, b: &str) -> Ordering {
    let plain = |s: &str| s.is_ascii() && !s.contains('\\');
    if plain(a) && plain(b) { a.cmp(b) } else { units(a).cmp(units(b)) }
}

fn units(text: &str) -> impl Iterator<Item = u16> {
    let mut rest = text;
    let mut second: Option<u16> = None;
    core::iter::from_fn(move || {
        if let Some(unit) = second.take() {
            return Some(unit);
        }
        let c = rest.chars().next()?;
        if c == '\\' {
            let (code, length) = escape(rest.as_bytes().get(1..)?)?;
            rest = rest.get(length..)?;
            return Some(u16::from(code));
        }
        rest = rest.get(c.len_utf8()..)?;
        let mut pair = [0_u16; 2];
        let mut encoded = c.encode_utf16(&mut pair).iter();
        let first = encoded.next().copied();
        second = encoded.next().copied();
        first
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canonical;
    use crate::prelude::*;
    use proptest::prelude::*;
    use serde_json::{Map, Value};

    fn slowly(text: &str) -> bool {
        canonical::parse(text.as_bytes()).is_ok_and(|value| canonical::to_text(&value) == text)
    }

    #[test]
    fn accepts_what_is_canonical_and_nothing_else() {
        let texts = [
            "0",
            "-1",
            "9007199254740991",
            "-9007199254740991",
            "true",
            "null",
            "[]",
            "{}",
            "\"\"",
            "[1,2]",
            r#"{"a":1,"b":2}"#,
            r#""\u0000\u001f\b\t\n\f\r\"\\""#,
            "\"é\u{7f}\u{2028}😀\"",
            "{\"\u{10000}\":1,\"\u{ffff}\":2}",
            r#"{"\n":1,"\r":2,"a":3}"#,
            "",
            "01",
            "-0",
            "+1",
            "1.0",
            "1e2",
            "9007199254740992",
            " 1",
            "1 ",
            "[1, 2]",
            "[1,]",
            "[,]",
            "{,}",
            r#"{"b":1,"a":2}"#,
            r#"{"a":1,"a":2}"#,
            r#"{"a" :1}"#,
            r#"{"a":1,}"#,
            r#""\u000a""#,
            r#""\u001F""#,
            r#""\/""#,
            r#""\u0041""#,
            r#""\ud83d\ude00""#,
            "\"\n\"",
            "\"a",
            "tru",
            "nulll",
            "[[]",
            "{\"a\"}",
            "{\"\u{ffff}\":1,\"\u{10000}\":2}",
            "-",
            "--1",
            "\\",
        ];
        for text in texts {
            assert_eq!(is_canonical(text, 0), slowly(text), "{text}");
        }
        for n in [JSON_DEPTH_MAX - 1, JSON_DEPTH_MAX, JSON_DEPTH_MAX + 1, JSON_DEPTH_MAX + 2] {
            let text = format!("{}{}", "[".repeat(n), "]".repeat(n));
            assert_eq!(is_canonical(&text, 0), slowly(&text), "{n}");
        }
        for n in [STRING_BYTES_MAX, STRING_BYTES_MAX + 1] {
            for c in ["x", "\\n", "\\u0001"] {
                let text = format!("\"{}\"", c.repeat(n));
                assert_eq!(is_canonical(&text, 0), slowly(&text), "{n}");
            }
        }
    }

    fn values() -> impl Strategy<Value = Value> {
        let text = prop_oneof![".*", "[\u{0}-\u{2f}]{0,4}", "[\u{e000}-\u{10ffff}]{0,2}"].boxed();
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-INTEGER_MAX..=INTEGER_MAX).prop_map(Value::from),
            text.clone().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 5, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::vec((text.clone(), inner), 0..5)
                    .prop_map(|members| Value::from(members.into_iter().collect::<Map<_, _>>())),
            ]
        })
    }

    proptest! {
        #[test]
        fn agrees_with_reading_and_writing_again(value in values(), at in any::<prop::sample::Index>(), c in any::<char>()) {
            let text = canonical::to_text(&value);
            prop_assert!(is_canonical(&text, 0));
            let place = text.char_indices().nth(at.index(text.chars().count())).unwrap();
            let mut changed = text.clone();
            changed.replace_range(place.0..place.0 + place.1.len_utf8(), &c.to_string());
            prop_assert_eq!(is_canonical(&changed, 0), slowly(&changed), "{}", changed);
            changed.replace_range(place.0..place.0 + c.len_utf8(), "");
            prop_assert_eq!(is_canonical(&changed, 0), slowly(&changed), "{}", changed);
        }
    }
}
