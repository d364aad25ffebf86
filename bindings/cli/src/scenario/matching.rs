//! Partial matching: a scenario says what matters, and no more.

use glasskey::{Instant, Span, error};
use serde::Serialize;
use serde_json::Value;

/// One place where a result is not what was expected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mismatch {
    /// Where in the result, such as `reasons[0].code`.
    pub path: String,
    /// What was expected there.
    pub expected: Value,
    /// What stands there, if anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub got: Option<Value>,
    /// More, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Where `got` is not what `expected` asks for.
///
/// - An object asks for its members, whatever else there is; `null` asks for absence.
/// - A list asks for its elements in this order, whatever stands between; an empty list asks
///   for an empty one, or none.
/// - Times and durations are compared as such, everything else to the letter.
#[must_use]
pub fn mismatches(expected: &Value, got: &Value) -> Vec<Mismatch> {
    let mut out = Vec::new();
    compare("", expected, Some(got), &mut out);
    out
}

fn compare(path: &str, expected: &Value, got: Option<&Value>, out: &mut Vec<Mismatch>) {
    let mut miss = |note| {
        out.push(Mismatch { path: path.to_owned(), expected: expected.clone(), got: got.cloned(), note })
    };
    match (expected, got) {
        (Value::Null, None | Some(Value::Null)) => {}
        (Value::Array(wanted), None) if wanted.is_empty() => {}
        (Value::Object(wanted), Some(Value::Object(there))) => {
            for (name, value) in wanted {
                let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                let before = out.len();
                compare(&below, value, there.get(name), out);
                if there.get(name).is_none()
                    && let Some(near) = error::nearest(name, there.keys().map(String::as_str))
                    && let Some(mismatch) = out.get_mut(before)
                {
                    mismatch.note = Some(format!("there is a member `{near}`"));
                }
            }
        }
        (Value::Array(wanted), Some(Value::Array(there))) => {
            if wanted.is_empty() && !there.is_empty() {
                return miss(Some("should be empty".to_owned()));
            }
            let mut from = 0;
            for (i, value) in wanted.iter().enumerate() {
                let found = there.iter().skip(from).position(|one| mismatches(value, one).is_empty());
                let Some(found) = found else {
                    let note = if from == 0 {
                        "no element is like it"
                    } else {
                        "no element after the one before is like it"
                    };
                    let path = format!("{path}[{i}]");
                    let (expected, got) = (value.clone(), got.cloned());
                    return out.push(Mismatch { path, expected, got, note: Some(note.to_owned()) });
                };
                from += found + 1;
            }
        }
        (Value::String(wanted), Some(Value::String(there))) if same_text(wanted, there) => {}
        (wanted, Some(there)) if wanted == there => {}
        _ => miss(None),
    }
}

/// The same text, the same instant or the same span.
fn same_text(a: &str, b: &str) -> bool {
    a == b
        || Instant::parse(a).is_ok_and(|a| Instant::parse(b) == Ok(a))
        || Span::parse(a).is_ok_and(|a| Span::parse(b) == Ok(a))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn misses(expected: &Value, got: &Value) -> Vec<String> {
        mismatches(expected, got).into_iter().map(|m| m.path).collect()
    }

    #[test]
    fn objects_match_by_member() {
        let got = json!({"decision": "permit", "rule": "a", "nested": {"x": 1, "y": 2}});
        assert!(misses(&json!({}), &got).is_empty());
        assert!(misses(&json!({"decision": "permit", "nested": {"y": 2}}), &got).is_empty());
        assert_eq!(misses(&json!({"decision": "deny", "nested": {"y": 3}}), &got), ["decision", "nested.y"]);
        assert!(misses(&json!({"missing": null}), &got).is_empty());
        assert_eq!(misses(&json!({"rule": null}), &got), ["rule"]);
        let slip = mismatches(&json!({"decison": "permit"}), &got);
        assert_eq!(slip[0].note.as_deref(), Some("there is a member `decision`"));
    }

    #[test]
    fn lists_contain_in_order() {
        let got = json!([{"code": "a", "n": 1}, {"code": "b"}, {"code": "c"}]);
        assert!(misses(&json!([{"code": "a"}, {"code": "c"}]), &got).is_empty());
        assert_eq!(misses(&json!([{"code": "c"}, {"code": "a"}]), &got), ["[1]"]);
        assert_eq!(
            misses(&json!([{"code": "b"}, {"code": "b"}]), &got),
            ["[1]"],
            "each element matches once"
        );
        assert_eq!(misses(&json!([]), &got), [""], "an empty list asks for an empty one");
        assert!(misses(&json!({"list": []}), &json!({})).is_empty());
        assert!(misses(&json!([]), &json!([])).is_empty());
    }

    #[test]
    fn times_and_durations_are_compared_as_such() {
        assert!(misses(&json!("2026-03-01T02:05:05Z"), &json!("2026-03-01T02:05:05.000Z")).is_empty());
        assert!(misses(&json!("60m"), &json!("1h")).is_empty());
        assert_eq!(misses(&json!("2026-03-01T02:05:05Z"), &json!("2026-03-01T02:05:05.001Z")), [""]);
        assert_eq!(misses(&json!(1), &json!("1")), [""]);
        assert_eq!(misses(&json!({"a": 1}), &json!([1])), [""]);
    }
}
