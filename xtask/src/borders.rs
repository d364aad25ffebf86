//! `cargo xtask borders`: what Python and Node.js cost over native Rust, and beside the peers that
//! do the same with Cedar, all in one run. Prints the tables of docs/PERFORMANCE.md.

use crate::shell::{cargo, command, output, root, run, target};
use crate::{node, package, python};
use serde_json::Value;
use std::path::{Path, PathBuf};

const CEDARPY: &str = "cedarpy==4.12.2";
const CEDAR_WASM: &str = "@cedar-policy/cedar-wasm@4.13.0";

pub fn run_all() -> Result<(), String> {
    let (wheel, tarball) = package::both()?;
    let place = target().join("borders");
    _ = std::fs::remove_dir_all(&place);
    std::fs::create_dir_all(&place).map_err(|e| format!("{}: {e}", place.display()))?;
    let bench = ["bench", "-q", "--locked", "--profile", package::PROFILE, "-p", "glasskey-benches"];
    let native = output(cargo().args(bench).args(["--bench", "borders"]).env("BORDERS", &place))?;
    let scripts = root().join("benches/borders");

    let environment = python::environment(&place.join("python"), true)?;
    python::pip(&environment, &[CEDARPY])?;
    run(python::python(&environment).args(["-m", "pip", "install", "-q", "--no-deps"]).arg(&wheel))?;
    let pythons = output(python::python(&environment).arg(scripts.join("bench.py")).arg(&place))?;

    let folder = place.join("node");
    std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    std::fs::write(folder.join("package.json"), "{\"private\": true}\n").map_err(|e| e.to_string())?;
    std::fs::copy(scripts.join("bench.js"), folder.join("bench.js")).map_err(|e| e.to_string())?;
    run(node::npm(&folder)
        .args(["install", "--silent", "--no-audit", "--no-fund"])
        .arg(&tarball)
        .arg(CEDAR_WASM))?;
    let nodes = output(command("node").current_dir(&folder).arg("bench.js").arg(&place))?;

    let [native, pythons, nodes] = [native, pythons, nodes].map(|text| read(&text));
    let (native, pythons, nodes) = (native?, pythons?, nodes?);
    table("Python", "cedarpy 4.12.2, all prepared", &native, &pythons);
    table("Node.js", "cedar-wasm 4.13.0, stateful", &native, &nodes);
    let cedarpy = environment.join("lib");
    let cedar_wasm = folder.join("node_modules/@cedar-policy/cedar-wasm/nodejs");
    let kib = |path: &Path| size(path) / 1024;
    println!("wheel {} KiB, tarball {} KiB", kib(&wheel), kib(&tarball));
    println!(
        "installed: glasskey {} KiB, cedarpy {} KiB",
        within(&cedarpy, "glasskey"),
        within(&cedarpy, "cedarpy")
    );
    println!(
        "installed: glasskey {} KiB, cedar-wasm {} KiB",
        kib(&folder.join("node_modules/glasskey")),
        kib(&cedar_wasm)
    );
    Ok(())
}

/// The medians of one language beside native Rust and the peer.
fn table(language: &str, peer: &str, native: &Value, found: &Value) {
    println!("\n| {language}, µs | 10 | 100 | 1,000 policies |\n|---|---|---|---|");
    let cells = |of: &dyn Fn(&str) -> String| ["10", "100", "1000"].map(of).join(" | ");
    let micros = |table: &Value, n: &str, row: &str| table[n][row].as_f64().unwrap_or(f64::NAN);
    for row in found["10"].as_object().into_iter().flatten().map(|(row, _)| row) {
        let named = if row == "peer" { peer } else { row };
        let cell = |n: &str| {
            let (here, there) = (micros(found, n, row), micros(native, n, row));
            if there.is_nan() {
                format!("{here:.1}")
            } else {
                format!("{here:.1} (native {there:.1}, ×{:.1})", here / there)
            }
        };
        println!("| {named} | {} |", cells(&cell));
    }
    let times = |row: &'static str| {
        move |n: &str| format!("×{:.1}", micros(found, n, "peer") / micros(found, n, row))
    };
    println!("| peer / `answer` | {} |", cells(&times("answer")));
    println!("| peer / `decide` | {} |", cells(&times("decide")));
    println!(
        "\nimport {} ms; threads {}; resident KiB over a million decisions {}\n",
        found["import_ms"], found["threads"], found["resident_kib"]
    );
}

fn read(text: &str) -> Result<Value, String> {
    let line = text.lines().rfind(|line| line.starts_with('{')).unwrap_or_default();
    serde_json::from_str(line).map_err(|e| format!("no JSON in what was printed: {e}\n{text}"))
}

fn size(path: &Path) -> u64 {
    let below =
        |path: &Path| std::fs::read_dir(path).into_iter().flatten().flatten().map(|e| size(&e.path())).sum();
    if path.is_dir() { below(path) } else { path.metadata().map_or(0, |about| about.len()) }
}

/// The size of an installed package, wherever in the environment it lies.
fn within(lib: &Path, package: &str) -> u64 {
    let versions: Vec<PathBuf> =
        std::fs::read_dir(lib).into_iter().flatten().flatten().map(|e| e.path()).collect();
    versions.iter().map(|v| size(&v.join("site-packages").join(package))).sum::<u64>() / 1024
}
