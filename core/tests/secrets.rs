//! Values that look like secrets, planted in every place of every input: none comes out again, in a
//! record, an answer, an error, a debug text or a panic.

mod common;
mod lifecycle_world;

use ed25519_dalek::{Signer as _, SigningKey};
use glasskey::ledger::{Entry, Kind, Ledger, TlogProof, Verifier, read_records};
use glasskey::signing::{Envelope, KeyUse, Note, Statement, VerifierKey};
use glasskey::{
    Bundle, Command, Digest, Error, Errors, Facts, FactsDocument, Instant, Request, Sources, Span, Uid,
    canonical, decide, decide_with_evidence, explain,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::{Debug, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;

/// A secret, and the part of it that must never be seen again. All of them are made up.
const SECRETS: &[(&str, &str)] = &[
    ("ghp_Zz9planted0token1value2", "planted0token1value2"),
    ("glpat-Zz9planted0token1value", "planted0token1value"),
    ("xoxb-Zz9planted0token1value2", "planted0token1value2"),
    ("sk-Zz9planted0token1value2x", "planted0token1value2x"),
    ("AKIAZZ9PLANTED0TOKEN1", "ZZ9PLANTED0TOKEN1"),
    ("hvs.Zz9planted0token1value2", "planted0token1value2"),
    ("eyJhbGciOiJFUzI1NiJ9.planted0claims.planted0signature", "planted0claims"),
    ("postgres://app:planted0password@db/prod", "planted0password"),
    ("-----BEGIN PRIVATE KEY----- planted0key0material", "planted0key0material"),
];

static BUNDLE: LazyLock<Bundle> = LazyLock::new(common::bundle);
static FACTS: LazyLock<Facts> = LazyLock::new(|| common::facts_of(&BUNDLE, &common::world()));

/// What came out of a door, in every form.
#[derive(Default)]
struct Seen(String);

impl Seen {
    fn see(&mut self, thing: &impl Debug) {
        write!(self.0, "{thing:?}\n{thing:#?}\n").unwrap();
    }

    fn error(&mut self, error: &Error) {
        self.see(error);
        write!(self.0, "{error}\n{}\n{}\n", error.report(), json!(error)).unwrap();
    }

    fn errors(&mut self, errors: &Errors) {
        write!(self.0, "{errors}\n{}\n", errors.report()).unwrap();
        errors.0.iter().for_each(|e| self.error(e));
    }

    fn result<T: Debug>(&mut self, result: Result<T, Error>) -> Option<T> {
        match result {
            Ok(value) => {
                self.see(&value);
                Some(value)
            }
            Err(error) => {
                self.error(&error);
                None
            }
        }
    }
}

/// Lets an input in, and looks for the secret in whatever comes out.
fn through(what: &str, secret: &str, door: impl FnOnce(&mut Seen)) {
    let mut seen = Seen::default();
    let panicked = catch_unwind(AssertUnwindSafe(|| door(&mut seen)));
    if let Err(panic) = panicked {
        let told = panic.downcast_ref::<String>().cloned();
        seen.0 += &told.or_else(|| panic.downcast_ref::<&str>().map(|t| (*t).to_owned())).unwrap_or_default();
        panic!("{what} panics");
    }
    if let Some(at) = seen.0.find(secret) {
        let from = (0..=at.saturating_sub(200)).rev().find(|i| seen.0.is_char_boundary(*i)).unwrap_or(0);
        panic!("{what}: comes out again in: {}", seen.0[from..].chars().take(400).collect::<String>());
    }
}

/// The document with the secret in the place of each text in turn, inside of it, and as a member's
/// name.
fn planted(document: &Value, secret: &str) -> Vec<Value> {
    let mut out = Vec::new();
    plant(document, &mut |changed| out.push(changed), secret);
    out
}

fn plant(value: &Value, emit: &mut dyn FnMut(Value), secret: &str) {
    match value {
        Value::String(text) => {
            emit(json!(secret));
            emit(json!(format!("{text} {secret}")));
            if let Some((kind, _)) = text.split_once("::\"") {
                emit(json!(format!("{kind}::\"{secret}\"")));
            }
        }
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                let mut put = |changed: Value| {
                    let mut items = items.clone();
                    items[i] = changed;
                    emit(Value::Array(items));
                };
                plant(item, &mut put, secret);
            }
        }
        Value::Object(members) => {
            for (name, item) in members {
                let mut put = |changed: Value| {
                    let mut members = members.clone();
                    members.insert(name.clone(), changed);
                    emit(Value::Object(members));
                };
                plant(item, &mut put, secret);
                let mut renamed = members.clone();
                if let Some(item) = renamed.remove(name) {
                    renamed.insert(secret.to_owned(), item);
                }
                emit(Value::Object(renamed));
            }
        }
        // Where a number, a truth or nothing is expected.
        _ => emit(json!(secret)),
    }
}

fn each(what: &str, document: &Value, door: impl Fn(&str, &mut Seen)) {
    let mut places = 0;
    for (secret, part) in SECRETS {
        for changed in planted(document, secret) {
            through(what, part, |seen| door(&changed.to_string(), seen));
            places += 1;
        }
        // Text that is no JSON any more.
        let torn = document.to_string().replacen('"', &format!("\"{secret}"), 2);
        through(what, part, |seen| door(&torn[..torn.len() - 1], seen));
        through(what, part, |seen| door(secret, seen));
    }
    assert!(places > SECRETS.len(), "{what} has places to plant something in");
}

#[test]
fn requests_keep_no_secret() {
    let mut ask = common::ask("asha", "drop", "core-db");
    ask["purpose"] = json!("mend it");
    ask["channel"] = json!("console");
    ask["ttl"] = json!("1h");
    ask["rule"] = json!("dual");
    ask["emergency"] = json!(true);
    ask["requested_by"] = json!("Glasskey::Person::\"eve\"");
    ask["via"] = json!(["Glasskey::Person::\"eve\""]);
    ask["host"] = json!({"ticket": "T-1", "deep": [{"a": "b"}]});
    ask["approvals"] = json!([{"by": "eve.l@corp", "at": "2026-03-01T02:05:01Z", "seat": "eng", "max_ttl": "30m",
        "ask": Digest::of(b"").to_string(), "expires_at": "2026-03-01T03:05:01Z"}]);
    each("request", &ask, |text, seen| {
        let Some(request) = seen.result(Request::from_json(text.as_bytes())) else { return };
        let now = common::at(common::NOW);
        let (decision, evidence) = decide_with_evidence(&BUNDLE, &FACTS, &request, now);
        seen.see(&(canonical::to_text(&decision), canonical::to_text(&evidence), decision, evidence));
        seen.see(&explain(&BUNDLE, &FACTS, &request, now));
    });
}

#[test]
fn facts_keep_no_secret() {
    let mut world = common::world();
    world["entities"][0]["attrs"] =
        json!({"contract_end": {"__extn": {"fn": "datetime", "arg": "2026-03-09"}}});
    world["windows"] = json!([{"id": "W", "status": "approved", "start": "2026-03-01T00:00:00Z",
        "end": "2026-03-01T08:00:00Z", "assignees": ["Glasskey::Person::\"asha\""], "resources": []}]);
    world["tasks"] = json!([{"id": "T", "status": "open", "resources": ["Glasskey::System::\"pay-db\""]}]);
    world["signals"] = json!([{"name": "idp", "state": "down", "source": "probe"}]);
    world["locks"] = json!([{"target": "Glasskey::Person::\"bob\"", "reason": "away"}]);
    world["incidents"][0]["source"] = json!("pagerduty");
    world["incidents"][0]["responders"] = json!(["Glasskey::Person::\"ann\""]);
    let request = common::request(common::ask("asha", "restart", "pay-db"));
    each("facts", &world, |text, seen| {
        let Some(document) = FactsDocument::from_json(text.as_bytes()).map_err(|e| seen.error(&e)).ok()
        else {
            return;
        };
        let Some(facts) = seen.result(Facts::from_document(&BUNDLE, document.clone())) else { return };
        let now = common::at(common::NOW);
        seen.see(&decide_with_evidence(&BUNDLE, &facts, &request, now));
        seen.result(FACTS.with_notes(&BUNDLE, document, now).map(|(_, notes)| notes));
    });
}

#[test]
fn commands_keep_no_secret() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/LIFECYCLE.md")).unwrap();
    let lines: BTreeSet<&str> = page.lines().filter(|l| l.starts_with("{\"command_id\"")).collect();
    assert!(lines.len() >= glasskey::lifecycle::ACTS.len(), "an example of every command");
    for line in lines {
        each(line, &serde_json::from_str(line).unwrap(), |text, seen| {
            let Some(command) = Command::from_json(text.as_bytes()).map_err(|e| seen.error(&e)).ok() else {
                return;
            };
            let mut world = lifecycle_world::World::new();
            let now = common::at("2026-03-01T02:00:00Z");
            if let Some(applied) = seen.result(world.life.apply(&command, now)) {
                let (mut ledger, _) = Ledger::begin("example.com/pam", now).unwrap();
                seen.see(&ledger.record(&applied).unwrap().iter().map(Entry::to_line).collect::<Vec<_>>());
            }
        });
    }
}

#[test]
fn packs_show_no_secret() {
    let files =
        [("bundle.toml", common::MANIFEST), ("a.cedarschema", common::SCHEMA), ("a.cedar", common::POLICIES)];
    for (secret, part) in SECRETS {
        for (name, text) in files {
            let quotes = text.match_indices('"').map(|(at, _)| at + 1);
            let words = text.match_indices([' ', '\n']).map(|(at, _)| at + 1).step_by(5);
            for at in quotes.chain(words) {
                let changed = format!("{}{secret}{}", &text[..at], &text[at..]);
                through(name, part, |seen| {
                    let sources =
                        files.iter().fold(Sources::new(), |s, (n, t)| s.with(*n, *t)).with(name, changed);
                    match Bundle::compile(&sources) {
                        Ok(bundle) => {
                            seen.see(&bundle.outline());
                            let facts = common::facts_of(&BUNDLE, &common::world());
                            let ask = common::request(common::ask("asha", "restart", "pay-db"));
                            seen.see(&decide(&bundle, &facts, &ask, common::at(common::NOW)));
                        }
                        Err(errors) => seen.errors(&errors),
                    }
                });
            }
        }
    }
}

#[test]
fn ledgers_take_no_secret() {
    let now = common::at(common::NOW);
    let body = json!({"a": "b", "list": ["x", {"y": null}], "n": 1});
    each("ledger body", &body, |text, seen| {
        let Some(body) = canonical::parse(text.as_bytes()).map_err(|e| seen.error(&e)).ok() else { return };
        let (mut ledger, _) = Ledger::begin("example.com/pam", now).unwrap();
        if let Some(entry) = seen.result(ledger.append(Kind::parse("note").unwrap(), body, now)) {
            seen.see(&entry.to_line());
        }
    });
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../bindings/conformance/ledger/good.jsonl");
    let good = std::fs::read_to_string(path).unwrap();
    let line: Value = serde_json::from_str(good.lines().nth(1).unwrap()).unwrap();
    each("ledger line", &line, |text, seen| {
        seen.result(Entry::parse(text.as_bytes()));
        let whole = format!("{}\n{text}\n", good.lines().next().unwrap());
        let mut verifier = Verifier::new();
        _ = verifier.feed(whole.as_bytes());
        let report = verifier.finish();
        seen.see(&report);
        if let Some(fault) = report.fault {
            seen.error(&fault.error);
        }
        seen.result(read_records(whole.as_bytes(), |_| Ok(())));
    });
}

#[test]
fn what_is_signed_is_not_repeated_when_it_is_refused() {
    let secret_key = SigningKey::from_bytes(&[5; 32]);
    let public =
        VerifierKey::new("example.com/a", KeyUse::Text, secret_key.verifying_key().as_bytes()).unwrap();
    let envelope = BUNDLE.statement(&Sources::new().with("bundle.toml", "x")).to_envelope();
    let signature = secret_key.sign(&envelope.to_be_signed()).to_bytes();
    let envelope = envelope.signed(&public, &signature).unwrap();
    each(
        "envelope",
        &serde_json::from_str(&envelope.to_json()).unwrap(),
        |text, seen| match Envelope::parse(text.as_bytes()) {
            Ok(envelope) => {
                let opened = Statement::open(&envelope, std::slice::from_ref(&public));
                seen.result(opened.map(|_| ()));
            }
            Err(error) => seen.error(&error),
        },
    );
    for (secret, part) in SECRETS {
        for text in [format!("{secret}\n"), format!("a\n\n\u{2014} {secret} AAAA\n"), format!("a {secret}")] {
            through("note", part, |seen| {
                seen.errors(&Errors(Note::parse(&text).err().into_iter().collect()))
            });
            through("proof", part, |seen| {
                seen.errors(&Errors(TlogProof::parse(&text).err().into_iter().collect()))
            });
        }
        through("words", part, |seen| {
            let errors = [
                Instant::parse(secret).err(),
                Span::parse(secret).err(),
                Digest::parse(secret).err(),
                Uid::parse(secret).err(),
                Uid::parse(&format!("A::{secret}")).err(),
                Kind::parse(secret).err(),
                VerifierKey::parse(secret).err(),
                Ledger::begin(secret, common::at(common::NOW)).err(),
            ];
            seen.errors(&Errors(errors.into_iter().flatten().collect()));
        });
    }
}

/// The search would find a secret that did come out.
#[test]
fn the_search_finds_what_it_looks_for() {
    let found = catch_unwind(|| through("a leak", "planted0token1value2", |seen| seen.see(&SECRETS[0].0)));
    assert!(found.is_err());
}
