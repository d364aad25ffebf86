//! The commands that another program does.

use std::path::Path;
use std::process::{Command, Output};

/// A copy of the program in a folder of its own, where nothing stands beside it.
fn alone(name: &str) -> std::path::PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let program = folder.join("glasskey");
    std::fs::copy(env!("CARGO_BIN_EXE_glasskey"), &program).unwrap();
    program
}

fn run(program: &Path, args: &[&str], path: &Path) -> Output {
    Command::new(program).args(args).env("PATH", path).output().unwrap()
}

#[test]
fn without_the_prover_it_says_how_to_get_it_and_exits_with_69() {
    let program = alone("no-prover");
    for verb in ["prove", "diff", "lint", "coverage"] {
        let out = run(&program, &[verb, "policies/starter"], Path::new("/nowhere"));
        let err = String::from_utf8(out.stderr).unwrap();
        assert_eq!(out.status.code(), Some(69), "{err}");
        assert!(err.contains("no_prover") && err.contains("cargo install --path bindings/prove"), "{err}");
        assert!(out.stdout.is_empty());
    }
    let out = run(&program, &["--json", "prove", "x"], Path::new("/nowhere"));
    assert!(String::from_utf8(out.stdout).unwrap().contains("\"code\":\"no_prover\""));
}

#[cfg(unix)]
#[test]
fn the_prover_beside_it_gets_the_words_as_they_are_and_its_exit_code_counts() {
    use std::os::unix::fs::PermissionsExt;
    let program = alone("with-prover");
    let prover = program.with_file_name("glasskey-prove");
    std::fs::write(&prover, "#!/bin/sh\necho \"$@\"\nexit 2\n").unwrap();
    std::fs::set_permissions(&prover, std::fs::Permissions::from_mode(0o755)).unwrap();
    let out = run(&program, &["prove", "a pack", "--only", "x", "--help"], Path::new("/bin:/usr/bin"));
    assert_eq!(String::from_utf8(out.stdout).unwrap(), "prove a pack --only x --help\n");
    assert_eq!(out.status.code(), Some(2));
}
