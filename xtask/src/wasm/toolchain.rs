//! A compiler for `wasm32-unknown-unknown`: the one that is there, or Debian's with its standard
//! library's source, or the target for the compiler at hand.

use crate::shell::{cargo, command, output, run, target, works};
use std::path::Path;
use std::process::Command;

const TARGET: &str = "wasm32-unknown-unknown";
/// Where Debian lays its compiler, whatever else is on the path.
pub const DEBIAN: &str = "/usr/bin/rustc";
/// The oldest compiler that builds this workspace.
const WANTED: &str = env!("CARGO_PKG_RUST_VERSION");
const PACKAGES: &[&str] = &["rustc-web", "rust-web-src"];

/// Who builds.
pub enum Toolchain {
    /// The compiler at hand has the target.
    Own,
    /// Debian's compiler, which builds its standard library as well; and the linker for it.
    Debian { linker: String },
}

/// Finds one, or installs it.
pub fn find() -> Result<Toolchain, String> {
    if has_target()? {
        return Ok(Toolchain::Own);
    }
    if !debian() && works(command("apt-get").arg("--version")) && works(&mut root_only()) {
        apt(PACKAGES)?;
    }
    if debian() {
        let linker = format!("{}/lib/rustlib/{}/bin/rust-lld", sysroot()?, host()?);
        return Ok(Toolchain::Debian { linker });
    }
    run(command("rustup").args(["target", "add", TARGET]))?;
    Ok(Toolchain::Own)
}

/// Installs packages of Debian's.
pub fn apt(packages: &[&str]) -> Result<(), String> {
    // The lists of packages may be missing, or so old that they name a compiler which is too old; where
    // they cannot be had anew, those that are there will do.
    _ = works(command("apt-get").args(["update", "-qq"]));
    let mut install = command("apt-get");
    install.env("DEBIAN_FRONTEND", "noninteractive");
    run(install.args(["install", "-qq", "-y", "--no-install-recommends"]).args(packages))
}

fn root_only() -> Command {
    let mut test = command("sh");
    test.args(["-c", "test \"$(id -u)\" = 0"]);
    test
}

/// Debian's compiler with its standard library's source, as new as this workspace wants it.
pub fn debian() -> bool {
    let about = output(command(DEBIAN).arg("-vV")).unwrap_or_default();
    let release = about.lines().find_map(|line| line.strip_prefix("release: "));
    release.is_some_and(|release| numbers(release) >= numbers(WANTED))
        && Path::new("/usr/lib/rustlib/src/rust/library").exists()
}

fn numbers(version: &str) -> Vec<u32> {
    version.split('.').map_while(|part| part.parse().ok()).collect()
}

fn has_target() -> Result<bool, String> {
    let libraries = format!("{}/lib/rustlib/{TARGET}/lib", sysroot()?);
    Ok(std::fs::read_dir(libraries).is_ok_and(|mut files| files.next().is_some()))
}

fn sysroot() -> Result<String, String> {
    Ok(output(command("rustc").args(["--print", "sysroot"]))?.trim().to_owned())
}

fn host() -> Result<String, String> {
    let about = output(command("rustc").arg("-vV"))?;
    let host = about.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| "rustc -vV names no host".to_owned())
}

impl Toolchain {
    /// `cargo build` for the target; where it builds to is apart, so that two compilers do not
    /// undo each other's work.
    pub fn build(&self, profile: &str) -> Command {
        let mut build = cargo();
        // What cargo tells its children is meant for the compiler that built this chore.
        for name in ["RUSTC", "RUSTDOC", "LD_LIBRARY_PATH"] {
            build.env_remove(name);
        }
        build.env("CARGO_TARGET_DIR", built());
        build.args(["build", "--locked", "--target", TARGET, "-p", "glasskey-wasm", "--profile", profile]);
        if let Self::Debian { linker } = self {
            build.env("RUSTC", DEBIAN).env("RUSTC_BOOTSTRAP", "1");
            build.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
            build.args(["-Z", "build-std=std,panic_abort"]);
            if profile == super::PUBLISHED {
                // A panic, which cannot occur, need not say anything: a tenth of the module is for that.
                build.env("RUSTFLAGS", "-Zunstable-options -Cpanic=immediate-abort");
            }
        }
        build
    }
}

/// The target directory of the module.
fn built() -> std::path::PathBuf {
    target().join("wasm")
}

/// Where a profile leaves the module.
pub fn module(profile: &str) -> std::path::PathBuf {
    built().join(TARGET).join(profile).join("glasskey_wasm.wasm")
}
