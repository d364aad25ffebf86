//! The program, as a merge gate sees it: its exit codes.

use std::process::Command;

fn glasskey_prove(args: &[&str], solver: &str) -> (i32, String, String) {
    let starter = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/starter");
    let args = args.iter().map(|a| if *a == "STARTER" { starter } else { a });
    let out =
        Command::new(env!("CARGO_BIN_EXE_glasskey-prove")).args(args).env("CVC5", solver).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (out.status.code().unwrap(), text(out.stdout), text(out.stderr))
}

#[test]
fn without_a_solver_nothing_passes() {
    let (code, out, err) = glasskey_prove(&["STARTER"], "/nowhere/cvc5");
    assert_eq!(code, 69, "{out}{err}");
    assert!(err.contains("apt-get install cvc5") && !out.contains("proved"), "{out}{err}");
    assert_eq!(glasskey_prove(&["diff", "STARTER", "STARTER"], "/nowhere/cvc5").0, 69);
}

#[test]
fn a_solver_that_answers_nonsense_proves_nothing() {
    // `true` starts, says nothing and is gone.
    let (code, out, _) = glasskey_prove(&["STARTER", "--only", "tier-0-time"], "true");
    assert_ne!(code, 0, "{out}");
    assert!(!out.contains("proved  "), "{out}");
    // `yes` answers every question with `y`.
    let (code, out, _) = glasskey_prove(&["STARTER", "--only", "agents-are-short"], "yes");
    assert_eq!(code, 2, "{out}");
}

#[test]
fn a_property_is_proved_by_name_and_an_unknown_one_is_refused() {
    let (code, out, err) = glasskey_prove(&["STARTER", "--only", "agents-are-short"], "cvc5");
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("proved ") && out.contains("1 proved, 0 refuted, 0 not known"), "{out}");
    assert_eq!(glasskey_prove(&["STARTER", "--only", "nonsense"], "cvc5").0, 65);
    assert_eq!(glasskey_prove(&["--nonsense"], "cvc5").0, 64);
    assert_eq!(glasskey_prove(&["/nowhere"], "cvc5").0, 65);
}
