//! What grows with the number of policies and of entities, and what does not: medians, ours
//! beside plain Cedar's in the same run, with the ratios.
//!
//! `POLICIES_MAX` and `ENTITIES_MAX` (10,000 each, if not given) bound the worlds; `-- policies`,
//! `-- linked` or `-- entities` runs one part alone.

use cedar_policy::{Authorizer, Decision, Entities, Entity, EntityUid};
use glasskey::cedar::{Plain, PlainEntities};
use glasskey::{Bundle, Evaluator, FactsDocument, Uid, answer, canonical, decide, decide_with_reasons};
use glasskey_benches::pam::{self, Size};
use glasskey_benches::{World, median, up_to};
use serde_json::{Value, json};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// The largest store of Cedar's that is changed.
const CEDARS_MAX: usize = 100_000;

fn main() {
    // `-- linked` runs one part alone.
    let only = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let wanted = |part: &str| only.as_ref().is_none_or(|only| only == part);
    let upto = |sizes: &[usize], max: &str, each: &dyn Fn(usize)| {
        sizes.iter().copied().filter(|size| *size <= up_to(max)).for_each(each);
    };
    let head = "    answer      reasons     evidence        Cedar   Cedar/answer";
    if wanted("policies") {
        println!("five candidates, policies few and many (and twelve guardrails)\n policies   {head}");
        upto(&[5, 100, 1_000, 10_000, 100_000], "POLICIES_MAX", &|policies| {
            decisions(Size { policies, candidates: 5, entities: 1_000 });
        });
        println!("\nfifteen candidates");
        upto(&[100, 10_000], "POLICIES_MAX", &|policies| {
            decisions(Size { policies, candidates: 15, entities: 1_000 });
        });
    }
    if wanted("linked") {
        println!("\nfive candidates, permits linked from twenty templates: the engine alone");
        println!("{:>9} {:>12} {:>12} {:>14}", "policies", "ours", "Cedar", "Cedar/ours");
        upto(&[100, 1_000, 10_000], "POLICIES_MAX", &|policies| {
            linked(Size { policies, candidates: 5, entities: 1_000 });
        });
    }
    if wanted("entities") {
        println!("\none entity changed");
        println!(
            "{:>9} {:>12} {:>14} {:>14} {:>12}",
            "entities", "ours", "Cedar's upsert", "answer", "evidence"
        );
        upto(&[1_000, 10_000, 100_000, 1_000_000], "ENTITIES_MAX", &|entities| {
            change(Size { policies: 100, candidates: 5, entities });
        });
    }
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

fn linked(size: Size) {
    let few = pam::world(Size { policies: 5, ..size }).expect("a world");
    let World { entities, asked, .. } = few;
    let set = pam::linked(size).expect("links");
    let (plain, world) = (Plain::new(set.as_ref()), PlainEntities::new(entities.as_ref()));
    let uid = |uid: Option<&EntityUid>| Uid::parse(&uid.expect("known").to_string()).expect("a uid");
    let who = (&uid(asked.principal()), &uid(asked.action()), &uid(asked.resource()));
    let context = asked.context().expect("known").as_ref();
    let ours = || plain.decide(Evaluator::Compiled, &world, who, context);
    let authorizer = Authorizer::new();
    let cedars = || authorizer.is_authorized(&asked, &set, &entities);
    assert!(ours().allowed && cedars().decision() == Decision::Allow);
    let bare = median(2_000, || drop(black_box(ours())));
    let theirs = median(if size.policies > 1_000 { 40 } else { 2_000 }, || drop(black_box(cedars())));
    println!(
        "{:>9} {:>12} {:>12} {:>14.1}",
        size.policies,
        format!("{bare:.1?}"),
        format!("{theirs:.1?}"),
        theirs.as_secs_f64() / bare.as_secs_f64(),
    );
}

fn change(size: Size) {
    let bundle = Bundle::compile(&pam::sources(size)).expect("a bundle");
    let facts = pam::loaded(&bundle, size).expect("facts");
    let (request, now) = pam::asked().expect("a request");
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
    // Two copies of a million of Cedar's entities take more memory than most machines have.
    let theirs = (size.entities <= CEDARS_MAX).then(|| {
        let schema = glasskey_benches::schema(&bundle).expect("a schema");
        let all = Value::Array(pam::entities(size));
        let mut cedars = Entities::from_json_value(all, Some(&schema)).expect("entities");
        timed(if size.entities > 10_000 { 3 } else { 20 }, || {
            turn += 1;
            let entity = Entity::from_json_value(changed(turn), None).expect("an entity");
            let before = cedars.clone();
            let start = Instant::now();
            cedars = before.upsert_entities([entity], None).expect("a change");
            start.elapsed()
        })
    });
    let decided = median(500, || drop(black_box(answer(&bundle, &current, &request, now))));
    let evidence = median(500, || drop(black_box(decide(&bundle, &current, &request, now))));
    println!(
        "{:>9} {:>12} {:>14} {:>14} {:>12}",
        size.entities,
        format!("{ours:.1?}"),
        theirs.map_or_else(|| "-".to_owned(), |theirs| format!("{theirs:.1?}")),
        format!("{decided:.1?}"),
        format!("{evidence:.1?}"),
    );
}

fn timed(calls: usize, mut one: impl FnMut() -> Duration) -> Duration {
    let mut times: Vec<Duration> = (0..calls).map(|_| one()).collect();
    times.sort();
    times[calls / 2]
}
