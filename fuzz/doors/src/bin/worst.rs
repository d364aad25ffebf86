//! The worst inputs of each kind, in three sizes, each twice the one before: `worst` lists the kinds,
//! `worst KIND SIZE` takes one in. `cargo xtask worst` counts the instructions of that.

#[path = "../../../../core/tests/common/mod.rs"]
mod common;
#[path = "../../../../core/tests/lifecycle_world/mod.rs"]
mod lifecycle_world;

use glasskey::facts::FactsDocument;
use glasskey::ledger::{Kind, Ledger, Verifier, read_records};
use glasskey::{Bundle, Command, Facts, Instant, Lifecycle, Request, Sources, canonical, decide};
use serde_json::{Value, json};
use std::fmt::Write as _;

type Work = Box<dyn FnOnce()>;
type KindOf = (&'static str, [usize; 3], fn(usize) -> Work);

/// A kind of input, its sizes, and what is counted once the input is made.
const KINDS: &[KindOf] = &[
    ("json: elements of a list", [4_000, 8_000, 16_000], |n| text(format!("[{}0]", "7,".repeat(n)))),
    ("json: members of an object", [1_000, 2_000, 4_000], |n| {
        text(Value::Object((0..n).map(|i| (format!("m{i}"), json!(i))).collect()).to_string())
    }),
    ("json: depth", [16, 32, 64], |n| text(format!("{}{}", "[".repeat(n), "]".repeat(n)))),
    ("json: bytes of a string", [16_000, 32_000, 64_000], |n| text(json!("\n".repeat(n / 2)).to_string())),
    ("request: pairs of the scope", [16, 32, 64], |n| {
        let pair = |i| json!({"action": "Ops::Action::\"restart\"", "resource": format!("Glasskey::System::\"s{i}\"")});
        asked("scope", (0..n).map(pair).collect())
    }),
    ("request: supports", [4, 8, 16], |n| {
        asked("supports", (0..n).map(|i| json!({"incident": format!("I{i}")})).collect())
    }),
    ("request: hops of delegation", [2, 4, 8], |n| {
        asked("via", (0..n).map(|i| json!(uid(&format!("p{i}")))).collect())
    }),
    ("request: approvals", [16, 32, 64], |n| {
        let approval = |i| json!({"by": uid(&format!("p{i}")), "at": "2026-03-01T02:05:01Z"});
        asked("approvals", (0..n).map(approval).collect())
    }),
    ("quorum: seats, everybody in each", [4, 8, 16], |n| seats(n, n)),
    ("quorum: approvals for sixteen seats", [16, 32, 64], |n| seats(16, n)),
    ("quorum: candidates", [500, 1_000, 2_000], candidates),
    ("bundle: policies", [50, 100, 200], |n| {
        let policy = |i| {
            format!(
                "@id(\"f{i}\") forbid (principal, action, resource) when {{ context.channel == \"c{i}\" }};\n"
            )
        };
        compiled((0..n).map(policy).collect())
    }),
    ("bundle: depth of a condition", [16, 32, 62], |n| {
        compiled(format!(
            "@id(\"f\") forbid (principal, action, resource) when {{{}true{}}};",
            "(".repeat(n),
            ")".repeat(n)
        ))
    }),
    ("bundle: length of a condition", [250, 500, 1_000], |n| {
        let all = vec!["context.emergency"; n].join(" && ");
        compiled(format!(
            "@id(\"f\") forbid (principal, action, resource is Glasskey::System) when {{ {all} }};"
        ))
    }),
    ("bundle: faults", [50, 100, 200], |n| {
        let policy = |i| format!("@id(\"f{i}\") @max_tll(\"1h\") forbid (principal, action, resource);\n");
        faulty((0..n).map(policy).collect())
    }),
    ("facts: entities", [500, 1_000, 2_000], |n| {
        loaded(|d| d["entities"] = (0..n).map(|i| common::person(&format!("p{i}"), &["eng"])).collect())
    }),
    ("facts: parents of one entity", [250, 500, 1_000], |n| {
        loaded(move |d| {
            let groups: Vec<String> = (0..n).map(|i| format!("g{i}")).collect();
            let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
            d["entities"] = json!([common::person("p", &groups)]);
        })
    }),
    ("facts: incidents", [500, 1_000, 2_000], |n| {
        loaded(|d| d["incidents"] = (0..n).map(|i| json!({"id": format!("I{i}")})).collect())
    }),
    ("facts: resources of one incident", [1_000, 2_000, 4_000], |n| {
        loaded(|d| {
            d["incidents"] =
                json!([{"id": "I", "resources": (0..n).map(|i| uid(&format!("r{i}"))).collect::<Vec<_>>()}])
        })
    }),
    ("facts: signals taken away", [250, 500, 1_000], taken_away),
    ("facts: aliases", [500, 1_000, 2_000], |n| {
        loaded(|d| {
            d["aliases"] = Value::Object((0..n).map(|i| (format!("a{i}"), json!(uid("asha")))).collect())
        })
    }),
    ("lifecycle: grants that an incident's close ends", [25, 50, 100], closes),
    ("lifecycle: points of one grant", [64, 128, 256], points),
    ("ledger: entries", [250, 500, 1_000], |n| {
        let ledger = written(n, 1);
        Box::new(move || assert!(verified(&ledger)))
    }),
    ("ledger: bytes of one entry", [16_000, 32_000, 64_000], |n| {
        let ledger = written(1, n);
        Box::new(move || assert!(verified(&ledger)))
    }),
];

fn now() -> Instant {
    common::at(common::NOW)
}

fn uid(id: &str) -> String {
    format!("Glasskey::Person::\"{id}\"")
}

fn text(text: String) -> Work {
    Box::new(move || drop(canonical::to_text(&canonical::parse(text.as_bytes()).unwrap())))
}

fn asked(member: &str, value: Vec<Value>) -> Work {
    let (bundle, facts) = (common::bundle(), common::facts_of(&common::bundle(), &common::world()));
    let mut ask = common::ask("asha", "restart", "pay-db");
    ask["emergency"] = json!(true);
    ask[member] = json!(value);
    let ask = ask.to_string();
    Box::new(move || {
        let request = Request::from_json(ask.as_bytes()).unwrap();
        _ = decide(&bundle, &facts, &request, now());
    })
}

fn pack(policies: &str) -> Sources {
    let files = Sources::new().with("bundle.toml", common::MANIFEST).with("a.cedarschema", common::SCHEMA);
    files.with("a.cedar", common::POLICIES).with("b.cedar", policies)
}

fn compiled(policies: String) -> Work {
    Box::new(move || drop(Bundle::compile(&pack(&policies)).unwrap()))
}

fn faulty(policies: String) -> Work {
    Box::new(move || drop(Bundle::compile(&pack(&policies)).unwrap_err().report()))
}

fn crowd(people: usize, groups: &[&str]) -> Value {
    let mut world = common::world();
    let more = (0..people).map(|i| common::person(&format!("p{i:04}"), groups));
    world["entities"].as_array_mut().unwrap().extend(more);
    world
}

/// Everybody approved, and may sit everywhere.
fn seats(seats: usize, n: usize) -> Work {
    let policies = common::POLICIES.replace("eng=1, sec=1", &format!("eng={}, sec={}", seats / 2, seats / 2));
    let files = Sources::new().with("bundle.toml", common::MANIFEST).with("a.cedarschema", common::SCHEMA);
    let bundle = Bundle::compile(&files.with("a.cedar", policies)).unwrap();
    let facts = common::facts_of(&bundle, &crowd(n, &["eng", "sec"]));
    let mut ask = common::ask("asha", "drop", "core-db");
    ask["emergency"] = json!(true);
    let digest = decide(&bundle, &facts, &common::request(ask.clone()), now()).ask.unwrap();
    let approval =
        |i| json!({"by": uid(&format!("p{i:04}")), "at": "2026-03-01T02:05:01Z", "ask": digest.to_string()});
    ask["approvals"] = (0..n).map(approval).collect();
    let request = common::request(ask);
    Box::new(move || drop(decide(&bundle, &facts, &request, now())))
}

fn candidates(n: usize) -> Work {
    let bundle = common::bundle();
    let facts = common::facts_of(&bundle, &crowd(n, &["eng", "sec"]));
    let mut ask = common::ask("asha", "drop", "core-db");
    ask["emergency"] = json!(true);
    let request = common::request(ask);
    Box::new(move || drop(decide(&bundle, &facts, &request, now())))
}

fn loaded(fill: impl FnOnce(&mut Value)) -> Work {
    let bundle = common::bundle();
    let mut document = json!({"observed_at": common::NOW});
    fill(&mut document);
    let text = document.to_string();
    Box::new(move || drop(Facts::from_json(&bundle, text.as_bytes()).unwrap()))
}

fn taken_away(n: usize) -> Work {
    let bundle = common::bundle();
    let signals: Vec<Value> = (0..n).map(|i| json!({"name": format!("s{i}"), "state": "up"})).collect();
    let facts = common::facts_of(&bundle, &json!({"observed_at": common::NOW, "signals": signals}));
    let names: Vec<String> = (0..n).map(|i| format!("s{i}")).collect();
    let change =
        FactsDocument::from_json(json!({"remove": {"signals": names}}).to_string().as_bytes()).unwrap();
    Box::new(move || drop(facts.with(&bundle, change, now()).unwrap()))
}

fn did(life: &mut Lifecycle, id: &str, mut act: Value) -> std::sync::Arc<glasskey::Applied> {
    act["command_id"] = json!(id);
    let command = Command::from_value(act).unwrap();
    life.apply(&command, lifecycle_world::at("02:00:00")).unwrap()
}

/// A grant for each of so many people, all on one incident.
fn granted(n: usize) -> (Lifecycle, Vec<String>) {
    let mut world = lifecycle_world::world();
    let people = (0..n).map(|i| lifecycle_world::person(&format!("p{i}"), &[]));
    world["entities"].as_array_mut().unwrap().extend(people);
    let bundle = lifecycle_world::BUNDLE.clone();
    let facts = common::facts_of(&bundle, &world);
    let mut life = Lifecycle::new(bundle, facts);
    let grants = (0..n).map(|i| {
        let ask = lifecycle_world::ask(&format!("p{i}"), "look", "pay-db", &["INC-1"]);
        let request =
            did(&mut life, &format!("s{i}"), json!({"submit": {"request": ask}})).request.clone().unwrap();
        did(&mut life, &format!("a{i}"), json!({"activate": {"request": request}})).grant.clone().unwrap()
    });
    let grants: Vec<String> = grants.collect();
    for (i, grant) in grants.iter().enumerate() {
        did(&mut life, &format!("i{i}"), json!({"issued": {"grant": grant, "points": ["vault", "proxy"]}}));
    }
    (life, grants)
}

fn closes(n: usize) -> Work {
    let (mut life, _) = granted(n);
    let close = json!({"observe": {"incidents": [{"id": "INC-1", "epoch": 1, "status": "closed"}]}});
    Box::new(move || assert_eq!(did(&mut life, "close", close).ended.len(), n))
}

fn points(n: usize) -> Work {
    let (mut life, grants) = granted(1);
    let points: Vec<String> = (0..n).map(|i| format!("p{i}")).collect();
    did(&mut life, "more", json!({"issued": {"grant": grants[0], "points": points}}));
    let by = lifecycle_world::person_uid("cal");
    Box::new(move || {
        assert!(did(&mut life, "end", json!({"revoke": {"grant": grants[0], "by": by}})).effects.len() >= n)
    })
}

fn written(entries: usize, bytes: usize) -> String {
    let (mut ledger, first) = Ledger::begin("example.com/worst", now()).unwrap();
    let mut out = first.to_line() + "\n";
    for i in 0..entries {
        let body = json!({"i": i, "text": "x".repeat(bytes)});
        writeln!(out, "{}", ledger.append(Kind::USE, body, now()).unwrap().to_line()).unwrap();
    }
    out
}

fn verified(ledger: &str) -> bool {
    let mut verifier = Verifier::new();
    _ = verifier.feed(ledger.as_bytes());
    read_records(ledger.as_bytes(), |_| Ok(())).is_ok() && verifier.finish().is_intact()
}

/// What is counted.
#[inline(never)]
pub fn measured(work: Work) {
    work();
}

fn main() {
    let mut asked = std::env::args().skip(1);
    match (asked.next(), asked.next().and_then(|n| n.parse().ok())) {
        (Some(name), Some(size)) => {
            let (_, _, make) = KINDS.iter().find(|(kind, ..)| *kind == name).expect("a kind of this name");
            let work = make(size);
            measured(work);
        }
        _ => KINDS.iter().for_each(|(name, [a, b, c], _)| println!("{name}\t{a}\t{b}\t{c}")),
    }
}
