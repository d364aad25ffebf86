//! A scenario file, run over the starter pack.

use crate::world::{SEED_BYTES_MAX, folder};
use glasskey_cli::scenario::{Packs, run};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::path::PathBuf;

thread_local! {
    static PACKS: RefCell<Packs> = RefCell::default();
    static FILE: PathBuf = {
        let name = format!("glasskey-doors-{}-{:?}", std::process::id(), std::thread::current().id());
        let folder = std::env::temp_dir().join(name.replace(['(', ')'], "-"));
        std::fs::create_dir_all(&folder).expect("a folder for scenarios");
        folder.join("scenario.json")
    };
}

/// Lets a scenario in.
pub(crate) fn body(data: &[u8]) {
    let starter = folder("policies/starter");
    let text = match serde_json::from_slice(data) {
        Ok(Value::Object(mut members)) => {
            // Whoever runs a scenario chose its pack: which files it names is not the question here.
            members.insert("bundle".to_owned(), json!(starter));
            if members.get("facts").is_some_and(Value::is_string) {
                members.insert("facts".to_owned(), json!(starter.join("facts.json")));
            }
            let steps = members.get_mut("steps").and_then(Value::as_array_mut);
            for step in steps.into_iter().flatten() {
                if let Some(Value::Object(change)) = step.pointer_mut("/do/change_bundle") {
                    change.insert("bundle".to_owned(), json!(starter));
                }
            }
            Value::Object(members).to_string().into_bytes()
        }
        _ => data.to_vec(),
    };
    FILE.with(|file| {
        std::fs::write(file, text).expect("the scenario can be written");
        let report = || PACKS.with_borrow_mut(|packs| format!("{:?}", run(file, packs)));
        assert_eq!(report(), report(), "run twice");
        _ = std::fs::remove_file(file);
    });
}

/// The starter's own scenarios.
pub(crate) fn seeds() -> Vec<(String, Vec<u8>)> {
    let files = std::fs::read_dir(folder("policies/starter/scenarios")).expect("scenarios");
    let mut seeds: Vec<(String, Vec<u8>)> = files
        .flatten()
        .map(|f| {
            let name = f.path().file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let json: Value =
                serde_json::from_slice(&std::fs::read(f.path()).expect("a file")).expect("JSON");
            (name, json.to_string().into_bytes())
        })
        .filter(|(_, seed)| seed.len() <= SEED_BYTES_MAX)
        .collect();
    seeds.sort();
    seeds.into_iter().step_by(3).collect()
}
