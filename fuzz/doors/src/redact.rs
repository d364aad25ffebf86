//! A record and paths into it: `{"body": …, "paths": ["/a/b"]}`.

use crate::world::{SEED_BYTES_MAX, file_name, vectors};
use glasskey::ledger::redact::{REDACTED, Seed, disclose, find, redact};
use glasskey::{Code, canonical};
use serde_json::{Value, json};

/// Lets a record in.
pub(crate) fn body(data: &[u8]) {
    let Ok(given) = canonical::parse(data) else { return };
    let body = &given["body"];
    let named: Vec<&str> =
        given["paths"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let found = find(body, &named);
    for paths in [named.clone(), found.iter().map(String::as_str).collect()] {
        let (hidden, disclosures) = match redact(body.clone(), &paths, Seed([7; 32])) {
            Ok(redacted) => redacted,
            Err(error) => {
                assert!(matches!(error.code, Code::MissingMember | Code::BadValue), "{error:?}");
                continue;
            }
        };
        assert_eq!(disclosures.len(), paths.len(), "one for each path");
        assert_eq!(disclose(hidden.clone(), &disclosures).as_ref(), Ok(body), "opened again");
        for disclosure in &disclosures {
            let place = hidden.pointer(&disclosure.path);
            let outer = disclosures.iter().any(|d| disclosure.path.starts_with(&format!("{}/", d.path)));
            // What is inside of something hidden is hidden with it.
            assert!(
                outer
                    || disclosure.path.is_empty()
                    || place.is_some_and(|p| p.get(REDACTED).is_some())
                    || place.is_none()
            );
            let mut false_one = disclosure.clone();
            false_one.value = json!([false_one.value]);
            assert!(disclose(hidden.clone(), &[false_one]).is_err(), "another value opens nothing");
        }
    }
}

pub(crate) fn seeds() -> Vec<(String, Vec<u8>)> {
    let mut seeds = vec![(
        "nested".to_owned(),
        json!({"body": {"a": {"b": [1, {"c": "x"}]}, "purpose": "p"}, "paths": ["/a/b/1/c", "/a", "purpose"]})
            .to_string()
            .into_bytes(),
    )];
    for vector in vectors("signed.json", "redact") {
        let given = json!({"body": vector["when"]["body"], "paths": vector["when"]["paths"]});
        seeds.push((file_name(&vector), given.to_string().into_bytes()));
    }
    seeds.retain(|(_, seed)| seed.len() <= SEED_BYTES_MAX);
    seeds
}
