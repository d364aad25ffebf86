//! One decision on the starter pack, ours beside plain Cedar's, with the ratio.

use cedar_policy::Authorizer;
use criterion::{Criterion, criterion_group, criterion_main};
use glasskey::decide;
use std::hint::black_box;
use std::time::{Duration, Instant};

fn median(mut one: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..2_000)
        .map(|_| {
            let start = Instant::now();
            one();
            start.elapsed()
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}

fn benches(criterion: &mut Criterion) {
    let world = glasskey_benches::starter().expect("the starter pack is whole");
    let authorizer = Authorizer::new();
    let ours = || {
        black_box(decide(&world.bundle, &world.facts, black_box(&world.request), world.now));
    };
    let cedars = || {
        black_box(authorizer.is_authorized(black_box(&world.asked), &world.policies, &world.entities));
    };
    criterion.bench_function("starter/glasskey", |b| b.iter(ours));
    criterion.bench_function("starter/cedar-authorizer", |b| b.iter(cedars));
    let (ours, cedars) = (median(ours), median(cedars));
    println!(
        "starter: glasskey {ours:?}, plain Cedar {cedars:?} (medians of 2,000), ratio {:.2}",
        ours.as_secs_f64() / cedars.as_secs_f64()
    );
}

criterion_group!(all, benches);
criterion_main!(all);
