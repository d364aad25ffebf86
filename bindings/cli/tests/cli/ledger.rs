//! `glasskey ledger …`, and the ledger that `test` writes.

use crate::{Ran, folder, glasskey, with_input, write};
use serde_json::json;
use std::path::Path;

const NIGHT: &str = "tests/packs/small/night/ledger.jsonl";
const SCENARIO: &str = "tests/packs/small/night/scenario.json";
const NOW: &str = "2026-03-01T02:40:00Z";

fn night() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(NIGHT)).unwrap()
}

fn report(more: &[&str]) -> Ran {
    glasskey(&[&["ledger", "report", NIGHT, "--incident", "INC-100"], more].concat())
}

#[test]
fn the_sample_ledger_is_what_its_scenario_writes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let dir = folder("night");
    let made = dir.join("ledger.jsonl");
    let ran =
        glasskey(&["test", SCENARIO, "--ledger", made.to_str().unwrap(), "--origin", "example.com/night"]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    if std::env::var_os("GLASSKEY_BLESS").is_some() {
        std::fs::copy(&made, root.join(NIGHT)).unwrap();
    }
    let mend = "run `GLASSKEY_BLESS=1 cargo test -p glasskey-cli --test cli the_sample_ledger`";
    assert!(std::fs::read_to_string(made).unwrap() == night(), "{NIGHT} is another ledger; {mend}");
}

#[test]
fn a_ledger_is_of_one_scenario() {
    let dir = folder("one-scenario");
    let out = dir.join("x.jsonl").display().to_string();
    let ran = glasskey(&["test", "tests/packs/small", "--ledger", &out, "--json"]);
    assert_eq!((ran.code, ran.error().as_str()), (64, "bad_usage"));
    let ran = glasskey(&["test", SCENARIO, "--ledger", &out, "--origin", "two words", "--json"]);
    assert_eq!((ran.code, ran.error().as_str()), (65, "bad_origin"));
    let ran = glasskey(&["test", SCENARIO, "--ledger", "tests/no/such/folder/x", "--json"]);
    assert_eq!((ran.code, ran.error().as_str()), (66, "unwritable_file"));
    assert_eq!(glasskey(&["test", SCENARIO, "--origin", "a"]).code, 64, "`--origin` needs `--ledger`");
}

#[test]
fn an_unaltered_ledger_is_said_to_be_intact() {
    let ran = glasskey(&["ledger", "verify", NIGHT]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.starts_with("INTACT  example.com/night\n"), "{}", ran.out);
    assert!(ran.out.contains("checkpoints  none"), "{}", ran.out);
    let json = glasskey(&["ledger", "verify", NIGHT, "--json"]).json();
    assert_eq!(
        (&json["entries"], &json["tail"]),
        (&json!(night().lines().count()), &json!({"state": "whole"}))
    );
    assert_eq!(with_input(&["ledger", "verify", "-"], night().as_bytes()).out, ran.out, "a pipe is a file");
}

#[test]
fn the_first_fault_is_named() {
    let dir = folder("altered");
    let night = night();
    let lines: Vec<&str> = night.lines().collect();
    let without: String =
        lines.iter().enumerate().filter(|(i, _)| *i != 7).map(|(_, l)| format!("{l}\n")).collect();
    let mut swapped = lines.clone();
    swapped.swap(4, 5);
    let cases = [
        (night.replacen("\"permitted\":true", "\"permitted\":false", 1), "entry_altered", 11),
        (without, "entry_missing", 7),
        (swapped.join("\n") + "\n", "entry_missing", 4),
        (format!("{night}{}\n", lines[3]), "entry_misplaced", lines.len()),
        ("{}\n".to_owned(), "missing_member", 0),
    ];
    for (text, code, seq) in cases {
        let file = write(&dir, "x.jsonl", text);
        let ran = glasskey(&["ledger", "verify", &file]);
        assert_eq!(ran.code, 1, "{ran:?}");
        let place = format!("entry {seq}, line {}", seq + 1);
        assert!(
            ran.out.starts_with("ALTERED") && ran.out.contains(&place) && ran.out.contains(code),
            "{}",
            ran.out
        );
        let fault = &glasskey(&["ledger", "verify", &file, "--json"]).json()["fault"];
        assert_eq!((&fault["seq"], &fault["error"]["code"]), (&json!(seq), &json!(code)));
        for command in ["report", "residual"] {
            let ran = glasskey(&["ledger", command, &file, "--json"]);
            assert_eq!((ran.code, ran.error().as_str()), (1, code), "an altered ledger tells nothing");
        }
    }
}

#[test]
fn a_torn_tail_is_said_and_costs_no_entry() {
    let dir = folder("torn");
    let night = night();
    for cut in [1, 2, 200] {
        let file = write(&dir, "x.jsonl", &night[..night.len() - cut]);
        let ran = glasskey(&["ledger", "verify", &file]);
        let word = if cut == 1 { "lacks its line feed" } else { "torn: " };
        assert!(ran.code == 0 && ran.out.contains(word), "{}", ran.out);
    }
    let whole = glasskey(&["ledger", "report", NIGHT, "--json"]).json();
    let file = write(&dir, "x.jsonl", &night[..night.len() - 1]);
    let cut = glasskey(&["ledger", "report", &file, "--json"]).json();
    assert_eq!(whole["timeline"], cut["timeline"], "the last entry counts without its line feed");
    let file = write(&dir, "x.jsonl", &night[..night.len() - 2]);
    let torn = glasskey(&["ledger", "report", &file, "--json"]).json();
    assert_eq!(
        (torn["ledger"]["tail"]["state"].as_str(), torn["timeline"]["residual"].clone()),
        (Some("torn"), whole["timeline"]["residual"].clone())
    );
}

#[test]
fn a_report_tells_who_held_what_and_what_was_left_behind() {
    let ran = report(&[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    for part in [
        "# Incident INC-100\n",
        "- G2 left privilege behind at bastion for 20m, and still\n",
        "- STILL LEFT BEHIND at 1 enforcement point\n",
        "| G2 | eve | drop on pay-db | dual | ann, bob |",
        "| the incident was closed | NOT CONFIRMED |",
        "approved, which does not count; the approver has a part in the request (eve)",
        "use refused: drop on pay-db; the grant is not for this",
        "## Requests of which no grant came",
    ] {
        assert!(ran.out.contains(part), "{part}\n{}", ran.out);
    }
    let json = report(&["--json"]).json();
    assert_eq!(json["timeline"]["grants"].as_array().unwrap().len(), 2);
    assert_eq!(json["timeline"]["residual"][0]["point"], "bastion");
    assert_eq!(json["ledger"]["origin"], "example.com/night");
    let ran = glasskey(&["ledger", "report", NIGHT, "--incident", "INC-1", "--json"]);
    assert_eq!((ran.code, ran.error().as_str()), (65, "no_such_incident"));
}

#[test]
fn the_page_is_whole_in_itself_and_lets_nobody_write_markup_into_it() {
    let page = report(&["--format", "html"]).out;
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
    assert!(
        !page.contains("<script") && !page.contains("http://") && !page.contains("https://"),
        "no other file"
    );
    assert!(page.contains("prefers-color-scheme: dark") && page.contains("@media print"));
    assert!(page.contains("class=\"residual\"") && page.contains("+20m, not confirmed"));
    assert!(page.contains("while I am here &lt;b&gt;|&lt;/b&gt;") && !page.contains("<b>"));
    assert!(report(&[]).out.contains("while I am here &lt;b&gt;\\|&lt;/b&gt;"));
    let tags = |open: &str| page.matches(open).count();
    for tag in ["table", "section", "svg", "figure", "main", "dl", "ul"] {
        assert_eq!(tags(&format!("<{tag}")), tags(&format!("</{tag}>")), "{tag}");
    }
}

#[test]
fn what_is_left_behind_decides_how_residual_exits() {
    let at = |now: &str| glasskey(&["ledger", "residual", NIGHT, "--now", now]);
    let ran = at(NOW);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.out.starts_with("RESIDUAL  1 enforcement point not confirmed")
            && ran.out.contains("bastion  eve"),
        "{}",
        ran.out
    );
    let dir = folder("residual");
    let until = |n: usize| {
        let text: String = night().lines().take(n).map(|l| format!("{l}\n")).collect();
        write(&dir, "x.jsonl", text)
    };
    let issued = night().lines().position(|l| l.contains("\"type\":\"issued\"")).unwrap() + 2;
    let live = glasskey(&["ledger", "residual", &until(issued), "--now", "2026-03-01T02:10:00Z"]);
    assert_eq!(live.code, 2, "in force: {live:?}");
    assert!(live.out.contains("in force at 2 enforcement points"), "{}", live.out);
    let later = glasskey(&["ledger", "residual", &until(issued), "--now", "2026-03-01T04:00:00Z", "--json"]);
    assert_eq!(
        (later.code, &later.json()["residual"][0]["cause"]),
        (1, &json!("idle")),
        "over, though nobody recorded it"
    );
    assert_eq!(glasskey(&["ledger", "residual", &until(1), "--now", NOW]).code, 0);
    assert_eq!(
        glasskey(&["ledger", "residual", &until(issued)]).code,
        1,
        "the clock says that it is long over"
    );
}

#[test]
fn files_that_are_no_ledgers_are_refused_with_help() {
    let folder_given = glasskey(&["ledger", "verify", "tests/packs", "--json"]);
    assert_eq!((folder_given.code, folder_given.error().as_str()), (66, "unreadable_file"));
    let missing = glasskey(&["ledger", "verify", "tests/packs/small/night/ledgre.jsonl", "--json"]);
    assert_eq!((missing.code, missing.error().as_str()), (66, "no_such_file"));
    let other = glasskey(&["ledger", "verify", "tests/packs/small/facts.json"]);
    assert_eq!(other.code, 1, "{other:?}");
}
