//! The bridged tests as vectors of bindings/conformance, whose runners ask them in every language.

use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// A vector puts its files over those of a pack, and its world over that of the pack.
pub const PACK: &str = "ops";

fn conformance() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../bindings/conformance")
}

/// These files and none of the pack's.
pub fn files(files: &[(&str, &str)]) -> Value {
    let pack = conformance().join("packs").join(PACK);
    let theirs = std::fs::read_dir(&pack).unwrap_or_else(|e| panic!("{}: {e}", pack.display()));
    let theirs = theirs.map(|file| file.expect("a file").file_name().into_string().expect("a name"));
    let mut out: Value = theirs.map(|name| (name, Value::Null)).collect();
    for (name, text) in files {
        out[*name] = json!(text);
    }
    out
}

/// This world and nothing of the pack's.
pub fn world(world: Value) -> Value {
    let file = conformance().join("worlds").join(PACK).with_extension("json");
    let theirs: Value = serde_json::from_slice(&std::fs::read(&file).expect("a world")).expect("JSON");
    let theirs = theirs.as_object().expect("members").keys();
    let mut out: Value = theirs.map(|name| (name.clone(), Value::Null)).collect();
    out.as_object_mut().expect("members").extend(world.as_object().expect("members").clone());
    out
}

/// Where the vectors of our own sample lie.
pub fn ours() -> PathBuf {
    conformance().join("cedar.json")
}

/// As the files of vectors are written: a vector in a line.
pub fn written(vectors: &[Value]) -> String {
    let lines: Vec<String> = vectors.iter().map(ToString::to_string).collect();
    format!("[\n{}\n]\n", lines.join(",\n"))
}
