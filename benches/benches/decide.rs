//! One decision on the starter pack, ours beside plain Cedar's, with the ratio.

use cedar_policy::Authorizer;
use criterion::{Criterion, criterion_group, criterion_main};
use glasskey::{answer, decide, decide_with_reasons};
use glasskey_benches::{World, median};
use std::hint::black_box;
use std::time::Duration;

fn benches(criterion: &mut Criterion) {
    let world = glasskey_benches::starter().expect("the starter pack is whole");
    let authorizer = Authorizer::new();
    let World { bundle, facts, request, now, policies, entities, asked } = &world;
    let evidence = || {
        black_box(decide(bundle, facts, black_box(request), *now));
    };
    let reasons = || {
        black_box(decide_with_reasons(bundle, facts, black_box(request), *now));
    };
    let bare = || {
        black_box(answer(bundle, facts, black_box(request), *now));
    };
    let cedars = || {
        black_box(authorizer.is_authorized(black_box(asked), policies, entities));
    };
    criterion.bench_function("starter/answer", |b| b.iter(bare));
    criterion.bench_function("starter/reasons", |b| b.iter(reasons));
    criterion.bench_function("starter/evidence", |b| b.iter(evidence));
    criterion.bench_function("starter/cedar-authorizer", |b| b.iter(cedars));
    let cedars = median(2_000, cedars);
    let per =
        |ours: Duration| format!("{ours:?} ({:.2} of Cedar's)", ours.as_secs_f64() / cedars.as_secs_f64());
    println!(
        "starter, medians of 2,000: plain Cedar {cedars:?}; answer {}, reasons {}, evidence {}",
        per(median(2_000, bare)),
        per(median(2_000, reasons)),
        per(median(2_000, evidence)),
    );
}

criterion_group!(all, benches);
criterion_main!(all);
