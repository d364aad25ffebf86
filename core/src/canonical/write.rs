//! Canonical bytes of a JSON value, written straight.
//!
//! The general way serialises anything and sorts as it goes; evidence is a JSON value already,
//! with its members in order, and is the largest thing that a decision digests.

use crate::canonical::INTEGER_MAX;
use crate::prelude::*;
use serde_json::{Map, Number, Value};

/// The RFC 8785 bytes of a value; `None` if it holds a number that is not a whole one within
/// ±(2^53-1), whose writing is not ours.
pub(super) fn bytes(value: &Value) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(1_024);
    write(value, &mut out)?;
    Some(out)
}

fn write(value: &Value, out: &mut Vec<u8>) -> Option<()> {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => whole(number, out)?,
        Value::String(text) => string(text, out),
        Value::Array(all) => {
            out.push(b'[');
            for (i, one) in all.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write(one, out)?;
            }
            out.push(b']');
        }
        Value::Object(members) => object(members, out)?,
    }
    Some(())
}

fn whole(number: &Number, out: &mut Vec<u8>) -> Option<()> {
    let n = number.as_i64().filter(|n| (-INTEGER_MAX..=INTEGER_MAX).contains(n))?;
    out.extend_from_slice(n.to_string().as_bytes());
    Some(())
}

fn object(members: &Map<String, Value>, out: &mut Vec<u8>) -> Option<()> {
    // The order is that of UTF-16 code units; of ASCII names it is that of their bytes, in which
    // a map mostly is already.
    let mut all: Vec<(&String, &Value)> = members.iter().collect();
    if all.iter().any(|(name, _)| !name.is_ascii()) {
        all.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
    } else if !all.is_sorted_by(|(a, _), (b, _)| a < b) {
        all.sort_by_key(|(name, _)| *name);
    }
    out.push(b'{');
    for (i, (name, value)) in all.into_iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        string(name, out);
        out.push(b':');
        write(value, out)?;
    }
    out.push(b'}');
    Some(())
}

fn string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    if text.bytes().all(|b| b >= 0x20 && b != b'"' && b != b'\\') {
        out.extend_from_slice(text.as_bytes());
    } else {
        text.bytes().for_each(|b| escaped(b, out));
    }
    out.push(b'"');
}

/// As ECMAScript's `JSON.stringify` writes a byte of a string.
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
            let hex = |nibble: u8| {
                char::from_digit(u32::from(nibble), 16).map_or(b'0', |c| u8::try_from(c).unwrap_or(b'0'))
            };
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', hex(byte.wrapping_shr(4)), hex(byte & 15)]);
            return;
        }
        plain => return out.push(plain),
    };
    out.extend_from_slice(&[b'\\', short]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-INTEGER_MAX..=INTEGER_MAX).prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            "[ -~]{0,8}".prop_map(Value::from),
            "[\u{0}-\u{1f}\"\\\\]{0,4}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            let names = prop_oneof!["[a-z_]{0,5}", any::<String>()];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(names, inner, 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn the_general_way_writes_the_same_bytes(value in values()) {
            prop_assert_eq!(bytes(&value), serde_json_canonicalizer::to_vec(&value).ok());
        }
    }

    #[test]
    fn numbers_that_are_not_whole_are_left_to_the_general_way() {
        for value in [json!(1.5), json!(INTEGER_MAX + 1), json!([u64::MAX])] {
            assert_eq!(bytes(&value), None, "{value}");
        }
    }
}
