//! A facts document.

use crate::common;
use crate::world::{BUNDLE, FACTS, REQUESTS, SEED_BYTES_MAX, decided, document, file_name, vectors};
use glasskey::{Facts, FactsDocument, canonical};

/// Lets a facts document in, as a snapshot and as a change.
pub(crate) fn body(data: &[u8]) {
    let Ok(read) = FactsDocument::from_json(data) else { return };
    let written = canonical::to_bytes(&read);
    let again = FactsDocument::from_json(&written).expect("a document that was read can be read again");
    assert_eq!(again, read, "read, written and read");
    assert_eq!(canonical::to_bytes(&again), written, "written twice");
    let now = common::at(common::NOW);
    match (Facts::from_document(&BUNDLE, read.clone()), Facts::from_document(&BUNDLE, again)) {
        (Ok(facts), Ok(same)) => {
            for request in REQUESTS.iter() {
                assert_eq!(decided(&BUNDLE, &facts, request), decided(&BUNDLE, &same, request));
            }
        }
        (Err(first), Err(second)) => assert_eq!(first, second, "refused twice"),
        _ => panic!("let in once and refused once"),
    }
    let next = FACTS.with(&BUNDLE, read.clone(), now);
    if let Ok(next) = next {
        REQUESTS.iter().for_each(|request| _ = decided(&BUNDLE, &next, request));
        // The same news once more is no fault.
        let once_more = next.with(&BUNDLE, read, now).expect("the same change again");
        assert_eq!(once_more.entity_count(), next.entity_count());
    }
}

pub(crate) fn seeds() -> Vec<(String, Vec<u8>)> {
    let mut seeds = vec![("small".to_owned(), common::world().to_string().into_bytes())];
    for vector in vectors("facts.json", "observe") {
        seeds.push((file_name(&vector), document(&vector["when"]["change"])));
    }
    for vector in vectors("facts.json", "facts") {
        seeds.push((file_name(&vector), document(&vector["given"]["world"])));
    }
    seeds.retain(|(_, seed)| seed.len() <= SEED_BYTES_MAX && seed != b"null");
    seeds
}
