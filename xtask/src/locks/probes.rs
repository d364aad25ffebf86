//! Clippy's half of the locks. The head of the core's `lib.rs`, its lints and its
//! `clippy.toml` are copied into a throwaway crate that breaks each of them once; every
//! breach must be refused, and what is innocent must pass.

use crate::shell::{cargo, root};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The lint that must object (none for the innocent), and the code that it objects to.
const PROBES: &[(&str, &str)] = &[
    ("", "pub fn f(map: &std::collections::BTreeMap<u8, u8>) -> Option<u8> { map.get(&1)?.checked_add(1) }"),
    ("unsafe_code", "pub fn f(p: *const u8) -> u8 { unsafe { *p } }"),
    // No clock.
    ("clippy::disallowed_types", "pub fn f() -> Option<std::time::SystemTime> { None }"),
    ("clippy::disallowed_types", "pub fn f() -> Option<std::time::Instant> { None }"),
    ("clippy::disallowed_methods", "pub fn f() { let _ = std::time::SystemTime::now(); }"),
    ("clippy::disallowed_methods", "pub fn f() { let _ = std::time::Instant::now(); }"),
    ("clippy::disallowed_methods", "pub fn f() { let _ = chrono::Utc::now(); }"),
    ("clippy::disallowed_methods", "pub fn f() { let _ = chrono::Local::now(); }"),
    ("clippy::disallowed_methods", "pub fn f() { std::thread::sleep(core::time::Duration::ZERO); }"),
    // No random order.
    ("clippy::disallowed_types", "pub fn f() -> Option<std::collections::HashMap<u8, u8>> { None }"),
    ("clippy::disallowed_types", "pub fn f() -> Option<std::collections::HashSet<u8>> { None }"),
    ("clippy::disallowed_types", "pub fn f() -> Option<std::hash::RandomState> { None }"),
    // No file, environment, network, process, thread or stream.
    ("clippy::disallowed_methods", "pub fn f() { let _ = std::fs::read(\"x\"); }"),
    ("clippy::disallowed_methods", "pub fn f() { let _ = std::fs::write(\"x\", \"y\"); }"),
    ("clippy::disallowed_types", "pub fn f(_: &std::fs::File) {}"),
    ("clippy::disallowed_methods", "pub fn f() -> bool { std::path::Path::new(\"x\").exists() }"),
    ("clippy::disallowed_methods", "pub fn f() { let _ = std::env::var(\"X\"); }"),
    ("clippy::disallowed_methods", "pub fn f() { let _ = std::env::args(); }"),
    ("clippy::disallowed_macros", "pub const X: Option<&str> = std::option_env!(\"X\");"),
    ("clippy::disallowed_methods", "pub fn f() { let _ = std::net::TcpStream::connect(\"x:1\"); }"),
    ("clippy::disallowed_methods", "pub fn f() { let _ = std::process::Command::new(\"x\"); }"),
    ("clippy::disallowed_methods", "pub fn f() { std::process::exit(1); }"),
    ("clippy::disallowed_methods", "pub fn f() { let _ = std::thread::spawn(|| ()); }"),
    ("clippy::disallowed_methods", "pub fn f() { let _ = std::io::stdin(); }"),
    ("clippy::print_stdout", "pub fn f() { std::println!(\"x\"); }"),
    ("clippy::print_stderr", "pub fn f() { std::eprintln!(\"x\"); }"),
    ("clippy::dbg_macro", "pub fn f(x: u8) -> u8 { std::dbg!(x) }"),
    // No global.
    ("clippy::disallowed_types", "pub static X: std::sync::OnceLock<u8> = std::sync::OnceLock::new();"),
    ("clippy::disallowed_types", "pub fn f(_: &std::sync::Mutex<u8>) {}"),
    ("clippy::disallowed_macros", "std::thread_local! { static X: u8 = const { 1 }; }"),
    // No panic.
    ("clippy::unwrap_used", "pub fn f(x: Option<u8>) -> u8 { x.unwrap() }"),
    ("clippy::expect_used", "pub fn f(x: Option<u8>) -> u8 { x.expect(\"x\") }"),
    ("clippy::panic", "pub fn f() { panic!(\"x\") }"),
    ("clippy::unreachable", "pub fn f() { unreachable!() }"),
    ("clippy::todo", "pub fn f() { todo!() }"),
    ("clippy::unimplemented", "pub fn f() { unimplemented!() }"),
    ("clippy::indexing_slicing", "pub fn f(x: &[u8]) -> u8 { x[0] }"),
    ("clippy::string_slice", "pub fn f(x: &str) -> &str { &x[1..] }"),
    ("clippy::arithmetic_side_effects", "pub fn f(x: i64, y: i64) -> i64 { x + y }"),
    // One number rule.
    ("clippy::as_conversions", "pub fn f(x: i64) -> u8 { x as u8 }"),
    ("clippy::float_arithmetic", "pub fn f(x: f64) -> f64 { x * 2.0 }"),
    // No exception without a reason.
    ("clippy::allow_attributes", "#[allow(dead_code, reason = \"x\")] fn f() {}"),
    ("clippy::allow_attributes_without_reason", "#[expect(dead_code)] fn f() {}"),
];

/// Stands in for chrono with its clock, which the core's own chrono is built without.
const CHRONO: &str =
    "pub struct Utc; impl Utc { pub fn now() {} } pub struct Local; impl Local { pub fn now() {} }";

/// What the core's locks are written in, as text.
struct Locks {
    /// `lib.rs` down to its first module: `no_std`, and the lints of the library.
    head: String,
    /// The `[lints.*]` tables of the manifest.
    lints: String,
    /// The bans.
    clippy_toml: String,
}

impl Locks {
    fn of_the_core() -> Result<Self, String> {
        let read = |path: &str| fs::read_to_string(root().join(path)).map_err(|e| format!("{path}: {e}"));
        let lib = read("core/src/lib.rs")?;
        let head: Vec<_> = lib.lines().take_while(|line| !is_module(line)).collect();
        let manifest = read("core/Cargo.toml")?;
        let lints: Vec<_> = manifest.lines().skip_while(|line| !line.starts_with("[lints")).collect();
        Ok(Self { head: head.join("\n"), lints: lints.join("\n"), clippy_toml: read("core/clippy.toml")? })
    }
}

fn is_module(line: &str) -> bool {
    line.starts_with("mod ") || line.starts_with("pub mod ")
}

pub fn check() -> Result<Vec<String>, String> {
    let locks = Locks::of_the_core()?;
    let mut faults = breaches(&locks)?;
    faults.extend(nameable(&locks)?);
    Ok(faults)
}

/// The probes that these locks treat wrongly. Each links `std`, as `cedar` does.
fn breaches(locks: &Locks) -> Result<Vec<String>, String> {
    let scratch = Scratch::new()?;
    let mods: String = (0..PROBES.len()).map(|n| format!("pub mod p{n};\n")).collect();
    scratch.write("src/lib.rs", &format!("{}\n{mods}", locks.head))?;
    for (n, (_, code)) in PROBES.iter().enumerate() {
        let std = "extern crate std;\nuse std::prelude::rust_2024::*;";
        scratch.write(&format!("src/p{n}.rs"), &format!("//! A probe.\n{std}\n{code}\n"))?;
    }
    let refused = scratch.clippy(locks)?;
    let faults = PROBES.iter().enumerate().filter_map(|(n, (lint, code))| {
        let file = format!("src/p{n}.rs");
        let by: Vec<_> = refused.iter().filter(|(at, _)| *at == file).map(|(_, by)| by.as_str()).collect();
        match (lint.is_empty(), by.contains(lint)) {
            (false, true) => None,
            (true, _) if by.is_empty() => None,
            (true, _) => Some(format!("{} refuses the innocent `{code}`", by.join(", "))),
            (false, false) => Some(format!("{lint} does not refuse `{code}`")),
        }
    });
    Ok(faults.collect())
}

/// Outside `cedar` the core cannot even name `std`, since its `lib.rs` does not link it.
fn nameable(locks: &Locks) -> Result<Vec<String>, String> {
    let scratch = Scratch::new()?;
    scratch.write("src/lib.rs", &format!("{}\npub mod probe;\n", locks.head))?;
    scratch.write("src/probe.rs", "//! A probe.\npub fn f() { let _ = std::fs::read(\"x\"); }\n")?;
    let refused = scratch.clippy(locks)?.iter().any(|(file, by)| file == "src/probe.rs" && by == "E0433");
    Ok(if refused { Vec::new() } else { vec!["`std` can be named outside `cedar`".to_owned()] })
}

/// A throwaway crate, gone when dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Self, String> {
        use std::sync::atomic::{AtomicUsize, Ordering};
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let unique =
            format!("glasskey-locks-{}-{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let scratch = Self(std::env::temp_dir().join(unique));
        scratch.write(
            "chrono/Cargo.toml",
            "[package]\nname = \"chrono\"\nversion = \"0.4.0\"\nedition = \"2024\"\n",
        )?;
        scratch.write("chrono/src/lib.rs", CHRONO)?;
        Ok(scratch)
    }

    fn write(&self, path: &str, text: &str) -> Result<(), String> {
        let path = self.0.join(path);
        let made =
            fs::create_dir_all(path.parent().unwrap_or(Path::new(""))).and_then(|()| fs::write(&path, text));
        made.map_err(|e| format!("{}: {e}", path.display()))
    }

    /// What clippy refuses under these lints: files and the lints or errors that object.
    fn clippy(&self, locks: &Locks) -> Result<BTreeSet<(String, String)>, String> {
        let head = "[package]\nname = \"probe\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
                    [dependencies]\nchrono = { path = \"chrono\" }\n\n[workspace]\n\n";
        self.write("Cargo.toml", &format!("{head}{}", locks.lints))?;
        self.write("clippy.toml", &locks.clippy_toml)?;
        let mut clippy = cargo();
        clippy.args(["clippy", "--offline", "--quiet", "--message-format=json", "--target-dir", "target"]);
        clippy
            .current_dir(&self.0)
            .env_remove("RUSTFLAGS")
            .env_remove("CLIPPY_ARGS")
            .env_remove("CLIPPY_CONF_DIR");
        let out = clippy.output().map_err(|e| format!("`cargo clippy` did not start: {e}"))?;
        let messages = String::from_utf8_lossy(&out.stdout);
        if messages.trim().is_empty() {
            return Err(format!("`cargo clippy` said nothing:\n{}", String::from_utf8_lossy(&out.stderr)));
        }
        Ok(messages
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .flat_map(|m| objections(&m))
            .collect())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A leftover in the temporary directory harms nobody.
        fs::remove_dir_all(&self.0).ok();
    }
}

/// The files that an error message is about, each with what objected.
fn objections(message: &Value) -> Vec<(String, String)> {
    let message = &message["message"];
    if message["level"] != "error" {
        return Vec::new();
    }
    let Some(by) = message["code"]["code"].as_str() else { return Vec::new() };
    let spans = message["spans"].as_array().map(Vec::as_slice).unwrap_or_default();
    spans.iter().filter_map(|span| Some((span["file_name"].as_str()?.to_owned(), by.to_owned()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No lock at all, beside the lints that clippy denies anyway.
    fn open() -> Locks {
        let (head, clippy_toml) = ("//! Open.\n#![no_std]".to_owned(), String::new());
        Locks { head, lints: "[lints.clippy]\nall = \"allow\"\n".to_owned(), clippy_toml }
    }

    #[test]
    fn with_every_lock_open_every_guilty_probe_is_reported() -> Result<(), String> {
        let guilty = PROBES.iter().filter(|(lint, _)| !lint.is_empty()).count();
        assert_eq!(breaches(&open())?.len(), guilty);
        Ok(())
    }

    #[test]
    fn opening_one_lock_is_noticed() -> Result<(), String> {
        let mut locks = Locks::of_the_core()?;
        locks.head = locks.head.replace("clippy::unwrap_used,", "");
        locks.clippy_toml =
            locks.clippy_toml.lines().filter(|l| !l.contains("HashMap")).collect::<Vec<_>>().join("\n");
        let found = breaches(&locks)?;
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found.iter().any(|fault| fault.starts_with("clippy::unwrap_used")), "{found:?}");
        assert!(found.iter().any(|fault| fault.contains("HashMap")), "{found:?}");
        Ok(())
    }

    #[test]
    fn a_lock_that_refuses_the_innocent_is_noticed() -> Result<(), String> {
        let ban = "disallowed-types = [{ path = \"std::collections::BTreeMap\", reason = \"x\" }]";
        let lints = "[lints.clippy]\ndisallowed_types = \"deny\"\n".to_owned();
        let found = breaches(&Locks { lints, clippy_toml: ban.to_owned(), ..open() })?;
        assert!(found.iter().any(|fault| fault.contains("refuses the innocent")), "{found:?}");
        Ok(())
    }

    #[test]
    fn a_core_that_links_std_is_noticed() -> Result<(), String> {
        assert!(nameable(&open())?.is_empty());
        for head in ["//! Core.", "//! Core.\n#![no_std]\nextern crate std;"] {
            assert_eq!(nameable(&Locks { head: head.to_owned(), ..open() })?.len(), 1, "{head}");
        }
        Ok(())
    }
}
