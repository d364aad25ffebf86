//! `cargo xtask sanitize [threads | python | node]`: the threads' test under ThreadSanitizer, and the tests
//! of the extensions for Python and Node.js under AddressSanitizer.
//!
//! Everything that is linked in is instrumented, Cedar and the standard library too: without the latter
//! ThreadSanitizer would not see what orders the threads, and report races that are none. So the compiler
//! must come with the library's source and be of one LLVM with the sanitizer's runtime. Debian has all three.
//!
//! CPython and Node.js stay as they are; the runtime is loaded before them, and so sees every allocation
//! of theirs, too. What they do not free when they end is theirs, and is not asked for.

use crate::shell::{cargo, command, output, root, run, target};
use crate::wasm::toolchain::{DEBIAN, apt, debian};
use crate::{node, python};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const PACKAGES: &[&str] = &["rustc-web", "rust-web-src", "libclang-rt-22-dev"];
const RUNTIMES: &str = "/usr/lib/llvm-22/lib/clang/22/lib/linux";
const HOST: &str = "x86_64-unknown-linux-gnu";
const BUILD_STD: [&str; 5] = ["--locked", "--target", HOST, "-Z", "build-std=std,panic_unwind"];

type Part = (&'static str, fn() -> Result<(), String>);
const PARTS: [Part; 3] = [("threads", threads), ("python", in_python), ("node", in_node)];

pub fn run_all() -> Result<(), String> {
    let asked = std::env::args().nth(2);
    let chosen = PARTS.iter().filter(|(name, _)| asked.as_deref().is_none_or(|asked| asked == *name));
    let chosen: Vec<&Part> = chosen.collect();
    if chosen.is_empty() {
        let names = PARTS.map(|(name, _)| name).join(", ");
        return Err(format!("nothing is named `{}`; there are {names}", asked.unwrap_or_default()));
    }
    if !debian() || !Path::new(RUNTIMES).exists() {
        apt(PACKAGES)?;
    }
    chosen.iter().try_for_each(|(_, part)| part())
}

fn threads() -> Result<(), String> {
    // The runtime comes last on the linker's line, where the C library is through with. It asks for one
    // function more of it, and for three that no program may call any more.
    let linked = format!(
        "-Clink-args=-Wl,-u,pthread_atfork -Wl,--unresolved-symbols=ignore-in-object-files \
         -Wl,--whole-archive {RUNTIMES}/libclang_rt.tsan-x86_64.a -Wl,--no-whole-archive \
         -Wl,--export-dynamic -lm -ldl -lresolv"
    );
    let mut test = instrumented("test", "thread", &[&linked]);
    // Built in half the time, and no access that should be seen is optimised away.
    test.env("CARGO_PROFILE_DEV_OPT_LEVEL", "0").args(["--package", "glasskey", "--test", "threads"]);
    run(test.env("TSAN_OPTIONS", "halt_on_error=1 second_deadlock_stack=1"))
}

fn in_python() -> Result<(), String> {
    let extension = extension("_native")?;
    let empty = python::installed()?;
    let find = "import glasskey._native as native; print(native.__file__)";
    let installed = output(python::python(&empty).args(["-c", find]))?;
    replace(&extension, Path::new(installed.trim()))?;
    let mut tests = python::python(&empty);
    // CPython's own pools would hide from the runtime what is freed.
    tests.current_dir(python::sources()).env("PYTHONMALLOC", "malloc").args(["-m", "pytest"]);
    run(watched(&mut tests))
}

fn in_node() -> Result<(), String> {
    let extension = extension("glasskey_node")?;
    node::tools()?;
    let empty = node::installed()?;
    let platform = output(command("node").args(["-p", "`${process.platform}-${process.arch}`"]))?;
    let name = format!("node_modules/glasskey/glasskey.{}.node", platform.trim());
    replace(&extension, &empty.join(name))?;
    let mut tests = command("node");
    tests.current_dir(&empty).env("GLASSKEY_CONFORMANCE", root().join("bindings/conformance"));
    run(watched(tests.args(["--test", "--test-reporter", "dot", "test/"])))
}

/// Both extensions are built together: they stand on the same Cedar.
fn extension(name: &str) -> Result<PathBuf, String> {
    let mut build = instrumented("build", "address", &[]);
    run(build.args(["--package", "glasskey-python", "--package", "glasskey-node"]))?;
    Ok(built().join(HOST).join("debug").join(format!("lib{name}.so")))
}

/// A new file: whoever has the old one mapped keeps it.
fn replace(built: &Path, installed: &Path) -> Result<(), String> {
    let there = installed.exists().then_some(()).ok_or("it is not there".to_owned());
    let replaced = there.and_then(|()| fs::remove_file(installed).map_err(|e| e.to_string()));
    let replaced = replaced.and_then(|()| fs::copy(built, installed).map_err(|e| e.to_string()));
    replaced.map(|_| ()).map_err(|e| format!("{}: {e}", installed.display()))
}

/// With the runtime loaded before the program and whatever it starts.
fn watched(command: &mut Command) -> &mut Command {
    command.env("LD_PRELOAD", format!("{RUNTIMES}/libclang_rt.asan-x86_64.so"));
    command.env("ASAN_OPTIONS", "detect_leaks=0:strict_string_checks=1:detect_stack_use_after_return=1")
}

fn instrumented(verb: &str, sanitizer: &str, flags: &[&str]) -> Command {
    let mut build = cargo();
    // What cargo tells its children is meant for the compiler that built this chore.
    for name in ["RUSTC", "RUSTDOC", "LD_LIBRARY_PATH"] {
        build.env_remove(name);
    }
    let sanitizer = format!("-Zsanitizer={sanitizer}");
    let flags = [&[sanitizer.as_str(), "-Zexternal-clangrt"], flags].concat().join("\u{1f}");
    build.env("RUSTC", DEBIAN).env("RUSTC_BOOTSTRAP", "1").env("CARGO_ENCODED_RUSTFLAGS", flags);
    // Apart from where everything else is built.
    build.env("CARGO_TARGET_DIR", built()).arg(verb).args(BUILD_STD);
    build
}

fn built() -> PathBuf {
    target().join("sanitize")
}
