//! `glasskey ledger report`.

use crate::account::{Account, html, markdown};
use crate::args::Format;
use crate::fault::Fault;
use crate::ledger::{Against, Reader};
use crate::outcome::{Exit, Outcome, line};
use crate::screen::Screen;
use glasskey::Instant;
use glasskey::ledger::TimelineReader;
use std::path::Path;

pub(super) fn run(
    file: &Path,
    incident: Option<&str>,
    format: Format,
    now: Option<Instant>,
    against: &Against,
    screen: &Screen,
) -> Result<Outcome, Vec<Fault>> {
    let mut reader = incident.map_or_else(TimelineReader::new, TimelineReader::of_incident);
    let ledger = Reader::new(file, against, screen)?.records(|recorded| {
        reader.push(&recorded);
        Ok(())
    })?;
    let timeline = reader.timeline(now);
    if timeline.requests.is_empty()
        && let Some(incident) = incident
    {
        let message = format!("no request in `{}` names the incident `{incident}`", file.display());
        let help = "leave `--incident` out for all that the ledger tells";
        return Err(vec![Fault::new("no_such_incident", message, help)]);
    }
    let account = Account { ledger, timeline };
    let out = match (screen.json, format) {
        (true, _) => line(&account),
        (false, Format::Markdown) => markdown(&account),
        (false, Format::Html) => html(&account),
    };
    Ok(Outcome::new(out, Exit::Ok))
}
