//! A request.

use crate::world::{BUNDLE, FACTS, REQUESTS, SEED_BYTES_MAX, decided, document, file_name, vectors};
use glasskey::{Request, canonical};

/// Lets a request in.
pub(crate) fn body(data: &[u8]) {
    let Ok(read) = Request::from_json(data) else { return };
    let written = canonical::to_bytes(&read);
    let again = Request::from_json(&written).expect("a request that was read can be read again");
    assert_eq!(again, read, "read, written and read");
    let first = decided(&BUNDLE, &FACTS, &read);
    // Sets have no order.
    let mut turned = read.clone();
    turned.scope.reverse();
    turned.supports.reverse();
    turned.approvals.reverse();
    assert_eq!(decided(&BUNDLE, &FACTS, &turned), first, "in another order");
    let normal = read.normalised();
    assert_eq!(normal.clone().normalised(), normal, "put in order twice");
    assert_eq!(decided(&BUNDLE, &FACTS, &normal), first, "in order");
}

pub(crate) fn seeds() -> Vec<(String, Vec<u8>)> {
    let own = REQUESTS.iter().enumerate();
    let mut seeds: Vec<_> =
        own.map(|(i, request)| (format!("own-{i}"), canonical::to_bytes(request))).collect();
    for (file, op) in [("requests.json", "request"), ("decisions.json", "decide")] {
        for vector in vectors(file, op) {
            seeds.push((file_name(&vector), document(&vector["when"]["request"])));
        }
    }
    seeds.retain(|(_, seed)| seed.len() <= SEED_BYTES_MAX);
    seeds
}
