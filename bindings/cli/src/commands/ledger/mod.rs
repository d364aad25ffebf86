//! `glasskey ledger …`, one file each.

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
        LedgerCommand::Residual { file, now, against } => residual::run(file, *now, against, screen),
    }
}
