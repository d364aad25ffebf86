//! `glasskey ledger prove` and `glasskey ledger verify-proof`.

use crate::fault::Fault;
use crate::ledger::{Against, Reader, text};
use crate::outcome::{Exit, Outcome, line};
use crate::screen::{Ink, Screen};
use crate::show::instant;
use glasskey::ledger::merkle::leaf_hash;
use glasskey::ledger::{Checkpoint, Entry, Prover, TlogProof};
use glasskey::signing::{Note, VerifierKey};
use serde_json::json;
use std::path::Path;

pub(super) fn prove(
    file: &Path,
    index: u64,
    checkpoint: &Path,
    keys: &[VerifierKey],
    screen: &Screen,
) -> Result<Outcome, Vec<Fault>> {
    let about = |e| vec![Fault::about(file, e)];
    let note = Note::parse(&text(checkpoint).map_err(|f| vec![f])?);
    let note = note.map_err(|e| vec![Fault::about(checkpoint, e)])?;
    let against = Against { notes: vec![checkpoint.to_owned()], keys: keys.to_vec() };
    let signed = Checkpoint::parse(note.text()).map_err(|e| vec![Fault::about(checkpoint, e)])?;
    let mut prover = Prover::inclusion(index, signed.size).map_err(about)?;
    let mut found = None;
    Reader::new(file, &against, screen)?.entries(|entry, line| {
        prover.push(leaf_hash(entry.hash.as_bytes()));
        if entry.seq == index {
            found = Some(line.to_vec());
        }
        Ok(())
    })?;
    let path = prover.finish().map_err(about)?;
    // With the entry in it the proof is one file to hand over.
    let proof = TlogProof { extra: found, ..TlogProof::new(index, path, note).map_err(about)? };
    let proof = proof.to_string();
    let out = if screen.json { line(&json!({ "proof": proof })) } else { proof };
    Ok(Outcome::new(out, Exit::Ok))
}

pub(super) fn verify(
    file: &Path,
    entry: Option<&Path>,
    keys: &[VerifierKey],
    screen: &Screen,
) -> Result<Outcome, Vec<Fault>> {
    let one = |fault| vec![fault];
    let proof = TlogProof::parse(&text(file).map_err(one)?).map_err(|e| one(Fault::about(file, e)))?;
    let given = entry.map(text).transpose().map_err(one)?;
    let given = given.as_deref().map(|t| t.trim_end_matches('\n').as_bytes()).or(proof.extra.as_deref());
    let Some(given) = given else {
        let help = "give its line in a file, with `--entry`";
        return Err(one(Fault::new("no_entry", "the proof does not hold its entry", help)));
    };
    let bad = |e| one(Fault::about(entry.unwrap_or(file), e).denied());
    let entry = Entry::parse(given).map_err(bad)?;
    let checkpoint = proof.verify(&entry, keys).map_err(bad)?;
    if screen.json {
        return Ok(Outcome::new(line(&json!({ "checkpoint": checkpoint, "entry": entry })), Exit::Ok));
    }
    let pen = screen.pen();
    let out = format!(
        "{}  entry {} of {}, a {} of {}\n  under a signed checkpoint of {} entries, root {}\n\n{}\n",
        pen.write(Ink::Green, "PROVED"),
        entry.seq,
        checkpoint.origin,
        entry.kind,
        instant(entry.at),
        checkpoint.size,
        checkpoint.root,
        serde_json::to_string_pretty(&entry.body).unwrap_or_default()
    );
    Ok(Outcome::new(out, Exit::Ok))
}
