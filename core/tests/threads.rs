//! One bundle and one snapshot, shared by sixteen threads that decide, while others make the next
//! snapshots: every answer is what one thread alone gives. Under ThreadSanitizer, see
//! docs/ASSURANCE.md.

mod common;

use common::{NOW, ask, at, bundle, facts_of, request, world};
use glasskey::{Digest, FactsDocument, decide, explain, who_can};
use serde_json::json;
use std::thread;

const THREADS: usize = 16;

#[test]
fn sixteen_threads_decide_as_one_does() {
    let bundle = bundle();
    let facts = facts_of(&bundle, &world());
    let mut emergency = ask("asha", "drop", "core-db");
    emergency["emergency"] = json!(true);
    let requests = [ask("asha", "restart", "pay-db"), ask("bob", "read", "hr-db"), emergency].map(request);
    let now = at(NOW);
    let told = || {
        let each = requests.iter().map(|r| {
            let decided = (decide(&bundle, &facts, r, now), explain(&bundle, &facts, r, now));
            (
                Digest::of_canonical(&decided.0),
                Digest::of_canonical(&decided.1),
                Digest::of_canonical(&who_can(&bundle, &facts, r, now)),
            )
        });
        each.collect::<Vec<_>>()
    };
    let alone = told();
    thread::scope(|scope| {
        for n in 0..THREADS {
            let (told, alone, bundle, mut facts) = (&told, &alone, &bundle, facts.clone());
            scope.spawn(move || {
                for i in 0..20 {
                    assert_eq!(told(), *alone);
                    let change =
                        json!({"locks": [{"target": "*", "reason": format!("{n} {i}")}]}).to_string();
                    let change = FactsDocument::from_json(change.as_bytes()).unwrap();
                    facts = facts.with(bundle, change, now).unwrap();
                }
            });
        }
    });
}
