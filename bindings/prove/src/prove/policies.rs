//! What must hold of each policy by itself: it cannot err, it can match, it does not match
//! everything, no other policy makes it superfluous, and it is for those it names.

use crate::offer;
use crate::pack::{Pack, Way};
use crate::prove::{Draft, Finding, with_guards};
use crate::solver::{Answer, Prover, compile};
use crate::terms;
use crate::witness::Witness;
use cedar_policy::Policy;
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
    let mut draft = Draft::new("never-errors", "No policy can err");
    let before = prover.asked;
    for (id, policy) in &pack.policies {
        for way in ways(pack, policy) {
            match prover.never_errs(&compile(policy, &way.env, &pack.schema)?) {
                Answer::Proved => {}
                Answer::Refuted(env) => {
                    draft.refuted(
                        format!("`{id}` errs: {}", way.shown()),
                        Witness::of(&env, way, Some(id.as_str())),
                    );
                    break;
                }
                Answer::Unknown(why) => draft.unknown(format!("`{id}`, {}: {why}", way.shown())),
            }
        }
    }
    Ok(draft.done(prover.asked - before))
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
            if !everywhere || terms::asks_more(first, second) {
                continue;
            }
            if implied(pack, prover, rule, earlier, &own, &mut draft)? {
                draft.fault(format!("`{}` is shadowed by `{}`", rule.id(), earlier.id()));
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
                    Witness::of(&env, way, Some(rule.id())),
                ),
                Answer::Unknown(why) => draft.unknown(format!("`{}`: {why}", rule.id())),
            }
        }
    }
    Ok(draft.done(prover.asked - before))
}
