//! Other engines on rules of the same kind, in the same run:
//! `cargo run --release --manifest-path benches/peers/Cargo.toml`.
//!
//! Each is fed in its own way, with its own kind of rules: the numbers tell the order of things,
//! and no more.

use casbin::{CoreApi as _, DefaultModel, Enforcer, MemoryAdapter, MgmtApi as _};
use cedar_policy::Authorizer;
use glasskey::{answer, decide};
use glasskey_benches::pam::{self, Size};
use glasskey_benches::{World, median};
use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Duration;

/// Permits for a group on a group of systems, under the clauses of [`pam::policies`].
fn rego(size: Size) -> String {
    let mut out = String::from("package pam\nimport rego.v1\ndefault allow := false\n");
    for nth in 0..size.policies {
        let (group, system) = scope(size, nth);
        let _ = writeln!(
            out,
            "allow if {{ \"g{group}\" in input.principal.groups; input.action == \"elevate\"; \"s{system}\" in input.resource.groups\n\
             input.incident.open; input.incident.severity <= {}; input.shift.covers; input.resource.tier >= {}\n\
             input.actor.depth < 3; input.channel in {{\"console\", \"slack\"}}; input.now < {}; input.ttl <= 28800000 }}",
            2 + nth % 4,
            nth % 2,
            1_893_456_000_000_u64 + 86_400_000 * (1 + nth as u64 % 20),
        );
    }
    out
}

fn scope(size: Size, nth: usize) -> (usize, usize) {
    if nth < size.candidates { (nth % 10, (nth / 2) % 10) } else { (10 + nth / 3, 10 + nth / 4) }
}

fn input() -> serde_json::Value {
    let groups = |letter: char| (0..10).map(|n| format!("{letter}{n}")).collect::<Vec<_>>();
    serde_json::json!({
        "principal": {"id": "asha", "groups": groups('g')}, "action": "elevate",
        "resource": {"id": "target", "groups": groups('s'), "tier": 1},
        "incident": {"open": true, "severity": 1}, "shift": {"covers": true}, "actor": {"depth": 0},
        "channel": "console", "now": 1_772_330_705_000_u64, "ttl": 3_600_000,
    })
}

fn regorus(size: Size) -> regorus::Engine {
    let mut engine = regorus::Engine::new();
    engine.add_policy("pam.rego".to_owned(), rego(size)).expect("rego");
    engine
}

const MODEL: &str = "
[request_definition]
r = sub, obj, act, severity
[policy_definition]
p = sub, obj, act, severity
[role_definition]
g = _, _
g2 = _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.act == p.act && r.severity <= p.severity && g(r.sub, p.sub) && g2(r.obj, p.obj)
";

/// Group, system, action and severity: casbin's matchers know no more of our clauses.
async fn casbin(size: Size) -> casbin::Result<Enforcer> {
    let mut enforcer = Enforcer::new(DefaultModel::from_str(MODEL).await?, MemoryAdapter::default()).await?;
    for nth in 0..size.policies {
        let (group, system) = scope(size, nth);
        let severity = (2 + nth % 4).to_string();
        enforcer
            .add_policy(vec![format!("g{group}"), format!("s{system}"), "elevate".to_owned(), severity])
            .await?;
    }
    for nth in 0..10 {
        let above = |letter: char, own: &str| {
            let from = if nth == 0 { own.to_owned() } else { format!("{letter}{}", nth - 1) };
            vec![from, format!("{letter}{nth}")]
        };
        enforcer.add_named_grouping_policy("g", above('g', "asha")).await?;
        enforcer.add_named_grouping_policy("g2", above('s', "target")).await?;
    }
    Ok(enforcer)
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    println!("{:>24} {:>12} {:>12} {:>12}", "", "5 policies", "100", "1,000");
    let mut rows: Vec<(&str, Vec<Duration>)> = Vec::new();
    let mut note = |name, time| match rows.iter_mut().find(|(known, _)| *known == name) {
        Some((_, times)) => times.push(time),
        None => rows.push((name, vec![time])),
    };
    for policies in [5, 100, 1_000] {
        let size = Size { policies, candidates: 5, entities: 100 };
        let World { bundle, facts, request, now, policies: set, entities, asked } =
            pam::world(size).expect("a world");
        let authorizer = Authorizer::new();
        note("glasskey, answer", median(1_000, || drop(black_box(answer(&bundle, &facts, &request, now)))));
        note("glasskey, evidence", median(1_000, || drop(black_box(decide(&bundle, &facts, &request, now)))));
        note(
            "cedar-policy",
            median(200, || drop(black_box(authorizer.is_authorized(&asked, &set, &entities)))),
        );
        let mut engine = regorus(size);
        let value = regorus::Value::from_json_str(&input().to_string()).expect("an input");
        let mut rego = || {
            engine.set_input(value.clone());
            engine.eval_rule("data.pam.allow".to_owned()).expect("a value")
        };
        assert_eq!(rego(), regorus::Value::Bool(true));
        note("regorus, interpreter", median(200, || drop(black_box(rego()))));
        let enforcer = runtime.block_on(casbin(size)).expect("an enforcer");
        // It stops at the first rule that matches, which here is the first of all.
        let first = || enforcer.enforce(("asha", "target", "elevate", "1")).expect("an answer");
        let none = || enforcer.enforce(("asha", "elsewhere", "elevate", "1")).expect("an answer");
        assert!(first() && !none());
        note(
            "casbin, the first rule",
            median(200, || {
                black_box(first());
            }),
        );
        note(
            "casbin, none of them",
            median(200, || {
                black_box(none());
            }),
        );
    }
    for (name, times) in rows {
        let shown: Vec<String> = times.iter().map(|t| format!("{:>12}", format!("{t:.1?}"))).collect();
        println!("{name:>24} {}", shown.join(" "));
    }
}
