//! What a vector is given: packs and worlds, with its own changes put over them.

use crate::text;
use glasskey::bundle::{Bundle, Sources};
use glasskey::{Error, Errors, Facts, Request};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

/// Where the vectors lie.
#[must_use]
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file of vectors.
#[must_use]
pub fn files() -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder()).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = files.map(|file| file.path()).collect();
    files.retain(|file| file.extension().is_some_and(|e| e == "json"));
    files.sort();
    files
}

/// The vectors of one file.
///
/// # Panics
/// If it holds no list of vectors.
#[must_use]
pub fn read(file: &Path) -> Vec<Value> {
    let text = std::fs::read(file).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

/// Every vector.
#[must_use]
pub fn vectors() -> Vec<Value> {
    files().iter().flat_map(|file| read(file)).collect()
}

/// A document stands in a vector as plain data, or as the very text that is to be read.
pub(crate) fn document(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The request of a vector.
///
/// # Errors
/// As the vector says.
pub fn request(value: &Value) -> Result<Request, Error> {
    Request::from_json(document(value).as_bytes())
}

/// The pack of a vector, compiled.
///
/// # Errors
/// As the vector says.
pub fn bundle(given: &Value) -> Result<Bundle, Errors> {
    Bundle::compile(&sources(given))
}

/// The pack named by `pack`, with the files of `files` put over it; null takes one away.
pub(crate) fn sources(given: &Value) -> Sources {
    let mut files = pack(&folder().join("packs").join(text(&given["pack"])));
    files.extend(given["files"].as_object().cloned().unwrap_or_default());
    files.retain(|_, content| !content.is_null());
    files.into_iter().fold(Sources::new(), |sources, (name, content)| match content {
        Value::Array(bytes) => {
            let byte = |b: &Value| u8::try_from(b.as_u64()?).ok();
            sources.with(name, bytes.iter().filter_map(byte).collect::<Vec<u8>>())
        }
        content => sources.with(name, text(&content)),
    })
}

fn pack(folder: &Path) -> Map<String, Value> {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let read = |file: std::fs::DirEntry| {
        Some((file.file_name().into_string().ok()?, std::fs::read_to_string(file.path()).ok()?.into()))
    };
    files.filter_map(read).collect()
}

/// The world of the pack's name with the members of `world` put over it (null takes one away),
/// or a text as it stands.
///
/// # Errors
/// As the vector says.
pub fn facts(given: &Value, bundle: &Bundle) -> Result<Facts, Errors> {
    let text = match &given["world"] {
        Value::String(text) => text.clone(),
        over => {
            let path = folder().join("worlds").join(text(&given["pack"])).with_extension("json");
            let mut world: Map<String, Value> =
                serde_json::from_slice(&std::fs::read(path).unwrap_or_default()).unwrap_or_default();
            world.extend(over.as_object().cloned().unwrap_or_default());
            world.retain(|_, member| !member.is_null());
            Value::Object(world).to_string()
        }
    };
    Ok(Facts::from_json(bundle, text.as_bytes())?)
}
