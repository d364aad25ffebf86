//! Every scenario of every pack, step by step through the lifecycle, and each decision on the way
//! by plain Cedar, too.

use glasskey::ledger::{Entry, Kind, Ledger, Recorded, Records, Replay, Verifier, counterfactual};
use glasskey::lifecycle::{Archive, Event, Grant};
use glasskey::{
    Applied, Bundle, Command, Evaluator, Facts, Instant, Lifecycle, Request, Sources, Span, canonical,
    decide, decide_again_by, decide_by,
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn policies() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies")
}

/// The folders of all packs, in order.
fn packs() -> Vec<PathBuf> {
    let mut packs: Vec<PathBuf> = std::fs::read_dir(policies()).unwrap().map(|e| e.unwrap().path()).collect();
    packs.retain(|pack| pack.join("bundle.toml").exists());
    packs.sort();
    packs
}

fn starter() -> PathBuf {
    policies().join("starter")
}

/// The pack in a folder, over the one that it extends.
fn bundle(pack: &Path) -> Bundle {
    let mut sources = Sources::new();
    let mut next = Some(String::new());
    while let Some(base) = next {
        for entry in std::fs::read_dir(pack.join(&base)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if name == "bundle.toml" || name.ends_with(".cedar") || name.ends_with(".cedarschema") {
                let place = if base.is_empty() { name.to_owned() } else { format!("{base}/{name}") };
                sources = sources.with(place, std::fs::read(&path).unwrap());
            }
        }
        next = sources.missing_base();
    }
    Bundle::compile(&sources).unwrap_or_else(|e| panic!("{}: {e:#?}", pack.display()))
}

/// Objects by member (null is as good as none), arrays as "contains in order".
fn matches(expected: &Value, got: &Value) -> bool {
    match (expected, got) {
        (Value::Object(e), Value::Object(g)) => {
            e.iter().all(|(k, v)| g.get(k).map_or(v.is_null(), |x| matches(v, x)))
        }
        (Value::Array(e), Value::Array(g)) => {
            let mut rest = g.iter();
            e.iter().all(|want| rest.any(|have| matches(want, have)))
        }
        _ => expected == got,
    }
}

struct Run {
    applied: Vec<Arc<Applied>>,
    life: Lifecycle,
    ids: BTreeMap<String, String>,
    asks: BTreeMap<String, Value>,
}

impl Run {
    /// Names of a scenario for the ids of the lifecycle, and back.
    fn rename(&self, value: &mut Value, back: bool) {
        match value {
            Value::String(text) => {
                for (name, id) in &self.ids {
                    if back {
                        *text = text.replace(id, name);
                    } else if text == name {
                        *text = id.clone();
                    }
                }
            }
            Value::Array(list) => list.iter_mut().for_each(|v| self.rename(v, back)),
            Value::Object(members) => members.values_mut().for_each(|v| self.rename(v, back)),
            _ => {}
        }
    }

    fn step(&mut self, number: usize, at: Instant, kind: &str, mut body: Value) -> Result<Value, Value> {
        let name =
            body.as_object_mut().and_then(|b| b.remove("as")).and_then(|n| n.as_str().map(str::to_owned));
        if kind == "decide" {
            for approval in body.get_mut("approvals").and_then(Value::as_array_mut).into_iter().flatten() {
                if let Some(ask) = approval.get("ask").and_then(Value::as_str).and_then(|a| self.asks.get(a))
                {
                    approval["ask"] = ask.clone();
                }
            }
            let request = Request::from_value(body).map_err(|e| json!(e))?;
            let decision = decide(self.life.bundle(), self.life.facts(), &request, at);
            let cedars = decide_by(Evaluator::Reference, self.life.bundle(), self.life.facts(), &request, at);
            assert_eq!(canonical::to_text(&cedars), canonical::to_text(&decision), "by plain Cedar");
            let result = json!(decision);
            if let Some(name) = name {
                self.asks.insert(name, result["ask"].clone());
            }
            return Ok(result);
        }
        for member in ["request", "grant", "parent"] {
            if let Some(v) = body.get_mut(member).filter(|v| v.is_string()) {
                self.rename(v, false);
            }
        }
        let mut command = Map::new();
        command.insert("command_id".into(), json!(format!("step-{number}")));
        command.insert(kind.into(), body);
        let command = Command::from_value(Value::Object(command)).map_err(|e| json!(e))?;
        let applied = self.life.apply(&command, at).map_err(|e| json!(e))?;
        self.applied.push(Arc::clone(&applied));
        if let Some(name) = name {
            let made = match kind {
                "submit" => &applied.request,
                "extend" => &applied.extension,
                _ => &applied.grant,
            };
            if let Some(id) = made {
                self.ids.insert(name, id.clone());
            }
        }
        let mut result = json!(*applied);
        let decision = result.as_object_mut().unwrap().remove("decision");
        result.as_object_mut().unwrap().remove("evidence");
        if let Some(Value::Object(members)) = decision {
            result.as_object_mut().unwrap().extend(members);
        }
        if let Some(grant) = applied.grant.as_deref().and_then(|g| self.life.grant(g)) {
            result["flags"] = json!(grant.flags);
            result["grant_record"] = json!(grant);
        }
        self.rename(&mut result, true);
        Ok(result)
    }
}

/// Every scenario file, with what it was run to, and what did not come out as expected.
fn run_all(pack: &Path, bundle: &Bundle) -> (Vec<(PathBuf, Run)>, Vec<String>) {
    let (mut runs, mut failed) = (Vec::new(), Vec::new());
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(pack.join("scenarios")).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    for file in files {
        let scenario = canonical::parse(&std::fs::read(&file).unwrap()).unwrap();
        let facts = match scenario["facts"].as_str() {
            Some(path) => std::fs::read(file.parent().unwrap().join(path)).unwrap(),
            None => scenario["facts"].to_string().into_bytes(),
        };
        let facts = Facts::from_json(bundle, &facts).unwrap_or_else(|e| panic!("{}: {e:#?}", file.display()));
        let life = Lifecycle::new(bundle.clone(), facts);
        let mut run = Run { applied: Vec::new(), life, ids: BTreeMap::new(), asks: BTreeMap::new() };
        if let Err(failure) = walk(&mut run, &scenario) {
            failed.push(format!("{} {failure}", file.file_name().unwrap().display()));
        }
        runs.push((file, run));
    }
    (runs, failed)
}

fn walk(run: &mut Run, scenario: &Value) -> Result<(), String> {
    let mut now = scenario["now"].as_str().map(|t| Instant::parse(t).unwrap());
    for (i, step) in scenario["steps"].as_array().unwrap().iter().enumerate() {
        now = step["at"].as_str().map(|t| Instant::parse(t).unwrap()).or(now);
        let (kind, body) = step["do"].as_object().unwrap().iter().next().unwrap();
        let mut body = body.clone();
        if let Some(name) = step.get("as") {
            body["as"] = name.clone();
        }
        let got = run.step(i, now.unwrap(), kind, body);
        let ok = match (&got, step.get("expect"), step.get("expect_error")) {
            (Err(error), _, Some(expected)) => matches(expected, error),
            (Ok(result), Some(expected), None) => matches(expected, result),
            (Ok(_), None, None) => true,
            _ => false,
        };
        if !ok {
            let expected = step.get("expect").or(step.get("expect_error")).unwrap_or(&Value::Null);
            let got = serde_json::to_string_pretty(&got.unwrap_or_else(|e| e)).unwrap();
            let got: String = got.chars().take(2_500).collect();
            return Err(format!("step {i} at {} {kind}\nexpected {expected}\ngot {got}", now.unwrap()));
        }
    }
    Ok(())
}

#[test]
fn every_scenario_comes_out_as_it_should() {
    for pack in packs() {
        let (runs, failed) = run_all(&pack, &bundle(&pack));
        let head = format!("{}: {} of {} failed", pack.display(), failed.len(), runs.len());
        assert!(failed.is_empty() && !runs.is_empty(), "{head}\n{}", failed.join("\n----\n"));
    }
}

#[test]
fn a_compiled_bundle_lives_through_every_scenario_to_the_byte() {
    let mut steps = 0;
    for pack in packs() {
        let bundle = bundle(&pack);
        let bytes = bundle.to_compiled().unwrap_or_else(|e| panic!("{}: {e:#?}", pack.display()));
        assert_eq!(bytes, bundle.to_compiled().unwrap(), "the same bundle has the same form");
        let loaded = Bundle::from_compiled(&bytes).unwrap();
        assert_eq!(loaded.digest(), bundle.digest());
        let (whole, compiled) = (run_all(&pack, &bundle).0, run_all(&pack, &loaded).0);
        for ((file, one), (_, other)) in whole.iter().zip(&compiled) {
            let told = |run: &Run| run.applied.iter().map(|a| canonical::to_text(&**a)).collect::<Vec<_>>();
            assert_eq!(told(one), told(other), "{}", file.display());
            assert_eq!(one.asks, other.asks, "{}", file.display());
            steps += one.applied.len();
        }
    }
    assert!(steps > 300, "only {steps} steps were compared");
}

fn ledger_of(run: &Run) -> Vec<Entry> {
    let Some(first) = run.applied.first() else { return Vec::new() };
    let (mut ledger, genesis) = Ledger::begin("example.com/starter", first.at).unwrap();
    let mut entries = vec![genesis];
    for applied in &run.applied {
        entries.extend(ledger.record(applied).unwrap());
    }
    entries
}

fn records(entries: &[Entry]) -> Vec<Recorded> {
    let mut reader = Records::new();
    entries.iter().filter_map(|e| reader.push(e).unwrap()).collect()
}

#[test]
fn the_ledger_alone_tells_every_scenario_again() {
    let mut decisions = 0;
    for pack in packs() {
        decisions += told_again(&pack);
    }
    assert!(decisions > 150, "only {decisions} decisions were replayed");
}

/// How many decisions the ledgers of a pack's scenarios hold; each is made again by plain Cedar.
fn told_again(pack: &Path) -> usize {
    let bundle = bundle(pack);
    let replay = Replay::new([bundle.clone()]);
    let mut decisions = 0;
    for (file, run) in run_all(pack, &bundle).0 {
        let entries = ledger_of(&run);
        let text: String = entries.iter().map(|e| e.to_line() + "\n").collect();
        let mut verifier = Verifier::new();
        verifier.feed(text.as_bytes()).unwrap();
        assert!(verifier.finish().is_intact(), "{}", file.display());
        let read: Vec<Entry> = text.lines().map(|l| Entry::parse(l.as_bytes()).unwrap()).collect();
        let told = records(&read);
        assert_eq!(told.len(), run.applied.len());
        let mut archive = Archive::new();
        for (recorded, applied) in told.iter().zip(&run.applied) {
            assert_eq!(&recorded.applied, applied.as_ref(), "{}", file.display());
            assert_eq!(replay.check(recorded).unwrap(), None, "{}", file.display());
            archive.fold(&recorded.applied).unwrap();
            if let (Some(decision), Some(evidence)) = (&recorded.applied.decision, &recorded.applied.evidence)
            {
                let cedars = decide_again_by(Evaluator::Reference, &bundle, evidence).unwrap();
                assert_eq!(canonical::to_text(&cedars), canonical::to_text(decision), "{}", file.display());
                decisions += 1;
            }
            let same = counterfactual(&bundle, recorded).unwrap();
            assert!(same.is_none_or(|c| !c.differs()), "{}", file.display());
        }
        let live: Vec<&Grant> = run.life.grants().collect();
        let mut kept = archive.grants();
        kept.sort_by(|a, b| a.id.cmp(&b.id));
        assert_eq!(kept, live, "{}", file.display());
    }
    decisions
}

#[test]
fn a_decision_that_was_changed_and_hashed_anew_is_found_by_replay() {
    let bundle = bundle(&starter());
    let replay = Replay::new([bundle.clone()]);
    let (_, run) = run_all(&starter(), &bundle)
        .0
        .into_iter()
        .find(|(f, _)| f.ends_with("e01-on-call-happy-path.json"))
        .unwrap();
    let mut forged = Vec::new();
    for recorded in records(&ledger_of(&run)) {
        let mut recorded = recorded;
        if let Some(decision) = recorded.applied.decision.as_mut().filter(|d| d.ends_at.is_some()) {
            decision.ends_at = decision.ends_at.map(|t| t.plus(Span::from_minutes(60)));
        }
        forged.extend(replay.check(&recorded).unwrap());
    }
    assert!(!forged.is_empty());
    assert!(forged.iter().all(|d| d.differences.iter().any(|x| x.member == "ends_at")), "{forged:#?}");
}

#[test]
fn nothing_is_permitted_without_evidence_nor_used_against_the_decision() {
    let bundle = bundle(&starter());
    let replay = Replay::new([bundle.clone()]);
    let (_, run) = run_all(&starter(), &bundle)
        .0
        .into_iter()
        .find(|(f, _)| f.ends_with("e12-split-revocation.json"))
        .unwrap();
    let permits = records(&ledger_of(&run)).into_iter();
    let permits = permits.filter(|r| r.applied.decision.as_ref().is_some_and(|d| d.is_permit()));
    let (mut stripped, mut turned) = (0, 0);
    for mut recorded in permits {
        for event in &mut recorded.applied.events {
            if let Event::Used { permitted, .. } = event {
                *permitted = false;
                turned += 1;
            }
        }
        if turned == 0 {
            recorded.applied.evidence = None;
            stripped += 1;
        }
        assert!(replay.check(&recorded).unwrap().is_some(), "{recorded:#?}");
    }
    assert!(stripped > 0 && turned > 0, "{stripped} {turned}");
}

#[test]
fn a_record_that_a_crash_cut_short_counts_for_nothing() {
    let bundle = bundle(&starter());
    let (_, run) = run_all(&starter(), &bundle)
        .0
        .into_iter()
        .find(|(f, _)| f.ends_with("e01-on-call-happy-path.json"))
        .unwrap();
    let entries = ledger_of(&run);
    for cut in 0..=entries.len() {
        let whole = entries[..cut].iter().filter(|e| e.kind == Kind::RECORD).count();
        assert_eq!(records(&entries[..cut]).len(), whole);
    }
}
