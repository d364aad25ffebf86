//! What the documentation shows is what the program prints.
//!
//! Every `console` block of the pages below is run, from the root of the repository. With
//! `GLASSKEY_BLESS=1` in the environment the pages are brought up to date instead.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

const PAGES: [&str; 7] = [
    "README.md",
    "docs/CLI.md",
    "docs/packs/ai-agent-remediation.md",
    "docs/packs/aws-on-call.md",
    "docs/packs/identity-failover.md",
    "docs/packs/kubernetes-breakglass.md",
    "docs/packs/regulated-dual-control.md",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The arguments of a shown command: `glasskey …`, or an alias of cargo that runs it.
fn arguments(shown: &str) -> Vec<String> {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    if let Some(rest) = shown.strip_prefix("glasskey ") {
        return words(rest);
    }
    let (alias, rest) = shown
        .strip_prefix("cargo ")
        .unwrap_or_else(|| panic!("what is `{shown}`?"))
        .split_once(' ')
        .unwrap_or((&shown[6..], ""));
    let config = std::fs::read_to_string(root().join(".cargo/config.toml")).unwrap();
    let line = config.lines().find_map(|l| l.strip_prefix(&format!("{alias} = \"run -q -p glasskey-cli --")));
    let whole = line.unwrap_or_else(|| panic!("no alias `{alias}`")).trim_end_matches('"');
    words(&format!("{whole} {rest}"))
}

/// What the program prints for a shown command, digests as `…`, which change with every policy.
fn printed(shown: &str) -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_glasskey"));
    let output = program.args(arguments(shown)).current_dir(root()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    let mut out = String::new();
    let mut digits = String::new();
    for c in text.chars().chain(std::iter::once('\n')) {
        if c.is_ascii_digit() || ('a'..='f').contains(&c) {
            digits.push(c);
            continue;
        }
        out.push_str(if digits.len() == 64 { "…" } else { &digits });
        digits.clear();
        out.push(c);
    }
    out.trim_end().to_owned()
}

/// Whether the printed lines are the shown ones; a shown `…` alone stands for any lines.
fn alike(shown: &[&str], printed: &[&str]) -> bool {
    match shown.split_first() {
        None => printed.is_empty(),
        Some((&"…", rest)) => (0..=printed.len()).any(|n| alike(rest, &printed[n..])),
        Some((first, rest)) => printed.first() == Some(first) && alike(rest, &printed[1..]),
    }
}

#[test]
fn every_command_in_the_documentation_prints_what_is_shown() {
    let bless = std::env::var_os("GLASSKEY_BLESS").is_some();
    let mut count = 0;
    for page in PAGES {
        let text = std::fs::read_to_string(root().join(page)).unwrap();
        let mut blessed = String::new();
        let mut parts = text.split("```console\n");
        blessed.push_str(parts.next().unwrap());
        for part in parts {
            let (block, after) = part.split_once("```").unwrap();
            let (command, shown) = block.split_once('\n').unwrap();
            let command =
                command.strip_prefix("$ ").unwrap_or_else(|| panic!("{page}: `{command}` is no command"));
            let printed = printed(command);
            count += 1;
            let (shown, lines): (Vec<&str>, Vec<&str>) =
                (shown.trim_end().lines().collect(), printed.lines().collect());
            let same = alike(&shown, &lines);
            assert!(
                same || bless,
                "{page} is not up to date for `{command}`; run this test with GLASSKEY_BLESS=1\n{printed}"
            );
            let kept = if same { shown.join("\n") } else { printed.clone() };
            write!(blessed, "```console\n$ {command}\n{kept}\n```{after}").unwrap();
        }
        if bless {
            std::fs::write(root().join(page), blessed).unwrap();
        }
    }
    assert!(count >= 8, "only {count} commands are shown");
}

#[test]
fn the_page_on_the_command_line_tells_every_code_and_every_step() {
    let text = std::fs::read_to_string(root().join("docs/CLI.md")).unwrap();
    for (code, meaning) in glasskey_cli::CODES {
        assert!(text.contains(&format!("| `{code}` | {meaning} |")), "| `{code}` | {meaning} |");
    }
    for kind in glasskey_cli::scenario::step::KINDS {
        assert!(
            text.contains(&format!("| `{}` | {} |", kind.name, kind.about)),
            "| `{}` | {} |",
            kind.name,
            kind.about
        );
    }
}
