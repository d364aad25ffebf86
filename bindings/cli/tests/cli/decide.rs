//! `glasskey decide` and `glasskey explain`.

use crate::{FACTS, NOW, PACK, ask, folder, glasskey, with_input, write};
use serde_json::Value;

#[test]
fn a_permit_says_until_when_and_what_binds_it() {
    let ran = ask("decide", "restart", &[]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
    for part in [
        "PERMIT  asha: restart on pay-db",
        "under oncall, On call: restart what the incident is about",
        "now        2026-03-01 02:05:05Z",
        "ends       02:35:05Z, in 30m  rule_ttl",
        "ask again  02:06:00Z, in 55s  incident_freshness",
        "must       record_session, notify:secops",
        "shift_end",
        "02:35:05Z ends it",
    ] {
        assert!(ran.out.contains(part), "{part}:\n{}", ran.out);
    }
}

#[test]
fn the_timeline_is_drawn_to_scale() {
    let ran = ask("decide", "restart", &[]);
    let bar = |name: &str| {
        let line = ran
            .out
            .lines()
            .find(|l| l.trim_start().starts_with(name) && l.contains(['█', '▒', '░']))
            .unwrap();
        line.chars().filter(|c| matches!(c, '█' | '▒' | '░' | '▶')).count()
    };
    let (fresh, ttl, shift) = (bar("ask again: incident_freshness"), bar("rule_ttl"), bar("shift_end"));
    assert!(fresh >= 1 && fresh < ttl && ttl < shift, "{}", ran.out);
    assert!(
        ran.out.lines().any(|l| l.contains("shift_end") && l.contains('▶')),
        "it lies past the scale: {}",
        ran.out
    );
}

#[test]
fn a_deny_says_why_and_what_would_change_it() {
    let ran = ask("decide", "wrong-target", &[]);
    assert_eq!(ran.code, 1);
    for part in [
        "DENY",
        "out_of_incident_scope",
        "incident INC-100",
        "helps",
        "name an incident that covers hr-db",
        "next",
    ] {
        assert!(ran.out.contains(part), "{part}:\n{}", ran.out);
    }
}

#[test]
fn a_pending_names_the_seats_and_who_can_fill_them() {
    let ran = ask("decide", "drop", &[]);
    assert_eq!(ran.code, 2);
    for part in [
        "PENDING",
        "seat eng: asha, bob can approve",
        "seat sec: ann, bob can approve",
        "if it began now",
        "ask        sha256:",
    ] {
        assert!(ran.out.contains(part), "{part}:\n{}", ran.out);
    }
    assert!(!ran.out.contains("; or seat"), "both are needed, neither instead of the other:\n{}", ran.out);
}

#[test]
fn explain_shows_every_rule_and_the_condition_that_failed() {
    let ran = ask("explain", "wrong-target", &[]);
    assert_eq!(ran.code, 1);
    for part in [
        "oncall  a condition does not hold  oncall.cedar:16:29",
        "16 │ when { context has shift && context.shift.covers }",
        "   │                             ^^^^^^^^^^^^^^^^^^^^",
        "dual    a condition does not hold  oncall.cedar:31:8",
    ] {
        assert!(ran.out.contains(part), "{part}:\n{}", ran.out);
    }
    let json = ask("explain", "restart", &["--json"]).json();
    assert_eq!(json["decision"]["decision"], "permit");
    assert_eq!(json["considered"][0]["outcome"], "open");
    let limits: Vec<&str> =
        json["limits"].as_array().unwrap().iter().filter_map(|l| l["by"].as_str()).collect();
    assert_eq!(limits, ["rule_ttl", "shift_end"]);
}

#[test]
fn json_is_the_decision_in_canonical_bytes() {
    let ran = ask("decide", "restart", &["--json"]);
    let json = ran.json();
    assert_eq!((ran.code, &json["decision"]), (0, &Value::from("permit")));
    assert_eq!(ran.out.trim_end(), glasskey::canonical::to_text(&json));
    assert_eq!(ask("decide", "restart", &["--json"]).out, ran.out, "equal inputs, equal bytes");
}

#[test]
fn the_evidence_is_enough_to_decide_again() {
    let dir = folder("evidence");
    let path = dir.join("evidence.json").display().to_string();
    let ran = ask("decide", "restart", &["--json", "--evidence", &path]);
    let evidence: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!(evidence["now"], "2026-03-01T02:05:05.000Z");
    let facts = write(&dir, "facts.json", evidence["facts"].to_string());
    let request = write(&dir, "request.json", evidence["request"].to_string());
    let again = glasskey(&[
        "decide",
        "--bundle",
        PACK,
        "--facts",
        &facts,
        "--request",
        &request,
        "--now",
        NOW,
        "--json",
    ]);
    assert_eq!(again.out, ran.out);
    let ran = ask("decide", "restart", &["--json", "--evidence", "no/such/folder/e.json"]);
    assert_eq!((ran.code, ran.error().as_str()), (66, "unwritable_file"));
}

#[test]
fn documents_come_from_standard_input_too_but_only_one() {
    let request = std::fs::read("tests/packs/small/requests/restart.json").unwrap();
    let arguments = ["decide", "--bundle", PACK, "--facts", FACTS, "--request", "-", "--now", NOW];
    assert_eq!(with_input(&arguments, &request).code, 0);
    let ran = with_input(&arguments, b"{");
    assert_eq!(ran.code, 65);
    assert!(ran.err.contains("(standard input):1:"), "{}", ran.err);
    let ran = glasskey(&["decide", "--bundle", PACK, "--facts", "-", "--request", "-", "--json"]);
    assert_eq!((ran.code, ran.error().as_str()), (64, "bad_usage"));
}

#[test]
fn without_now_the_clock_of_the_system_is_taken() {
    let request = format!("{PACK}/requests/restart.json");
    let ran = glasskey(&["decide", "--bundle", PACK, "--facts", FACTS, "--request", &request, "--json"]);
    // Facts of a day in 2026 are stale, or not yet true, at any other time.
    assert_eq!(ran.code, 1, "{ran:?}");
    assert_eq!(ran.json()["decision"], "deny");
}

#[test]
fn the_reference_is_shown_beside_the_answer() {
    for (request, code) in [("restart", 0), ("wrong-target", 1), ("drop", 2)] {
        let (once, twice) = (ask("decide", request, &[]), ask("decide", request, &["--reference"]));
        assert_eq!((once.code, twice.code), (code, code));
        let more = twice.out.strip_prefix(&once.out).expect("the answer comes first");
        assert_eq!(more, "\nreference  plain Cedar over all policies: the same, byte for byte\n");
        let both = ask("decide", request, &["--reference", "--json"]).json();
        assert_eq!(both["same"], true);
        assert_eq!(both["decision"], both["reference"]);
        assert_eq!(both["decision"], ask("decide", request, &["--json"]).json());
    }
}
