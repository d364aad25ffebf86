//! Deciding leaves nothing behind: memory after a million decisions is what it was after the first
//! few. Counted in bytes, which are the same on every machine. `GLASSKEY_DECISIONS=n` makes more.

mod common;

use common::{NOW, ask, at, bundle, facts_of, request, world};
use glasskey::{FactsDocument, Instant, Span, answer, decide, decide_with_evidence, explain};
use serde_json::json;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;

#[global_allocator]
static COUNTED: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// What is allocated now and was not at the beginning of the region.
fn kept(region: &Region<'_, System>) -> i128 {
    let change = region.change();
    change.bytes_allocated as i128 - change.bytes_deallocated as i128
}

#[test]
fn any_number_of_decisions_leaves_nothing_behind() {
    let count: u64 = std::env::var("GLASSKEY_DECISIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(40_000);
    let bundle = bundle();
    let mut facts = facts_of(&bundle, &world());
    let mut emergency = ask("asha", "drop", "core-db");
    emergency["emergency"] = json!(true);
    let requests = [ask("asha", "restart", "pay-db"), ask("bob", "read", "hr-db"), emergency].map(request);
    let start = at(NOW);
    let later = |i: u64| -> Instant { start.plus(Span::from_ms(i64::try_from(i % 50_000).unwrap())) };
    let mut round = |i: u64| {
        let request = &requests[usize::try_from(i % 3).unwrap()];
        let now = later(i);
        match i % 16 {
            0 => drop(explain(&bundle, &facts, request, now)),
            1 => drop(decide_with_evidence(&bundle, &facts, request, now)),
            2..=5 => drop(decide(&bundle, &facts, request, now)),
            _ => _ = answer(&bundle, &facts, request, now),
        }
        if i.is_multiple_of(1_000) {
            let change = json!({"signals": [{"name": "idp", "state": if i.is_multiple_of(2_000) { "up" } else { "no" }}]});
            let change = FactsDocument::from_json(change.to_string().as_bytes()).unwrap();
            facts = facts.with(&bundle, change, now).unwrap();
        }
    };
    (0..4_000).for_each(&mut round);
    let region = Region::new(COUNTED);
    (4_000..4_000 + count).for_each(&mut round);
    let after = kept(&region);
    println!("{count} decisions: {after} bytes more");
    assert!(after.abs() < 4_096, "{after} bytes are left behind by {count} decisions");
}
