//! Every seed and every past finding goes through its door; and every door has all that it needs.

use glasskey_doors::{DOORS, Door};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const MEND: &str = "GLASSKEY_BLESS=1 cargo test -p glasskey-doors --test replay";

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let read = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = read.map(|entry| entry.path()).collect();
    files.sort();
    files
}

fn replay(door: &Door, kind: &str) -> usize {
    let files = files(&fuzz().join(kind).join(door.name));
    for file in &files {
        let data = std::fs::read(file).unwrap();
        if std::panic::catch_unwind(|| (door.body)(&data)).is_err() {
            panic!("{}: see the message above", file.display());
        }
    }
    files.len()
}

/// The committed seeds are what the packs and the vectors give.
fn refresh(door: &Door) {
    let folder = fuzz().join("seeds").join(door.name);
    if std::env::var_os("GLASSKEY_BLESS").is_some() {
        _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        for (name, seed) in (door.seeds)() {
            std::fs::write(folder.join(name), seed).unwrap();
        }
    }
}

fn through(name: &str) {
    let door = glasskey_doors::door(name).unwrap();
    refresh(door);
    assert!(replay(door, "seeds") > 0, "{name} has no seeds; to mend: {MEND}");
    replay(door, "findings");
}

macro_rules! doors {
    ($($name:ident)+) => {
        $(#[test] fn $name() { through(stringify!($name)); })+
        const TESTED: &[&str] = &[$(stringify!($name)),+];
    };
}

doors! { bundle compiled facts json ledger lifecycle manifest merkle proof redact request scenario signed words }

#[test]
fn every_door_is_replayed_and_has_a_fuzz_target() {
    let named: Vec<&str> = DOORS.iter().map(|d| d.name).collect();
    assert_eq!(named, TESTED);
    let manifest = std::fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    for name in &named {
        let target = format!("fuzz_targets/{name}.rs");
        let text = std::fs::read_to_string(fuzz().join(&target)).unwrap();
        assert!(text.contains(&format!("door!(\"{name}\")")), "{target} opens its door");
        assert!(manifest.contains(&format!("path = \"{target}\"")), "fuzz/Cargo.toml builds {target}");
    }
    for kind in ["seeds", "findings", "fuzz_targets"] {
        let there: BTreeSet<String> = files(&fuzz().join(kind))
            .iter()
            .map(|f| f.file_stem().unwrap().to_string_lossy().into_owned())
            .collect();
        let strangers: Vec<_> = there.iter().filter(|n| !named.contains(&n.as_str())).collect();
        assert!(strangers.is_empty(), "fuzz/{kind}: no door is named {strangers:?}");
    }
}
