//! Malformed input of every kind: a coded error, never a crash, never a decision.

use crate::{FACTS, NOW, PACK, folder, glasskey, write};
use std::path::Path;

const GOOD: &str = r#"{"principal":"Glasskey::Person::\"asha\"","scope":[{"action":"Ops::Action::\"restart\"","resource":"Glasskey::System::\"pay-db\""}]}"#;

fn decide(facts: &str, request: &str) -> (i32, String) {
    let arguments = ["decide", "--bundle", PACK, "--facts", facts, "--request", request, "--now", NOW];
    let plain = glasskey(&arguments);
    assert!(plain.out.is_empty() && !plain.err.is_empty(), "{plain:?}");
    let mut arguments = arguments.to_vec();
    arguments.push("--json");
    let ran = glasskey(&arguments);
    assert_eq!((ran.code, ran.err.as_str()), (plain.code, ""), "{ran:?}");
    (ran.code, ran.error())
}

#[test]
fn malformed_requests_are_refused_with_their_code() {
    let dir = folder("malformed-requests");
    let with = |more: &str| format!("{}{more}}}", GOOD.trim_end_matches('}'));
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("bad_json", GOOD[..60].into()),
        ("bad_json", "".into()),
        ("bad_json", vec![0xff, 0xfe, b'{']),
        ("bad_json", format!("{GOOD} {GOOD}").into()),
        ("duplicate_member", with(",\"purpose\":\"a\",\"purpose\":\"b\"").into()),
        ("unknown_member", with(",\"supprts\":[]").into()),
        ("missing_member", "{\"scope\":[]}".into()),
        ("empty", "{\"principal\":\"Glasskey::Person::\\\"asha\\\"\",\"scope\":[]}".into()),
        ("wrong_type", with(",\"emergency\":\"yes\"").into()),
        ("wrong_type", "[]".into()),
        ("bad_number", with(",\"host\":{\"n\":9007199254740992}").into()),
        ("bad_number", with(",\"host\":{\"n\":1.5}").into()),
        ("bad_uid", GOOD.replace("Glasskey::Person::", "").into()),
        ("bad_duration", with(",\"ttl\":\"-1h\"").into()),
        ("bad_duration", with(",\"ttl\":\"0s\"").into()),
        ("bad_instant", with(",\"approvals\":[{\"by\":\"x\",\"at\":\"2026-03-01T02:05:05\"}]").into()),
        (
            "bad_digest",
            with(",\"approvals\":[{\"by\":\"x\",\"at\":\"2026-03-01T02:05:05Z\",\"ask\":\"sha256:1\"}]")
                .into(),
        ),
        ("too_large", with(&format!(",\"purpose\":\"{}\"", "x".repeat(10_000_000))).into()),
        (
            "too_deep",
            with(&format!(",\"host\":{{\"n\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000))).into(),
        ),
        (
            "too_many",
            GOOD.replace(
                "[{",
                &format!("[{}{{", r#"{"action":"A::\"a\"","resource":"A::\"a\""},"#.repeat(65)),
            )
            .into(),
        ),
    ];
    for (code, text) in cases {
        let path = write(&dir, "request.json", &text);
        let shown: String = String::from_utf8_lossy(&text).chars().take(120).collect();
        assert_eq!(decide(FACTS, &path), (65, code.to_owned()), "{shown}");
    }
}

#[test]
fn malformed_facts_are_refused_with_their_code() {
    let dir = folder("malformed-facts");
    let request = write(&dir, "request.json", GOOD);
    let good = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(FACTS)).unwrap();
    let cases = [
        ("missing_member", good.replace("  \"observed_at\": \"2026-03-01T02:05:00Z\",\n", "")),
        (
            "bad_instant",
            good.replace("\"observed_at\": \"2026-03-01T02:05:00Z\"", "\"observed_at\": \"yesterday\""),
        ),
        ("unknown_member", good.replace("\"incidents\"", "\"incident\"")),
        ("bad_entity", good.replace("\"tier\": 0", "\"tier\": \"none\"")),
        ("bad_interval", good.replace("2026-03-01T08:00:00Z", "2026-02-01T08:00:00Z")),
        ("bad_value", good.replace("\"open\"", "\"opened\"")),
        ("bad_json", good[..good.len() / 2].to_owned()),
    ];
    for (code, text) in cases {
        let path = write(&dir, "facts.json", &text);
        assert_eq!(decide(&path, &request), (65, code.to_owned()), "{text}");
    }
}

#[test]
fn a_fault_in_a_document_is_marked_in_its_text() {
    let dir = folder("marked");
    let text = GOOD.replace(",\"scope\"", ",\n \"scope\"").replace("Ops::Action::\\\"restart\\\"", "restart");
    let request = write(&dir, "request.json", text);
    let ran = glasskey(&["decide", "--bundle", PACK, "--facts", FACTS, "--request", &request, "--now", NOW]);
    assert!(ran.err.contains("request.json:2:21") && ran.err.contains("─────────"), "{}", ran.err);
}

#[test]
fn the_faults_of_both_documents_are_told() {
    let dir = folder("both");
    let (facts, request) = (write(&dir, "facts.json", "{}"), write(&dir, "request.json", "{}"));
    let ran = glasskey(&["decide", "--bundle", PACK, "--facts", &facts, "--request", &request, "--json"]);
    let files: Vec<_> =
        ran.json()["errors"].as_array().unwrap().iter().map(|e| e["labels"][0]["file"].clone()).collect();
    assert_eq!(files, [facts, request]);
}

#[test]
fn a_command_line_that_is_wrong_says_so() {
    for arguments in [
        &["decide", "--bundle", PACK, "--facts", FACTS][..],
        &["decid"],
        &[],
        &["decide", "--bundle", PACK, "--facts", FACTS, "--request", FACTS, "--now", "2026-03-01T02:05:05"],
        &["test"],
    ] {
        let ran = glasskey(arguments);
        assert_eq!((ran.code, ran.out.as_str()), (64, ""), "{arguments:?}");
    }
}

#[test]
fn files_that_are_not_there_are_told_with_the_nearest_name() {
    let ran =
        glasskey(&["decide", "--bundle", PACK, "--facts", "tests/packs/small/fact.json", "--request", FACTS]);
    assert_eq!(ran.code, 66);
    assert!(ran.err.contains("did you mean `tests/packs/small/facts.json`?"), "{}", ran.err);
    let ran = glasskey(&["decide", "--bundle", PACK, "--facts", "tests", "--request", FACTS, "--json"]);
    assert_eq!((ran.code, ran.error().as_str()), (66, "unreadable_file"));
}
