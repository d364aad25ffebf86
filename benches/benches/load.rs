//! How long bundles and facts take to load, and how much memory they keep, beside plain Cedar's
//! in the same run: turn by turn, after one turn that nobody counts, medians of the others.
//! `POLICIES_MAX` and `ENTITIES_MAX` (10,000 each, if not given) bound the sizes.

use cedar_policy::{Entities, PolicySet, ValidationMode, Validator};
use glasskey::{Bundle, Facts};
use glasskey_benches::pam::{self, Size};
use glasskey_benches::up_to;
use serde_json::Value;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;
use std::time::{Duration, Instant};

#[global_allocator]
static MEMORY: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const ROUNDS: usize = 5;

/// What loads something, and what that took so far.
struct Loader<'l> {
    load: Box<dyn FnMut() -> (Duration, usize) + 'l>,
    times: Vec<Duration>,
    kept: usize,
}

impl<'l> Loader<'l> {
    fn new<T>(mut make: impl FnMut() -> T + 'l) -> Self {
        let load = move || {
            let region = Region::new(MEMORY);
            let begun = Instant::now();
            let made = make();
            let took = begun.elapsed();
            let change = region.change();
            drop(made);
            (took, change.bytes_allocated.saturating_sub(change.bytes_deallocated))
        };
        Self { load: Box::new(load), times: Vec::new(), kept: 0 }
    }

    fn median(&self) -> Duration {
        let mut times = self.times.clone();
        times.sort();
        times[times.len() / 2]
    }
}

/// Prints a row: each loader's time and bytes, and those of the first over those of the second.
fn row(count: usize, loaders: &mut [Loader<'_>]) {
    for round in 0..=ROUNDS {
        for loader in loaders.iter_mut() {
            let (took, kept) = (loader.load)();
            if round > 0 {
                loader.times.push(took);
                loader.kept = kept;
            }
        }
    }
    let each = |loader: &Loader<'_>| loader.kept as f64 / count as f64;
    let (ours, cedars) = (&loaders[0], &loaders[1]);
    let times: String =
        loaders.iter().map(|loader| format!(" {:>12}", format!("{:.1?}", loader.median()))).collect();
    println!(
        "{count:>9}{times} {:>6.2} {:>11.0} {:>11.0} {:>6.2}",
        ours.median().as_secs_f64() / cedars.median().as_secs_f64(),
        each(ours),
        each(cedars),
        each(ours) / each(cedars),
    );
}

fn head(of: &str, ways: &[&str]) {
    let ways: String = ways.iter().map(|way| format!(" {way:>12}")).collect();
    println!("\n{of:>9}{ways} {:>6} {:>11} {:>11} {:>6}", "ratio", "bytes each", "Cedar's", "ratio");
}

fn main() {
    println!("ours over Cedar's that does the same: policies read and validated, entities read against");
    println!("their schema; ours indexes and compiles them, too");
    head("policies", &["ours", "Cedar's", "read alone"]);
    policies(pam::policies);
    println!("\nno two conditions alike");
    policies(pam::unlike_policies);
    head("entities", &["ours", "Cedar's"]);
    entities();
}

fn policies(written: fn(Size) -> String) {
    for policies in [1_000, 10_000, 100_000] {
        if policies <= up_to("POLICIES_MAX") {
            let size = Size { policies, candidates: 5, entities: 0 };
            let text = written(size);
            let sources = pam::sources(Size { policies: 0, ..size }).with("pam.cedar", text.as_str());
            let bundle = Bundle::compile(&sources).expect("a bundle");
            let schema = glasskey_benches::schema(&bundle).expect("a schema");
            drop(bundle);
            let validator = Validator::new(schema);
            let read = || text.parse::<PolicySet>().expect("policies");
            let ours = Loader::new(|| Bundle::compile(&sources).expect("a bundle"));
            let cedars = Loader::new(|| {
                let set = read();
                assert!(validator.validate(&set, ValidationMode::Strict).validation_passed());
                set
            });
            row(policies, &mut [ours, cedars, Loader::new(read)]);
        }
    }
}

fn entities() {
    let bundle = Bundle::compile(&pam::sources(Size { policies: 5, candidates: 5, entities: 0 }));
    let bundle = bundle.expect("a bundle");
    let schema = glasskey_benches::schema(&bundle).expect("a schema");
    for entities in [1_000, 10_000, 100_000, 1_000_000] {
        if entities <= up_to("ENTITIES_MAX") {
            let size = Size { policies: 5, candidates: 5, entities };
            let ours = pam::facts(size).to_string();
            let cedars = Value::Array(pam::entities(size)).to_string();
            row(
                entities,
                &mut [
                    Loader::new(|| Facts::from_json(&bundle, ours.as_bytes()).expect("facts")),
                    Loader::new(|| Entities::from_json_str(&cedars, Some(&schema)).expect("entities")),
                ],
            );
        }
    }
}
