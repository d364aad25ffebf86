//! The command line.

use crate::ledger::{Against, verifier_key};
use clap::{Parser, Subcommand};
use glasskey::Instant;
use glasskey::bundle::COMPILED;
use glasskey::signing::VerifierKey;
use std::ffi::OsString;
use std::path::PathBuf;

const EXITS: &str = "\
Exit codes:
   0  permit; or all is well
   1  deny; or a test failed, a file is not formatted, a ledger was altered,
      a decision does not follow, a signature does not hold, privilege was left behind,
      something is refuted
   2  pending: approvals are missing; or grants are in force, or something is not proved
  64  the command line is wrong
  65  an input is malformed
  66  a file is not there, or cannot be read or written
  69  a program that is needed is not installed
  70  a bug in this program

Colours appear on a terminal only, and not if NO_COLOR is set.";

/// Decides who may hold emergency or just-in-time privilege now, for how long, and why.
#[derive(Clone, Debug, Parser)]
#[command(name = "glasskey", version, after_help = EXITS, max_term_width = 100)]
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
    /// Compile a pack: every fault at once, or what is in it.
    #[command(after_help = EXITS)]
    Check {
        /// The folder of the pack: `bundle.toml`, `*.cedar`, `*.cedarschema`.
        pack: PathBuf,
    },
    /// Decide a request, and say until when, why, and what would change it.
    #[command(after_help = EXITS)]
    Decide {
        /// What to decide.
        #[command(flatten)]
        question: Question,
        /// Write the evidence, with which the decision can be made again, to this file.
        #[arg(long, value_name = "FILE")]
        evidence: Option<PathBuf>,
        /// Decide once more by plain Cedar over the whole set of policies, without index and
        /// compiled conditions, and show both answers.
        #[arg(long)]
        reference: bool,
    },
    /// As decide, with every rule that was considered and where it stopped.
    #[command(after_help = EXITS)]
    Explain {
        /// What to decide.
        #[command(flatten)]
        question: Question,
        /// Write the evidence, with which the decision can be made again, to this file.
        #[arg(long, value_name = "FILE")]
        evidence: Option<PathBuf>,
    },
    /// Run scenario files: tests as data.
    #[command(after_help = EXITS)]
    Test {
        /// Scenario files, or folders of them; a folder stands for the `*.json` in the folders
        /// named `scenarios` below it.
        #[arg(required = true, value_name = "FILE|FOLDER")]
        files: Vec<PathBuf>,
        /// Write the ledger of what happened to this file; for one scenario.
        #[arg(long, value_name = "FILE")]
        ledger: Option<PathBuf>,
        /// The ledger's name; `example.com/` and the pack's, if not given.
        #[arg(long, value_name = "NAME", requires = "ledger")]
        origin: Option<String>,
    },
    /// Sign packs, and verify who signed them.
    #[command(subcommand, after_help = EXITS)]
    Bundle(BundleCommand),
    /// Print the verifier key of a private key, for those who verify; or make a new one.
    #[command(after_help = EXITS)]
    Key {
        /// The key's name, like `example.com/pam`: a ledger's own for its checkpoints.
        name: String,
        /// The private key: Ed25519, PKCS#8, PEM.
        file: PathBuf,
        /// Make the key, and write it to the file, which must not exist yet.
        #[arg(long)]
        new: bool,
    },
    /// Show a scenario as a timeline: who held what, when, and what happened.
    #[command(after_help = EXITS)]
    Simulate {
        /// The scenario file.
        file: PathBuf,
    },
    /// Read ledgers: verify, replay, report, prove.
    #[command(subcommand, after_help = EXITS)]
    Ledger(LedgerCommand),
    /// Format the policies of a pack.
    #[command(after_help = EXITS)]
    Fmt {
        /// The folder of the pack.
        pack: PathBuf,
        /// Change nothing; exit 1 if a file is not formatted.
        #[arg(long)]
        check: bool,
    },
    /// Print the schema that policies are written against, and the annotations.
    #[command(after_help = EXITS)]
    Schema {
        /// The folder of a pack, for the schema with the pack's own types; else the base alone.
        pack: Option<PathBuf>,
    },
    /// Prove what must hold of every request at once, with the program `glasskey-prove`.
    #[command(disable_help_flag = true)]
    Prove(Asked),
    /// Compare two packs by what they mean, with the program `glasskey-prove`.
    #[command(disable_help_flag = true)]
    Diff(Asked),
    /// Say what is legal but unwise in a pack, with the program `glasskey-prove`.
    #[command(disable_help_flag = true)]
    Lint(Asked),
    /// List the controls that a pack supports, with the program `glasskey-prove`.
    #[command(disable_help_flag = true)]
    Coverage(Asked),
}

/// What another program is asked.
#[derive(Clone, Debug, clap::Args)]
pub struct Asked {
    /// As `glasskey-prove` takes them; `--help` lists them.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
    pub words: Vec<OsString>,
}

/// What can be done with a ledger. FILE may be `-` for standard input.
#[derive(Clone, Debug, Subcommand)]
pub enum LedgerCommand {
    /// Check that nothing was altered: names the first entry that is, or is missing or misplaced.
    #[command(after_help = EXITS)]
    Verify {
        /// The ledger.
        file: PathBuf,
        /// What it is held to.
        #[command(flatten)]
        against: Against,
    },
    /// Tell what happened: every grant from request to confirmed end, and what was left behind.
    #[command(after_help = EXITS)]
    Report {
        /// The ledger.
        file: PathBuf,
        /// The incident that it is about; everything, if not given.
        #[arg(long, value_name = "ID")]
        incident: Option<String>,
        /// As Markdown, or as one HTML page with the timeline drawn.
        #[arg(long, value_enum, default_value = "markdown")]
        format: Format,
        /// The instant to tell it for; the last record's, if not given.
        #[arg(long, value_name = "INSTANT", value_parser = instant)]
        now: Option<Instant>,
        /// What the ledger is held to.
        #[command(flatten)]
        against: Against,
    },
    /// Decide again: does each decision follow from its evidence? Or what another pack would have
    /// decided.
    #[command(after_help = EXITS)]
    Replay {
        /// The ledger.
        file: PathBuf,
        /// A pack that decided, or a folder of them; the digests in the ledger say which.
        #[arg(long, value_name = "FOLDER", required_unless_present = "bundle", conflicts_with = "bundle")]
        bundles: Vec<PathBuf>,
        /// Another pack: who would have been refused or allowed, which grants would have been
        /// shorter, which quorum larger?
        #[arg(long, value_name = "PACK")]
        bundle: Option<PathBuf>,
        /// What the ledger is held to.
        #[command(flatten)]
        against: Against,
    },
    /// Sign a checkpoint of the ledger as it is now, to be kept by somebody else.
    #[command(after_help = EXITS)]
    Checkpoint {
        /// The ledger.
        file: PathBuf,
        /// The ledger's private key: Ed25519, PKCS#8, PEM.
        #[arg(long, value_name = "FILE")]
        sign: PathBuf,
        /// The ledger must agree with the checkpoint that was signed before.
        #[command(flatten)]
        against: Against,
    },
    /// Prove one entry to somebody who never sees the others: prints a `.tlog-proof` that holds
    /// the entry.
    #[command(after_help = EXITS)]
    Prove {
        /// The ledger.
        file: PathBuf,
        /// The entry's number.
        entry: u64,
        /// The signed checkpoint that covers it.
        #[arg(long, value_name = "NOTE")]
        checkpoint: PathBuf,
        /// The verifier key that the checkpoint is signed by.
        #[arg(long = "key", value_name = "VKEY", required = true, value_parser = verifier_key)]
        keys: Vec<VerifierKey>,
    },
    /// Check such a proof, and print the entry.
    #[command(after_help = EXITS)]
    VerifyProof {
        /// The proof.
        file: PathBuf,
        /// The entry's line, in a file, for a proof that does not hold it.
        #[arg(long, value_name = "FILE")]
        entry: Option<PathBuf>,
        /// The verifier key of the ledger.
        #[arg(long = "key", value_name = "VKEY", required = true, value_parser = verifier_key)]
        keys: Vec<VerifierKey>,
    },
    /// List every grant whose end was not confirmed, by enforcement point. Exits with 1 if
    /// privilege was left behind, with 2 if grants are in force and nothing was.
    #[command(after_help = EXITS)]
    Residual {
        /// The ledger.
        file: PathBuf,
        /// The instant to look at, like `2026-03-01T02:05:05Z`; else the system's clock.
        #[arg(long, value_name = "INSTANT", value_parser = instant)]
        now: Option<Instant>,
        /// What the ledger is held to.
        #[command(flatten)]
        against: Against,
    },
}

/// What can be done with a pack that goes elsewhere.
#[derive(Clone, Debug, Subcommand)]
pub enum BundleCommand {
    /// Sign a pack: a DSSE envelope around an in-toto statement over its files.
    #[command(after_help = EXITS)]
    Sign {
        /// The folder of the pack.
        pack: PathBuf,
        /// The publisher's private key: Ed25519, PKCS#8, PEM.
        #[arg(long, value_name = "FILE")]
        sign: PathBuf,
        /// The publisher's name, like `example.com/policies`.
        #[arg(long, value_name = "NAME")]
        name: String,
        /// The envelope; `bundle.dsse.json` in the pack, if not given. Signatures by others in it are kept.
        #[arg(long, value_name = "FILE")]
        signature: Option<PathBuf>,
    },
    /// Write a pack in its compiled form, for hosts that load it without Cedar's parser; and sign that.
    #[command(after_help = EXITS)]
    Compile {
        /// The folder of the pack.
        pack: PathBuf,
        /// The file to write.
        #[arg(long, value_name = "FILE", default_value = COMPILED)]
        to: PathBuf,
        /// The publisher's private key: Ed25519, PKCS#8, PEM. The envelope is written beside the
        /// file, as `FILE.dsse.json`.
        #[arg(long, value_name = "FILE", requires = "name")]
        sign: Option<PathBuf>,
        /// The publisher's name, like `example.com/policies`.
        #[arg(long, value_name = "NAME", requires = "sign")]
        name: Option<String>,
    },
    /// Check that somebody trusted signed exactly these files.
    #[command(after_help = EXITS)]
    Verify {
        /// The folder of the pack.
        pack: PathBuf,
        /// A verifier key that is trusted, like `example.com/policies+530d903a+Aek…`.
        #[arg(long = "key", value_name = "VKEY", required = true, value_parser = verifier_key)]
        keys: Vec<VerifierKey>,
        /// The envelope; `bundle.dsse.json` in the pack, if not given.
        #[arg(long, value_name = "FILE")]
        signature: Option<PathBuf>,
    },
}

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Markdown.
    Markdown,
    /// One self-contained HTML page.
    Html,
}

/// What is decided.
#[derive(Clone, Debug, clap::Args)]
pub struct Question {
    /// The folder of the pack.
    #[arg(long, value_name = "PACK")]
    pub bundle: PathBuf,
    /// The facts, JSON; `-` for standard input.
    #[arg(long, value_name = "FILE")]
    pub facts: PathBuf,
    /// The request, JSON; `-` for standard input.
    #[arg(long, value_name = "FILE")]
    pub request: PathBuf,
    /// The instant to decide for, like `2026-03-01T02:05:05Z`; else the system's clock.
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub now: Option<Instant>,
}

fn instant(text: &str) -> Result<Instant, String> {
    Instant::parse(text).map_err(|e| match e.help {
        Some(help) => format!("{}; {help}", e.message),
        None => e.message,
    })
}
