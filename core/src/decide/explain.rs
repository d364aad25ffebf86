//! Every rule that was considered, and how far it came.

use crate::bundle::Rule;
use crate::cedar::World;
use crate::decide::Engine;
use crate::decide::pair::{Examined, Tried};
use crate::decide::select::Selected;
use crate::model::{Considered, FailedAt};
use crate::prelude::*;

/// The rules in the order in which they are tried.
pub(crate) fn considered<'b>(
    engine: &Engine<'b>,
    examined: &[Examined<'b>],
    selected: &Selected<'b>,
    world: &World<'_>,
) -> Vec<Considered> {
    let mut out: Vec<Considered> = Vec::new();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for one in examined {
        for rule in engine.bundle.rules_for(&one.pair.action).filter(|rule| seen.insert(rule.id())) {
            let mut item = Considered {
                rule: rule.id().to_owned(),
                title: rule.title().map(ToOwned::to_owned),
                outcome: FailedAt::Scope,
                pair: None,
                failed: None,
                because: Vec::new(),
            };
            match stopped_at(rule, examined) {
                None => settle(&mut item, selected),
                Some(at) => stop(&mut item, rule, at, engine, examined.len() > 1, world),
            }
            out.push(item);
        }
    }
    out
}

/// The first pair on which a rule does not hold.
fn stopped_at<'x, 'b>(rule: &Rule, examined: &'x [Examined<'b>]) -> Option<&'x Examined<'b>> {
    examined.iter().find(|one| tried(rule, one).is_none_or(|tried| tried.outcome != FailedAt::Open))
}

fn tried<'x, 'b>(rule: &Rule, one: &'x Examined<'b>) -> Option<&'x Tried<'b>> {
    one.tried.iter().find(|tried| tried.rule.id() == rule.id())
}

/// Tells why a rule does not hold on a pair.
fn stop(
    item: &mut Considered,
    rule: &Rule,
    at: &Examined<'_>,
    engine: &Engine<'_>,
    several: bool,
    world: &World<'_>,
) {
    item.pair = several.then(|| at.pair.clone());
    let Some(tried) = tried(rule, at) else {
        if rule.policy.actions.contains(&at.pair.action) {
            item.outcome = engine.passed_over(rule, at);
            item.failed = rule.policy.place();
        }
        return;
    };
    item.outcome = tried.outcome;
    item.because = tried.unknown.iter().map(|u| u.fact.clone()).collect();
    item.because.extend(tried.error.iter().cloned());
    if matches!(tried.outcome, FailedAt::Condition | FailedAt::Error) {
        let request = &engine.situation.request;
        let case = world.case(&request.principal, &at.pair.action, &at.pair.resource, &at.context);
        item.failed = case.first_failing(&rule.policy);
    }
}

/// A rule that holds everywhere is open, refused, or was not needed.
fn settle(item: &mut Considered, selected: &Selected<'_>) {
    if selected.open.is_some_and(|r| r.id() == item.rule) {
        item.outcome = FailedAt::Open;
    } else if let Some((_, refusals)) = selected.refused.iter().find(|(r, _)| r.id() == item.rule) {
        item.outcome = FailedAt::Refused;
        item.because = refusals.iter().filter_map(|r| r.policy.clone()).collect();
        item.because.dedup();
    } else {
        item.outcome = FailedAt::NotNeeded;
    }
}
