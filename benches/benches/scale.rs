//! What grows with the number of policies and of entities, and what does not: medians, ours
//! beside plain Cedar's in the same run, with the ratios.
//!
//! `POLICIES_MAX` and `ENTITIES_MAX` (10,000 each, if not given) bound the worlds.

use cedar_policy::{Authorizer, Entities, Entity};
use glasskey::{FactsDocument, answer, canonical, decide, decide_with_reasons};
use glasskey_benches::pam::{self, Size};
use glasskey_benches::{World, median};
use serde_json::json;
use std::hint::black_box;
use std::time::{Duration, Instant};

fn main() {
    println!("five candidates, policies few and many (and twelve guardrails)");
    println!(
        "{:>9} {:>12} {:>12} {:>12} {:>12} {:>14}",
        "policies", "answer", "reasons", "evidence", "Cedar", "Cedar/answer"
    );
    for policies in [5, 100, 1_000, 10_000, 100_000] {
        if policies <= up_to("POLICIES_MAX") {
            decisions(Size { policies, candidates: 5, entities: 1_000 });
        }
    }
    println!("\nfifteen candidates");
    for policies in [100, 10_000, 100_000] {
        if policies <= up_to("POLICIES_MAX") {
            decisions(Size { policies, candidates: 15, entities: 1_000 });
        }
    }
    println!("\none entity changed");
    println!("{:>9} {:>12} {:>14} {:>14} {:>12}", "entities", "ours", "Cedar's upsert", "answer", "load");
    for entities in [1_000, 10_000, 100_000, 1_000_000] {
        if entities <= up_to("ENTITIES_MAX") {
            change(Size { policies: 100, candidates: 5, entities });
        }
    }
}

fn up_to(name: &str) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(10_000)
}

fn decisions(size: Size) {
    let begun = Instant::now();
    let World { bundle, facts, request, now, policies, entities, asked } = pam::world(size).expect("a world");
    let made = begun.elapsed();
    let authorizer = Authorizer::new();
    assert!(answer(&bundle, &facts, &request, now).is_permit());
    let calls = if size.policies > 1_000 { 40 } else { 2_000 };
    let bare = median(2_000, || drop(black_box(answer(&bundle, &facts, &request, now))));
    let reasons = median(2_000, || drop(black_box(decide_with_reasons(&bundle, &facts, &request, now))));
    let evidence = median(1_000, || drop(black_box(decide(&bundle, &facts, &request, now))));
    let cedars = median(calls, || drop(black_box(authorizer.is_authorized(&asked, &policies, &entities))));
    println!(
        "{:>9} {:>12} {:>12} {:>12} {:>12} {:>14.1}   (made in {made:.1?})",
        size.policies,
        format!("{bare:.1?}"),
        format!("{reasons:.1?}"),
        format!("{evidence:.1?}"),
        format!("{cedars:.1?}"),
        cedars.as_secs_f64() / bare.as_secs_f64(),
    );
}

fn change(size: Size) {
    let World { bundle, facts, request, now, entities, .. } = pam::world(size).expect("a world");
    let changed = |turn: usize| pam::other(7, if turn.is_multiple_of(2) { "Example" } else { "Another" });
    let document = |turn: usize| -> FactsDocument {
        canonical::from_value(json!({"entities": [changed(turn)]})).expect("a change")
    };
    let (mut current, mut turn) = (facts.clone(), 0);
    let ours = timed(400, || {
        turn += 1;
        let document = document(turn);
        let start = Instant::now();
        current = current.with(&bundle, document, now).expect("a change");
        start.elapsed()
    });
    let mut cedars = entities;
    let theirs = timed(if size.entities > 10_000 { 3 } else { 20 }, || {
        turn += 1;
        let entity = Entity::from_json_value(changed(turn), None).expect("an entity");
        let before: Entities = cedars.clone();
        let start = Instant::now();
        cedars = before.upsert_entities([entity], None).expect("a change");
        start.elapsed()
    });
    let decided = median(500, || drop(black_box(answer(&bundle, &current, &request, now))));
    let json = pam::facts(size).to_string();
    let begun = Instant::now();
    drop(black_box(glasskey::Facts::from_json(&bundle, json.as_bytes()).expect("facts")));
    println!(
        "{:>9} {:>12} {:>14} {:>14} {:>12}",
        size.entities,
        format!("{ours:.1?}"),
        format!("{theirs:.1?}"),
        format!("{decided:.1?}"),
        format!("{:.2?}", begun.elapsed()),
    );
}

fn timed(calls: usize, mut one: impl FnMut() -> Duration) -> Duration {
    let mut times: Vec<Duration> = (0..calls).map(|_| one()).collect();
    times.sort();
    times[calls / 2]
}
