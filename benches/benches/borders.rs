//! What Python and Node.js cost over native Rust: the native half. Writes the worlds that
//! `borders/bench.py` and `borders/bench.js` read, and its own medians in microseconds, as one
//! line of JSON. `cargo xtask borders` runs all three and prints the table.

use cedar_policy::Authorizer;
use glasskey::{answer, decide, decide_with_reasons};
use glasskey_benches::pam::{self, Size};
use glasskey_benches::{World, context, median};
use serde_json::{Map, Value, json};
use std::hint::black_box;
use std::path::PathBuf;

fn main() {
    let folder = std::env::var_os("BORDERS").map_or_else(std::env::temp_dir, PathBuf::from);
    let mut all = Map::new();
    for policies in [10, 100, 1_000] {
        let size = Size { policies, candidates: 5, entities: 20 };
        let World { bundle, facts, request, now, policies: cedars, entities, asked } =
            pam::world(size).expect("a world");
        let micros = |calls, one: &mut dyn FnMut()| {
            json!(median(calls, one).as_nanos() / 100).as_f64().map(|t| t / 10.0)
        };
        let authorizer = Authorizer::new();
        let medians = json!({
            "answer": micros(4_000, &mut || drop(black_box(answer(&bundle, &facts, &request, now)))),
            "decide_with_reasons":
                micros(4_000, &mut || drop(black_box(decide_with_reasons(&bundle, &facts, &request, now)))),
            "decide": micros(4_000, &mut || drop(black_box(decide(&bundle, &facts, &request, now)))),
            "cedar": micros(400, &mut || drop(black_box(authorizer.is_authorized(&asked, &cedars, &entities)))),
        });
        all.insert(policies.to_string(), medians);
        let world = json!({
            "files": pam::files(size), "facts": pam::facts(size), "request": request, "now": now,
            "cedar": {
                "policies": pam::policies(size),
                "entities": pam::entities(size),
                "principal": {"type": "Glasskey::Person", "id": "asha"},
                "action": {"type": "Ops::Action", "id": "elevate"},
                "resource": {"type": "Glasskey::System", "id": "target"},
                "context": context(),
            },
        });
        std::fs::write(folder.join(format!("world-{policies}.json")), world.to_string()).expect("a folder");
    }
    println!("{}", Value::Object(all));
}
