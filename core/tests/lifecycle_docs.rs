//! docs/LIFECYCLE.md shows what the code does: its tables are made from the code, its examples
//! are read by it.

mod lifecycle_world;

use glasskey::Command;
use glasskey::lifecycle::{
    ACTS, Cause, EFFECTS, Effect, Flag, GrantMove, GrantPhase, RequestMove, RequestPhase,
};
use lifecycle_world::tables::{EXTENSION, GRANT_PEOPLE, GRANT_POINTS, REQUEST, rows};
use lifecycle_world::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

const MEND: &str = "GLASSKEY_WRITE_DOCS=1 cargo test -p glasskey --test lifecycle_docs";

fn page() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/LIFECYCLE.md")
}

fn table(head: &[String], lines: &[Vec<String>]) -> String {
    let row = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let rule = vec!["---".to_owned(); head.len()];
    [row(head), row(&rule)].into_iter().chain(lines.iter().map(|l| row(l))).collect()
}

fn words(of: &[&str]) -> Vec<String> {
    of.iter().map(|w| (*w).to_owned()).collect()
}

/// The table of moves: one line for each phase, one column for each move.
fn moves<P: Copy, M: Copy>(
    phases: &[P],
    moves: &[M],
    phase: fn(P) -> &'static str,
    name: fn(M) -> &'static str,
    after: fn(P, M) -> Option<P>,
) -> String {
    let head: Vec<String> =
        std::iter::once(String::new()).chain(moves.iter().map(|m| format!("`{}`", name(*m)))).collect();
    let line = |p: &P| {
        let cell = |m: &M| after(*p, *m).map_or("·".to_owned(), |to| phase(to).to_owned());
        std::iter::once(format!("**{}**", phase(*p))).chain(moves.iter().map(cell)).collect()
    };
    table(&head, &phases.iter().map(line).collect::<Vec<_>>())
}

fn diagram<P: Copy, M: Copy>(
    begins: &[(&str, &str)],
    phases: &[P],
    moves: &[M],
    phase: fn(P) -> &'static str,
    name: fn(M) -> &'static str,
    after: fn(P, M) -> Option<P>,
) -> String {
    let mut out = "```mermaid\nstateDiagram-v2\n".to_owned();
    for (to, by) in begins {
        writeln!(out, "    [*] --> {to}: {by}").unwrap();
    }
    for p in phases {
        let mut by_target: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for m in moves {
            if let Some(to) = after(*p, *m) {
                by_target.entry(phase(to)).or_default().push(name(*m));
            }
        }
        for (to, by) in &by_target {
            writeln!(out, "    {} --> {to}: {}", phase(*p), by.join(", ")).unwrap();
        }
        if by_target.is_empty() {
            writeln!(out, "    {} --> [*]", phase(*p)).unwrap();
        }
    }
    out + "```\n"
}

fn commands(table_text: &'static str) -> String {
    let lines = rows(table_text);
    let head: Vec<String> =
        std::iter::once(String::new()).chain(lines[0].1.iter().map(|(act, _)| format!("`{act}`"))).collect();
    let cell = |state: &str, text: &str| match text.split_once('@') {
        Some((code, _)) => format!("`{code}`"),
        None if text.starts_with('!') => format!("error `{}`", &text[1..]),
        None if text == state => "stays".to_owned(),
        None => format!("→ {text}"),
    };
    let line = |(state, cells): &(&str, Vec<(&str, &str)>)| {
        std::iter::once(format!("**{state}**"))
            .chain(cells.iter().map(|(_, text)| cell(state, text)))
            .collect()
    };
    table(&head, &lines.iter().map(line).collect::<Vec<_>>())
}

fn described<T: Copy>(all: &[T], name: fn(T) -> &'static str, describe: fn(T) -> &'static str) -> String {
    let line = |t: &T| vec![format!("`{}`", name(*t)), describe(*t).trim().to_owned()];
    table(&words(&["", ""]), &all.iter().map(line).collect::<Vec<_>>())
}

/// One command of each act, about nothing that exists: the order does not ask.
fn sample(act: &str) -> Value {
    let body = match act {
        "observe" | "tick" => json!({}),
        "submit" => json!({"request": ask("asha", "look", "pay-db", &[])}),
        "approve" | "deny" => json!({"request": "r", "by": "a"}),
        "withdraw" | "activate" => json!({"request": "r"}),
        "issued" => json!({"grant": "g", "points": ["vault"]}),
        "issue_failed" | "extend" => json!({"grant": "g"}),
        "use" => json!({"grant": "g", "action": "Ops::Action::\"look\"", "resource": system_uid("pay-db")}),
        "revoke" | "reconcile" => json!({"grant": "g", "by": "a"}),
        "revoked" => json!({"grant": "g", "point": "vault"}),
        "complete" => json!({"grant": "g", "outcome": "done"}),
        "report" => json!({"grant": "g", "finding": "leak"}),
        "review" => json!({"grant": "g", "by": "a", "verdict": "accepted", "classification": "drill"}),
        other => panic!("{other}"),
    };
    let mut out = json!({});
    out[act] = body;
    out
}

/// The order of one instant, as the lifecycle sorts: acts that change places when their ids do
/// stand on one step.
fn races() -> String {
    let lock = json!({"observe": {"locks": [{"target": "*"}]}});
    let mut named: Vec<(String, Value)> = ACTS.iter().map(|a| ((*a).to_owned(), sample(a))).collect();
    named.push(("observe (a lock)".to_owned(), lock));
    let order = |ids: &dyn Fn(usize) -> usize| -> Vec<String> {
        let commands: Vec<Command> = named
            .iter()
            .enumerate()
            .map(|(i, (_, act))| {
                let mut act = act.clone();
                act["command_id"] = json!(format!("{:03}", ids(i)));
                Command::from_value(act).unwrap()
            })
            .collect();
        let name = |id: &str| {
            let i = (0..named.len()).find(|i| format!("{:03}", ids(*i)) == id).unwrap();
            named[i].0.clone()
        };
        let mut life = World::new().life;
        life.apply_all(&commands, at("02:00:00")).iter().map(|(id, _)| name(id)).collect()
    };
    let (up, down) = (order(&|i| i), order(&|i| 500 - i));
    let place = |list: &[String], name: &str| list.iter().position(|n| n == name).unwrap();
    let mut steps: Vec<Vec<String>> = Vec::new();
    for name in &up {
        let tied = steps
            .last()
            .is_some_and(|step| step.iter().any(|other| place(&down, other) > place(&down, name)));
        match steps.last_mut() {
            Some(step) if tied => step.push(name.clone()),
            _ => steps.push(vec![name.clone()]),
        }
    }
    steps
        .iter()
        .enumerate()
        .map(|(i, step)| {
            format!("{}. {}\n", i + 1, step.iter().map(|s| format!("`{s}`")).collect::<Vec<_>>().join(", "))
        })
        .collect()
}

/// One effect of each kind, as it really comes out.
fn effects() -> String {
    let mut seen: BTreeMap<&'static str, Effect> = BTreeMap::new();
    let mut w = World::new();
    let look = |incident: &str| ask("asha", "look", "pay-db", &[incident]);
    w.granted("02:00:00", look("INC-1"), &[], &["vault"]);
    w.granted("02:00:00", look("INC-2"), &[], &["vault"]);
    w.incident("02:01:00", json!({"id": "INC-1", "status": "closed"}));
    w.incident("02:02:00", json!({"id": "INC-2", "status": "closed"}));
    w.tick("02:30:00");
    w.granted("03:00:00", ask("asha", "checkout", "root@legacy", &[]), &[], &["broker"]);
    let request = w.asked("03:00:00", ask("asha", "mint", "cloud", &[]));
    let grant = w.activate("03:00:00", &request).grant.clone().unwrap();
    let issued = |until: &str| json!({"issued": {"grant": grant, "points": ["sts"], "expires_at": t(until)}});
    w.act("03:00:01", issued("04:00:00"));
    w.act("03:00:02", issued("03:10:00"));
    w.revoke("03:05:00", &grant, "asha");
    let drop = with(ask("eve", "drop", "pay-db", &[]), "emergency", json!(true));
    let request = w.asked("03:10:00", drop);
    w.approve("03:10:00", &request, "cal");
    let grant = w.activate("03:10:00", &request).grant.clone().unwrap();
    w.issued("03:10:00", &grant, &["vault"]);
    w.uses("03:11:00", &grant, "drop", "pay-db");
    w.tick("03:30:00");
    for effect in w.records.iter().flat_map(|r| &r.effects) {
        seen.entry(effect.what.name()).or_insert_with(|| effect.clone());
    }
    assert_eq!(seen.keys().copied().collect::<BTreeSet<_>>(), BTreeSet::from(EFFECTS), "one of each");
    let mut out = "```jsonc\n".to_owned();
    for name in EFFECTS {
        writeln!(out, "{}", serde_json::to_string(&seen[name]).unwrap()).unwrap();
    }
    out + "```\n"
}

fn sections() -> BTreeMap<&'static str, String> {
    let begins =
        [("pending", "submit"), ("approved", "submit"), ("scheduled", "submit"), ("refused", "submit")];
    BTreeMap::from([
        (
            "request-diagram",
            diagram(
                &begins,
                RequestPhase::ALL,
                RequestMove::ALL,
                RequestPhase::as_str,
                RequestMove::as_str,
                RequestPhase::after,
            ),
        ),
        (
            "request-moves",
            moves(
                RequestPhase::ALL,
                RequestMove::ALL,
                RequestPhase::as_str,
                RequestMove::as_str,
                RequestPhase::after,
            ),
        ),
        (
            "grant-diagram",
            diagram(
                &[("issuing", "activate")],
                GrantPhase::ALL,
                GrantMove::ALL,
                GrantPhase::as_str,
                GrantMove::as_str,
                GrantPhase::after,
            ),
        ),
        (
            "grant-moves",
            moves(GrantPhase::ALL, GrantMove::ALL, GrantPhase::as_str, GrantMove::as_str, GrantPhase::after),
        ),
        ("request-phases", described(RequestPhase::ALL, RequestPhase::as_str, RequestPhase::describe)),
        ("grant-phases", described(GrantPhase::ALL, GrantPhase::as_str, GrantPhase::describe)),
        ("request-commands", commands(REQUEST)),
        ("extension-commands", commands(EXTENSION)),
        ("grant-commands", format!("{}\n{}", commands(GRANT_POINTS), commands(GRANT_PEOPLE))),
        ("causes", described(Cause::ALL, Cause::as_str, Cause::describe)),
        ("flags", described(Flag::ALL, Flag::as_str, Flag::describe)),
        ("races", races()),
        ("effects", effects()),
    ])
}

/// The page with every generated section put in anew.
fn renewed(text: &str) -> String {
    let sections = sections();
    let mut out = String::new();
    let mut used = BTreeSet::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        writeln!(out, "{line}").unwrap();
        let Some(name) = line.strip_prefix("<!-- from the code: ").and_then(|l| l.strip_suffix(" -->"))
        else {
            continue;
        };
        let section = sections.get(name).unwrap_or_else(|| panic!("no section is named `{name}`"));
        assert!(used.insert(name.to_owned()), "`{name}` stands twice");
        write!(out, "{section}").unwrap();
        let end = lines.find(|l| *l == "<!-- end -->");
        writeln!(out, "{}", end.unwrap_or_else(|| panic!("`{name}` has no end"))).unwrap();
    }
    let all: BTreeSet<String> = sections.keys().map(|n| (*n).to_owned()).collect();
    assert_eq!(used, all, "every section has its place");
    out
}

#[test]
fn the_page_shows_what_the_code_does() {
    let text = std::fs::read_to_string(page()).unwrap();
    let fresh = renewed(&text);
    if std::env::var_os("GLASSKEY_WRITE_DOCS").is_some() {
        std::fs::write(page(), &fresh).unwrap();
    } else {
        let differs = text.lines().zip(fresh.lines()).position(|(a, b)| a != b);
        assert!(
            text == fresh,
            "docs/LIFECYCLE.md differs from line {:?} on; to mend: {MEND}",
            differs.map(|n| n + 1)
        );
    }
}

/// Every command has an example, and every example is a command.
#[test]
fn every_example_of_a_command_is_read() {
    let text = std::fs::read_to_string(page()).unwrap();
    let mut shown = BTreeSet::new();
    let start = text.find("## Commands").unwrap();
    let end = text[start..].find("\n## Effects").map(|i| start + i).unwrap();
    for block in text[start..end].split("```json\n").skip(1) {
        let block = block.split("```").next().unwrap();
        for line in block.lines().filter(|l| !l.trim().is_empty()) {
            let command = Command::from_json(line.as_bytes()).unwrap_or_else(|e| panic!("{e:?}\n{line}"));
            shown.insert(command.act.name());
        }
    }
    assert_eq!(shown, BTreeSet::from(ACTS));
}
