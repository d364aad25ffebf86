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

fn replay(more: &[&str]) -> Ran {
    glasskey(&[&["ledger", "replay"], more].concat())
}

/// The sample with a decision's member changed and everything behind it hashed anew, as somebody
/// would who writes the store.
fn forged(from: &str, to: &str) -> String {
    use glasskey::Instant;
    use glasskey::ledger::{Entry, Ledger};
    let night = night();
    let mut entries = night.lines().map(|l| Entry::parse(l.as_bytes()).unwrap());
    let first = entries.next().unwrap();
    let mut ledger = Ledger::open(&first).unwrap();
    let mut out = first.to_line() + "\n";
    let mut changed = false;
    for entry in entries {
        let mut body = entry.body.to_string();
        if !changed && entry.kind.as_str() == "decision" && body.contains(from) {
            body = body.replacen(from, to, 1);
            changed = true;
        }
        let at: Instant = entry.at;
        let entry = ledger.append(entry.kind, serde_json::from_str(&body).unwrap(), at).unwrap();
        out.push_str(&(entry.to_line() + "\n"));
    }
    assert!(changed, "{from}");
    out
}

#[test]
fn every_decision_is_decided_again() {
    let ran = replay(&[NIGHT, "--bundles", "tests/packs/small"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.starts_with("FOLLOWS  ") && ran.out.contains("under small 1, sha256:"), "{}", ran.out);
    let json = replay(&[NIGHT, "--bundles", "tests/packs/small", "--json"]).json();
    assert!(json["decisions"].as_u64().unwrap() > 6, "{json}");
    assert_eq!((&json["divergence"], json["bundles"].as_array().unwrap().len()), (&json!(null), 1));
}

#[test]
fn a_decision_that_was_changed_and_hashed_anew_is_found_by_replay_alone() {
    let dir = folder("forged");
    let file = write(&dir, "x.jsonl", forged("\"decision\":\"deny\"", "\"decision\":\"permit\""));
    assert_eq!(glasskey(&["ledger", "verify", &file]).code, 0, "the chain is whole");
    let ran = replay(&[&file, "--bundles", "tests/packs/small"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    for part in ["DIVERGES  entry ", "- recorded   \"permit\"", "+ recomputed \"deny\""] {
        assert!(ran.out.contains(part), "{part}\n{}", ran.out);
    }
    for (from, to, member) in [
        ("\"decision\":\"deny\"", "\"decision\":\"permit\"", "decision"),
        ("T02:35:05.000Z\",\"ends_by\"", "T03:35:05.000Z\",\"ends_by\"", "ends_at"),
        ("\"rule\":\"dual\",\"valid", "\"rule\":\"oncall\",\"valid", "rule"),
    ] {
        let file = write(&dir, "x.jsonl", forged(from, to));
        let json = replay(&[&file, "--bundles", "tests/packs/small", "--json"]).json();
        assert_eq!(json["divergence"]["differences"][0]["member"], member, "{json}");
    }
}

#[test]
fn replay_needs_the_packs_that_decided() {
    let changed = crate::pack("replay-other", &[("oncall.cedar", "30m", "20m")]);
    let ran = replay(&[NIGHT, "--bundles", &changed, "--json"]);
    assert_eq!((ran.code, ran.error().as_str()), (65, "unknown_bundle"));
    let none = folder("replay-none").display().to_string();
    let ran = replay(&[NIGHT, "--bundles", &none, "--json"]);
    assert_eq!((ran.code, ran.error().as_str()), (65, "no_packs"));
    assert_eq!(replay(&[NIGHT]).code, 64);
    assert_eq!(replay(&[NIGHT, "--bundles", "tests/packs/small", "--bundle", "tests/packs/small"]).code, 64);
    let both = folder("replay-both");
    std::fs::rename(&changed, both.join("other")).unwrap();
    std::fs::rename(crate::pack("replay-same", &[]), both.join("same")).unwrap();
    assert_eq!(replay(&[NIGHT, "--bundles", &both.display().to_string()]).code, 0, "a folder of packs");
}

#[test]
fn another_pack_is_held_to_history() {
    let same = replay(&[NIGHT, "--bundle", "tests/packs/small"]);
    assert!(same.code == 0 && same.out.contains("nothing would have been different"), "{same:?}");
    let stricter = crate::pack(
        "would",
        &[
            ("oncall.cedar", "@ttl(\"30m\")", "@ttl(\"10m\")"),
            ("oncall.cedar", "@quorum(\"eng=1, sec=1\")\n@ext", "@quorum(\"eng=2, sec=1\")\n@ext"),
            ("oncall.cedar", "@extension_quorum(\"eng=1, sec=1\")", "@extension_quorum(\"eng=2, sec=1\")"),
        ],
    );
    let ran = replay(&[NIGHT, "--bundle", &stricter]);
    assert_eq!(ran.code, 0, "{ran:?}");
    for part in [
        "would have ended sooner",
        "would have asked for more seats",
        "-20m",
        "2 → 3",
        "submit: restart on pay-db",
    ] {
        assert!(ran.out.contains(part), "{part}\n{}", ran.out);
    }
    let json = replay(&[NIGHT, "--bundle", &stricter, "--json"]).json();
    assert!(json["shorter"].as_u64() > Some(0) && json["larger_quorum"].as_u64() > Some(0), "{json}");
    let refuses =
        crate::pack("refuses", &[("oncall.cedar", "context.shift.covers", "!context.shift.covers")]);
    let json = replay(&[NIGHT, "--bundle", &refuses, "--json"]).json();
    assert!(json["refused"].as_u64() > Some(0), "{json}");
    let row = &json["changed"][0];
    assert_eq!(
        (&row["was"], &row["would"], &row["rule"]),
        (&json!("permit"), &json!("deny"), &json!("oncall"))
    );
}

/// A key in a folder of its own: its file and its verifier key.
fn key(dir: &Path, name: &str) -> (String, String) {
    let file = dir.join(name.replace('/', "-")).display().to_string();
    let ran = glasskey(&["key", name, &file, "--new"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    (file, ran.out.trim_end().to_owned())
}

#[test]
fn keys_are_made_once_and_read_again() {
    let dir = folder("keys");
    let (file, public) = key(&dir, "example.com/night");
    assert!(public.starts_with("example.com/night+"), "{public}");
    assert_eq!(glasskey(&["key", "example.com/night", &file]).out.trim_end(), public);
    let again = glasskey(&["key", "example.com/night", &file, "--new", "--json"]);
    assert_eq!((again.code, again.error().as_str()), (66, "unwritable_file"), "no key is overwritten");
    assert!(std::fs::read_to_string(&file).unwrap().starts_with("-----BEGIN PRIVATE KEY-----\n"));
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(&file).unwrap()) & 0o777, 0o600);
    let bad = glasskey(&["key", "two words", &file, "--json"]);
    assert_eq!((bad.code, bad.error().as_str()), (65, "bad_key"));
    let bad = glasskey(&["key", "x", SCENARIO, "--json"]);
    assert_eq!((bad.code, bad.error().as_str()), (65, "bad_private_key"));
    // As `openssl genpkey -algorithm ed25519` writes it; this one is from RFC 8410, section 10.3.
    let pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
    let openssl = write(&dir, "openssl.pem", pem);
    let read = glasskey(&["key", "example.com/x", &openssl]);
    assert!(read.code == 0 && read.out.starts_with("example.com/x+"), "{read:?}");
}

#[test]
fn a_checkpoint_finds_what_was_signed_anew() {
    let dir = folder("checkpoints");
    let (file, public) = key(&dir, "example.com/night");
    let ran = glasskey(&["ledger", "checkpoint", NIGHT, "--sign", &file]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let note = write(&dir, "kept.note", &ran.out);
    let held =
        |ledger: &str| glasskey(&["ledger", "verify", ledger, "--checkpoint", &note, "--key", &public]);
    assert!(held(NIGHT).out.contains("checkpoints  1 agrees"));
    let rewritten =
        write(&dir, "rewritten.jsonl", forged("\"decision\":\"deny\"", "\"decision\":\"permit\""));
    let found = held(&rewritten);
    assert!(found.code == 1 && found.out.contains("checkpoint_mismatch"), "{found:?}");
    let text: String = night().lines().take(40).map(|l| format!("{l}\n")).collect();
    let short = held(&write(&dir, "short.jsonl", text));
    assert!(short.code == 1 && short.out.contains("ledger_truncated"), "{short:?}");
    // The signer refuses to contradict what it signed before.
    let twice = glasskey(&[
        "ledger",
        "checkpoint",
        &rewritten,
        "--sign",
        &file,
        "--checkpoint",
        &note,
        "--key",
        &public,
        "--json",
    ]);
    assert_eq!((twice.code, twice.error().as_str()), (1, "checkpoint_mismatch"));
    let (_, stranger) = key(&dir, "example.com/other");
    let unknown = glasskey(&["ledger", "verify", NIGHT, "--checkpoint", &note, "--key", &stranger, "--json"]);
    assert_eq!((unknown.code, unknown.error().as_str()), (65, "unknown_signer"));
    let report = report(&["--checkpoint", &note, "--key", &public]);
    assert!(report.out.contains("It agrees with 1 signed checkpoint."), "{}", report.out);
    let empty = write(&dir, "empty.jsonl", "");
    let ran = glasskey(&["ledger", "checkpoint", &empty, "--sign", &file, "--json"]);
    assert_eq!((ran.code, ran.error().as_str()), (65, "empty_ledger"));
}

#[test]
fn one_entry_is_proved_to_somebody_without_the_ledger() {
    let dir = folder("proofs");
    let (file, public) = key(&dir, "example.com/night");
    let note = write(&dir, "x.note", glasskey(&["ledger", "checkpoint", NIGHT, "--sign", &file]).out);
    for entry in ["0", "12", "80"] {
        let proof = glasskey(&["ledger", "prove", NIGHT, entry, "--checkpoint", &note, "--key", &public]);
        assert_eq!(proof.code, 0, "{proof:?}");
        let path = write(&dir, "x.tlog-proof", &proof.out);
        let ran = glasskey(&["ledger", "verify-proof", &path, "--key", &public]);
        assert!(
            ran.code == 0 && ran.out.contains(&format!("PROVED  entry {entry} of example.com/night")),
            "{ran:?}"
        );
        let json = glasskey(&["ledger", "verify-proof", &path, "--key", &public, "--json"]).json();
        assert_eq!(json["entry"]["seq"].to_string(), entry);
        // The entry of another place, in a file of its own.
        let other = write(&dir, "other.json", night().lines().nth(5).unwrap());
        let ran = glasskey(&["ledger", "verify-proof", &path, "--entry", &other, "--key", &public, "--json"]);
        assert_eq!((ran.code, ran.error().as_str()), (1, "proof_fails"));
        let bare: String =
            proof.out.lines().filter(|l| !l.starts_with("extra ")).map(|l| format!("{l}\n")).collect();
        let bare = write(&dir, "bare.tlog-proof", bare);
        let ran = glasskey(&["ledger", "verify-proof", &bare, "--key", &public, "--json"]);
        assert_eq!((ran.code, ran.error().as_str()), (65, "no_entry"));
    }
    let beyond =
        glasskey(&["ledger", "prove", NIGHT, "81", "--checkpoint", &note, "--key", &public, "--json"]);
    assert_eq!((beyond.code, beyond.error().as_str()), (65, "no_such_entry"));
}

#[test]
fn a_pack_is_signed_and_any_change_of_it_found() {
    let dir = folder("signed");
    let pack = crate::pack("signed-pack", &[]);
    let (file, public) = key(&dir, "example.com/policies");
    let (second, other) = key(&dir, "example.com/security");
    let verify = |key: &str| glasskey(&["bundle", "verify", &pack, "--key", key, "--json"]);
    assert_eq!((verify(&public).code, verify(&public).error().as_str()), (1, "unsigned"));
    let sign = |key: &str, name: &str| glasskey(&["bundle", "sign", &pack, "--sign", key, "--name", name]);
    let ran = sign(&file, "example.com/policies");
    assert!(ran.code == 0 && ran.out.contains("signed small 1, 4 files"), "{ran:?}");
    let label: Vec<&str> = public.splitn(3, '+').take(2).collect();
    let label = label.join("+");
    assert_eq!(verify(&public).json()["signed_by"], json!([label]));
    assert_eq!((verify(&other).code, verify(&other).error().as_str()), (1, "unknown_signer"));
    assert_eq!(sign(&second, "example.com/security").code, 0);
    assert!(verify(&public).code == 0 && verify(&other).code == 0, "both signatures are kept");
    let text = glasskey(&["bundle", "verify", &pack, "--key", &public, "--key", &other]).out;
    assert!(text.starts_with("SIGNED  small 1\n  by example.com/policies+"), "{text}");
    assert_eq!(
        glasskey(&["check", &pack]).code,
        0,
        "the signature lies in the pack and is none of its files"
    );
    let policies = Path::new(&pack).join("oncall.cedar");
    let before = std::fs::read_to_string(&policies).unwrap();
    std::fs::write(&policies, before.replace("@max_ttl(\"1h\")", "@max_ttl(\"9h\")")).unwrap();
    let ran = verify(&public);
    assert_eq!((ran.code, ran.error().as_str()), (1, "subject_mismatch"));
    assert!(ran.out.contains("`oncall.cedar` is not the file that was signed"), "{}", ran.out);
    assert_eq!(sign(&file, "example.com/policies").code, 0);
    assert_eq!(
        (verify(&public).code, verify(&other).code),
        (0, 1),
        "who signed the old files does not vouch for the new"
    );
}
