//! Two packs compared by what they mean: for each action and kind of actor, whether more
//! opens, less, the same, or some of both; with an example for each direction.
//!
//! What is compared is what `decide` would say: a rule that holds, no guardrail that refuses
//! its own offer, and who asks content with `context.offer`: a lifetime, and approvals that
//! can be had. So a longer lifetime or a seat less is more, as is a weaker condition.

use crate::case::Case;
use crate::pack::{Pack, Way, parse, set};
use crate::solver::{Answer, Prover, allows, permits};
use crate::witness::{Ought, Witness};
use cedar_policy::{Entities, Policy, PolicySet, Request};
use cedar_policy_symcc::CompiledPolicySet;
use glasskey::bundle::Rule;
use serde::Serialize;
use std::collections::BTreeMap;

/// How the new pack stands to the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Just the same opens.
    Equal,
    /// All that did, and more.
    MorePermissive,
    /// Less.
    Stricter,
    /// Some more, some less.
    Incomparable,
    /// Not known; to be taken for more.
    Unknown,
}

/// One action, for one kind of actor.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The action, by whom, on what.
    pub about: String,
    /// What changed.
    pub change: Change,
    /// Opens now and did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opened: Option<Witness>,
    /// Did open and does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed: Option<Witness>,
    /// Why it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// The terms of one rule.
#[derive(Clone, Debug, Serialize)]
pub struct TermChange {
    /// The rule.
    pub rule: String,
    /// In words.
    pub words: String,
    /// Whether it widens access, or leaves less of a trace.
    pub wider: bool,
}

/// Two packs compared.
#[derive(Clone, Debug, Serialize)]
pub struct Diff {
    /// The old bundle.
    pub old: String,
    /// The new one.
    pub new: String,
    /// What each action opens for; equal ones are left out.
    pub rows: Vec<Row>,
    /// How many are equal.
    pub equal: usize,
    /// What changed in the terms of rules that both have.
    pub terms: Vec<TermChange>,
    /// Policies that came.
    pub added: Vec<String>,
    /// Policies that went.
    pub removed: Vec<String>,
}

impl Diff {
    /// Whether anything may open that did not, or under weaker terms.
    #[must_use]
    pub fn widens(&self) -> bool {
        let more = |c| matches!(c, Change::MorePermissive | Change::Incomparable);
        self.rows.iter().any(|r| more(r.change)) || self.terms.iter().any(|t| t.wider)
    }

    /// Whether anything could not be decided.
    #[must_use]
    pub fn unknown(&self) -> bool {
        self.rows.iter().any(|r| r.change == Change::Unknown)
    }
}

/// Compares two packs.
///
/// # Errors
/// A policy that the comparison cannot read.
pub fn diff(old: &Pack, new: &Pack, prover: &mut Prover) -> Result<Diff, String> {
    let mut out = Diff {
        old: old.bundle.digest().to_string(),
        new: new.bundle.digest().to_string(),
        rows: Vec::new(),
        equal: 0,
        terms: Vec::new(),
        added: new.policies.keys().filter(|id| !old.policies.contains_key(*id)).cloned().collect(),
        removed: old.policies.keys().filter(|id| !new.policies.contains_key(*id)).cloned().collect(),
    };
    for rule in new.bundle.rules() {
        let before = old.bundle.rule(rule.id()).and_then(Rule::terms);
        let (Some(before), Some(after)) = (before, rule.terms()) else { continue };
        let change = |c: glasskey::bundle::TermChange| TermChange {
            rule: rule.id().to_owned(),
            words: c.words,
            wider: c.wider,
        };
        out.terms.extend(after.changes_since(before).into_iter().map(change));
    }
    let known: BTreeMap<_, &Way> = new.ways.iter().map(|w| (w.key(), w)).collect();
    for way in &new.ways {
        let row = compare(old, new, way, prover)?;
        if row.change == Change::Equal { out.equal += 1 } else { out.rows.push(row) }
    }
    for way in old.ways.iter().filter(|w| !known.contains_key(&w.key())) {
        let about = format!("{} (cannot be asked for any more)", way.shown());
        out.rows.push(Row { about, change: Change::Stricter, opened: None, closed: None, why: None });
    }
    Ok(out)
}

fn compare(old: &Pack, new: &Pack, way: &Way, prover: &mut Prover) -> Result<Row, String> {
    let mut row = Row { about: way.shown(), change: Change::Equal, opened: None, closed: None, why: None };
    let (before, after) = (opens(old, way)?, opens(new, way)?);
    // What reads the same in one vocabulary means the same, and most of a change does.
    if same_words(old, new) && before.to_string() == after.to_string() {
        return Ok(row);
    }
    // Both are read in the new vocabulary: what the old policies cannot say there is unknown.
    let compiled = |policies: &PolicySet| {
        CompiledPolicySet::compile(policies, &way.env, &new.schema).map_err(|e| e.to_string())
    };
    let (one, other) = match (compiled(&before), compiled(&after)) {
        (Ok(one), Ok(other)) => (one, other),
        (Err(e), _) | (_, Err(e)) => {
            row.change = Change::Unknown;
            row.why = Some(format!("the old policies do not fit the new schema: {e}"));
            return Ok(row);
        }
    };
    let mut directions = [None, None];
    for (at, (from, to, allowed, denied)) in
        [(&other, &one, &after, &before), (&one, &other, &before, &after)].into_iter().enumerate()
    {
        match prover.implies(from, to) {
            Answer::Proved => {}
            Answer::Refuted(env) if allows(allowed, &env) && !allows(denied, &env) => {
                let shows = |request: &Request, entities: &Entities| {
                    permits(allowed, request, entities) && !permits(denied, request, entities)
                };
                let ought = if at == 0 { Ought::Denied } else { Ought::Open };
                let case = Case::of(&env, way).plainest(&new.schema, &shows);
                directions[at] = Some(Witness::of(case, None, ought));
            }
            Answer::Refuted(_) => row.why = Some("an example that Cedar does not confirm".to_owned()),
            Answer::Unknown(why) => row.why = Some(why),
        }
    }
    [row.opened, row.closed] = directions;
    row.change = match (&row.why, &row.opened, &row.closed) {
        (_, Some(_), Some(_)) => Change::Incomparable,
        (Some(_), ..) => Change::Unknown,
        (None, None, None) => Change::Equal,
        (None, Some(_), None) => Change::MorePermissive,
        (None, None, Some(_)) => Change::Stricter,
    };
    Ok(row)
}

fn same_words(old: &Pack, new: &Pack) -> bool {
    old.bundle.schema_fragments().eq(new.bundle.schema_fragments())
}

/// Everything that opens, as permits alone: each rule, unless a guardrail refuses its offer.
fn opens(pack: &Pack, way: &Way) -> Result<PolicySet, String> {
    let mut permits = Vec::new();
    for rule in pack.bundle.rules() {
        let terms = rule.terms().filter(|_| way.privileged);
        if way.privileged && way.kind.is_none_or(|k| rule.kinds().all(|own| own != k)) {
            continue;
        }
        let mut text =
            format!("permit (principal, action, resource) when {{ {} }}", condition(pack, rule.id()));
        if let Some(terms) = terms {
            text.push_str(&format!(
                " when {{ context has offer && context.offer.ttl > duration(\"0ms\") \
                 && context.offer.ttl <= duration(\"{}\") && context.offer.seats >= {} }}",
                terms.max_ttl,
                terms.quorum.size()
            ));
        }
        for guard in pack.bundle.guards() {
            let refuses = offered(&condition(pack, guard.id()), rule);
            text.push_str(&format!(" unless {{ {refuses} }}"));
        }
        text.push(';');
        permits.push(parse(rule.id(), &text)?);
    }
    permits.push(parse("(nothing)", "permit (principal, action, resource) when { false };")?);
    set(permits)
}

/// A policy's scope and conditions as one condition.
fn condition(pack: &Pack, id: &str) -> String {
    let ast: Option<&cedar_policy_core::ast::Policy> = pack.policies.get(id).map(Policy::as_ref);
    ast.map_or_else(|| "false".to_owned(), |p| p.condition().to_string())
}

/// The condition with the rule's own offer in it; the lifetime stays open.
fn offered(condition: &str, rule: &Rule) -> String {
    let Some(terms) = rule.terms() else { return condition.to_owned() };
    let obligations: Vec<String> = terms.obligations.iter().map(|o| format!("{:?}", o.text())).collect();
    let obligations = if obligations.is_empty() {
        // Cedar's types have no empty set; this one is as good.
        "context.offer.obligations".to_owned()
    } else {
        format!("[{}]", obligations.join(", "))
    };
    let mut text = condition.to_owned();
    for (member, value) in [
        ("seats", terms.quorum.size().to_string()),
        ("rule", format!("{:?}", rule.id())),
        ("obligations", obligations),
    ] {
        for path in [
            format!("context[\"offer\"][\"{member}\"]"),
            format!("(context[\"offer\"])[\"{member}\"]"),
            format!("((context[\"offer\"])[\"{member}\"])"),
            format!("(context.offer).{member}"),
            format!("((context.offer).{member})"),
            format!("context.offer.{member}"),
        ] {
            if path.as_str() != value {
                text = text.replace(&path, &value);
            }
        }
    }
    text
}
