//! `cargo xtask locks`: what keeps the core pure, and the proof that each lock holds.

mod imports;
mod probes;
pub mod source;
mod tree;

/// A lock: what it says, and the faults it finds.
type Lock = (&'static str, fn() -> Result<Vec<String>, String>);

const LOCKS: &[Lock] = &[
    ("clippy objects to every impurity and every panic", probes::check),
    ("no runtime, network or randomness in the core's tree", tree::check),
    ("imports go one way, files are short, only `cedar` names Cedar", imports::check),
];

pub fn run_all() -> Result<(), String> {
    let mut broken = 0_usize;
    for (says, check) in LOCKS {
        let faults = check()?;
        println!("{} {says}", if faults.is_empty() { "holds " } else { "BROKEN" });
        for fault in &faults {
            println!("       {fault}");
        }
        broken += usize::from(!faults.is_empty());
    }
    if broken == 0 { Ok(()) } else { Err(format!("{broken} of {} locks broken", LOCKS.len())) }
}
