use super::super::{Kind, Ledger, Prover};
use super::*;
use crate::signing::KeyUse;
use crate::time::Instant;
use ed25519_dalek::{Signer as _, SigningKey};
use proptest::prelude::*;
use serde_json::json;

const ORIGIN: &str = "example.com/pam";

fn secret() -> SigningKey {
    SigningKey::from_bytes(&[9; 32])
}

fn key(name: &str, usage: KeyUse) -> VerifierKey {
    VerifierKey::new(name, usage, secret().verifying_key().as_bytes()).unwrap()
}

fn ledger(n: u64) -> (Ledger, Vec<Entry>) {
    let at = Instant::parse("2026-03-01T02:05:00Z").unwrap();
    let (mut ledger, first) = Ledger::begin(ORIGIN, at).unwrap();
    let mut entries = vec![first];
    (1..n).for_each(|i| entries.push(ledger.append(Kind::USE, json!({ "n": i }), at).unwrap()));
    (ledger, entries)
}

fn signed(ledger: &Ledger) -> Note {
    let note = Checkpoint::of(ledger).to_note().unwrap();
    let signature = secret().sign(note.text().as_bytes()).to_bytes();
    note.signed(&key(ORIGIN, KeyUse::Text), &signature).unwrap()
}

fn proof(ledger: &Ledger, entries: &[Entry], index: u64) -> TlogProof {
    let mut prover = Prover::inclusion(index, ledger.len()).unwrap();
    entries.iter().for_each(|e| prover.push(leaf_hash(e.hash.as_bytes())));
    TlogProof::new(index, prover.finish().unwrap(), signed(ledger)).unwrap()
}

#[test]
fn every_entry_can_be_proved() {
    for n in 1..20 {
        let (ledger, entries) = ledger(n);
        for entry in &entries {
            let text = proof(&ledger, &entries, entry.seq).to_string();
            let read = TlogProof::parse(&text).unwrap();
            assert_eq!(read.to_string(), text);
            let checkpoint = read.verify(entry, &[key(ORIGIN, KeyUse::Text)]).unwrap();
            assert_eq!(checkpoint, Checkpoint::of(&ledger));
        }
    }
}

#[test]
fn the_file_is_that_of_the_specification() {
    let (ledger, entries) = ledger(5);
    let mut proof = proof(&ledger, &entries, 3);
    proof.extra = Some(b"age".to_vec());
    let text = proof.to_string();
    let lines: Vec<&str> = text.split('\n').collect();
    assert_eq!(lines[..3], ["c2sp.org/tlog-proof@v1", "extra YWdl", "index 3"]);
    assert_eq!(lines[3], base64::encode(leaf_hash(entries[2].hash.as_bytes()).as_bytes()));
    assert_eq!(lines[6..9], ["", ORIGIN, "5"]);
    assert_eq!(TlogProof::parse(&text).unwrap(), proof);
}

#[test]
fn a_proof_proves_its_entry_only() {
    let (ledger, entries) = ledger(9);
    let keys = [key(ORIGIN, KeyUse::Text)];
    let good = proof(&ledger, &entries, 4);
    assert_eq!(good.verify(&entries[5], &keys).unwrap_err().code, Code::ProofFails);
    assert_eq!(good.verify_hash(entries[5].hash, &keys).unwrap_err().code, Code::ProofFails);
    let mut altered = entries[4].clone();
    altered.body = json!({ "n": 5 });
    assert_eq!(good.verify(&altered, &keys).unwrap_err().code, Code::EntryAltered);
    let mut moved = good.clone();
    moved.index = 5;
    assert_eq!(moved.verify_hash(entries[4].hash, &keys).unwrap_err().code, Code::ProofFails);
    let mut other_tree = Prover::inclusion(2, 3).unwrap();
    entries[..3].iter().for_each(|e| other_tree.push(leaf_hash(e.hash.as_bytes())));
    let other = TlogProof::new(2, other_tree.finish().unwrap(), signed(&ledger));
    assert_eq!(other.unwrap_err().code, Code::CheckpointMismatch);
}

#[test]
fn only_the_ledgers_own_key_makes_a_checkpoint() {
    let (ledger, entries) = ledger(3);
    let good = proof(&ledger, &entries, 1);
    for stranger in [key("example.com/other", KeyUse::Text), key(ORIGIN, KeyUse::Cosignature)] {
        assert_eq!(good.verify(&entries[1], &[stranger]).unwrap_err().code, Code::UnknownSigner);
    }
    // A trusted key of another name signs the same text: it speaks for another ledger.
    let other = key("example.com/other", KeyUse::Text);
    let note = Checkpoint::of(&ledger).to_note().unwrap();
    let signature = secret().sign(note.text().as_bytes()).to_bytes();
    let foreign = TlogProof { checkpoint: note.signed(&other, &signature).unwrap(), ..good };
    assert_eq!(foreign.verify(&entries[1], &[other]).unwrap_err().code, Code::UnknownSigner);
}

#[test]
fn what_is_not_a_proof_is_refused() {
    let (ledger, entries) = ledger(3);
    let good = proof(&ledger, &entries, 1).to_string();
    let hash = base64::encode(entries[0].hash.as_bytes());
    for text in [
        "wrong-header\nindex 0\n\ncheckpoint\n".to_owned(),
        good.replace("@v1", "@v2"),
        good.replace("index 1", "index 01"),
        good.replace("index 1", "index"),
        good.replace("index 1", "extra !\nindex 1"),
        good.replace("index 1", "index 1\nextra YWdl"),
        good.replace("index 1", "index 1\nYWdl"),
        good.replace("index 1", &format!("index 1\n{}", vec![hash; 65].join("\n"))),
        good.replace("\n\n", "\n"),
    ] {
        assert_eq!(TlogProof::parse(&text).unwrap_err().code, Code::BadProof, "{text}");
    }
    assert_eq!(TlogProof::parse(&good[..good.len() - 1]).unwrap_err().code, Code::BadNote);
}

proptest! {
    #[test]
    fn any_flipped_bit_of_a_proof_is_noticed(n in 1_u64..12, at in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let (ledger, entries) = ledger(n);
        let index = at.index(entries.len());
        let mut bytes = proof(&ledger, &entries, entries[index].seq).to_string().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let keys = [key(ORIGIN, KeyUse::Text)];
        let holds = String::from_utf8(bytes).is_ok_and(|text| {
            TlogProof::parse(&text).is_ok_and(|proof| proof.verify(&entries[index], &keys).is_ok())
        });
        prop_assert!(!holds);
    }
}
