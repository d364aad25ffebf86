//! Running one scenario.

use crate::fault::Fault;
use crate::ledger::Recording;
use crate::pack::{Document, Pack};
use crate::scenario::document::{Scenario, Step};
use crate::scenario::matching::{Mismatch, mismatches};
use crate::scenario::step::{self, Call, KINDS, World};
use glasskey::{Bundle, Code, Error, Facts, Instant, canonical, error};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Compiled packs by their folders, so that many scenarios share one.
#[derive(Debug, Default)]
pub struct Packs {
    compiled: BTreeMap<PathBuf, Result<Bundle, Vec<Fault>>>,
}

impl Packs {
    fn get(&mut self, folder: &Path) -> Result<Bundle, Vec<Fault>> {
        let key = folder.canonicalize().map_err(|e| vec![Fault::of_io(folder, &e, false)])?;
        let compile = || Pack::read(folder).map_err(|f| vec![f]).and_then(|pack| pack.compile());
        self.compiled.entry(key).or_insert_with(compile).clone()
    }
}

/// What came of a scenario.
#[derive(Clone, Debug)]
pub struct Report {
    /// Its file.
    pub file: PathBuf,
    /// Its name; the file's, if it could not be read.
    pub name: String,
    /// Its steps, as far as they were run.
    pub steps: Vec<StepReport>,
    /// What the lifecycle did, for a ledger.
    pub recording: Option<Recording>,
    /// Why it could not be run.
    pub faults: Vec<Fault>,
}

impl Report {
    /// Whether it was run and every step gave what was expected.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.faults.is_empty() && self.steps.iter().all(|s| s.mismatches.is_empty())
    }
}

/// What came of a step.
#[derive(Clone, Debug)]
pub struct StepReport {
    /// From 1.
    pub number: usize,
    /// When.
    pub at: Instant,
    /// Which kind.
    pub kind: &'static str,
    /// The result, or the error as JSON.
    pub result: Result<Value, Value>,
    /// Where it is not what was expected.
    pub mismatches: Vec<Mismatch>,
}

/// Runs the scenario in a file.
#[must_use]
pub fn run(file: &Path, packs: &mut Packs) -> Report {
    let name = file.display().to_string();
    let mut report =
        Report { file: file.to_owned(), name, steps: Vec::new(), recording: None, faults: Vec::new() };
    if let Err(faults) = fill(&mut report, packs) {
        report.faults = faults;
    }
    report
}

fn fill(report: &mut Report, packs: &mut Packs) -> Result<(), Vec<Fault>> {
    let document = Document::read(&report.file).map_err(|f| vec![f])?;
    let json = document.json().map_err(|f| vec![f])?;
    if let Some(name) = json.get("name").and_then(Value::as_str) {
        name.clone_into(&mut report.name);
    }
    let scenario: Scenario = canonical::from_value(json).map_err(|e| vec![document.fault(e)])?;
    let unknown = unknown_steps(&scenario, &document);
    if !unknown.is_empty() {
        return Err(unknown);
    }
    let folder = report.file.parent().unwrap_or(Path::new(""));
    let bundle = packs.get(&beside(folder, &scenario.bundle))?;
    let facts = facts(&scenario, &bundle, folder, &document).map_err(|f| vec![f])?;
    let mut world = World::new(bundle.clone(), facts, folder);
    let mut now = scenario.now;
    for (i, step) in scenario.steps.into_iter().enumerate() {
        now = step.at.or(now);
        let Some(at) = now else {
            let message = "nothing says when this step happens";
            let fault = fault_at(
                Code::MissingMember,
                message,
                "give it an `at`, or the scenario a `now`",
                &format!("steps[{i}]"),
            );
            return Err(vec![document.fault(fault)]);
        };
        let Some(done) = take(&mut world, step, at, i + 1) else { continue };
        report.steps.push(done);
    }
    report.recording = Some(Recording { bundle, applied: world.applied });
    Ok(())
}

/// Paths in a scenario are relative to its file.
fn beside(folder: &Path, path: &str) -> PathBuf {
    if folder.as_os_str().is_empty() { PathBuf::from(path) } else { folder.join(path) }
}

fn facts(scenario: &Scenario, bundle: &Bundle, folder: &Path, document: &Document) -> Result<Facts, Fault> {
    if let Some(path) = scenario.facts.as_str() {
        return Document::read(&beside(folder, path))?.facts(bundle);
    }
    let read = canonical::from_value(scenario.facts.clone()).and_then(|d| Facts::from_document(bundle, d));
    read.map_err(|e| document.fault(below("facts", e)))
}

/// Every step must be one that this build knows, or the scenario would show nothing.
fn unknown_steps(scenario: &Scenario, document: &Document) -> Vec<Fault> {
    let (mut faults, mut seen) = (Vec::new(), BTreeSet::new());
    for (i, step) in scenario.steps.iter().enumerate() {
        let path = format!("steps[{i}].do");
        let mut names = step.action.keys();
        let (Some(name), None) = (names.next(), names.next()) else {
            let message = "a step does one thing";
            let help = "give `do` one member, such as `decide`";
            faults.push(document.fault(fault_at(Code::BadValue, message, help, &path)));
            continue;
        };
        if step.expect.is_some() && step.expect_error.is_some() {
            let message = "a step either gives a result or an error";
            let help = "keep one of `expect` and `expect_error`";
            faults.push(document.fault(fault_at(Code::BadValue, message, help, &format!("steps[{i}]"))));
        }
        if step::kind(name).is_none() && seen.insert(name) {
            let known = || KINDS.iter().map(|k| k.name);
            let help = match error::nearest(name, known()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it knows: {}", known().collect::<Vec<_>>().join(", ")),
            };
            let mut fault =
                Fault::new("unknown_step", format!("needs steps this build does not know: `{name}`"), help);
            let place = document.fault(fault_at(Code::BadValue, "", "", &format!("{path}.{name}")));
            (fault.path, fault.labels, fault.texts) = (place.path, place.labels, place.texts);
            faults.push(fault);
        }
    }
    faults
}

fn take(world: &mut World, mut step: Step, at: Instant, number: usize) -> Option<StepReport> {
    let (name, body) = std::mem::take(&mut step.action).into_iter().next()?;
    let kind = step::kind(&name)?;
    let command_id = step.command_id.unwrap_or_else(|| format!("step-{number}"));
    let call = Call { kind: kind.name, body, at, command_id, name: step.name };
    let result = (kind.run)(world, call).map_err(|e| serde_json::to_value(&e).unwrap_or(Value::Null));
    let mismatches = match (&result, &step.expect, &step.expect_error) {
        (Ok(got), _, Some(expected)) => vec![unlike(expected, got, "an error was expected")],
        (Ok(got), Some(expected), None) => mismatches(expected, got),
        (Ok(_), None, None) => Vec::new(),
        (Err(got), _, Some(expected)) => mismatches(expected, got),
        (Err(got), expected, None) => {
            vec![unlike(expected.as_ref().unwrap_or(&Value::Null), got, "this is an error")]
        }
    };
    Some(StepReport { number, at, kind: kind.name, result, mismatches })
}

fn unlike(expected: &Value, got: &Value, note: &str) -> Mismatch {
    Mismatch {
        path: String::new(),
        expected: expected.clone(),
        got: Some(got.clone()),
        note: Some(note.to_owned()),
    }
}

fn below(prefix: &str, mut error: Error) -> Error {
    error.path = Some(match error.path {
        Some(path) if path.starts_with('[') => format!("{prefix}{path}"),
        Some(path) => format!("{prefix}.{path}"),
        None => prefix.to_owned(),
    });
    error
}

fn fault_at(code: Code, message: &str, help: &str, path: &str) -> Error {
    Error {
        code,
        message: message.to_owned(),
        help: Some(help.to_owned()),
        path: Some(path.to_owned()),
        labels: Vec::new(),
    }
}
