//! Held against the canonicaliser that it stands in for.

use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

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
        let names =
            prop_oneof!["[a-z_]{0,5}", any::<String>(), "[\u{0}-\u{20}\"\\\\\u{e000}-\u{10ffff}]{1,2}"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map(names, inner, 0..6)
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

#[derive(Serialize)]
struct Unit;

#[derive(Serialize)]
struct Pair(u8, char);

#[derive(Serialize)]
enum Variants {
    None,
    One(Option<i8>),
    Two(u16, ()),
    Named { z: Unit, a: Pair },
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Tagged {
    Some { z: bool, a: &'static str },
}

#[derive(Serialize)]
struct Whole {
    z: Vec<Variants>,
    b: (i32, u32, i16, u64),
    #[serde(flatten)]
    rest: BTreeMap<&'static str, Tagged>,
    a: Option<Unit>,
}

#[test]
fn every_shape_that_serde_has_is_written_as_in_the_general_way() {
    let whole = Whole {
        z: vec![
            Variants::None,
            Variants::One(Some(-8)),
            Variants::One(None),
            Variants::Two(9, ()),
            Variants::Named { z: Unit, a: Pair(1, '"') },
        ],
        b: (-1, 2, 3, 4),
        rest: [("y", Tagged::Some { z: true, a: "ä\u{7f}" }), ("c", Tagged::Some { z: false, a: "" })].into(),
        a: None,
    };
    assert_eq!(bytes(&whole), Some(serde_json_canonicalizer::to_vec(&whole).unwrap()));
    assert!(bytes(&whole).unwrap().starts_with(b"{\"a\":null,\"b\":[-1,2,3,4],\"c\":{\"a\":\"\""));
}

#[test]
fn what_our_shapes_do_not_have_is_left_to_the_general_way() {
    for value in [json!(1.5), json!(INTEGER_MAX + 1), json!([u64::MAX])] {
        assert_eq!(bytes(&value), None, "{value}");
    }
    assert_eq!(bytes(&BTreeMap::from([(1, 2)])), None);
    assert_eq!(bytes(&[(1.0_f32, b"x")]), None);
}
