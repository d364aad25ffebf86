//! The command line.

use clap::{Parser, Subcommand};
use std::path::PathBuf;

const EXITS: &str = "\
Exit codes:
   0  all proved; nothing wider; no advice
   1  something is refuted; the change widens access; there is advice
   2  something is not known, and so it is not proved
  64  the command line is wrong
  65  the pack is malformed
  66  a file is not there, or cannot be read or written
  69  there is no solver";

/// Proves, compares and advises on packs; `glasskey prove` and its like run this program.
#[derive(Clone, Debug, Parser)]
#[command(name = "glasskey-prove", bin_name = "glasskey", version, after_help = EXITS, max_term_width = 100)]
pub struct Args {
    /// Print JSON, for programs.
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program can do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Prove what must hold of every request, every entity and every fact at once.
    #[command(after_help = EXITS)]
    Prove {
        /// The folder of the pack.
        pack: PathBuf,
        /// Prove this property alone; may be given again.
        #[arg(long, value_name = "PROPERTY")]
        only: Vec<String>,
        /// Write each counterexample as a pack with a scenario on which `glasskey test` fails.
        #[arg(long, value_name = "FOLDER")]
        out: Option<PathBuf>,
        /// Keep proofs in this folder, and use those of just the same pack and prover again.
        #[arg(long, value_name = "FOLDER")]
        cache: Option<PathBuf>,
        /// How long it may take.
        #[command(flatten)]
        limits: Limits,
    },
    /// Compare two packs by what they mean; exit 1 if the new one widens access.
    #[command(after_help = EXITS)]
    Diff {
        /// The folder of the old pack.
        old: PathBuf,
        /// The folder of the new pack.
        new: PathBuf,
        /// How long it may take.
        #[command(flatten)]
        limits: Limits,
    },
    /// Say what is legal but unwise. Needs no solver.
    #[command(after_help = EXITS)]
    Lint {
        /// The folder of the pack.
        pack: PathBuf,
    },
    /// List the controls that a pack supports, by which policy, with which evidence.
    #[command(after_help = EXITS)]
    Coverage {
        /// The folder of the pack.
        pack: PathBuf,
        /// One framework alone, like `NIST-CSF-2.0`.
        #[arg(long, value_name = "NAME")]
        framework: Option<String>,
    },
}

/// How long an answer may take.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Limits {
    /// Seconds for one question to the solver.
    #[arg(long, value_name = "SECONDS", default_value_t = 20)]
    pub limit: u64,
    /// Seconds for one property, all its questions together.
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub property_limit: u64,
}
