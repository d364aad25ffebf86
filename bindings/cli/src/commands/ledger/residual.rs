//! `glasskey ledger residual`.

use crate::fault::Fault;
use crate::ledger::{Against, Reader};
use crate::outcome::{Exit, Outcome, line};
use crate::pack::system_now;
use crate::screen::{Ink, Screen};
use crate::show::{Table, instant, pair, short};
use glasskey::Instant;
use glasskey::ledger::timeline::Standstill;
use glasskey::ledger::{Residual, Residuals};
use serde_json::json;
use std::path::Path;

pub(super) fn run(
    file: &Path,
    now: Option<Instant>,
    against: &Against,
    screen: &Screen,
) -> Result<Outcome, Vec<Fault>> {
    let now = now.unwrap_or_else(system_now);
    let mut residuals = Residuals::new();
    let ledger = Reader::new(file, against, screen)?.records(|recorded| {
        residuals.push(&recorded.applied);
        Ok(())
    })?;
    let all = residuals.at(now);
    let (left, live): (Vec<&Residual>, Vec<&Residual>) =
        all.iter().partition(|r| r.state == Standstill::Residual);
    let exit = match (left.is_empty(), live.is_empty()) {
        (false, _) => Exit::Deny,
        (true, false) => Exit::Pending,
        (true, true) => Exit::Ok,
    };
    if screen.json {
        let json = json!({ "now": now, "grants": residuals.grants(), "residual": all, "ledger": ledger });
        return Ok(Outcome::new(line(&json), exit));
    }
    let pen = screen.pen();
    let mut out = String::new();
    if left.is_empty() {
        let text = format!("nothing is left behind, {} grants in all", residuals.grants());
        out.push_str(&format!("{}\n", pen.write(Ink::Green, &text)));
    } else {
        let title = format!("RESIDUAL  {} not confirmed at {}", points(left.len()), instant(now));
        out.push_str(&format!("{}\n{}", pen.write(Ink::Red, &title), table(&left, now, true).lines(pen)));
    }
    if !live.is_empty() {
        let title = format!("in force at {}", points(live.len()));
        out.push_str(&format!("\n{}\n{}", pen.write(Ink::Bold, &title), table(&live, now, false).lines(pen)));
    }
    Ok(Outcome::new(out, exit))
}

fn points(count: usize) -> String {
    if count == 1 { "1 enforcement point".to_owned() } else { format!("{count} enforcement points") }
}

fn table(rows: &[&Residual], now: Instant, over: bool) -> Table {
    let head: &[&'static str] = if over {
        &["point", "who", "what", "over since", "why", "for", "confirm by"]
    } else {
        &["point", "who", "what", "since", "ends", "by"]
    };
    let mut table = Table::new(head);
    for r in rows {
        let what: Vec<String> = r.scope.iter().map(pair).collect();
        let mut cells = vec![r.point.clone(), short(&r.principal), what.join("; ")];
        if over {
            let since = r.over_at.unwrap_or(r.started);
            cells.push(instant(since));
            cells.push(r.cause.map_or("was not accepted", glasskey::lifecycle::Cause::as_str).to_owned());
            cells.push(now.since(since).to_string());
            cells.push(r.confirm_by.map(instant).unwrap_or_default());
        } else {
            cells.push(instant(r.started));
            cells.push(instant(r.ends_at));
            cells.push(crate::show::wire(&r.ends_by));
        }
        table.row(cells);
        table.note(format!("grant {}", r.grant));
    }
    table
}
