//! Proofs, signed notes and checkpoints.

use crate::signed::key;
use crate::world::folder;
use ed25519_dalek::Signer as _;
use glasskey::ledger::{Checkpoint, Entry, Ledger, TlogProof, prove};
use glasskey::signing::{Note, VerifierKey};
use glasskey::{Digest, canonical};
use std::sync::LazyLock;

/// A ledger whose checkpoint is signed here, and every proof of it.
struct Made {
    entries: Vec<Entry>,
    checkpoint: Checkpoint,
    note: Note,
    proofs: Vec<TlogProof>,
    keys: Vec<VerifierKey>,
}

static MADE: LazyLock<Made> = LazyLock::new(|| {
    let text = std::fs::read(folder("bindings/conformance/ledger/good.jsonl")).expect("a ledger");
    let lines: Vec<&[u8]> = text.split(|b| *b == b'\n').filter(|l| !l.is_empty()).collect();
    let entries: Vec<Entry> = lines.iter().map(|l| Entry::parse(l).expect("an entry")).collect();
    let mut ledger = Ledger::open(&entries[0]).expect("a genesis");
    entries.iter().skip(1).for_each(|e| ledger.push(e).expect("a link"));
    let (secret, public) = key(ledger.origin(), 1);
    let checkpoint = Checkpoint::of(&ledger);
    let note = checkpoint.to_note().expect("a note");
    let signature = secret.sign(note.text().as_bytes()).to_bytes();
    let note = note.signed(&public, &signature).expect("its own signature");
    let of = |index: &Entry| prove(&text, index.seq, note.clone()).expect("a proof");
    let proofs = entries.iter().map(of).collect();
    Made { entries, checkpoint, note, proofs, keys: vec![public] }
});

/// Lets a proof, a note or a checkpoint in.
pub(crate) fn body(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let made = &*MADE;
    if let Ok(proof) = TlogProof::parse(text) {
        let again = TlogProof::parse(&proof.to_string()).expect("a proof that was read can be read again");
        assert_eq!(again, proof);
        for entry in &made.entries {
            if let Ok(checkpoint) = proof.verify(entry, &made.keys) {
                let ours = &made.proofs[usize::try_from(entry.seq).expect("a small number")];
                assert_eq!(checkpoint, made.checkpoint, "the only one that was signed");
                assert_eq!((proof.index, &proof.path), (ours.index, &ours.path), "the only path");
            }
        }
        assert!(proof.verify_hash(Digest::of(data), &made.keys).is_err(), "what is not in the ledger");
    }
    if let Ok(note) = Note::parse(text) {
        let again = Note::parse(&note.to_string()).expect("a note that was read can be read again");
        assert_eq!(again, note);
        if Checkpoint::verify(&note, &made.keys).is_ok() {
            assert_eq!(note.text(), made.note.text(), "the only text that was signed");
        }
    }
    if let Ok(checkpoint) = Checkpoint::parse(text) {
        let again = Checkpoint::parse(&checkpoint.to_text()).expect("a checkpoint reads back");
        assert_eq!(again, checkpoint);
        assert_eq!(canonical::from_value::<Checkpoint>(serde_json::json!(checkpoint)), Ok(again));
    }
}

pub(crate) fn seeds() -> Vec<(String, Vec<u8>)> {
    let made = &*MADE;
    let mut seeds = vec![
        ("note".to_owned(), made.note.to_string().into_bytes()),
        ("checkpoint".to_owned(), made.checkpoint.to_text().into_bytes()),
    ];
    for proof in made.proofs.iter().step_by(4) {
        seeds.push((format!("entry-{}", proof.index), proof.to_string().into_bytes()));
    }
    let mut extra = made.proofs[0].clone();
    extra.extra = Some(b"seen".to_vec());
    seeds.push(("extra".to_owned(), extra.to_string().into_bytes()));
    seeds
}
