//! Many questions at once, and the reverse ones: who can do this, and what can somebody do?
//!
//! The index says which rules are for the resource (or for the principal); their scopes say who
//! (or what) could be in them; and each of those is decided. Nobody else can be permitted,
//! since what is in the scope of no rule is never permitted.

use crate::bundle::{Bundle, Rule};
use crate::cedar::{Members, Uid};
use crate::decide::{answer, decide};
use crate::facts::Facts;
use crate::model::{Answer, Decision, Found, Pair, Request};
use crate::prelude::*;
use crate::time::Instant;

const INCIDENT: &str = "Glasskey::Incident";

/// Decides requests one after another: the same decisions as [`decide`] for each.
#[must_use]
pub fn decide_many(bundle: &Bundle, facts: &Facts, requests: &[Request], now: Instant) -> Vec<Decision> {
    requests.iter().map(|request| decide(bundle, facts, request, now)).collect()
}

/// Everybody who would be permitted what is asked for, or could be once seats are filled, in
/// order of their uids. The request's own principal does not matter; all else does: its scope,
/// supports, purpose and channel are everybody's.
///
/// It decides once for each entity in the principal scope of a rule for the first pair.
#[must_use]
pub fn who_can(bundle: &Bundle, facts: &Facts, asked: &Request, now: Instant) -> Vec<Found> {
    let Some(Pair { action, resource }) = asked.scope.first() else { return Vec::new() };
    let entity = facts.entities.get(resource).cloned();
    let entity = entity.or_else(|| declared(resource));
    let Some(entity) = entity else { return Vec::new() };
    let types = bundle.schema().principals_of(action);
    let rules = bundle.rules_on_resource(action, &entity);
    let people = members(facts, rules.into_iter().map(|rule| rule.policy.principals()), &types);
    let ask = |principal: Uid| Request { principal, ..asked.clone() };
    people.into_iter().filter_map(|who| found(bundle, facts, ask(who), now)).collect()
}

/// Everything that the request's principal would be permitted, or could be once seats are
/// filled: each pair of an action and a resource by itself, in order. The request's own scope
/// does not matter; all else does.
///
/// It decides once for each entity in the resource scope of a rule for the principal.
#[must_use]
pub fn what_can(bundle: &Bundle, facts: &Facts, asked: &Request, now: Instant) -> Vec<Found> {
    let Some(principal) = facts.entities.get(&asked.principal) else { return Vec::new() };
    let mut out = Vec::new();
    for (action, _) in bundle.actions() {
        let schema = bundle.schema();
        if !schema.principals_of(action).iter().any(|name| principal.uid().is_a(name)) {
            continue;
        }
        let rules: Vec<&Rule> = bundle.rules_of_principal(principal, action);
        let types = schema.resources_of(action);
        for resource in members(facts, rules.into_iter().map(|rule| rule.policy.resources()), &types) {
            let scope = vec![Pair { action: action.clone(), resource }];
            out.extend(found(bundle, facts, Request { scope, ..asked.clone() }, now));
        }
    }
    out
}

fn found(bundle: &Bundle, facts: &Facts, request: Request, now: Instant) -> Option<Found> {
    let verdict = answer(bundle, facts, &request, now);
    (verdict.decision != Answer::Deny).then_some(Found {
        principal: request.principal,
        scope: request.scope,
        verdict,
    })
}

/// Incidents are facts of their own and need no entity.
fn declared(uid: &Uid) -> Option<crate::cedar::Entity> {
    uid.is_a(INCIDENT).then(|| crate::cedar::Entity::bare(uid))
}

/// The entities of these types that can be within one of the bounds.
fn members(facts: &Facts, bounds: impl Iterator<Item = Members>, types: &BTreeSet<String>) -> BTreeSet<Uid> {
    let fits = |uid: &Uid| types.iter().any(|name| uid.is_a(name));
    let mut out = BTreeSet::new();
    let mut seen: Vec<Members> = Vec::new();
    for bound in bounds {
        if seen.contains(&bound) {
            continue;
        }
        match &bound {
            Members::Nobody => {}
            Members::One(uid) => out.extend(Some(uid).filter(|uid| fits(uid)).cloned()),
            Members::Everything => types.iter().for_each(|name| of_type(facts, name, &mut out)),
            Members::OfType(name) => of_type(facts, name, &mut out),
            Members::Under(top, kind) => {
                let under = facts.entities.below(top).into_iter().chain([top.clone()]);
                out.extend(under.filter(|uid| fits(uid) && kind.as_ref().is_none_or(|name| uid.is_a(name))));
            }
        }
        seen.push(bound);
    }
    out
}

fn of_type(facts: &Facts, name: &str, out: &mut BTreeSet<Uid>) {
    out.extend(facts.entities.of_type(name).map(|entity| entity.uid().clone()));
    if name == INCIDENT {
        out.extend(facts.incidents().filter_map(|incident| Uid::from_parts(INCIDENT, &incident.id)));
    }
}
