//! Every rule that was considered, and how far it came.

use crate::cedar::World;
use crate::decide::Engine;
use crate::decide::pair::Examined;
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
    for one in examined {
        for tried in &one.tried {
            if out.iter().any(|c| c.rule == tried.rule.id()) {
                continue;
            }
            let mut item = Considered {
                rule: tried.rule.id().to_owned(),
                title: tried.rule.title().map(ToOwned::to_owned),
                outcome: tried.outcome,
                pair: None,
                failed: None,
                because: Vec::new(),
            };
            let Some(stopped) = stopped_at(tried.rule.id(), examined) else {
                settle(&mut item, selected);
                out.push(item);
                continue;
            };
            let (at, tried) = stopped;
            item.outcome = tried.map_or(FailedAt::Scope, |t| t.outcome);
            if examined.len() > 1 {
                item.pair = Some(at.pair.clone());
            }
            if let Some(tried) = tried {
                item.because = tried.unknown.iter().map(|u| u.fact.clone()).collect();
                item.because.extend(tried.error.iter().cloned());
                item.failed = match tried.outcome {
                    FailedAt::Condition | FailedAt::Error => {
                        let request = &engine.situation.request;
                        let case =
                            world.case(&request.principal, &at.pair.action, &at.pair.resource, &at.context);
                        case.first_failing(&tried.rule.policy)
                    }
                    FailedAt::Scope | FailedAt::ActorKind => Some(tried.rule.policy.label()),
                    _ => None,
                };
            }
            out.push(item);
        }
    }
    out
}

type Stop<'x, 'b> = (&'x Examined<'b>, Option<&'x crate::decide::pair::Tried<'b>>);

/// The first pair on which a rule does not hold.
fn stopped_at<'x, 'b>(rule: &str, examined: &'x [Examined<'b>]) -> Option<Stop<'x, 'b>> {
    examined.iter().find_map(|one| match one.tried.iter().find(|t| t.rule.id() == rule) {
        Some(tried) if tried.outcome == FailedAt::Open => None,
        other => Some((one, other)),
    })
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
