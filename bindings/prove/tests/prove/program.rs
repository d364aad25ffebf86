//! The program, as a merge gate sees it: its exit codes.

use crate::common::Broken;
use crate::counterexamples::fresh;
use glasskey_cli::scenario::{Packs, run};
use std::process::Command;

pub fn glasskey_prove(args: &[&str], solver: &str) -> (i32, String, String) {
    let starter = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/starter");
    let args = args.iter().map(|a| if *a == "STARTER" { starter } else { a });
    let out =
        Command::new(env!("CARGO_BIN_EXE_glasskey-prove")).args(args).env("CVC5", solver).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (out.status.code().unwrap(), text(out.stdout), text(out.stderr))
}

#[test]
fn without_a_solver_nothing_passes() {
    let (code, out, err) = glasskey_prove(&["prove", "STARTER"], "/nowhere/cvc5");
    assert_eq!(code, 69, "{out}{err}");
    assert!(err.contains("apt-get install cvc5") && !out.contains("proved"), "{out}{err}");
    assert_eq!(glasskey_prove(&["diff", "STARTER", "STARTER"], "/nowhere/cvc5").0, 69);
}

#[test]
fn a_solver_that_answers_nonsense_proves_nothing() {
    // `true` starts, says nothing and is gone.
    let (code, out, _) = glasskey_prove(&["prove", "STARTER", "--only", "tier-0-time"], "true");
    assert_ne!(code, 0, "{out}");
    assert!(!out.contains("proved  "), "{out}");
    // `yes` answers every question with `y`.
    let (code, out, _) = glasskey_prove(&["prove", "STARTER", "--only", "agents-are-short"], "yes");
    assert_eq!(code, 2, "{out}");
}

#[test]
fn a_property_is_proved_by_name_and_an_unknown_one_is_refused() {
    let (code, out, err) = glasskey_prove(&["prove", "STARTER", "--only", "agents-are-short"], "cvc5");
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("proved ") && out.contains("1 proved, 0 refuted, 0 not known"), "{out}");
    assert_eq!(glasskey_prove(&["prove", "STARTER", "--only", "nonsense"], "cvc5").0, 65);
    assert_eq!(glasskey_prove(&["--nonsense"], "cvc5").0, 64);
    assert_eq!(glasskey_prove(&["prove", "/nowhere"], "cvc5").0, 66);
}

#[test]
fn a_property_whose_time_is_over_is_not_proved() {
    let (code, out, _) =
        glasskey_prove(&["prove", "STARTER", "--only", "agents-are-short", "--property-limit", "0"], "cvc5");
    assert_eq!(code, 2, "{out}");
    assert!(out.contains("unknown  agents-are-short") && out.contains("0 proved"), "{out}");
}

#[test]
fn what_was_proved_is_not_asked_again_until_something_changes() {
    let folder = fresh("cache");
    let (pack, cache) = (folder.join("pack"), folder.join("proofs"));
    let run = || {
        let (pack, cache) = (pack.to_str().unwrap(), cache.to_str().unwrap());
        let args = ["prove", pack, "--only", "agents-are-short", "--cache", cache];
        let (code, out, err) = glasskey_prove(&args, "cvc5");
        assert_eq!(code, 0, "{out}{err}");
        out.contains("proved before")
    };
    Broken::starter().write(&pack);
    assert!(!run() && run());
    Broken::starter()
        .with("@max_ttl(\"4h\")\n@quorum(\"owner=1\")", "@max_ttl(\"3h\")\n@quorum(\"owner=1\")")
        .write(&pack);
    assert!(!run(), "another bundle");
    Broken::starter().with("# ---- Machines ----", "# Machines").write(&pack);
    assert!(!run(), "another statement");
}

#[test]
fn what_is_refuted_is_never_kept() {
    let folder = fresh("never-kept");
    let pack = folder.join("pack");
    Broken::starter().without("agents-stay-short").write(&pack);
    let cache = folder.join("proofs");
    let args =
        ["prove", pack.to_str().unwrap(), "--only", "agents-are-short", "--cache", cache.to_str().unwrap()];
    for _ in 0..2 {
        let (code, out, _) = glasskey_prove(&args, "cvc5");
        assert_eq!(code, 1, "{out}");
    }
    assert!(!cache.exists());
}

#[test]
fn a_counterexample_is_written_down_and_fails() {
    let folder = fresh("written");
    let (pack, out) = (folder.join("packs/mine"), folder.join("found"));
    Broken::starter().without("agents-stay-short").write(&pack);
    let args = |out: &std::path::Path| {
        ["prove", pack.to_str().unwrap(), "--only", "agents-are-short", "--out", out.to_str().unwrap()]
            .map(str::to_owned)
    };
    let words = args(&out);
    let (code, text, err) = glasskey_prove(&words.each_ref().map(String::as_str), "cvc5");
    assert_eq!(code, 1, "{text}{err}");
    assert!(text.contains("glasskey test "), "{text}");
    let report = run(&out.join("agents-are-short/scenarios/counterexample.json"), &mut Packs::default());
    assert!(report.faults.is_empty() && !report.passed(), "{report:?}");
    let inside = args(&pack.join("found"));
    assert_eq!(glasskey_prove(&inside.each_ref().map(String::as_str), "cvc5").0, 66);
}
