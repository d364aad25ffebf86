//! `cargo xtask sbom`: what each artefact is made of, as CycloneDX, one file for each.
//!
//! cargo-cyclonedx describes whatever a workspace's lock file resolves to for a target, which is more
//! than goes into one artefact: what the other members want, and what a feature might bring and does
//! not. So what cargo's build plan of the artefact does not compile is taken out; the plan is an
//! unstable output, which `RUSTC_BOOTSTRAP` asks of any cargo. Each file is then held to `cargo tree`:
//! it names every package of the lock file that goes into the artefact, and none more.

use crate::shell::{cargo, command, copy_tree, kept, output, root, run, target};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

const VERSION: &str = "0.5.9";

/// Something that is published: its package, where that lies, and for what it is built.
struct Artefact {
    name: &'static str,
    package: &'static str,
    folder: &'static str,
    target: Option<&'static str>,
    features: &'static [&'static str],
}

impl Artefact {
    const fn native(name: &'static str, package: &'static str, folder: &'static str) -> Self {
        Self { name, package, folder, target: None, features: &[] }
    }

    const fn wasm(name: &'static str, features: &'static [&'static str]) -> Self {
        let target = Some("wasm32-unknown-unknown");
        Self { name, package: "glasskey-wasm", folder: "bindings/wasm", target, features }
    }
}

const ARTEFACTS: &[Artefact] = &[
    Artefact::native("crate", "glasskey", "core"),
    Artefact::native("cli", "glasskey-cli", "bindings/cli"),
    Artefact::native("prover", "glasskey-prove", "bindings/prove"),
    Artefact::native("python", "glasskey-python", "bindings/python"),
    Artefact::native("node", "glasskey-node", "bindings/node"),
    Artefact::wasm("wasm", &["--no-default-features", "--features", "full"]),
    Artefact::wasm("wasm-edge", &["--no-default-features"]),
];

pub fn run_all() -> Result<(), String> {
    npm_packages_depend_on_nothing()?;
    ARTEFACTS.iter().try_for_each(|artefact| artefact.write().map(drop))
}

/// The bill of one artefact, made anew.
pub fn bill_of(name: &str) -> Result<PathBuf, String> {
    npm_packages_depend_on_nothing()?;
    artefact(name)?.write()
}

/// The packages that go into one.
pub fn tree_of(name: &str) -> Result<BTreeSet<String>, String> {
    artefact(name)?.tree()
}

fn artefact(name: &str) -> Result<&'static Artefact, String> {
    let artefact = ARTEFACTS.iter().find(|artefact| artefact.name == name);
    artefact.ok_or_else(|| format!("no artefact is named `{name}`"))
}

impl Artefact {
    /// Makes the file, if it names what it should.
    fn write(&self) -> Result<PathBuf, String> {
        let (bill, tree) = (self.bill()?, self.tree()?);
        let named = named(&bill)?;
        let listed = |these: &BTreeSet<String>, without: &BTreeSet<String>| {
            these.difference(without).cloned().collect::<Vec<_>>().join(", ")
        };
        if named != tree {
            let (missing, more) = (listed(&tree, &named), listed(&named, &tree));
            return Err(format!("{}:\n  not named: {missing}\n  named in vain: {more}", self.name));
        }
        let file = target().join("sbom").join(format!("{}.cdx.json", self.name));
        let text = serde_json::to_string_pretty(&bill).map_err(|e| e.to_string())?;
        fs::write(&file, text + "\n").map_err(|e| format!("{}: {e}", file.display()))?;
        println!("{} packages: {}", named.len(), file.display());
        Ok(file)
    }

    fn triple(&self) -> Result<String, String> {
        if let Some(target) = self.target {
            return Ok(target.to_owned());
        }
        let about = output(command("rustc").arg("-vV"))?;
        let host = about.lines().find_map(|line| line.strip_prefix("host: "));
        host.map(str::to_owned).ok_or_else(|| "rustc -vV names no host".to_owned())
    }

    /// What cargo-cyclonedx says, without what is not compiled.
    fn bill(&self) -> Result<Value, String> {
        // The tool leaves its files among the sources.
        let sources = target().join("sbom/sources");
        _ = fs::remove_dir_all(&sources);
        copy_tree(&["*.rs", "*.toml", "Cargo.lock"], &sources)?;
        let mut describe = command(kept("cargo-cyclonedx", VERSION)?);
        describe.current_dir(&sources).args([
            "cyclonedx",
            "--quiet",
            "--format",
            "json",
            "--spec-version",
            "1.5",
        ]);
        describe.args(["--target", &self.triple()?, "--override-filename", "bill"]);
        // The same commit, the same bytes.
        let when = output(command("git").args(["log", "-1", "--format=%ct"]))?;
        describe.env("SOURCE_DATE_EPOCH", when.trim());
        for inherited in ["CARGO", "CARGO_MANIFEST_DIR", "RUSTC"] {
            describe.env_remove(inherited);
        }
        run(&mut describe)?;
        let made = sources.join(self.folder).join("bill.json");
        let text = fs::read_to_string(&made).map_err(|e| format!("{}: {e}", made.display()))?;
        // Where it was made is nobody's concern.
        let text = text.replace(&format!("path+file://{}/", sources.display()), "path+file:///glasskey/");
        let mut bill: Value = serde_json::from_str(&text).map_err(|e| format!("{}: {e}", made.display()))?;
        let compiled = self.compiled()?;
        if let Some(components) = bill["components"].as_array_mut() {
            components.retain(|component| name(component).is_some_and(|name| compiled.contains(&name)));
        }
        let about = [&bill["metadata"]["component"]];
        let kept: BTreeSet<String> = each(&bill, "components")
            .chain(about)
            .filter_map(|component| Some(component["bom-ref"].as_str()?.to_owned()))
            .collect();
        let is_kept = |reference: &Value| reference.as_str().is_some_and(|name| kept.contains(name));
        if let Some(all) = bill["dependencies"].as_array_mut() {
            all.retain(|one| is_kept(&one["ref"]));
            for on in all.iter_mut().filter_map(|one| one.get_mut("dependsOn")?.as_array_mut()) {
                on.retain(is_kept);
            }
        }
        Ok(bill)
    }

    /// The packages of cargo's build plan.
    fn compiled(&self) -> Result<BTreeSet<String>, String> {
        let mut plan = cargo();
        plan.env("RUSTC_BOOTSTRAP", "1").args([
            "build",
            "--unit-graph",
            "-Z",
            "unstable-options",
            "--locked",
        ]);
        plan.args(["-p", self.package, "--target", &self.triple()?]).args(self.features);
        let plan: Value = serde_json::from_str(&output(&mut plan)?).map_err(|e| e.to_string())?;
        let name = |unit: &Value| {
            let (_, name) = unit["pkg_id"].as_str()?.rsplit_once('#')?;
            let (name, version) = name.rsplit_once('@')?;
            Some(format!("{name} {version}"))
        };
        Ok(each(&plan, "units").filter_map(name).collect())
    }

    /// The packages that `cargo tree` shows for it, and for what builds it.
    fn tree(&self) -> Result<BTreeSet<String>, String> {
        let mut tree = cargo();
        tree.args(["tree", "--locked", "-p", self.package, "--edges", "normal,build", "--prefix", "none"]);
        tree.args(["--no-dedupe", "--format", "{p}", "--target", &self.triple()?]).args(self.features);
        let name = |line: &str| {
            let mut words = line.split_whitespace();
            Some(format!("{} {}", words.next()?, words.next()?.strip_prefix('v')?))
        };
        Ok(output(&mut tree)?.lines().filter_map(name).collect())
    }
}

fn each<'v>(value: &'v Value, member: &str) -> impl Iterator<Item = &'v Value> {
    value[member].as_array().into_iter().flatten()
}

/// The packages that a bill names, its artefact included.
fn named(bill: &Value) -> Result<BTreeSet<String>, String> {
    if bill["bomFormat"] != "CycloneDX" {
        return Err("what was made is no CycloneDX".to_owned());
    }
    let all = each(bill, "components").chain([&bill["metadata"]["component"]]);
    all.map(|component| name(component).ok_or_else(|| format!("a component without a name: {component}")))
        .collect()
}

/// A component's package, as its purl has it, too.
fn name(component: &Value) -> Option<String> {
    let (name, version) = (component["name"].as_str()?, component["version"].as_str()?);
    // In a purl, `+` is written otherwise.
    let purl = component["purl"].as_str()?.replace("%2B", "+");
    purl.starts_with(&format!("pkg:cargo/{name}@{version}")).then(|| format!("{name} {version}"))
}

/// The npm packages bring nothing along, so that the bills of their addon and module are whole.
fn npm_packages_depend_on_nothing() -> Result<(), String> {
    for package in ["bindings/node/package.json", "bindings/wasm/package.json"] {
        let text = fs::read_to_string(root().join(package)).map_err(|e| format!("{package}: {e}"))?;
        let about: Value = serde_json::from_str(&text).map_err(|e| format!("{package}: {e}"))?;
        for member in ["dependencies", "optionalDependencies", "peerDependencies", "bundleDependencies"] {
            if about.get(member).is_some() {
                return Err(format!("{package} has `{member}`, which no bill of materials names yet"));
            }
        }
    }
    Ok(())
}
