//! The proofs of a pack.

mod policies;
mod relaxes;

use crate::builtin;
use crate::cache::Cache;
use crate::case::Case;
use crate::offer;
use crate::pack::{Pack, Way, set};
use crate::property::{By, Property};
use crate::scenario::Counterexample;
use crate::solver::{Answer, Prover, allows, compile, permits};
use crate::witness::{Ought, Witness};
use cedar_policy::{Entities, Policy, PolicySet, Request};
use serde::{Deserialize, Serialize};

/// What came of a property.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Finding {
    /// The property.
    pub id: String,
    /// In words.
    pub title: String,
    /// What came of it.
    pub verdict: Verdict,
    /// Where it fails, or why it is not known; a line each.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub notes: Vec<String>,
    /// Counterexamples, one for each place at the most.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub witnesses: Vec<Witness>,
    /// How many questions the solver was asked.
    pub questions: u64,
    /// It was proved before, and the proof was kept.
    #[serde(skip)]
    pub known: bool,
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
    /// Whether it has to be one that can be run, and then fails.
    pub runnable: bool,
    /// Where proofs are kept.
    pub cache: Option<Cache>,
}

/// How far the proofs are.
#[derive(Debug)]
pub enum Step<'a> {
    /// This property is being proved.
    Begun {
        /// The property.
        id: &'a str,
        /// Which of them, from 1.
        number: usize,
        /// How many there are.
        of: usize,
    },
    /// This came of it.
    Found(&'a Finding),
}

impl Wanted {
    fn wants(&self, id: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|o| o == id)
    }
}

/// What is to be found out about one property.
enum Asked<'a> {
    Check(Check),
    Property(&'a Property),
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

/// Finds out about the properties of a pack; `seen` is told of each as it is begun and done.
///
/// # Errors
/// A property that is no Cedar condition, or a name that the pack does not have.
pub fn prove(
    pack: &Pack,
    prover: &mut Prover,
    wanted: &Wanted,
    seen: &mut dyn FnMut(Step<'_>),
) -> Result<Report, String> {
    let mut findings: Vec<Finding> = Vec::new();
    let properties = builtin::properties(pack);
    let properties = || properties.iter().chain(&pack.stated.properties);
    let known = |id: &str| CHECKS.iter().any(|(own, _)| *own == id) || properties().any(|p| p.id == id);
    if let Some(unknown) = wanted.only.iter().find(|id| !known(id)) {
        return Err(format!("there is no property `{unknown}`"));
    }
    let checks = CHECKS.iter().map(|(id, check)| (*id, Asked::Check(*check)));
    let stated = properties().map(|p| (p.id.as_str(), Asked::Property(p)));
    let all: Vec<(&str, Asked<'_>)> = checks.chain(stated).filter(|(id, _)| wanted.wants(id)).collect();
    for (i, (id, asked)) in all.iter().enumerate() {
        seen(Step::Begun { id, number: i + 1, of: all.len() });
        prover.begin();
        let known = wanted.cache.as_ref().and_then(|cache| cache.known(pack, id));
        let finding = match (known, asked) {
            (Some(known), _) => known,
            (None, Asked::Check(check)) => check(pack, prover)?,
            (None, Asked::Property(property)) => holds(pack, prover, property, wanted)?,
        };
        if let Some(cache) = wanted.cache.as_ref().filter(|_| !finding.known) {
            cache.keep(pack, &finding);
        }
        seen(Step::Found(&finding));
        findings.push(finding);
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
fn holds(pack: &Pack, prover: &mut Prover, property: &Property, wanted: &Wanted) -> Result<Finding, String> {
    let mut draft = Draft::new(&property.id, &property.title);
    let before = prover.asked;
    let mut places = 0;
    for way in &pack.ways {
        if !concerns(pack, property, way)? || draft.shown(pack, wanted) {
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
        for (rule, permit) in offers(pack, property.by, way)? {
            let name = rule.as_ref().map_or_else(|| "any rule".to_owned(), |r| format!("rule {r}"));
            let name = format!("{} {name}", pack.bundle.digest());
            let all = with_guards(pack, permit)?;
            let compiled = prover.compiled(&name, || Ok(all.clone()), &way.env, &pack.schema)?;
            match prover.implies(&compiled, &must) {
                Answer::Proved => {}
                Answer::Unknown(why) => draft.unknown(format!("{}: {why}", way.shown())),
                // The solver's word is checked: Cedar itself must agree with the example.
                Answer::Refuted(env) if allows(&all, &env) && !allows(&must_set, &env) => {
                    let shows = |request: &Request, entities: &Entities| {
                        permits(&all, request, entities) && !permits(&must_set, request, entities)
                    };
                    let case = Case::of(&env, way).plainest(&pack.schema, &shows);
                    let ought = if rule.is_some() { Ought::Denied } else { Ought::Refused };
                    draft.refuted(way.shown(), Witness::of(case, rule.as_deref(), ought));
                }
                Answer::Refuted(_) => {
                    draft.unknown(format!("{}: a counterexample that Cedar does not confirm", way.shown()));
                }
            }
        }
    }
    if places == 0 && !pack.stated.properties.iter().any(|p| p.id == property.id) {
        draft.note("nobody can ask for what it is about");
    } else if places == 0 {
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
                needlessly(pack, prover, id, way, permit, &env)?,
            ),
            Answer::Unknown(why) => draft.unknown(format!("`{id}`, {}: {why}", way.shown())),
        }
    }
    Ok(())
}

/// A case that this guardrail refuses and should not; one that no other refuses, if there is one.
fn needlessly(
    pack: &Pack,
    prover: &mut Prover,
    id: &str,
    way: &Way,
    permit: &Policy,
    env: &cedar_policy_symcc::Env,
) -> Result<Witness, String> {
    let alone = pack.policies[id].clone();
    let others = pack.bundle.guards().iter().filter(|g| g.id() != id);
    let mut without = set(others.filter_map(|g| pack.policies.get(g.id())).cloned())?;
    without.add(permit.clone()).map_err(|e| e.to_string())?;
    let with = with_guards(pack, permit.clone())?;
    let form = |set: &PolicySet| {
        cedar_policy_symcc::CompiledPolicySet::compile(set, &way.env, &pack.schema).map_err(|e| e.to_string())
    };
    let better = match prover.implies(&form(&without)?, &form(&with)?) {
        Answer::Refuted(better) if allows(&without, &better) && !allows(&with, &better) => Some(better),
        _ => None,
    };
    let (mine, wanted) = (set([alone])?, set([permit.clone()])?);
    let matches = |request: &Request, entities: &Entities| {
        let answer = cedar_policy::Authorizer::new().is_authorized(request, &mine, entities);
        answer.diagnostics().reason().next().is_some()
    };
    let shows = |request: &Request, entities: &Entities| {
        matches(request, entities)
            && permits(if better.is_some() { &without } else { &wanted }, request, entities)
    };
    let case = Case::of(better.as_deref().unwrap_or(env), way).plainest(&pack.schema, &shows);
    Ok(Witness::of(case, None, Ought::Open))
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
fn offers(pack: &Pack, by: By, way: &Way) -> Result<Vec<(Option<String>, Policy)>, String> {
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
                known: false,
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

    /// A case that shows a fault.
    pub(crate) fn witness(&mut self, witness: Witness) {
        self.finding.witnesses.push(witness);
    }

    pub(crate) fn refuted(&mut self, note: String, witness: Witness) {
        self.fault(note);
        self.finding.witnesses.push(witness);
    }

    /// Whether there are counterexamples enough.
    fn shown(&self, pack: &Pack, wanted: &Wanted) -> bool {
        let Finding { id, witnesses, .. } = &self.finding;
        let runs = |w: &Witness| !wanted.runnable || Counterexample::of(pack, id, w).is_ok();
        wanted.first && witnesses.iter().any(runs)
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
