//! `glasskey check`.

use crate::{PACK, folder, glasskey, pack, write};

#[test]
fn a_good_pack_is_summed_up() {
    let ran = glasskey(&["check", PACK]);
    assert_eq!(ran.code, 0, "{ran:?}");
    for part in [
        "small 1",
        "sha256:",
        "2 privileged rules",
        "1 guardrail,",
        "short-on-tier-0",
        "eng=1, sec=1",
        "2 of 30m",
    ] {
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
    let (first, second) = (ran.out.find("  oncall "), ran.out.find("  dual "));
    assert!(first < second && first.is_some(), "rules stand in the order they are tried");
}

#[test]
fn as_json_it_tells_the_terms() {
    let json = glasskey(&["check", PACK, "--json"]).json();
    assert_eq!(json["rules"][0]["id"], "oncall");
    assert_eq!(json["rules"][0]["terms"]["max_ttl"], "1h");
    assert_eq!(json["guards"][0]["id"], "short-on-tier-0");
    assert!(json["digest"].as_str().is_some_and(|d| d.starts_with("sha256:")));
}

#[test]
fn a_slip_in_an_annotation_is_told_with_its_place_and_how_to_mend_it() {
    let pack = pack("slip", &[("oncall.cedar", "@max_ttl(\"1h\")", "@max_tll(\"1h\")")]);
    let ran = glasskey(&["check", &pack]);
    assert_eq!(ran.code, 65);
    for part in ["unknown_annotation", "oncall.cedar:6:1", "@max_tll(\"1h\")", "did you mean `@max_ttl`?"] {
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
    let json = glasskey(&["check", &pack, "--json"]).json();
    let label = &json["errors"][0]["labels"][0];
    let errors = json["errors"].as_array().unwrap();
    assert!(
        errors.iter().any(|e| e["code"] == "unknown_annotation" && e["labels"][0]["line"] == 6),
        "{json}"
    );
    assert_eq!(label["file"], "oncall.cedar");
}

#[test]
fn every_fault_is_told_at_once_in_order_of_place() {
    let changes = [
        ("oncall.cedar", "@quorum(\"eng=1, sec=1\")\n@extensions", "@quorum(\"eng=1, sek=1\")\n@extensions"),
        ("oncall.cedar", "@max_ttl(\"1h\")", "@max_ttl(\"an hour\")"),
        ("seats.cedar", "@id(\"seat-sec\")", "@id(\"seat-eng\")"),
    ];
    let pack = pack("many", &changes);
    let ran = glasskey(&["check", &pack, "--json"]);
    let codes: Vec<String> = ran.json()["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["code"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(codes, ["bad_annotation", "unknown_seat", "quorum_decreases", "duplicate_policy_id"]);
    let ran = glasskey(&["check", &pack]);
    assert!(ran.err.contains("4 faults") && ran.out.is_empty(), "{ran:?}");
}

#[test]
fn a_text_that_does_not_parse_is_marked() {
    let pack = pack(
        "broken",
        &[("seats.cedar", "when { context.seat == \"eng\" };", "when { context.seat = \"eng\" };")],
    );
    let ran = glasskey(&["check", &pack]);
    assert_eq!(ran.code, 65);
    assert!(ran.err.contains("bad_policy") && ran.err.contains("seats.cedar:"), "{}", ran.err);
}

#[test]
fn policies_that_do_not_fit_the_schema_are_told() {
    let pack = pack("invalid", &[("oncall.cedar", "context.shift.covers", "context.shift.cover")]);
    let ran = glasskey(&["check", &pack]);
    assert_eq!(ran.code, 65);
    assert!(ran.err.contains("invalid_policy") && ran.err.contains("oncall.cedar:"), "{}", ran.err);
}

#[test]
fn windows_line_ends_move_no_place_and_change_no_digest() {
    let unix = glasskey(&["check", PACK, "--json"]).json();
    let same = pack("crlf", &[("oncall.cedar", "\n", "\r\n")]);
    assert_eq!(glasskey(&["check", &same, "--json"]).json()["digest"], unix["digest"]);
    let slip = pack(
        "crlf-slip",
        &[("oncall.cedar", "\n", "\r\n"), ("oncall.cedar", "@max_ttl(\"1h\")", "@max_tll(\"1h\")")],
    );
    let ran = glasskey(&["check", &slip]);
    assert!(ran.err.contains("6 │ @max_tll(\"1h\")"), "{}", ran.err);
}

#[test]
fn other_files_are_left_alone_and_scenarios_are_no_policies() {
    let dir = pack("others", &[]);
    let before = glasskey(&["check", PACK, "--json"]).json();
    write(dir.as_ref(), "README.md", "# hello");
    write(dir.as_ref(), ".hidden.cedar", "this is no policy");
    write(dir.as_ref(), "scenarios/stray.cedar", "this is no policy");
    let after = glasskey(&["check", &dir, "--json"]).json();
    assert_eq!(after["digest"], before["digest"]);
    std::fs::create_dir(format!("{dir}/more")).unwrap();
    write(
        dir.as_ref(),
        "more/extra.cedar",
        "@id(\"no-hr\") forbid (principal, action, resource == Glasskey::System::\"hr-db\");",
    );
    let after = glasskey(&["check", &dir, "--json"]).json();
    assert_ne!(after["digest"], before["digest"], "policies in folders below count");
    assert_eq!(after["guards"].as_array().unwrap().len(), 2);
}

#[cfg(unix)]
#[test]
fn links_are_followed_but_not_in_circles() {
    let dir = pack("links", &[]);
    std::os::unix::fs::symlink(&dir, format!("{dir}/again")).unwrap();
    let outside = folder("links-outside");
    write(
        &outside,
        "extra.cedar",
        "@id(\"no-hr\") forbid (principal, action, resource == Glasskey::System::\"hr-db\");",
    );
    std::os::unix::fs::symlink(&outside, format!("{dir}/linked")).unwrap();
    let json = glasskey(&["check", &dir, "--json"]).json();
    assert_eq!(
        json["guards"].as_array().map(Vec::len),
        Some(2),
        "a forbid behind a link still counts: {json}"
    );
}

#[test]
fn what_is_no_pack_is_told_with_the_way_to_one() {
    let ran = glasskey(&["check", "tests/packs/smal"]);
    assert_eq!(ran.code, 66);
    assert!(
        ran.err.contains("no_such_file") && ran.err.contains("did you mean `tests/packs/small`?"),
        "{}",
        ran.err
    );
    let ran = glasskey(&["check", "tests/packs"]);
    assert_eq!(ran.code, 65);
    assert!(ran.err.contains("no_manifest") && ran.err.contains("`tests/packs/small`"), "{}", ran.err);
    let ran = glasskey(&["check", "tests/packs/small/oncall.cedar", "--json"]);
    assert_eq!((ran.code, ran.error().as_str()), (66, "unreadable_file"));
    let empty = folder("empty");
    write(&empty, "bundle.toml", "name = \"empty\"\nversion = \"1\"\n");
    let ran = glasskey(&["check", &empty.display().to_string(), "--json"]);
    assert_eq!((ran.code, ran.error().as_str()), (65, "no_policies"));
}

#[test]
fn a_manifest_with_a_slip_is_told() {
    let pack = pack("manifest", &[("bundle.toml", "[seats]", "[seatz]")]);
    let ran = glasskey(&["check", &pack]);
    assert_eq!(ran.code, 65);
    assert!(ran.err.contains("bad_manifest") && ran.err.contains("did you mean `seats`?"), "{}", ran.err);
    assert!(ran.err.contains("bundle.toml:5"), "{}", ran.err);
}
