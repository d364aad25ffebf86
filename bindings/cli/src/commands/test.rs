//! `glasskey test`: scenario files, run like tests.

use crate::fault::Fault;
use crate::ledger::text_of;
use crate::outcome::{Exit, Outcome, line};
use crate::report;
use crate::scenario::{Mismatch, Packs, Report, StepReport, find, run as run_scenario};
use crate::screen::{Ink, Pen, Screen};
use crate::show::{instant, reason};
use glasskey::Decision;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

pub(super) fn run(
    arguments: &[PathBuf],
    ledger: Option<&Path>,
    origin: Option<&str>,
    screen: &Screen,
) -> Result<Outcome, Vec<Fault>> {
    let found = find(arguments);
    if !found.faults.is_empty() {
        return Err(found.faults);
    }
    if ledger.is_some() && found.files.len() != 1 {
        let message = format!("a ledger is of one scenario, and {} were named", found.files.len());
        return Err(vec![Fault::new("bad_usage", message, "name one scenario file beside `--ledger`")]);
    }
    let mut packs = Packs::default();
    let reports: Vec<Report> = found.files.iter().map(|file| run_scenario(file, &mut packs)).collect();
    if let Some(path) = ledger {
        reports.iter().try_for_each(|r| write_ledger(r, path, origin)).map_err(|f| vec![f])?;
    }
    let passed = reports.iter().filter(|r| r.passed()).count();
    let failed = reports.len() - passed;
    let exit = if failed == 0 { Exit::Ok } else { Exit::Deny };
    if screen.json {
        let scenarios: Vec<Value> = reports.iter().map(as_json).collect();
        let all = json!({ "passed": passed, "failed": failed, "scenarios": scenarios });
        return Ok(Outcome::new(line(&all), exit));
    }
    let pen = screen.pen();
    let mut out = String::new();
    for report in &reports {
        out.push_str(&shown(report, screen));
    }
    let ink = if failed == 0 { Ink::Green } else { Ink::Red };
    out.push_str(&format!("\n{}\n", pen.write(ink, &format!("{passed} passed, {failed} failed"))));
    Ok(Outcome::new(out, exit))
}

/// Writes the ledger that a host would have written.
fn write_ledger(report: &Report, path: &Path, origin: Option<&str>) -> Result<(), Fault> {
    let Some(recording) = &report.recording else { return Ok(()) };
    let named = || format!("example.com/{}", recording.bundle.manifest().name.replace([' ', '+'], "-"));
    let origin = origin.map_or_else(named, str::to_owned);
    let entries = recording.entries(&origin).map_err(|e| Fault::about(path, e))?;
    std::fs::write(path, text_of(&entries)).map_err(|e| Fault::of_io(path, &e, true))
}

fn as_json(report: &Report) -> Value {
    let step = |s: &StepReport| {
        let (result, error) = (s.result.as_ref().ok(), s.result.as_ref().err());
        let mut out = json!({ "step": s.number, "at": s.at, "do": s.kind, "mismatches": s.mismatches });
        if !s.mismatches.is_empty() {
            out["result"] = json!(result);
            out["error"] = json!(error);
        }
        out
    };
    let outcome = match (report.passed(), report.faults.is_empty()) {
        (true, _) => "passed",
        (false, true) => "failed",
        (false, false) => "error",
    };
    json!({
        "name": report.name,
        "file": report.file.display().to_string(),
        "outcome": outcome,
        "steps": report.steps.iter().map(step).collect::<Vec<_>>(),
        "errors": report.faults,
    })
}

fn shown(report: &Report, screen: &Screen) -> String {
    let pen = screen.pen();
    let file = pen.write(Ink::Dim, &report.file.display().to_string());
    if report.passed() {
        return format!("{}  {}  {file}\n", pen.write(Ink::Green, "ok   "), report.name);
    }
    if !report.faults.is_empty() {
        // Reports of faults go with the others here, in their order.
        let here = Screen { colour_err: screen.colour, ..*screen };
        let faults = report::graphical(&report.faults, &here);
        return format!("{}  {}  {file}\n{faults}", pen.write(Ink::Red, "ERROR"), report.name);
    }
    let mut out = format!("{}  {}  {file}\n", pen.write(Ink::Red, "FAIL "), report.name);
    for step in report.steps.iter().filter(|s| !s.mismatches.is_empty()) {
        let at = instant(step.at);
        out.push_str(&format!("       step {}, {} at {at}\n", step.number, pen.write(Ink::Bold, step.kind)));
        step.mismatches.iter().for_each(|m| out.push_str(&difference(m, pen)));
        out.push_str(&answered(step, pen));
    }
    out
}

/// What was expected at a place, and what stands there.
fn difference(mismatch: &Mismatch, pen: Pen) -> String {
    let path = if mismatch.path.is_empty() { "the result" } else { &mismatch.path };
    let note = mismatch.note.as_ref().map(|n| format!(" ({n})")).unwrap_or_default();
    let got = mismatch.got.as_ref().map_or_else(|| "nothing".to_owned(), ToString::to_string);
    format!(
        "         {path}{note}\n           {} {}\n           {} {}\n",
        pen.write(Ink::Green, "expected"),
        mismatch.expected,
        pen.write(Ink::Red, "got     "),
        clipped(&got),
    )
}

fn clipped(text: &str) -> String {
    let mut out: String = text.chars().take(600).collect();
    if out.len() < text.len() {
        out.push('…');
    }
    out
}

/// A decision in a few lines, so that nobody has to run it again to see why.
fn answered(step: &StepReport, pen: Pen) -> String {
    let decision = step.result.as_ref().ok().and_then(|r| serde_json::from_value::<Decision>(r.clone()).ok());
    let Some(d) = decision else { return String::new() };
    let word = serde_json::to_value(d.decision).ok();
    let word = word.as_ref().and_then(Value::as_str).unwrap_or_default();
    let rule = d.rule.map(|r| format!(" under {r}")).unwrap_or_default();
    let mut out = format!("         the answer was {word}{rule}\n");
    for one in &d.reasons {
        out.push_str(&format!("           {}  {}\n", pen.write(Ink::Cyan, one.code.as_str()), reason(one)));
    }
    out
}
