//! `glasskey ledger …`, one file each.

mod checkpoint;
mod prove;
mod replay;
mod report;
mod residual;
mod verify;

use crate::args::LedgerCommand;
use crate::fault::Fault;
use crate::outcome::Outcome;
use crate::screen::Screen;

pub(super) fn run(command: &LedgerCommand, screen: &Screen) -> Result<Outcome, Vec<Fault>> {
    match command {
        LedgerCommand::Verify { file, against } => verify::run(file, against, screen),
        LedgerCommand::Report { file, incident, format, now, against } => {
            report::run(file, incident.as_deref(), *format, *now, against, screen)
        }
        LedgerCommand::Replay { file, bundles, bundle: None, against } => {
            replay::check(file, bundles, against, screen)
        }
        LedgerCommand::Replay { file, bundle: Some(pack), against, .. } => {
            replay::would(file, pack, against, screen)
        }
        LedgerCommand::Checkpoint { file, sign, against } => checkpoint::run(file, sign, against, screen),
        LedgerCommand::Prove { file, entry, checkpoint, keys } => {
            prove::prove(file, *entry, checkpoint, keys, screen)
        }
        LedgerCommand::VerifyProof { file, entry, keys } => {
            prove::verify(file, entry.as_deref(), keys, screen)
        }
        LedgerCommand::Residual { file, now, against } => residual::run(file, *now, against, screen),
    }
}
