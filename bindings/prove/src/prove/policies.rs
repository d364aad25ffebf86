//! What must hold of each policy by itself: it cannot err, it can match, it does not match
//! everything, no other policy makes it superfluous, and it is for those it names.

use crate::case::Case;
use crate::offer;
use crate::pack::{Pack, Way, set};
use crate::prove::{Draft, Finding, with_guards};
use crate::solver::{Answer, Prover, compile, permits};
use crate::witness::{Ought, Witness};
use cedar_policy::{Authorizer, Effect, Entities, Policy, PolicyId, Request};
use glasskey::bundle::Rule;
use std::collections::BTreeSet;

/// The ways to ask that a policy's scope lets through.
fn ways<'p>(pack: &'p Pack, policy: &Policy) -> Vec<&'p Way> {
    let own: BTreeSet<_> = policy
        .get_valid_request_envs(&pack.schema)
        .map(|env| (env.principal().to_string(), env.action().to_string(), env.resource().to_string()))
        .collect();
    pack.ways.iter().filter(|way| own.contains(&way.key())).collect()
}

pub(super) fn never_err(pack: &Pack, prover: &mut Prover) -> Result<Finding, String> {
    let mut draft = Draft::new("never-errors", "No policy can err, with any number that the engine lets in");
    let before = prover.asked;
    for (id, policy) in &pack.policies {
        for way in ways(pack, policy) {
            // An action with a context of its own has none of the engine's numbers.
            let bounded = within_bounds(policy)?;
            let (bounded, compiled) = match compile(&bounded, &way.env, &pack.schema) {
                Ok(compiled) => (bounded, compiled),
                Err(_) => (policy.clone(), compile(policy, &way.env, &pack.schema)?),
            };
            match prover.never_errs(&compiled) {
                Answer::Proved => {}
                Answer::Refuted(env) => {
                    let alone = set([bounded])?;
                    let shows = |request: &Request, entities: &Entities| {
                        let answer = Authorizer::new().is_authorized(request, &alone, entities);
                        answer.diagnostics().errors().next().is_some()
                    };
                    let case = Case::of(&env, way).plainest(&pack.schema, &shows);
                    let witness = if policy.effect() == Effect::Permit {
                        Witness::of(case, Some(id.as_str()), Ought::WithoutError)
                    } else {
                        Witness::of(case, None, Ought::Open)
                    };
                    draft.refuted(format!("`{id}` errs: {}", way.shown()), witness);
                    break;
                }
                Answer::Unknown(why) => draft.unknown(format!("`{id}`, {}: {why}", way.shown())),
            }
        }
    }
    Ok(draft.done(prover.asked - before))
}

/// The policy for numbers that can come up: the engine counts in 32 bits, refuses longer chains
/// and larger quorums, and takes no year of five digits.
fn within_bounds(policy: &Policy) -> Result<Policy, String> {
    let mut json = policy.to_json().map_err(|e| e.to_string())?;
    let counts = ["grants_24h", "extensions", "refusals_10m", "overdue_reviews", "emergencies_7d"];
    let mut bounds: Vec<String> = counts
        .iter()
        .map(|c| format!("context.history.{c} >= 0 && context.history.{c} <= 4294967295"))
        .collect();
    let privileged = "context.now >= datetime(\"0001-01-01\") && context.now <= datetime(\"9999-12-31\") && \
        context.actor.depth >= 0 && context.actor.depth <= 8";
    bounds.push(privileged.to_owned());
    let bounds = Policy::parse(
        None,
        format!("permit (principal, action, resource) when {{ {} }};", bounds.join(" && ")),
    )
    .map_err(|e| e.to_string())?
    .to_json()
    .map_err(|e| e.to_string())?;
    if let Some(conditions) = json["conditions"].as_array_mut() {
        conditions.insert(0, bounds["conditions"][0].clone());
    }
    Policy::from_json(Some(PolicyId::new(policy.id())), json).map_err(|e| e.to_string())
}

/// A policy with the scope of another, and no condition.
fn scope_of(policy: &Policy) -> Result<Policy, String> {
    let mut json = policy.to_json().map_err(|e| e.to_string())?;
    json["conditions"] = serde_json::json!([]);
    json["effect"] = serde_json::json!("permit");
    Policy::from_json(Some(PolicyId::new("(scope)")), json).map_err(|e| e.to_string())
}

/// Some case in the scope of a policy, and with an offer that it may see.
fn somewhere(pack: &Pack, prover: &mut Prover, policy: &Policy, way: &Way) -> Result<Option<Case>, String> {
    let offer = if way.privileged {
        " when { context has offer && context.offer.seats == 0 && context.offer.ttl == duration(\"10m\") }"
    } else {
        ""
    };
    let scope = scope_of(policy)?.to_string();
    let text = format!("{}{offer};", scope.trim_end().trim_end_matches(';'));
    let permit = crate::pack::parse("(scope)", &text)?;
    let alone = set([permit.clone()])?;
    let shows = |request: &Request, entities: &Entities| permits(&alone, request, entities);
    Ok(match prover.never_matches(&compile(&permit, &way.env, &pack.schema)?) {
        Answer::Refuted(env) => Some(Case::of(&env, way).plainest(&pack.schema, &shows)),
        _ => None,
    })
}

/// Some case that opens by a rule, guardrails and all.
fn opened(pack: &Pack, prover: &mut Prover, rule: &Rule, way: &Way) -> Result<Option<Case>, String> {
    let all = with_guards(pack, offer::with_offer(pack, rule, way)?)?;
    let name = format!("{} rule {}", pack.bundle.digest(), rule.id());
    let compiled = prover.compiled(&name, || Ok(all.clone()), &way.env, &pack.schema)?;
    let shows = |request: &Request, entities: &Entities| permits(&all, request, entities);
    Ok(match prover.denies_all(&compiled) {
        Answer::Refuted(env) => Some(Case::of(&env, way).plainest(&pack.schema, &shows)),
        _ => None,
    })
}

/// A permit is dead when nothing opens by it, guardrails and its own terms considered; a
/// forbid when it never matches.
pub(super) fn dead(pack: &Pack, prover: &mut Prover) -> Result<Finding, String> {
    let mut draft = Draft::new("no-dead-policy", "Every policy can come to bear");
    let before = prover.asked;
    for rule in pack.bundle.rules() {
        let (mut alive, mut unknown) = (false, None);
        for way in ways(pack, &pack.policies[rule.id()]) {
            let all = with_guards(pack, offer::with_offer(pack, rule, way)?)?;
            let name = format!("{} rule {}", pack.bundle.digest(), rule.id());
            let compiled = prover.compiled(&name, || Ok(all), &way.env, &pack.schema)?;
            match prover.denies_all(&compiled) {
                Answer::Refuted(_) => {
                    alive = true;
                    break;
                }
                Answer::Proved => {}
                Answer::Unknown(why) => unknown = Some(why),
            }
        }
        if !alive && unknown.is_none() {
            for way in ways(pack, &pack.policies[rule.id()]) {
                if let Some(case) = somewhere(pack, prover, &pack.policies[rule.id()], way)? {
                    draft.witness(Witness::of(case, Some(rule.id()), Ought::Under(rule.id().to_owned())));
                }
            }
        }
        note_dead(&mut draft, rule.id(), "nothing ever opens by it", alive, unknown);
    }
    for guard in pack.bundle.guards() {
        let policy = &pack.policies[guard.id()];
        let (mut alive, mut unknown) = (false, None);
        for way in ways(pack, policy) {
            match prover.never_matches(&compile(policy, &way.env, &pack.schema)?) {
                Answer::Refuted(_) => {
                    alive = true;
                    break;
                }
                Answer::Proved => {}
                Answer::Unknown(why) => unknown = Some(why),
            }
        }
        if !alive && unknown.is_none() {
            for way in ways(pack, policy) {
                if let Some(case) = somewhere(pack, prover, policy, way)? {
                    draft.witness(Witness::of(case, None, Ought::RefusedBy(guard.id().to_owned())));
                }
            }
        }
        note_dead(&mut draft, guard.id(), "it never matches", alive, unknown);
    }
    Ok(draft.done(prover.asked - before))
}

fn note_dead(draft: &mut Draft, id: &str, how: &str, alive: bool, unknown: Option<String>) {
    match (alive, unknown) {
        (true, _) => {}
        (false, Some(why)) => draft.unknown(format!("`{id}`: {why}")),
        (false, None) => draft.fault(format!("`{id}` is dead: {how}")),
    }
}

pub(super) fn vacuous(pack: &Pack, prover: &mut Prover) -> Result<Finding, String> {
    let mut draft = Draft::new("no-vacuous-rule", "No privileged rule permits everything it is asked for");
    let before = prover.asked;
    for rule in pack.bundle.rules().iter().filter(|r| r.terms().is_some()) {
        let policy = &pack.policies[rule.id()];
        for way in ways(pack, policy).into_iter().filter(|w| w.privileged) {
            match prover.always_matches(&compile(policy, &way.env, &pack.schema)?) {
                Answer::Proved => {
                    draft.fault(format!("`{}` permits every case of {}", rule.id(), way.shown()));
                    if let Some(case) = opened(pack, prover, rule, way)? {
                        draft.witness(Witness::of(case, Some(rule.id()), Ought::Denied));
                    }
                    break;
                }
                Answer::Refuted(_) => {}
                Answer::Unknown(why) => draft.unknown(format!("`{}`: {why}", rule.id())),
            }
        }
    }
    Ok(draft.done(prover.asked - before))
}

/// A rule is shadowed when one before it matches wherever it does and asks for no more.
pub(super) fn shadowed(pack: &Pack, prover: &mut Prover) -> Result<Finding, String> {
    let mut draft =
        Draft::new("no-shadowed-rule", "No rule is made superfluous by one that is tried before it");
    let before = prover.asked;
    let rules: Vec<&Rule> = pack.bundle.rules().iter().filter(|r| r.terms().is_some()).collect();
    for (i, rule) in rules.iter().enumerate() {
        let own = ways(pack, &pack.policies[rule.id()]);
        for earlier in rules.iter().take(i) {
            let (Some(first), Some(second)) = (earlier.terms(), rule.terms()) else { continue };
            let covered: BTreeSet<_> =
                ways(pack, &pack.policies[earlier.id()]).into_iter().map(Way::key).collect();
            let everywhere = own.iter().all(|way| covered.contains(&way.key()));
            let asks_more = first.changes_since(second).iter().any(|c| !c.wider);
            if !everywhere || asks_more {
                continue;
            }
            if implied(pack, prover, rule, earlier, &own, &mut draft)? {
                draft.fault(format!("`{}` is shadowed by `{}`", rule.id(), earlier.id()));
                for way in &own {
                    if let Some(case) = opened(pack, prover, rule, way)? {
                        let ought = Ought::Under(rule.id().to_owned());
                        draft.witness(Witness::of(case, None, ought).naming_no_rule());
                    }
                }
            }
        }
    }
    Ok(draft.done(prover.asked - before))
}

fn implied(
    pack: &Pack,
    prover: &mut Prover,
    rule: &Rule,
    earlier: &Rule,
    own: &[&Way],
    draft: &mut Draft,
) -> Result<bool, String> {
    for way in own {
        let one = compile(&pack.policies[rule.id()], &way.env, &pack.schema)?;
        let other = compile(&pack.policies[earlier.id()], &way.env, &pack.schema)?;
        match prover.match_implies(&one, &other) {
            Answer::Proved => {}
            Answer::Refuted(_) => return Ok(false),
            Answer::Unknown(why) => {
                draft.unknown(format!("`{}` and `{}`: {why}", rule.id(), earlier.id()));
                return Ok(false);
            }
        }
    }
    Ok(!own.is_empty())
}

/// No agent or service through a human rule: a rule matches no kind that it does not name.
pub(super) fn kinds(pack: &Pack, prover: &mut Prover) -> Result<Finding, String> {
    let mut draft = Draft::new("kinds-of-actors", "No rule opens for a kind of actor that it does not name");
    let before = prover.asked;
    for rule in pack.bundle.rules().iter().filter(|r| r.terms().is_some()) {
        for way in pack.ways.iter().filter(|w| w.privileged) {
            if way.kind.is_none_or(|k| rule.kinds().any(|own| own == k)) {
                continue;
            }
            let permit = offer::with_offer(pack, rule, way)?;
            match prover.never_matches(&compile(&permit, &way.env, &pack.schema)?) {
                Answer::Proved => {}
                Answer::Refuted(env) => draft.refuted(
                    format!("`{}`: {}", rule.id(), way.shown()),
                    Witness::of(Case::of(&env, way), Some(rule.id()), Ought::Denied),
                ),
                Answer::Unknown(why) => draft.unknown(format!("`{}`: {why}", rule.id())),
            }
        }
    }
    Ok(draft.done(prover.asked - before))
}
