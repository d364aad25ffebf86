//! Bundles whose signature the host demands.

mod common;

use common::{MANIFEST, POLICIES, SCHEMA, at, facts_of, request, world};
use ed25519_dalek::{Signer as _, SigningKey};
use glasskey::ledger::{Ledger, Records, Replay};
use glasskey::signing::{Envelope, KeyUse, Predicate, Statement, VerifierKey};
use glasskey::{
    Bundle, Code, Command, Digest, Lifecycle, Sources, decide, decide_again, decide_with_evidence, limits,
};
use serde_json::json;

fn files() -> Sources {
    Sources::new().with("bundle.toml", MANIFEST).with("a.cedarschema", SCHEMA).with("a.cedar", POLICIES)
}

fn key(seed: u8) -> (SigningKey, VerifierKey) {
    let secret = SigningKey::from_bytes(&[seed; 32]);
    let name = format!("example.com/publisher-{seed}");
    let public = VerifierKey::new(&name, KeyUse::Text, secret.verifying_key().as_bytes()).unwrap();
    (secret, public)
}

fn sign(mut envelope: Envelope, seeds: &[u8]) -> Vec<u8> {
    for seed in seeds {
        let (secret, public) = key(*seed);
        let signature = secret.sign(&envelope.to_be_signed()).to_bytes();
        envelope = envelope.signed(&public, &signature).unwrap();
    }
    envelope.to_json().into_bytes()
}

fn signed(seeds: &[u8]) -> Vec<u8> {
    let bundle = Bundle::compile(&files()).unwrap();
    sign(bundle.statement(&files()).to_envelope(), seeds)
}

fn load(sources: &Sources, envelope: Option<&[u8]>, trusted: &[u8]) -> Result<Bundle, Vec<Code>> {
    let keys: Vec<VerifierKey> = trusted.iter().map(|seed| key(*seed).1).collect();
    Bundle::compile_signed(sources, envelope, &keys).map_err(|e| e.0.iter().map(|e| e.code).collect())
}

#[test]
fn a_signed_bundle_is_loaded_and_names_those_signers_that_are_trusted() {
    let bundle = load(&files(), Some(&signed(&[3, 1])), &[1, 2, 3]).unwrap();
    assert_eq!(bundle.signed_by(), [key(1).1.label(), key(3).1.label()]);
    let bundle = load(&files(), Some(&signed(&[3, 1])), &[3]).unwrap();
    assert_eq!(bundle.signed_by(), [key(3).1.label()]);
    let plain = Bundle::compile(&files()).unwrap();
    assert!(plain.signed_by().is_empty());
    assert_eq!(plain.digest(), bundle.digest(), "a signature changes no digest");
}

#[test]
fn what_is_not_signed_as_demanded_is_refused_with_its_code() {
    let envelope = signed(&[1]);
    let refused = |sources: &Sources, envelope: Option<&[u8]>, trusted: &[u8]| {
        load(sources, envelope, trusted).expect_err("must be refused")
    };
    assert_eq!(refused(&files(), None, &[1]), [Code::Unsigned]);
    assert_eq!(refused(&files(), Some(&envelope), &[2]), [Code::UnknownSigner]);
    assert_eq!(refused(&files(), Some(&envelope), &[]), [Code::UnknownSigner]);
    assert_eq!(refused(&files(), Some(b"{"), &[1]), [Code::BadJson]);
    let changed = files().with("a.cedar", format!("{POLICIES}\n"));
    assert_eq!(refused(&changed, Some(&envelope), &[1]), [Code::SubjectMismatch]);
    let more = files().with("b.cedar", "");
    assert_eq!(refused(&more, Some(&envelope), &[1]), [Code::SubjectMismatch]);
    let fewer = Sources::new().with("bundle.toml", MANIFEST);
    assert_eq!(refused(&fewer, Some(&envelope), &[1]), [Code::SubjectMismatch, Code::SubjectMismatch]);
    let other = Predicate { name: "test".into(), version: "1".into(), bundle: Digest::of(b"another") };
    let other = sign(Statement::new(other, files().iter()).to_envelope(), &[1]);
    assert_eq!(refused(&files(), Some(&other), &[1]), [Code::BadStatement]);
    let note = sign(Envelope::new("text/plain", "hello"), &[1]);
    assert_eq!(refused(&files(), Some(&note), &[1]), [Code::BadEnvelope]);
    // Signed by a trusted publisher or not: what does not compile does not load.
    let broken = files().with("a.cedar", "permit(");
    let statement = Statement::new(
        Predicate { name: "test".into(), version: "1".into(), bundle: Digest::of(b"") },
        broken.iter(),
    );
    assert_eq!(refused(&broken, Some(&sign(statement.to_envelope(), &[1])), &[1])[0], Code::BadPolicy);
}

#[test]
fn a_pack_of_as_many_files_as_there_may_be_is_signed_and_loaded() {
    let name = |i: usize| format!("teams/{}/{i}.cedar", "a-team-with-a-long-name".repeat(4));
    let all = (3..limits::BUNDLE_FILES_MAX).fold(files(), |sources, i| sources.with(name(i), ""));
    let bundle = Bundle::compile(&all).unwrap();
    let envelope = sign(bundle.statement(&all).to_envelope(), &[1]);
    assert!(envelope.len() > 10 * limits::STRING_BYTES_MAX);
    assert_eq!(load(&all, Some(&envelope), &[1]).unwrap().digest(), bundle.digest());
    let changed = all.with(name(3), "// not what was signed");
    assert_eq!(load(&changed, Some(&envelope), &[1]).unwrap_err(), [Code::SubjectMismatch]);
}

#[test]
fn every_changed_byte_of_the_envelope_is_found() {
    let envelope = signed(&[1]);
    for at in 0..envelope.len() {
        let mut changed = envelope.clone();
        changed[at] ^= 1;
        let loaded = load(&files(), Some(&changed), &[1]);
        // The key id is a hint that nobody signs.
        let hint = String::from_utf8(envelope.clone()).unwrap();
        let from = hint.find("\"keyid\"").unwrap();
        let to = hint.find("\"sig\"").unwrap();
        assert!(loaded.is_err() || (from..to).contains(&at), "byte {at}");
    }
}

#[test]
fn decision_evidence_and_ledger_name_the_signers() {
    let bundle = load(&files(), Some(&signed(&[1])), &[1]).unwrap();
    let facts = facts_of(&bundle, &world());
    let ask = request(common::ask("asha", "restart", "pay-db"));
    let now = at(common::NOW);
    let (decision, evidence) = decide_with_evidence(&bundle, &facts, &ask, now);
    let label = key(1).1.label();
    assert_eq!(
        (&decision.signed_by[..], &evidence.signed_by[..]),
        (&[label.clone()][..], &[label.clone()][..])
    );
    // The auditor has the files and trusts others: the decision is the same.
    let plain = Bundle::compile(&files()).unwrap();
    assert_eq!(decide_again(&plain, &evidence).unwrap(), decision);
    let unsigned = decide(&plain, &facts_of(&plain, &world()), &ask, now);
    assert_eq!(
        (unsigned.decision, unsigned.ends_at, unsigned.signed_by.len()),
        (decision.decision, decision.ends_at, 0)
    );
    assert!(!serde_json::to_string(&unsigned).unwrap().contains("signed_by"));

    let mut life = Lifecycle::new(bundle.clone(), facts);
    let command =
        json!({"command_id": "c-1", "submit": {"request": common::ask("asha", "restart", "pay-db")}});
    let applied = life.apply(&Command::from_value(command).unwrap(), now).unwrap();
    let (mut ledger, _) = Ledger::begin("example.com/pam", now).unwrap();
    assert_eq!(ledger.enact(&bundle, now).unwrap().body["signed_by"], json!([label]));
    let mut records = Records::new();
    let entries = ledger.record(&applied).unwrap();
    let mut recorded = entries.iter().find_map(|e| records.push(e).unwrap()).unwrap();
    let replay = Replay::new([plain]);
    assert_eq!(replay.check(&recorded).unwrap(), None);
    recorded.applied.decision.as_mut().unwrap().signed_by = vec!["mallory+00000000".to_owned()];
    let found = replay.check(&recorded).unwrap().unwrap();
    assert_eq!(found.differences[0].member, "signed_by");
}
