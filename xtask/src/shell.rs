//! Running other programs from the root of the workspace.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The root of the workspace, wherever the chore was called from.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_owned).unwrap_or_default()
}

/// Where cargo builds to.
pub fn target() -> PathBuf {
    let elsewhere = std::env::var_os("CARGO_TARGET_DIR").map(|dir| root().join(dir));
    elsewhere.unwrap_or_else(|| root().join("target"))
}

/// The cargo that runs this chore.
pub fn cargo() -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// A program, to be run at the root.
pub fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    command
}

/// Runs a command and shows what it prints.
pub fn run(command: &mut Command) -> Result<(), String> {
    println!("$ {}", shown(command));
    let status = command.status().map_err(|e| format!("`{}` did not start: {e}", shown(command)))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` failed", shown(command))) }
}

/// Runs a command and gives what it printed to its standard output.
pub fn output(command: &mut Command) -> Result<String, String> {
    let out = command.output().map_err(|e| format!("`{}` did not start: {e}", shown(command)))?;
    if !out.status.success() {
        return Err(format!("`{}` failed:\n{}", shown(command), String::from_utf8_lossy(&out.stderr)));
    }
    String::from_utf8(out.stdout).map_err(|e| format!("`{}` did not print text: {e}", shown(command)))
}

/// Whether a command starts and succeeds; what it prints is dropped.
pub fn works(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// The directory for programs that chores install: outside the tree, kept between runs.
pub fn tools() -> Result<PathBuf, String> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || std::env::home_dir().map(|home| home.join(".cache"));
    let cache = cache.filter(|path| path.is_absolute()).or_else(home);
    Ok(cache.ok_or("neither XDG_CACHE_HOME nor HOME is set")?.join("glasskey/tools"))
}

/// A program of crates.io in one version, built once and kept.
pub fn kept(name: &str, version: &str) -> Result<PathBuf, String> {
    let root = tools()?.join(format!("{name}-{version}"));
    // cargo lays it there when it is whole.
    let program = root.join("bin").join(name).with_extension(std::env::consts::EXE_EXTENSION);
    if !program.exists() {
        println!("{name} {version} is built once and kept in {}", root.display());
        let mut install = cargo();
        install.args(["install", name, "--locked", "--debug", "--version", version, "--root"]).arg(&root);
        run(&mut install)?;
    }
    Ok(program)
}

/// Copies the tree's files, or those that a pattern names, to another place. What is the same there is
/// left alone, so that it is not built again.
pub fn copy_tree(patterns: &[&str], place: &Path) -> Result<(), String> {
    let mut list = command("git");
    list.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).args(patterns);
    for name in output(&mut list)?.split('\0').filter(|name| !name.is_empty()) {
        let to = place.join(name);
        let Ok(content) = std::fs::read(root().join(name)) else {
            // Removed, and not yet from the index.
            _ = std::fs::remove_file(&to);
            continue;
        };
        if std::fs::read(&to).is_ok_and(|there| there == content) {
            continue;
        }
        let made = std::fs::create_dir_all(to.parent().unwrap_or(place));
        made.and_then(|()| std::fs::write(&to, content)).map_err(|e| format!("{}: {e}", to.display()))?;
    }
    Ok(())
}

fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
