//! `glasskey simulate`: a scenario as a story for people.

use crate::account::{gantt, holders, story};
use crate::fault::Fault;
use crate::outcome::{Exit, Outcome, line};
use crate::scenario::{Packs, run as run_scenario};
use crate::screen::{Ink, Screen};
use glasskey::Applied;
use glasskey::ledger::TimelineReader;
use glasskey::ledger::timeline::IncidentSeen;
use glasskey::model::SupportKind;
use serde_json::json;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

pub(super) fn run(file: &Path, screen: &Screen) -> Result<Outcome, Vec<Fault>> {
    let report = run_scenario(file, &mut Packs::default());
    let Some(recording) = report.recording.as_ref().filter(|_| report.faults.is_empty()) else {
        return Err(report.faults);
    };
    let mut reader = TimelineReader::new();
    recording.applied.iter().for_each(|a| reader.push_applied(a));
    let timeline = reader.timeline(None);
    let named: BTreeSet<&str> = timeline
        .requests
        .iter()
        .flat_map(|r| &r.supports)
        .filter(|s| s.kind == SupportKind::Incident)
        .map(|s| s.id.as_str())
        .collect();
    let incidents: Vec<(&str, Vec<IncidentSeen>)> =
        named.into_iter().map(|id| (id, seen(id, &recording.applied))).collect();
    let passed = report.passed();
    let exit = if passed { Exit::Ok } else { Exit::Deny };
    if screen.json {
        let incidents: Vec<_> = incidents.iter().map(|(id, seen)| json!({"id": id, "seen": seen})).collect();
        let all = json!({
            "name": report.name,
            "file": report.file.display().to_string(),
            "bundle": recording.bundle.digest(),
            "as_expected": passed,
            "incidents": incidents,
            "timeline": timeline,
        });
        return Ok(Outcome::new(line(&all), exit));
    }
    let pen = screen.pen();
    let mut out = format!("{}\n", pen.write(Ink::Bold, &report.name));
    let slices: Vec<_> = incidents.iter().map(|(id, seen)| (*id, seen.as_slice())).collect();
    for part in [gantt(&timeline, &slices, screen), holders(&timeline, screen), story(&timeline, screen)] {
        if !part.is_empty() {
            out.push_str(&format!("\n{part}"));
        }
    }
    if timeline.requests.is_empty() {
        out.push_str("\n  nobody asked for anything; `glasskey test` shows the decisions\n");
    }
    if !passed {
        let text = "this is not what the scenario expects: `glasskey test` says where";
        out.push_str(&format!("\n{}\n", pen.write(Ink::Red, text)));
    }
    Ok(Outcome::new(out, exit))
}

/// How an incident was seen to stand.
fn seen(id: &str, applied: &[Arc<Applied>]) -> Vec<IncidentSeen> {
    let mut reader = TimelineReader::of_incident(id);
    applied.iter().for_each(|a| reader.push_applied(a));
    reader.timeline(None).seen
}
