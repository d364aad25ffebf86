//! The proofs of a pack.

mod policies;
mod relaxes;

use crate::builtin;
use crate::offer;
use crate::pack::{Pack, Way, set};
use crate::property::{By, Property};
use crate::solver::{Answer, Prover, allows, compile};
use crate::witness::Witness;
use cedar_policy::{Policy, PolicySet};
use serde::Serialize;

/// What came of a property.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It holds of everything.
    Proved,
    /// It does not hold.
    Refuted,
    /// It was not decided, and so it is not proved.
    Unknown,
    /// The policies have no say in it; the engine sees to it, and its tests show that.
    Engine,
}

/// One property and what came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// The property.
    pub id: String,
    /// In words.
    pub title: String,
    /// What came of it.
    pub verdict: Verdict,
    /// Where it fails, or why it is not known; a line each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Counterexamples, one for each place at the most.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub witnesses: Vec<Witness>,
    /// How many questions the solver was asked.
    pub questions: u64,
}

/// All findings about a pack.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The pack.
    pub pack: String,
    /// The bundle that was proved.
    pub bundle: String,
    /// What was found.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether everything holds.
    #[must_use]
    pub fn all_proved(&self) -> bool {
        self.findings.iter().all(|f| matches!(f.verdict, Verdict::Proved | Verdict::Engine))
    }

    /// Whether anything is refuted.
    #[must_use]
    pub fn refuted(&self) -> bool {
        self.findings.iter().any(|f| matches!(f.verdict, Verdict::Refuted))
    }

    /// The finding of this id.
    #[must_use]
    pub fn finding(&self, id: &str) -> Option<&Finding> {
        self.findings.iter().find(|f| f.id == id)
    }
}

/// What is to be found out.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The properties; all, if none is named.
    pub only: Vec<String>,
    /// Whether the first counterexample to a property is enough.
    pub first: bool,
}

impl Wanted {
    fn wants(&self, id: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|o| o == id)
    }
}

type Check = fn(&Pack, &mut Prover) -> Result<Finding, String>;

/// What is asked of every pack, whatever it states of itself.
const CHECKS: &[(&str, Check)] = &[
    ("never-errors", policies::never_err),
    ("no-dead-policy", policies::dead),
    ("no-vacuous-rule", policies::vacuous),
    ("no-shadowed-rule", policies::shadowed),
    ("kinds-of-actors", policies::kinds),
    ("approvals", |_, _| Ok(approvals())),
    ("break-glass-relaxes", relaxes::only_what_it_says),
];

/// Finds out about the properties of a pack; `seen` is told of each finding as it is made.
///
/// # Errors
/// A property that is no Cedar condition, or a name that the pack does not have.
pub fn prove(
    pack: &Pack,
    prover: &mut Prover,
    wanted: &Wanted,
    seen: &mut dyn FnMut(&Finding),
) -> Result<Report, String> {
    let mut findings: Vec<Finding> = Vec::new();
    let properties = builtin::properties(pack);
    let properties = || properties.iter().chain(&pack.stated.properties);
    let known = |id: &str| CHECKS.iter().any(|(own, _)| *own == id) || properties().any(|p| p.id == id);
    if let Some(unknown) = wanted.only.iter().find(|id| !known(id)) {
        return Err(format!("there is no property `{unknown}`"));
    }
    for (_, check) in CHECKS.iter().filter(|(id, _)| wanted.wants(id)) {
        findings.push(check(pack, prover)?);
        findings.last().into_iter().for_each(&mut *seen);
    }
    for property in properties().filter(|p| wanted.wants(&p.id)) {
        findings.push(holds(pack, prover, property, wanted.first)?);
        findings.last().into_iter().for_each(&mut *seen);
    }
    Ok(Report {
        pack: pack.bundle.manifest().name.clone(),
        bundle: pack.bundle.digest().to_string(),
        findings,
    })
}

fn approvals() -> Finding {
    let mut finding = Draft::new("approvals", "Nobody approves what they asked for, and no machine approves");
    finding.note("the schema lets only persons approve; the engine counts nobody who has a part in the ask");
    Finding { verdict: Verdict::Engine, ..finding.done(0) }
}

/// A property over everything that can open.
fn holds(pack: &Pack, prover: &mut Prover, property: &Property, first: bool) -> Result<Finding, String> {
    let mut draft = Draft::new(&property.id, &property.title);
    let before = prover.asked;
    let mut places = 0;
    for way in &pack.ways {
        if !concerns(pack, property, way)? || (first && !draft.finding.witnesses.is_empty()) {
            continue;
        }
        places += 1;
        let permit = offer::permit_when(&property.must, way.privileged)
            .map_err(|e| format!("property `{}`: {e}", property.id))?;
        refuse_nothing_else(pack, prover, property, way, &permit, &mut draft)?;
        let must_set = set([permit])?;
        let must = match prover.compiled(
            &format!("must {}", property.must),
            || Ok(must_set.clone()),
            &way.env,
            &pack.schema,
        ) {
            Ok(must) => must,
            Err(e) => return Err(format!("property `{}`, {}: {e}", property.id, way.shown())),
        };
        for (rule, permit) in permits(pack, property.by, way)? {
            let name = rule.as_ref().map_or_else(|| "any rule".to_owned(), |r| format!("rule {r}"));
            let name = format!("{} {name}", pack.bundle.digest());
            let all = with_guards(pack, permit)?;
            let compiled = prover.compiled(&name, || Ok(all.clone()), &way.env, &pack.schema)?;
            match prover.implies(&compiled, &must) {
                Answer::Proved => {}
                Answer::Unknown(why) => draft.unknown(format!("{}: {why}", way.shown())),
                // The solver's word is checked: Cedar itself must agree with the example.
                Answer::Refuted(env) if allows(&all, &env) && !allows(&must_set, &env) => {
                    draft.refuted(way.shown(), Witness::of(&env, way, rule.as_deref()));
                }
                Answer::Refuted(_) => {
                    draft.unknown(format!("{}: a counterexample that Cedar does not confirm", way.shown()));
                }
            }
        }
    }
    if places == 0 {
        return Err(format!("property `{}` is about nothing that can be asked for", property.id));
    }
    Ok(draft.done(prover.asked - before))
}

/// The guardrails that are there for a property refuse nothing that it allows.
fn refuse_nothing_else(
    pack: &Pack,
    prover: &mut Prover,
    property: &Property,
    way: &Way,
    permit: &Policy,
    draft: &mut Draft,
) -> Result<(), String> {
    for id in &property.guards {
        let Some(guard) = pack.bundle.guards().iter().find(|g| g.id() == id) else {
            draft.fault(format!("the guardrail `{id}` is gone"));
            continue;
        };
        let one = compile(&pack.policies[guard.id()], &way.env, &pack.schema)?;
        match prover.disjoint(&one, &compile(permit, &way.env, &pack.schema)?) {
            Answer::Proved => {}
            Answer::Refuted(env) => draft.refuted(
                format!("`{id}` refuses more than that: {}", way.shown()),
                Witness::of(&env, way, None),
            ),
            Answer::Unknown(why) => draft.unknown(format!("`{id}`, {}: {why}", way.shown())),
        }
    }
    Ok(())
}

fn concerns(pack: &Pack, property: &Property, way: &Way) -> Result<bool, String> {
    let kind = property.principals.is_empty() || way.kind.is_some_and(|k| property.principals.contains(&k));
    let action = if property.actions.is_empty() {
        way.privileged
    } else {
        pack.stands_in(&way.action, &property.actions)?
    };
    Ok(kind && action)
}

/// The permits that a property must hold of.
fn permits(pack: &Pack, by: By, way: &Way) -> Result<Vec<(Option<String>, Policy)>, String> {
    match by {
        By::AnyRule => Ok(vec![(None, offer::any_rule(way)?)]),
        By::EachRule => {
            let mut out = Vec::new();
            for rule in pack.bundle.rules() {
                if way.kind.is_some_and(|k| rule.kinds().any(|own| own == k)) {
                    out.push((Some(rule.id().to_owned()), offer::with_offer(pack, rule, way)?));
                }
            }
            Ok(out)
        }
    }
}

pub(crate) fn with_guards(pack: &Pack, permit: Policy) -> Result<PolicySet, String> {
    let mut all = pack.guards()?;
    all.add(permit).map_err(|e| e.to_string())?;
    Ok(all)
}

/// A finding in the making.
pub(crate) struct Draft {
    finding: Finding,
}

impl Draft {
    pub(crate) fn new(id: &str, title: &str) -> Self {
        Self {
            finding: Finding {
                id: id.to_owned(),
                title: title.to_owned(),
                verdict: Verdict::Proved,
                notes: Vec::new(),
                witnesses: Vec::new(),
                questions: 0,
            },
        }
    }

    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.finding.notes.push(note.into());
    }

    /// A fault that needs no counterexample.
    pub(crate) fn fault(&mut self, note: String) {
        self.finding.verdict = Verdict::Refuted;
        if !self.finding.notes.contains(&note) {
            self.note(note);
        }
    }

    pub(crate) fn refuted(&mut self, note: String, witness: Witness) {
        self.fault(note);
        self.finding.witnesses.push(witness);
    }

    pub(crate) fn unknown(&mut self, note: String) {
        if matches!(self.finding.verdict, Verdict::Proved) {
            self.finding.verdict = Verdict::Unknown;
        }
        self.note(format!("not known: {note}"));
    }

    pub(crate) fn done(mut self, questions: u64) -> Finding {
        self.finding.questions = questions;
        self.finding
    }
}
