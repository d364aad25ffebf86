//! Reading a ledger takes no more memory for a longer one. Counted in bytes that are allocated,
//! which are the same on every machine. One test, so that nobody else allocates meanwhile.

mod common;

use common::{ask, at, bundle, facts_of, world};
use glasskey::ledger::{Ledger, Records, Replay, Residuals, TimelineReader, Verifier};
use glasskey::{Applied, Command, Lifecycle};
use serde_json::{Value, json};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;

#[global_allocator]
static COUNTED: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// What one grant writes, from request to confirmed end.
fn one_grant() -> Vec<Applied> {
    let bundle = bundle();
    let mut life = Lifecycle::new(bundle.clone(), facts_of(&bundle, &world()));
    let mut out: Vec<Applied> = Vec::new();
    let mut step = |act: Value| {
        let mut act = act;
        act["command_id"] = json!(format!("c-{}", out.len()));
        let applied = life.apply(&Command::from_value(act).unwrap(), at(common::NOW)).unwrap();
        out.push(applied.as_ref().clone());
        applied
    };
    let request = step(json!({"submit": {"request": ask("asha", "restart", "pay-db")}})).request.clone();
    let grant = step(json!({"activate": {"request": request}})).grant.clone();
    step(json!({"issued": {"grant": grant, "points": ["vault"]}}));
    step(
        json!({"use": {"grant": grant, "action": "Ops::Action::\"restart\"", "resource": "Glasskey::System::\"pay-db\""}}),
    );
    step(json!({"complete": {"grant": grant, "outcome": "done"}}));
    step(json!({"revoked": {"grant": grant, "point": "vault"}}));
    out
}

/// The same once more, as another request and grant.
fn again(night: &[Applied], n: usize) -> Vec<Applied> {
    let (request, grant) = (night[0].request.clone().unwrap(), night[1].grant.clone().unwrap());
    night
        .iter()
        .map(|applied| {
            let text = serde_json::to_string(applied).unwrap();
            let text =
                text.replace(&request, &format!("req_{n:024}")).replace(&grant, &format!("grant_{n:024}"));
            serde_json::from_str(&text).unwrap()
        })
        .collect()
}

#[test]
fn a_long_ledger_takes_no_more_memory_than_a_short_one() {
    let night = one_grant();
    let (mut ledger, genesis) = Ledger::begin("example.com/pam", at(common::NOW)).unwrap();
    let replay = Replay::new([bundle()]);
    let (mut verifier, mut records) = (Verifier::new(), Records::new());
    let (mut residuals, mut timeline) = (Residuals::new(), TimelineReader::of_incident("INC-1"));
    verifier.feed((genesis.to_line() + "\n").as_bytes()).unwrap();
    let mut decided = 0;
    let mut read = |from: usize, to: usize| {
        for n in from..to {
            for applied in again(&night, n) {
                for entry in ledger.record(&applied).unwrap() {
                    verifier.feed((entry.to_line() + "\n").as_bytes()).unwrap();
                    let Some(recorded) = records.push(&entry).unwrap() else { continue };
                    residuals.push(&recorded.applied);
                    timeline.push(&recorded);
                    decided += usize::from(n % 50 == 0 && replay.check(&recorded).is_ok());
                }
            }
        }
    };
    read(0, 100);
    let region = Region::new(COUNTED);
    read(100, 1_000);
    let change = region.change();
    let grown =
        i64::try_from(change.bytes_allocated).unwrap() - i64::try_from(change.bytes_deallocated).unwrap();
    // The frontier of the tree and the counts of one principal's day may grow a little.
    assert!(grown < 64 << 10, "{grown} bytes for 900 grants more");
    assert!(ledger.len() > 15_000 && decided > 100, "{} entries", ledger.len());
    assert!(residuals.at(at(common::NOW)).is_empty() && residuals.grants() == 1_000);
    assert!(timeline.timeline(None).requests.is_empty());
    let report = verifier.finish();
    assert!(report.is_intact() && report.entries == ledger.len());
}
