//! `glasskey check`: what a pack says, or every fault of it.

use crate::fault::Fault;
use crate::outcome::{Exit, Outcome, line};
use crate::pack::Pack;
use crate::report;
use crate::screen::{Ink, Screen};
use crate::show::Table;
use glasskey::Bundle;
use glasskey::bundle::{Guard, Rule, Terms};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

pub(super) fn run(root: &Path, screen: &Screen) -> Result<Outcome, Vec<Fault>> {
    let pack = Pack::read(root).map_err(|f| vec![f])?;
    let bundle = pack.compile()?;
    let warnings = pack.faults(bundle.warnings().to_vec());
    if screen.json {
        return Ok(Outcome::new(line(&as_json(&bundle, &warnings)), Exit::Ok));
    }
    let err = report::warnings(&warnings, screen);
    Ok(Outcome { out: summary(&bundle, screen), err, exit: Exit::Ok })
}

fn summary(bundle: &Bundle, screen: &Screen) -> String {
    let (pen, manifest) = (screen.pen(), bundle.manifest());
    let (rules, others): (Vec<&Rule>, Vec<&Rule>) = bundle.rules().iter().partition(|r| r.terms().is_some());
    let title = format!("{} {}", manifest.name, manifest.version);
    let mut out = pen.write(Ink::Bold, &title);
    if !manifest.description.is_empty() {
        out.push_str(&format!("  {}", manifest.description));
    }
    out.push_str(&format!("\n{}\n", pen.write(Ink::Dim, &bundle.digest().to_string())));
    if let Some(extends) = &manifest.extends {
        out.push_str(&format!("extends {}\n", extends.pack));
        for (what, names) in [("without", extends.drop.join(", ")), ("tightens", listed(&extends.terms))] {
            if !names.is_empty() {
                out.push_str(&format!("  {what} {names}\n"));
            }
        }
        for (name, reason) in &extends.weaken {
            out.push_str(&format!("  {} {name}: {reason}\n", pen.write(Ink::Red, "weaker")));
        }
    }
    let mut section = |name: &str, count: usize, table: &Table| {
        if count > 0 {
            let name = if count == 1 { name.replacen("s,", ",", 1) } else { name.to_owned() };
            out.push_str(&format!(
                "\n{}\n{}",
                pen.write(Ink::Bold, &format!("{count} {name}")),
                table.lines(pen)
            ));
        }
    };
    let mut table = Table::new(&["rule", "for", "priority", "ttl/max", "quorum", "extensions"]);
    for rule in &rules {
        if let Some(terms) = rule.terms() {
            terms_rows(rule, terms, &mut table);
        }
    }
    section("privileged rules, in the order they are tried", rules.len(), &table);
    let mut table = Table::new(&["rule", "for", "title"]);
    others
        .iter()
        .for_each(|r| table.row(vec![r.id().to_owned(), kinds(r), r.title().unwrap_or_default().to_owned()]));
    section("other rules, for approvals and the work around", others.len(), &table);
    let mut table = Table::new(&["guardrail", "title"]);
    bundle
        .guards()
        .iter()
        .for_each(|g| table.row(vec![g.id().to_owned(), g.title().unwrap_or_default().to_owned()]));
    section("guardrails, which can refuse any rule", bundle.guards().len(), &table);
    let mut table = Table::new(&["seat", "who sits there"]);
    manifest.seats.iter().for_each(|(name, who)| table.row(vec![name.clone(), who.clone()]));
    section("seats, to be filled by approvers", manifest.seats.len(), &table);
    out
}

fn listed<V>(by_name: &BTreeMap<String, V>) -> String {
    by_name.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
}

fn terms_rows(rule: &Rule, terms: &Terms, table: &mut Table) {
    let extensions = match terms.extensions {
        0 => String::new(),
        n => format!("{n} of {}", terms.extension_ttl),
    };
    table.row(vec![
        rule.id().to_owned(),
        kinds(rule),
        terms.priority.to_string(),
        format!("{}/{}", terms.ttl, terms.max_ttl),
        terms.quorum.to_string(),
        extensions,
    ]);
    let duties: Vec<String> = terms.obligations.iter().map(|o| o.text()).collect();
    if !duties.is_empty() {
        table.note(format!("must {}", duties.join(", ")));
    }
    let quorums: Vec<String> = terms.extension_quorum.iter().map(ToString::to_string).collect();
    if terms.extensions > 0 && !quorums.is_empty() {
        table.note(format!("extended by {}", quorums.join(" | ")));
    }
}

fn kinds(rule: &Rule) -> String {
    let kinds: Vec<&str> = rule.kinds().map(glasskey::model::ActorKind::as_str).collect();
    kinds.join(", ")
}

fn as_json(bundle: &Bundle, warnings: &[Fault]) -> Value {
    let rule = |r: &Rule| {
        json!({
            "id": r.id(), "title": r.title(), "advice": r.advice(), "controls": r.controls(), "file": r.file(),
            "kinds": r.kinds().collect::<Vec<_>>(), "terms": r.terms(),
        })
    };
    let guard = |g: &Guard| json!({ "id": g.id(), "title": g.title(), "advice": g.advice(), "controls": g.controls(), "file": g.file() });
    json!({
        "name": bundle.manifest().name,
        "version": bundle.manifest().version,
        "digest": bundle.digest(),
        "manifest": bundle.manifest(),
        "rules": bundle.rules().iter().map(rule).collect::<Vec<_>>(),
        "guards": bundle.guards().iter().map(guard).collect::<Vec<_>>(),
        "warnings": warnings,
    })
}
