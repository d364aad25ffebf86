//! `cargo xtask package`: the wheel and the Node package for this platform, as they are published.

use crate::shell::target;
use crate::{node, python};
use std::path::PathBuf;

/// The profile of what is published.
pub const PROFILE: &str = "published";

pub fn run_all() -> Result<(), String> {
    let (wheel, tarball) = both()?;
    println!("{}\n{}", wheel.display(), tarball.display());
    Ok(())
}

/// The wheel and the tarball.
pub fn both() -> Result<(PathBuf, PathBuf), String> {
    let place = target().join("packages");
    Ok((python::wheel(&place, PROFILE)?, node::tarball(&place, PROFILE)?))
}
