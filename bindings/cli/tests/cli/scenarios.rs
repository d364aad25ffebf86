//! `glasskey test`.

use crate::{PACK, folder, glasskey, pack, write};
use serde_json::{Value, json};
use std::path::Path;

fn scenario(steps: &Value) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(PACK);
    json!({
        "name": "made for a test", "bundle": root, "facts": root.join("facts.json"),
        "now": "2026-03-01T02:05:05Z", "steps": steps,
    })
    .to_string()
}

fn restart() -> Value {
    json!({
        "principal": "Glasskey::Person::\"asha\"",
        "scope": [{"action": "Ops::Action::\"restart\"", "resource": "Glasskey::System::\"pay-db\""}],
        "supports": [{"incident": "INC-100"}, {"shift": "S-7"}],
    })
}

#[test]
fn a_folder_stands_for_its_scenarios_and_all_pass() {
    let ran = glasskey(&["test", PACK]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert_eq!(ran.out.matches("ok   ").count(), 2, "{}", ran.out);
    assert!(ran.out.ends_with("2 passed, 0 failed\n"), "{}", ran.out);
    let within =
        glasskey(&["test", "tests/packs/small/scenarios", "tests/packs/small/scenarios/two-approvers.json"]);
    assert!(within.out.ends_with("2 passed, 0 failed\n"), "a file counts once: {}", within.out);
    let json = glasskey(&["test", PACK, "--json"]).json();
    assert_eq!((&json["passed"], &json["scenarios"][0]["outcome"]), (&json!(2), &json!("passed")));
}

#[test]
fn a_failure_shows_what_was_expected_and_what_came() {
    let dir = folder("failing");
    let steps = json!([{"do": {"decide": restart()}, "expect": {"decision": "deny", "rulle": "oncall"}}]);
    let file = write(&dir, "a.json", scenario(&steps));
    let ran = glasskey(&["test", &file]);
    assert_eq!(ran.code, 1);
    for part in [
        "FAIL   made for a test",
        "step 1, decide at 2026-03-01 02:05:05Z",
        "expected \"deny\"",
        "got      \"permit\"",
        "rulle (there is a member `rule`)",
        "the answer was permit under oncall",
        "0 passed, 1 failed",
    ] {
        assert!(ran.out.contains(part), "{part}:\n{}", ran.out);
    }
    let json = glasskey(&["test", &file, "--json"]).json();
    let mismatch = &json["scenarios"][0]["steps"][0]["mismatches"][0];
    assert_eq!((&mismatch["expected"], &mismatch["got"]), (&json!("deny"), &json!("permit")));
    assert_eq!(json["scenarios"][0]["steps"][0]["result"]["decision"], "permit");
}

#[test]
fn errors_are_expected_or_they_fail() {
    let dir = folder("errors");
    let refused = json!({"decide": {"principal": "asha", "scope": []}});
    let good = json!([
        {"do": refused, "expect_error": {"code": "bad_uid", "path": "principal"}},
        {"do": {"observe": {"incidents": [{"id": "INC-1", "severty": 1}]}}, "expect_error": {"code": "unknown_member"}},
    ]);
    let bad = json!([
        {"do": refused, "expect_error": {"code": "bad_json"}},
        {"do": refused},
        {"do": {"decide": restart()}, "expect_error": {"code": "bad_uid"}},
    ]);
    let (good, bad) = (write(&dir, "good.json", scenario(&good)), write(&dir, "bad.json", scenario(&bad)));
    assert_eq!(glasskey(&["test", &good]).code, 0);
    let json = glasskey(&["test", &bad, "--json"]).json();
    let steps = json["scenarios"][0]["steps"].as_array().unwrap();
    assert!(steps.iter().all(|s| s["mismatches"].as_array().is_some_and(|m| !m.is_empty())), "{json}");
}

#[test]
fn observations_are_made_at_the_time_of_their_step() {
    let dir = folder("observe");
    let ask = json!({"decide": restart()});
    let steps = json!([
        {"at": "2026-03-01T02:07:00Z", "do": ask, "expect": {"decision": "deny", "reasons": [{"code": "fact_unknown"}]}},
        {"at": "2026-03-01T02:07:10Z", "do": {"observe": {"incidents": [{"id": "INC-100"}]}}},
        {"do": ask, "expect": {"decision": "permit", "valid_until": "2026-03-01T02:08:10Z"}},
        {"do": {"observe": {"incidents": [{"id": "INC-100", "epoch": 1, "observed_at": "2026-03-01T02:06:00Z"}]}},
            "expect": {"events": [{"type": "observed", "ignored": ["incident:INC-100: older than what is known"]}]}},
    ]);
    let ran = glasskey(&["test", &write(&dir, "a.json", scenario(&steps))]);
    assert_eq!(ran.code, 0, "{}", ran.out);
}

#[test]
fn a_grant_is_followed_from_its_request_to_its_confirmed_end() {
    let dir = folder("lifecycle");
    let steps = json!([
        {"do": {"submit": {"as": "r1", "request": restart()}}, "expect": {"state": "approved", "request": "r1"}},
        {"note": "who sends a command again gets the same answer", "command_id": "once",
            "do": {"activate": {"request": "r1", "as": "g1"}}, "expect": {"decision": "permit", "grant": "g1"}},
        {"command_id": "once", "do": {"activate": {"request": "r1", "as": "g1"}}, "expect": {"seq": 2}},
        {"do": {"issued": {"grant": "g1", "points": ["vault"]}}, "expect": {"state": "active"}},
        {"at": "2026-03-01T02:05:30Z",
            "do": {"observe": {"incidents": [{"id": "INC-100", "epoch": 1, "status": "closed"}]}},
            "expect": {"ended": [{"grant": "g1", "cause": "incident_closed"}], "effects": [{"type": "revoke", "point": "vault"}]}},
        {"do": {"revoked": {"grant": "g1", "point": "proxy"}}, "expect_error": {"code": "unknown_point"}},
        {"do": {"revoked": {"grant": "g1", "point": "vault"}}, "expect": {"state": "closed", "unconfirmed": []}},
        {"do": {"use": {"grant": "g2", "action": "Ops::Action::\"restart\"", "resource": "Glasskey::System::\"pay-db\""}},
            "expect_error": {"code": "unknown_grant"}},
    ]);
    let ran = glasskey(&["test", &write(&dir, "a.json", scenario(&steps))]);
    assert_eq!(ran.code, 0, "{}", ran.out);
}

#[test]
fn another_pack_may_decide_from_some_step_on() {
    let dir = folder("change-bundle");
    let tighter = pack("tighter", &[]);
    std::fs::write(
        format!("{tighter}/closed.cedar"),
        "@id(\"closed\") forbid (principal, action == Ops::Action::\"restart\", resource is Glasskey::System);",
    )
    .unwrap();
    let steps = json!([
        {"do": {"submit": {"as": "r1", "request": restart()}}},
        {"do": {"activate": {"request": "r1", "as": "g1"}}},
        {"do": {"issued": {"grant": "g1", "points": ["vault"]}}},
        {"do": {"change_bundle": {"bundle": tighter}}, "expect": {"ended": [{"grant": "g1", "cause": "policy_tightened"}]}},
        {"do": {"change_bundle": {"bundle": "nowhere"}}, "expect_error": {"code": "bad_value"}},
    ]);
    let ran = glasskey(&["test", &write(&dir, "a.json", scenario(&steps))]);
    assert_eq!(ran.code, 0, "{}", ran.out);
}

#[test]
fn every_command_of_the_lifecycle_is_a_step() {
    for act in glasskey::lifecycle::ACTS {
        assert!(glasskey_cli::scenario::step::kind(act).is_some(), "{act}");
    }
}

#[test]
fn steps_of_a_later_build_are_an_error_and_never_skipped() {
    let dir = folder("later");
    let steps = json!([{"do": {"launch": {}}}, {"do": {"decide": restart()}}]);
    let ran = glasskey(&["test", &write(&dir, "a.json", scenario(&steps))]);
    assert_eq!(ran.code, 1);
    for part in
        ["ERROR", "unknown_step", "needs steps this build does not know: `launch`", "0 passed, 1 failed"]
    {
        assert!(ran.out.contains(part), "{part}:\n{}", ran.out);
    }
}

#[test]
fn malformed_scenarios_are_told_with_their_place() {
    let dir = folder("malformed-scenarios");
    let step = json!([{"do": {"decide": restart()}}]);
    let good: Value = serde_json::from_str(&scenario(&step)).unwrap();
    let with = |change: &dyn Fn(&mut Value)| {
        let mut out = good.clone();
        change(&mut out);
        out.to_string()
    };
    let cases = [
        ("unknown_member", with(&|v| v["step"] = json!([]))),
        ("unknown_member", with(&|v| v["steps"][0]["expects"] = json!({}))),
        ("missing_member", with(&|v| drop(v.as_object_mut().unwrap().remove("steps")))),
        ("missing_member", with(&|v| drop(v.as_object_mut().unwrap().remove("now")))),
        ("unknown_step", with(&|v| v["steps"][0]["do"] = json!({"decied": {}}))),
        ("bad_value", with(&|v| v["steps"][0]["do"] = json!({}))),
        (
            "bad_value",
            with(&|v| v["steps"][0] = json!({"do": {"observe": {}}, "expect": {}, "expect_error": {}})),
        ),
        ("no_such_file", with(&|v| v["bundle"] = json!("nowhere"))),
        ("no_such_file", with(&|v| v["facts"] = json!("nowhere.json"))),
        ("missing_member", with(&|v| v["facts"] = json!({}))),
        ("bad_json", "{".to_owned()),
    ];
    for (code, text) in cases {
        let file = write(&dir, "a.json", &text);
        let json = glasskey(&["test", &file, "--json"]).json();
        let one = &json["scenarios"][0];
        assert_eq!(
            (&one["outcome"], &one["errors"][0]["code"]),
            (&json!("error"), &json!(code)),
            "{text}: {json}"
        );
        let plain = glasskey(&["test", &file]);
        assert!(plain.code == 1 && plain.out.contains(code), "{plain:?}");
    }
}

#[test]
fn names_of_steps_bind_approvals_and_wrong_ones_are_told() {
    let dir = folder("names");
    let approved = |name: &str| {
        json!({"decide": {"principal": "Glasskey::Person::\"eve\"", "emergency": true,
            "scope": [{"action": "Ops::Action::\"drop\"", "resource": "Glasskey::System::\"pay-db\""}],
            "approvals": [{"by": "Glasskey::Person::\"ann\"", "at": "2026-03-01T02:05:00Z", "ask": name}]}})
    };
    let mut first = approved("x");
    first["decide"].as_object_mut().unwrap().remove("approvals");
    let steps = json!([
        {"as": "drop", "do": first, "expect": {"decision": "pending"}},
        {"do": approved("drop"), "expect": {"seats": [{"seat": "sec", "by": "Glasskey::Person::\"ann\""}]}},
        {"do": approved("dorp"), "expect_error": {"code": "bad_digest", "help": "did you mean `drop`?"}},
    ]);
    let ran = glasskey(&["test", &write(&dir, "a.json", scenario(&steps))]);
    assert_eq!(ran.code, 0, "{}", ran.out);
}

#[test]
fn a_pack_that_does_not_compile_fails_its_scenarios_with_every_fault() {
    let broken = pack("broken-scenarios", &[("oncall.cedar", "@max_ttl(\"1h\")", "@max_tll(\"1h\")")]);
    let ran = glasskey(&["test", &broken]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.out.contains("did you mean `@max_ttl`?") && ran.out.ends_with("0 passed, 2 failed\n"),
        "{}",
        ran.out
    );
}

#[test]
fn nothing_to_run_is_an_error() {
    let ran = glasskey(&["test", &folder("nothing").display().to_string(), "--json"]);
    assert_eq!((ran.code, ran.error().as_str()), (65, "no_scenarios"));
    assert_eq!(glasskey(&["test", "tests/packs/small/scenarios/nowhere.json"]).code, 66);
}
