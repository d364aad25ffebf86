//! The commands, one file each.

mod bundle;
mod check;
mod decide;
mod fmt;
mod key;
mod ledger;
mod prover;
mod schema;
mod simulate;
mod test;

use crate::args::{Args, Command};
use crate::outcome::Outcome;
use crate::screen::Screen;
use decide::Way;

/// Does what the command line asks for.
#[must_use]
pub fn run(args: &Args, screen: &Screen) -> Outcome {
    let done = match &args.command {
        Command::Check { pack } => check::run(pack, screen),
        Command::Test { files, ledger, origin } => {
            test::run(files, ledger.as_deref(), origin.as_deref(), screen)
        }
        Command::Bundle(command) => bundle::run(command, screen),
        Command::Key { name, file, new } => key::run(name, file, *new, screen),
        Command::Ledger(command) => ledger::run(command, screen),
        Command::Decide { question, evidence, reference } => {
            let way = if *reference { Way::Twice } else { Way::Once };
            decide::run(question, evidence.as_deref(), way, screen)
        }
        Command::Explain { question, evidence } => {
            decide::run(question, evidence.as_deref(), Way::Explained, screen)
        }
        Command::Fmt { pack, check } => fmt::run(pack, *check, screen),
        Command::Simulate { file } => simulate::run(file, screen),
        Command::Schema { pack } => schema::run(pack.as_deref(), screen),
        Command::Prove(asked) => prover::run("prove", &asked.words, screen.json),
        Command::Diff(asked) => prover::run("diff", &asked.words, screen.json),
        Command::Lint(asked) => prover::run("lint", &asked.words, screen.json),
        Command::Coverage(asked) => prover::run("coverage", &asked.words, screen.json),
    };
    done.unwrap_or_else(|faults| Outcome::faults(&faults, screen))
}
