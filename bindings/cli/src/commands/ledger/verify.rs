//! `glasskey ledger verify`.

use crate::fault::Fault;
use crate::ledger::{Against, Reader};
use crate::outcome::{Exit, Outcome, line};
use crate::screen::{Ink, Pen, Screen};
use crate::show::instant;
use glasskey::ledger::{Fault as LedgerFault, Tail, VerifyReport};
use std::path::Path;

pub(super) fn run(file: &Path, against: &Against, screen: &Screen) -> Result<Outcome, Vec<Fault>> {
    let report = Reader::new(file, against, screen)?.verify()?;
    let exit = if report.is_intact() { Exit::Ok } else { Exit::Deny };
    let out = if screen.json { line(&report) } else { shown(&report, screen.pen()) };
    Ok(Outcome::new(out, exit))
}

fn shown(report: &VerifyReport, pen: Pen) -> String {
    let name = report.origin.as_deref().unwrap_or("(no ledger has begun)");
    let (word, ink) = if report.is_intact() { ("INTACT", Ink::Green) } else { ("ALTERED", Ink::Red) };
    let mut out = format!("{}  {}\n\n", pen.write(ink, word), pen.write(Ink::Bold, name));
    let mut row = |name: &str, text: &str| {
        out.push_str(&format!("  {}  {text}\n", pen.write(Ink::Dim, &format!("{name:<11}"))));
    };
    if let Some(fault) = &report.fault {
        tell(fault, pen, &mut row);
    }
    let entries = match (report.first_at, report.last_at) {
        (Some(first), Some(last)) => {
            format!("{}, {} to {}", report.entries, instant(first), instant(last))
        }
        _ => report.entries.to_string(),
    };
    row(if report.is_intact() { "entries" } else { "good before" }, &entries);
    if let Some(head) = report.head {
        row("head", &head.to_string());
    }
    row("root", &report.root.to_string());
    let checkpoints = match report.checkpoints {
        0 => "none: only one that somebody else kept shows that all of it was not made anew".to_owned(),
        1 => "1 agrees".to_owned(),
        n => format!("{n} agree"),
    };
    row("checkpoints", &checkpoints);
    match report.tail {
        Tail::Whole => {}
        Tail::Unterminated => {
            row("tail", "the last entry counts, but lacks its line feed: write it before appending")
        }
        Tail::Torn { bytes } => {
            row(
                "tail",
                &format!("torn: {bytes} bytes of an entry that was never finished; no entry is lost"),
            );
            row("", &format!("before appending, cut the file back to {} bytes", report.bytes));
        }
    }
    out
}

fn tell(fault: &LedgerFault, pen: Pen, row: &mut impl FnMut(&str, &str)) {
    let place = format!("entry {}, line {}, after {} bytes", fault.seq, fault.line, fault.offset);
    row("first fault", &pen.write(Ink::Bold, &place));
    row("", &format!("{}  {}", pen.write(Ink::Cyan, fault.error.code.as_str()), fault.error.message));
    if let Some(help) = &fault.error.help {
        row("", help);
    }
}
