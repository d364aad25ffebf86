//! No runtime, network or randomness among what the core is built from.

use crate::shell::{cargo, output};

const BANNED: &[&str] = &[
    "async-std",
    "fastrand",
    "getrandom",
    "hyper",
    "mio",
    "native-tls",
    "openssl",
    "openssl-sys",
    "rand",
    "rand_core",
    "reqwest",
    "rustls",
    "smol",
    "socket2",
    "tokio",
    "ureq",
];

/// The host and the browser: some crates differ between them.
const TARGETS: &[Option<&str>] = &[None, Some("wasm32-unknown-unknown")];

pub fn check() -> Result<Vec<String>, String> {
    let mut faults = Vec::new();
    for target in TARGETS {
        let mut tree = cargo();
        tree.args([
            "tree", "-p", "glasskey", "-e", "normal", "--prefix", "none", "--format", "{p}", "--locked",
        ]);
        if let Some(target) = target {
            tree.args(["--target", target]);
        }
        let on = target.unwrap_or("the host");
        faults.extend(banned(&output(&mut tree)?).into_iter().map(|name| {
            format!(
                "`{name}` is in the core's tree on {on}; see `cargo tree -p glasskey -e normal -i {name}`"
            )
        }));
    }
    Ok(faults)
}

/// The banned crates among the lines of `cargo tree`.
fn banned(tree: &str) -> Vec<&'static str> {
    let names: Vec<_> = tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
    BANNED.iter().copied().filter(|name| names.contains(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_banned_crate_is_found_wherever_it_stands() {
        let tree = "glasskey v0.1.0 (/x)\nserde v1.0.0\ngetrandom v0.3.0\ntokio v1.0.0 (*)\n";
        assert_eq!(banned(tree), ["getrandom", "tokio"]);
    }

    #[test]
    fn a_name_that_only_resembles_a_banned_one_passes() {
        assert!(banned("glasskey v0.1.0\nrandom_choice v1.0.0\ntokio-lite v1.0.0\n").is_empty());
    }
}
