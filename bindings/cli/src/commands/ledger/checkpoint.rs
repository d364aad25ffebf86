//! `glasskey ledger checkpoint`.

use crate::fault::Fault;
use crate::key::Secret;
use crate::ledger::{Against, Reader};
use crate::outcome::{Exit, Outcome, line};
use crate::screen::Screen;
use glasskey::ledger::Checkpoint;
use serde_json::json;
use std::path::Path;

pub(super) fn run(
    file: &Path,
    key: &Path,
    against: &Against,
    screen: &Screen,
) -> Result<Outcome, Vec<Fault>> {
    let reader = Reader::new(file, against, screen)?;
    let report = reader.verify()?;
    if let Some(fault) = &report.fault {
        return Err(vec![reader.altered(fault)]);
    }
    let Some(origin) = report.origin else {
        let message = format!("`{}` holds no entry", file.display());
        return Err(vec![Fault::new("empty_ledger", message, "a checkpoint is of at least one entry")]);
    };
    let secret = Secret::read(key, &origin).map_err(|f| vec![f])?;
    let checkpoint = Checkpoint { origin, size: report.entries, root: report.root };
    let note = checkpoint.to_note().and_then(|note| {
        let signature = secret.sign(note.text().as_bytes());
        note.signed(secret.public(), &signature)
    });
    let note = note.map_err(|e| vec![Fault::about(file, e)])?.to_string();
    let out = if screen.json {
        line(&json!({ "checkpoint": checkpoint, "key": secret.public(), "note": note }))
    } else {
        note
    };
    Ok(Outcome::new(out, Exit::Ok))
}
