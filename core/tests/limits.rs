//! Every limit, at its edge and one past it; and docs/LIMITS.md, made from the constants.

mod common;
mod lifecycle_world;

use common::{MANIFEST, POLICIES, SCHEMA};
use ed25519_dalek::{Signer as _, SigningKey};
use glasskey::bundle::Sources;
use glasskey::facts::FactsDocument;
use glasskey::ledger::{Kind, TlogProof};
use glasskey::limits::{self, TABLE};
use glasskey::model::Missing;
use glasskey::signing::{Envelope, KeyUse, Note, VerifierKey};
use glasskey::{Bundle, Code, Command, Error, Errors, Facts, Request, Uid, canonical, decide};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::LazyLock;

static BUNDLE: LazyLock<Bundle> = LazyLock::new(common::bundle);

/// What becomes of an input that has so many of what a limit counts.
type Door = fn(usize) -> Result<(), Error>;

/// How an input at the edge fares.
enum Edge {
    /// It is let in.
    In,
    /// It gets past the limit, and is stopped by the next fault: what is right in every other way
    /// would be too large for a test.
    Past(Code),
}
use Edge::{In, Past};

const DOORS: &[(&str, Edge, Door)] = &[
    ("JSON_BYTES_MAX", In, |n| canonical::parse(format!("{}0", " ".repeat(n - 1)).as_bytes()).map(drop)),
    ("JSON_DEPTH_MAX", In, |n| canonical::parse(nested(n).as_bytes()).map(drop)),
    ("STRING_BYTES_MAX", In, |n| canonical::parse(json!("x".repeat(n)).to_string().as_bytes()).map(drop)),
    ("STRING_BYTES_MAX", In, |n| {
        canonical::parse(json!({"x".repeat(n): 0}).to_string().as_bytes()).map(drop)
    }),
    // Pages that nobody writes to cost nothing.
    ("FACTS_BYTES_MAX", Past(Code::BadJson), |n| FactsDocument::from_json(&vec![0; n]).map(drop)),
    ("UID_BYTES_MAX", In, |n| Uid::parse(&format!("A::\"{}\"", "x".repeat(n - 5))).map(drop)),
    ("SCOPE_PAIRS_MAX", In, |n| ask("scope", vec![common::ask("a", "read", "x")["scope"][0].clone(); n])),
    ("SUPPORTS_MAX", In, |n| ask("supports", vec![json!({"incident": "I"}); n])),
    ("VIA_MAX", In, |n| ask("via", vec![json!("Glasskey::Person::\"a\""); n])),
    ("APPROVALS_MAX", In, |n| ask("approvals", vec![json!({"by": "ann", "at": "2026-03-01T02:05:00Z"}); n])),
    ("APPROVALS_MAX", In, approve_again_and_again),
    ("RECORDS_MAX", Past(Code::BadEntity), |n| facts(|d| d.entities = vec![Value::Null; n])),
    ("RECORDS_MAX", Past(Code::DuplicateId), |n| facts(|d| d.incidents = vec![shape(json!({"id": "I"})); n])),
    ("RECORDS_MAX", Past(Code::DuplicateId), |n| facts(|d| d.shifts = vec![shape(json!({"id": "S"})); n])),
    ("RECORDS_MAX", Past(Code::DuplicateId), |n| facts(|d| d.windows = vec![shape(json!({"id": "W"})); n])),
    ("RECORDS_MAX", Past(Code::DuplicateId), |n| facts(|d| d.tasks = vec![shape(json!({"id": "T"})); n])),
    ("RECORDS_MAX", In, |n| facts(|d| d.signals = vec![shape(json!({"name": "", "state": ""})); n])),
    ("RECORDS_MAX", In, |n| facts(|d| d.locks = vec![shape(json!({"target": "*"})); n])),
    ("RECORDS_MAX", In, |n| facts(|d| d.history = vec![shape(history()); n])),
    ("RECORDS_MAX", Past(Code::AliasConflict), |n| {
        let [one, two] = ["A::\"1\"", "A::\"2\""].map(|uid| Uid::parse(uid).unwrap());
        facts(|d| {
            d.aliases = (2..n).map(|i| (format!("{i}"), one.clone())).collect();
            d.aliases.extend([("X".to_owned(), one), ("x".to_owned(), two)]);
        })
    }),
    ("RECORD_MEMBERS_MAX", In, |n| incident("resources", n)),
    ("RECORD_MEMBERS_MAX", In, |n| incident("responders", n)),
    ("ANCESTORS_MAX", In, |n| {
        let above = |i: usize| if i < n { vec![format!("g{}", i + 1)] } else { Vec::new() };
        let group = |i: usize| {
            let parents: Vec<Value> =
                above(i).iter().map(|g| json!({"type": "Glasskey::Group", "id": g})).collect();
            json!({"uid": {"type": "Glasskey::Group", "id": format!("g{i}")}, "attrs": {}, "parents": parents})
        };
        facts(|d| d.entities = (0..=n).map(group).collect())
    }),
    ("BUNDLE_FILES_MAX", In, |n| {
        let names = (0..n - 3).map(|i| format!("{i}.cedar"));
        compile(names.fold(pack(POLICIES), |sources, name| sources.with(name, "")))
    }),
    ("BUNDLE_BYTES_MAX", Past(Code::NotText), |n| {
        let others: usize = pack(POLICIES).iter().map(|(_, content)| content.len()).sum();
        let mut content = vec![0; n - others];
        content[0] = 0xff;
        compile(pack(POLICIES).with("b.cedar", content))
    }),
    ("COMPILED_BYTES_MAX", Past(Code::BadCompiled), |n| Bundle::from_compiled(&vec![0; n]).map(drop)),
    ("EXTENDS_MAX", In, |n| compile(pile(n))),
    ("SOURCE_DEPTH_MAX", In, |n| {
        let condition = format!("{}true{}", "(".repeat(n - 1), ")".repeat(n - 1));
        compile(pack(&format!("@id(\"a\") forbid (principal, action, resource) when {{{condition}}};")))
    }),
    ("SOURCE_DEPTH_MAX", In, |n| {
        let inner = format!("{}Long{}", "Set<{a: ".repeat(n - 1), "}>".repeat(n - 1));
        compile(pack(POLICIES).with("b.cedarschema", format!("namespace B {{ type T = {inner}; }}")))
    }),
    ("ENTITY_HOPS_MAX", In, |n| {
        let condition = format!("resource{} == resource", ".next".repeat(n));
        let node = "namespace Ops { entity Node = {next: Node}; action go appliesTo {
            principal: [Glasskey::Person], resource: Node, context: Glasskey::Context }; }";
        let policy = format!(
            "@id(\"a\") forbid (principal, action == Ops::Action::\"go\", resource is Ops::Node) when {{{condition}}};"
        );
        compile(pack(POLICIES).with("b.cedarschema", node).with("b.cedar", policy))
    }),
    ("SEATS_MAX", In, |n| compile(pack(&POLICIES.replace("eng=1, sec=1", &format!("eng={n}"))))),
    ("SEATS_MAX", In, |n| compile(pack(&POLICIES.replace("eng=1, sec=1", &format!("eng={}, sec=1", n - 1))))),
    ("OBLIGATIONS_MAX", In, |n| {
        let all = (0..n).map(|i| format!("o_{i}")).collect::<Vec<_>>().join(", ");
        compile(pack(&POLICIES.replace("record_session", &all)))
    }),
    ("COMMAND_ID_BYTES_MAX", In, |n| {
        Command::from_value(json!({"command_id": "x".repeat(n), "tick": {}})).map(drop)
    }),
    ("POINTS_MAX", In, |n| {
        Command::from_value(json!({"command_id": "c", "issued": {"grant": "g", "points": vec!["p"; n]}}))
            .map(drop)
    }),
    ("POINTS_MAX", In, |n| {
        let failed = json!({"grant": "g", "points": vec!["p"; n]});
        Command::from_value(json!({"command_id": "c", "issue_failed": failed})).map(drop)
    }),
    ("GRANT_POINTS_MAX", In, |n| issue_at(n, "issued")),
    ("GRANT_POINTS_MAX", In, |n| issue_at(n, "issue_failed")),
    ("KIND_BYTES_MAX", In, |n| Kind::parse(&"x".repeat(n)).map(drop)),
    ("NAME_BYTES_MAX", In, |n| {
        let key = VerifierKey::parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")?;
        VerifierKey::new(&"x".repeat(n), KeyUse::Text, key.public_key()).map(drop)
    }),
    ("NOTE_BYTES_MAX", In, |n| Note::new(format!("{}\n", "x".repeat(n - 1))).map(drop)),
    ("NOTE_BYTES_MAX", In, |n| {
        let signature = "\n\u{2014} a AAAAAAA=\n";
        Note::parse(&format!("{}\n{signature}", "x".repeat(n - 1 - signature.len()))).map(drop)
    }),
    ("ENVELOPE_BYTES_MAX", In, |n| Envelope::parse(&unsigned_envelope(n)).map(drop)),
    ("ENVELOPE_BYTES_MAX", In, sign_envelope),
    ("NOTE_SIGNATURES_MAX", In, |n| Note::parse(&signed(n)).map(drop)),
    ("PROOF_HASHES_MAX", In, |n| {
        let hash = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
        let head = format!("c2sp.org/tlog-proof@v1\nindex 0\n{}", hash.repeat(n));
        TlogProof::parse(&format!("{head}\n{}", signed(1))).map(drop)
    }),
];

fn nested(depth: usize) -> String {
    format!("{}{}", "[".repeat(depth), "]".repeat(depth))
}

fn signed(signatures: usize) -> String {
    format!("text\n\n{}", "\u{2014} a AAAAAAA=\n".repeat(signatures))
}

/// An envelope of so many bytes; nobody asks here who signed it.
fn unsigned_envelope(bytes: usize) -> Vec<u8> {
    let frame = |payload: &str| {
        format!("{{\"payload\":\"{payload}\",\"payloadType\":\"\",\"signatures\":[{{\"sig\":\"\"}}]}}")
    };
    let payload = "AAAA".repeat((bytes - frame("").len()) / 4);
    let envelope = frame(&payload);
    let spaces = " ".repeat(bytes - envelope.len());
    (envelope + &spaces).into_bytes()
}

/// A document that makes an envelope of so many bytes once it is signed.
fn sign_envelope(bytes: usize) -> Result<(), Error> {
    let secret = SigningKey::from_bytes(&[7; 32]);
    let key = VerifierKey::new("k", KeyUse::Text, secret.verifying_key().as_bytes())?;
    let sign = |payload_type: &str, payload: usize| {
        let envelope = Envelope::new(payload_type, vec![0; payload]);
        let signature = secret.sign(&envelope.to_be_signed()).to_bytes();
        envelope.signed(&key, &signature)
    };
    let frame = sign("", 0)?.to_json().len();
    let (whole, rest) = ((bytes - frame) / 4, (bytes - frame) % 4);
    sign(&"t".repeat(rest), whole * 3).map(|envelope| assert_eq!(envelope.to_json().len(), bytes))
}

fn shape<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn history() -> Value {
    json!({"principal": "A::\"x\"", "grants_24h": 0, "extensions": 0, "refusals_10m": 0, "overdue_reviews": 0,
        "emergencies_7d": 0, "chain": "0s"})
}

fn ask(member: &str, value: Vec<Value>) -> Result<(), Error> {
    let mut request = common::ask("asha", "restart", "pay-db");
    request[member] = json!(value);
    Request::from_json(request.to_string().as_bytes()).map(drop)
}

fn facts(fill: impl FnOnce(&mut FactsDocument)) -> Result<(), Error> {
    let mut document =
        FactsDocument { observed_at: Some(common::at(common::NOW)), ..FactsDocument::default() };
    fill(&mut document);
    Facts::from_document(&BUNDLE, document).map(drop)
}

fn incident(member: &str, count: usize) -> Result<(), Error> {
    let members: Vec<String> = (0..count).map(|i| format!("A::\"{i}\"")).collect();
    facts(|d| d.incidents = vec![shape(json!({"id": "I", member: members}))])
}

fn pack(policies: &str) -> Sources {
    Sources::new().with("bundle.toml", MANIFEST).with("a.cedarschema", SCHEMA).with("a.cedar", policies)
}

fn compile(sources: Sources) -> Result<(), Error> {
    Bundle::compile(&sources).map(drop).map_err(|Errors(mut faults)| faults.remove(0))
}

/// A pack upon a pack, so many times.
fn pile(height: usize) -> Sources {
    let mut sources = Sources::new();
    for i in 0..height {
        let manifest = format!("name = \"p\"\nversion = \"{i}\"\n[extends]\npack = \"../b\"\n");
        sources = sources.with(format!("{}bundle.toml", "../b/".repeat(i)), manifest);
    }
    let bottom = "../b/".repeat(height);
    pack(POLICIES)
        .iter()
        .fold(sources, |sources, (name, content)| sources.with(format!("{bottom}{name}"), content))
}

/// People who may not approve, yet might before long: what they say is kept.
fn approve_again_and_again(count: usize) -> Result<(), Error> {
    let mut facts = lifecycle_world::world();
    let people = (0..count).map(|i| lifecycle_world::person(&format!("p{i}"), &[]));
    facts["entities"].as_array_mut().unwrap().extend(people);
    let mut world = lifecycle_world::World::of(lifecycle_world::BUNDLE.clone(), &facts);
    let ask = lifecycle_world::ask("asha", "drop", "pay-db", &["INC-1"]);
    let request = world.asked("02:00:00", ask);
    for i in 0..count {
        let by = lifecycle_world::person_uid(&format!("p{i}"));
        world.try_do("02:00:01", json!({"approve": {"request": request, "by": by}}))?;
    }
    Ok(())
}

/// A grant that turns up at one point after another; two are there from the beginning.
fn issue_at(count: usize, act: &str) -> Result<(), Error> {
    let mut world = lifecycle_world::World::new();
    let ask = lifecycle_world::ask("asha", "restart", "pay-db", &["INC-1", "S-1"]);
    let request = world.asked("02:00:00", ask);
    let grant = world.activate("02:00:00", &request).grant.clone().unwrap();
    if act == "issue_failed" {
        // What is over goes on to gather what turns up late.
        world.revoke("02:00:01", &grant, "asha");
    }
    let standing = world.grant(&grant).points.len();
    let points: Vec<String> = (standing..count).map(|i| format!("p{i}")).collect();
    let batches: Vec<_> = points.chunks(limits::POINTS_MAX).collect();
    let (last, before) = batches.split_last().unwrap();
    for batch in before {
        world.try_do("02:00:02", json!({"issued": {"grant": grant, "points": batch}}))?;
    }
    world.try_do("02:00:03", json!({act: {"grant": grant, "points": last}})).map(drop)
}

#[test]
fn every_limit_lets_in_its_edge_and_refuses_one_more() {
    let mut tried = BTreeSet::new();
    for (name, edge, door) in DOORS {
        let limit =
            TABLE.iter().find(|l| l.name == *name).unwrap_or_else(|| panic!("no limit is named {name}"));
        let at = door(limit.value).err().map(|e| e.code);
        match edge {
            In => assert_eq!(at, None, "{name} at its edge"),
            Past(next) => assert_eq!(at, Some(*next), "{name} at its edge"),
        }
        let error = door(limit.value + 1).expect_err(name);
        assert_eq!(Some(error.code), limit.code, "{name}, one past it: {error:?}");
        assert!(error.help.is_some(), "{name}: says what to do");
        tried.insert(*name);
    }
    // It refuses nothing; see below.
    tried.insert("CANDIDATES_MAX");
    assert_eq!(tried, TABLE.iter().map(|l| l.name).collect(), "every limit has a door that is tried");
}

#[test]
fn candidates_beyond_the_limit_are_not_named_but_told_of() {
    let named = |count: usize| {
        let mut world = common::world();
        let entities = world["entities"].as_array_mut().unwrap();
        entities.retain(|e| {
            e["parents"] != json!([{"type": "Glasskey::Group", "id": "sec"}]) && e["uid"]["id"] != "bob"
        });
        entities.extend((0..count).map(|i| common::person(&format!("s{i}"), &["sec"])));
        let facts = common::facts_of(&BUNDLE, &world);
        let request = lifecycle_world::with(common::ask("asha", "drop", "pay-db"), "emergency", json!(true));
        let decision = decide(&BUNDLE, &facts, &common::request(request), common::at(common::NOW));
        let seats: BTreeMap<String, (usize, bool)> = decision
            .missing
            .into_iter()
            .filter_map(|m| match m {
                Missing::Seat { seat, .. } => Some((seat.seat, (seat.candidates.len(), seat.more))),
                _ => None,
            })
            .collect();
        seats["sec"]
    };
    assert_eq!(named(limits::CANDIDATES_MAX), (limits::CANDIDATES_MAX, false));
    assert_eq!(named(limits::CANDIDATES_MAX + 1), (limits::CANDIDATES_MAX, true));
}

const MEND: &str = "GLASSKEY_BLESS=1 cargo test -p glasskey --test limits";
const OPEN: &str = "<!-- from the code: limits -->\n";
const CLOSE: &str = "<!-- end -->\n";

#[test]
fn the_page_shows_every_limit() {
    let page = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/LIMITS.md");
    let text = std::fs::read_to_string(&page).unwrap();
    let (head, rest) = text.split_once(OPEN).unwrap();
    let (_, tail) = rest.split_once(CLOSE).unwrap();
    let mut table = "| limit | at most | counted | one more is |\n|---|--:|---|---|\n".to_owned();
    for limit in TABLE {
        let code = limit.code.map_or("not named".to_owned(), |code| format!("`{code}`"));
        writeln!(table, "| `{}` | {} | {} | {code} |", limit.name, grouped(limit.value), limit.what.trim())
            .unwrap();
    }
    let fresh = format!("{head}{OPEN}{table}{CLOSE}{tail}");
    if std::env::var_os("GLASSKEY_BLESS").is_some() {
        std::fs::write(&page, fresh).unwrap();
    } else {
        assert!(text == fresh, "docs/LIMITS.md is out of date; to mend: {MEND}");
    }
}

fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|g| std::str::from_utf8(g).unwrap()).collect();
    groups.join(",")
}
