//! What `cargo xtask instructions` counts under callgrind: one call of each, after one to warm
//! up. Prints the names in the order of the counts.

use glasskey::{
    Bundle, FactsDocument, Sources, answer, canonical, decide, decide_with_evidence, decide_with_reasons,
    explain, who_can,
};
use glasskey_benches::pam::{self, Size};
use serde_json::json;
use std::hint::black_box;

/// The function whose calls are counted, each by itself.
#[inline(never)]
fn measured(one: &mut dyn FnMut()) {
    one();
}

fn count(name: &str, mut one: impl FnMut()) {
    one();
    measured(&mut one);
    println!("{name}");
}

fn main() {
    let starter = glasskey_benches::starter().expect("the starter pack is whole");
    let (bundle, facts, request, now) = (&starter.bundle, &starter.facts, &starter.request, starter.now);
    count("starter/answer", || drop(black_box(answer(bundle, facts, request, now))));
    count("starter/reasons", || drop(black_box(decide_with_reasons(bundle, facts, request, now))));
    count("starter/evidence", || drop(black_box(decide(bundle, facts, request, now))));
    count("starter/record", || drop(black_box(decide_with_evidence(bundle, facts, request, now))));
    count("starter/explain", || drop(black_box(explain(bundle, facts, request, now))));
    count("starter/who-can", || drop(black_box(who_can(bundle, facts, request, now))));

    let size = Size { policies: 200, candidates: 5, entities: 200 };
    let sources = pam::sources(size);
    let bundle = Bundle::compile(&sources).expect("a bundle");
    let facts = pam::loaded(&bundle, size).expect("facts");
    let (request, now) = pam::asked().expect("a request");
    count("pam-200/answer", || drop(black_box(answer(&bundle, &facts, &request, now))));
    count("pam-200/evidence", || drop(black_box(decide(&bundle, &facts, &request, now))));
    count("pam-200/one-entity-changed", || {
        let change = json!({"entities": [pam::other(7, "Another")]});
        let change: FactsDocument = canonical::from_value(change).expect("a change");
        drop(black_box(facts.with(&bundle, change, now).expect("the next facts")));
    });
    let few = Size { policies: 20, candidates: 5, entities: 20 };
    let sources: Sources = pam::sources(few);
    count("pam-20/compile", || drop(black_box(Bundle::compile(&sources).expect("a bundle"))));
    count("pam-20/load", || drop(black_box(pam::loaded(&bundle, few).expect("facts"))));
}
