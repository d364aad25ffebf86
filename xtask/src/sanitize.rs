//! `cargo xtask sanitize`: the threads' test under ThreadSanitizer.
//!
//! Everything that is linked in is instrumented, Cedar and the standard library too: without the latter
//! ThreadSanitizer would not see what orders the threads, and report races that are none. So the compiler
//! must come with the library's source and be of one LLVM with the sanitizer's runtime. Debian has all three.

use crate::shell::{cargo, run, target};
use crate::wasm::toolchain::{DEBIAN, apt};
use std::path::Path;

const PACKAGES: &[&str] = &["rustc-web", "rust-web-src", "libclang-rt-22-dev"];
const RUNTIMES: &str = "/usr/lib/llvm-22/lib/clang/22/lib/linux";
const HOST: &str = "x86_64-unknown-linux-gnu";

pub fn run_all() -> Result<(), String> {
    if !Path::new(DEBIAN).exists() || !Path::new(RUNTIMES).exists() {
        apt(PACKAGES)?;
    }
    // The runtime comes last on the linker's line, where the C library is through with. It asks for one
    // function more of it, and for three that no program may call any more.
    let linked = format!(
        "-Clink-args=-Wl,-u,pthread_atfork -Wl,--unresolved-symbols=ignore-in-object-files \
         -Wl,--whole-archive {RUNTIMES}/libclang_rt.tsan-x86_64.a -Wl,--no-whole-archive \
         -Wl,--export-dynamic -lm -ldl -lresolv"
    );
    let mut test = cargo();
    // What cargo tells its children is meant for the compiler that built this chore.
    for name in ["RUSTC", "RUSTDOC", "LD_LIBRARY_PATH"] {
        test.env_remove(name);
    }
    let flags = format!("-Zsanitizer=thread\u{1f}-Zexternal-clangrt\u{1f}{linked}");
    test.env("RUSTC", DEBIAN).env("RUSTC_BOOTSTRAP", "1").env("CARGO_ENCODED_RUSTFLAGS", flags);
    // Built in half the time, and no access that should be seen is optimised away. Where it builds to is
    // apart from where everything else is built.
    test.env("CARGO_TARGET_DIR", target().join("sanitize")).env("CARGO_PROFILE_DEV_OPT_LEVEL", "0");
    test.args(["test", "--package", "glasskey", "--test", "threads"]).args(BUILD);
    run(test.env("TSAN_OPTIONS", "halt_on_error=1 second_deadlock_stack=1"))
}

const BUILD: [&str; 5] = ["--locked", "--target", HOST, "-Z", "build-std=std,panic_unwind"];
