//! `cargo xtask package`: the wheel and the Node package for this platform, as they are published, and
//! what each is made of: in the wheel, and beside the package.

use crate::shell::target;
use crate::{node, python, sbom};
use std::path::PathBuf;

/// The profile of what is published.
pub const PROFILE: &str = "published";

pub fn run_all() -> Result<(), String> {
    let (wheel, tarball) = both()?;
    let bill = sbom::bill_of("node")?;
    println!("{}\n{}\n{}", wheel.display(), tarball.display(), bill.display());
    Ok(())
}

/// The wheel and the tarball.
pub fn both() -> Result<(PathBuf, PathBuf), String> {
    let place = target().join("packages");
    let bill = sbom::bill_of("python")?;
    Ok((python::wheel(&place, PROFILE, Some(&bill))?, node::tarball(&place, PROFILE)?))
}
