//! `glasskey key`.

use crate::fault::Fault;
use crate::key::Secret;
use crate::outcome::{Exit, Outcome, line};
use crate::screen::Screen;
use serde_json::json;
use std::path::Path;

pub(super) fn run(name: &str, file: &Path, new: bool, screen: &Screen) -> Result<Outcome, Vec<Fault>> {
    let secret = if new { Secret::make(file, name) } else { Secret::read(file, name) };
    let secret = secret.map_err(|f| vec![f])?;
    let key = secret.public().to_string();
    let out = if screen.json { line(&json!({ "key": key })) } else { format!("{key}\n") };
    Ok(Outcome::new(out, Exit::Ok))
}
