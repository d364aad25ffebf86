//! `glasskey simulate`.

use crate::glasskey;
use serde_json::json;

const NIGHT: &str = "tests/packs/small/night/scenario.json";

#[test]
fn a_scenario_is_shown_as_bars_holders_and_a_story() {
    let ran = glasskey(&["simulate", NIGHT]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let line = |start: &str| {
        ran.out
            .lines()
            .find(|l| l.trim_start().starts_with(start))
            .unwrap_or_else(|| panic!("{start}: {}", ran.out))
    };
    assert!(line("INC-100 open").contains("━━━"));
    // Asked for, held, and never confirmed ended: to the very end.
    let eve = line("G2 eve");
    assert!(eve.contains("···█") && eve.ends_with("╌╌╌"), "{eve}");
    assert!(line("G1 asha").ends_with('✓'), "{}", ran.out);
    assert!(ran.out.contains("until 02:20:00Z: the incident was closed"), "{}", ran.out);
    assert!(ran.out.contains("confirmed ended at 0 of 1 enforcement points: NOT ended"), "{}", ran.out);
    assert!(line("02:08:50Z  G2").ends_with("used: drop on pay-db"));
    let times: Vec<&str> =
        ran.out.lines().filter_map(|l| l.strip_prefix("  ")?.get(..9)).filter(|t| t.ends_with('Z')).collect();
    assert!(times.len() > 20 && times.is_sorted(), "{times:?}");
    assert!(ran.out.lines().all(|l| !l.ends_with(' ')), "nothing trails");
}

#[test]
fn for_programs_it_is_the_timeline() {
    let json = glasskey(&["simulate", NIGHT, "--json"]).json();
    assert_eq!(json["as_expected"], json!(true));
    assert_eq!(json["incidents"][0]["id"], json!("INC-100"));
    let closed = json["incidents"][0]["seen"].as_array().unwrap().last().unwrap();
    assert_eq!(closed["status"], json!("closed"));
    let grants = json["timeline"]["grants"].as_array().unwrap();
    assert_eq!(grants.len(), 2);
    assert_eq!(grants[1]["points"][0]["point"], json!("bastion"));
    assert_eq!(grants[1].get("confirmed_at"), None);
}

#[test]
fn what_is_not_as_expected_is_said_and_what_cannot_be_run_is_refused() {
    let ran = glasskey(&["simulate", "tests/packs/small/wrong/expectation.json"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("this is not what the scenario expects"), "{}", ran.out);
    let ran = glasskey(&["simulate", "tests/no/such/file.json", "--json"]);
    assert_eq!((ran.code, ran.error().as_str()), (66, "no_such_file"));
}
