//! `glasskey fmt` and `glasskey schema`.

use crate::{PACK, glasskey, pack};

#[test]
fn a_formatted_pack_is_left_alone() {
    let ran = glasskey(&["fmt", PACK, "--check"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "2 files, all formatted\n"));
}

#[test]
fn fmt_mends_what_check_finds_and_keeps_comments_and_meaning() {
    let messy = pack("messy", &[("oncall.cedar", "permit (\n  principal is", "permit(principal   is")]);
    let ran = glasskey(&["fmt", &messy, "--check"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("not formatted: ") && ran.out.contains("glasskey fmt"), "{}", ran.out);
    let json = glasskey(&["fmt", &messy, "--check", "--json"]).json();
    assert_eq!(json["changed"].as_array().map(Vec::len), Some(1));
    assert_eq!(glasskey(&["fmt", &messy]).code, 0);
    assert_eq!(glasskey(&["fmt", &messy, "--check"]).code, 0);
    let text = std::fs::read_to_string(format!("{messy}/oncall.cedar")).unwrap();
    assert_eq!(text, std::fs::read_to_string(format!("{PACK}/oncall.cedar")).unwrap());
}

#[test]
fn fmt_writes_nothing_when_a_file_does_not_parse() {
    let broken = pack(
        "fmt-broken",
        &[
            ("seats.cedar", "when {", "whenn {"),
            ("oncall.cedar", "permit (\n  principal is", "permit(principal   is"),
        ],
    );
    let before = std::fs::read_to_string(format!("{broken}/oncall.cedar")).unwrap();
    let ran = glasskey(&["fmt", &broken, "--json"]);
    assert_eq!((ran.code, ran.error().as_str()), (65, "not_formatted"));
    assert_eq!(std::fs::read_to_string(format!("{broken}/oncall.cedar")).unwrap(), before);
}

#[test]
fn schema_tells_the_vocabulary_and_every_annotation() {
    let ran = glasskey(&["schema"]);
    assert_eq!(ran.code, 0);
    for (name, ..) in glasskey::bundle::ANNOTATIONS {
        assert!(ran.out.contains(&format!("@{name}")), "{name}");
    }
    assert!(ran.out.contains("namespace Glasskey {") && !ran.out.contains("__"), "{}", ran.out);
    let json = glasskey(&["schema", "--json"]).json();
    assert_eq!(json["annotations"].as_array().map(Vec::len), Some(glasskey::bundle::ANNOTATIONS.len()));
    let own = glasskey(&["schema", PACK]);
    assert!(
        own.out.contains("namespace Ops {") && own.out.contains("type Signals = { idp?: Signal };"),
        "{}",
        own.out
    );
}

#[test]
fn the_schema_is_one_that_a_pack_compiles_against() {
    // The whole text, comments of the reference included, is Cedar: as a fragment of another
    // pack it can only clash with the base vocabulary that stands there already.
    let whole = glasskey(&["schema", PACK]).out;
    let other = pack("schema", &[]);
    std::fs::write(format!("{other}/ops.cedarschema"), whole).unwrap();
    let ran = glasskey(&["check", &other]);
    assert_eq!(ran.code, 65);
    assert!(ran.err.contains("bad_schema") && !ran.err.contains("unexpected token"), "{}", ran.err);
}
