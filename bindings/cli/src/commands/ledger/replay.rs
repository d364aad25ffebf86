//! `glasskey ledger replay`: what was decided, decided again.

use crate::fault::Fault;
use crate::ledger::{Against, Reader};
use crate::outcome::{Exit, Outcome, line};
use crate::pack::Pack;
use crate::screen::{Ink, Pen, Screen};
use crate::show::{Table, instant, pair, wire};
use glasskey::bundle::MANIFEST;
use glasskey::ledger::{Counterfactual, Divergence, Replay, counterfactual};
use glasskey::{Answer, Bundle, Uid};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Rows that are shown; `--json` has all.
const ROWS_MAX: usize = 100;

pub(super) fn check(
    file: &Path,
    folders: &[PathBuf],
    against: &Against,
    screen: &Screen,
) -> Result<Outcome, Vec<Fault>> {
    let bundles = bundles(folders)?;
    let replay = Replay::new(bundles.iter().cloned());
    let (mut decisions, mut apart, mut redacted) = (0_u64, 0_u64, 0_u64);
    let mut used = BTreeSet::new();
    let mut divergence: Option<Divergence> = None;
    let ledger = Reader::new(file, against, screen)?.records(|recorded| {
        // The first one is told; what follows it may follow from it.
        if divergence.is_some() || recorded.applied.decision.is_none() {
            return Ok(());
        }
        if recorded.redacted {
            redacted += 1;
            return Ok(());
        }
        match &recorded.applied.evidence {
            Some(evidence) => {
                used.insert(evidence.bundle);
                decisions += 1;
            }
            None => apart += 1,
        }
        divergence = replay.check(&recorded).map_err(|e| {
            let mut fault = Fault::about(file, e);
            let entry = recorded.decision_entry.unwrap_or(recorded.entry);
            fault.message = format!("entry {entry}: {}", fault.message);
            vec![fault]
        })?;
        Ok(())
    })?;
    let exit = if divergence.is_none() { Exit::Ok } else { Exit::Deny };
    if screen.json {
        let json = json!({ "decisions": decisions, "without_evidence": apart, "redacted": redacted, "bundles": used, "divergence": divergence, "ledger": ledger });
        return Ok(Outcome::new(line(&json), exit));
    }
    let pen = screen.pen();
    let Some(divergence) = divergence else {
        let mut out = format!(
            "{}  {decisions} decisions follow from their evidence\n",
            pen.write(Ink::Green, "FOLLOWS")
        );
        for bundle in bundles.iter().filter(|b| used.contains(&b.digest())) {
            let manifest = bundle.manifest();
            out.push_str(&format!("  under {} {}, {}\n", manifest.name, manifest.version, bundle.digest()));
        }
        if apart > 0 {
            let what = if apart == 1 {
                "refusal by the lifecycle itself needs"
            } else {
                "refusals by the lifecycle itself need"
            };
            out.push_str(&format!("  {apart} {what} no evidence\n"));
        }
        if redacted > 0 {
            out.push_str(&format!(
                "  {redacted} could not be decided again: what they followed from is redacted\n"
            ));
        }
        return Ok(Outcome::new(out, exit));
    };
    Ok(Outcome::new(diverges(&divergence, decisions, pen), exit))
}

fn diverges(divergence: &Divergence, decisions: u64, pen: Pen) -> String {
    let mut out = format!(
        "{}  entry {}: the decision does not follow from its evidence\n  record {}; {decisions} decisions looked at, those before it follow\n",
        pen.write(Ink::Red, "DIVERGES"),
        divergence.entry,
        divergence.record
    );
    for d in &divergence.differences {
        out.push_str(&format!("\n  {}\n", pen.write(Ink::Bold, &d.member)));
        out.push_str(&format!("    {} {}\n", pen.write(Ink::Red, "- recorded  "), d.recorded));
        out.push_str(&format!("    {} {}\n", pen.write(Ink::Green, "+ recomputed"), d.recomputed));
    }
    out
}

/// Every pack in the folders: a folder is one, or holds some.
fn bundles(folders: &[PathBuf]) -> Result<Vec<Bundle>, Vec<Fault>> {
    let mut roots = Vec::new();
    for folder in folders {
        if folder.join(MANIFEST).is_file() {
            roots.push(folder.clone());
            continue;
        }
        let bad = |e: std::io::Error| vec![Fault::of_io(folder, &e, false)];
        let mut below: Vec<PathBuf> = std::fs::read_dir(folder)
            .map_err(bad)?
            .collect::<Result<Vec<_>, _>>()
            .map_err(bad)?
            .into_iter()
            .map(|e| e.path())
            .filter(|p| p.join(MANIFEST).is_file())
            .collect();
        if below.is_empty() {
            let message = format!("`{}` is no pack and holds none", folder.display());
            return Err(vec![Fault::new(
                "no_packs",
                message,
                "give a folder with `bundle.toml`, or one of such folders",
            )]);
        }
        below.sort();
        roots.extend(below);
    }
    roots.iter().map(|root| Pack::read(root).map_err(|f| vec![f]).and_then(|p| p.compile())).collect()
}

/// What another pack would have made of history.
#[derive(Default)]
struct Would {
    decisions: u64,
    refused: u64,
    allowed: u64,
    otherwise: u64,
    untold: u64,
    shorter: u64,
    longer: u64,
    larger: u64,
    smaller: u64,
    changed: Vec<Counterfactual>,
    /// Decisions whose facts do not fit the other pack's schema.
    unfit: Vec<(u64, glasskey::Error)>,
}

pub(super) fn would(
    file: &Path,
    pack: &Path,
    against: &Against,
    screen: &Screen,
) -> Result<Outcome, Vec<Fault>> {
    let bundle = Pack::read(pack).map_err(|f| vec![f])?.compile()?;
    let mut all = Would::default();
    let ledger = Reader::new(file, against, screen)?.records(|recorded| {
        match counterfactual(&bundle, &recorded) {
            Ok(Some(one)) => all.take(one),
            Ok(None) => {}
            Err(error) => all.unfit.push((recorded.decision_entry.unwrap_or(recorded.entry), error)),
        }
        Ok(())
    })?;
    if screen.json {
        let unfit: Vec<_> =
            all.unfit.iter().map(|(entry, error)| json!({ "entry": entry, "error": error })).collect();
        let json = json!({
            "bundle": bundle.digest(), "decisions": all.decisions, "refused": all.refused, "allowed": all.allowed,
            "otherwise": all.otherwise, "untold": all.untold, "shorter": all.shorter, "longer": all.longer, "larger_quorum": all.larger,
            "smaller_quorum": all.smaller, "changed": all.changed, "unfit": unfit, "ledger": ledger,
        });
        return Ok(Outcome::new(line(&json), Exit::Ok));
    }
    Ok(Outcome::new(all.shown(&bundle, screen.pen()), Exit::Ok))
}

impl Would {
    fn take(&mut self, one: Counterfactual) {
        self.decisions += 1;
        if !one.differs() {
            return;
        }
        match (one.was, one.would) {
            (was, would) if was == would => {}
            _ if one.untold => self.untold += 1,
            (_, Answer::Deny) => self.refused += 1,
            (_, Answer::Permit) => self.allowed += 1,
            (_, Answer::Pending) => self.otherwise += 1,
        }
        self.shorter += u64::from(one.shorter_by.is_some());
        self.longer += u64::from(one.longer_by.is_some());
        self.larger += u64::from(one.would_seats > one.seats);
        self.smaller += u64::from(one.would_seats < one.seats);
        self.changed.push(one);
    }

    fn shown(&self, bundle: &Bundle, pen: Pen) -> String {
        let manifest = bundle.manifest();
        let title = format!("had {} {} decided", manifest.name, manifest.version);
        let mut out = format!("{}, of {} decisions:\n", pen.write(Ink::Bold, &title), self.decisions);
        for (count, what) in [
            (self.refused, "would have been refused"),
            (self.allowed, "would have been permitted"),
            (self.otherwise, "would have waited for approvals"),
            (self.untold, "cannot be told: this pack reads facts that the decision had no need of"),
            (self.shorter, "would have ended sooner"),
            (self.longer, "would have ended later"),
            (self.larger, "would have asked for more seats"),
            (self.smaller, "would have asked for fewer seats"),
        ] {
            if count > 0 {
                out.push_str(&format!("  {count:>6}  {what}\n"));
            }
        }
        if self.changed.is_empty() {
            out.push_str("  nothing would have been different\n");
        } else {
            out.push_str(&format!("\n{}", table(&self.changed).lines(pen)));
        }
        let more = self.changed.len().saturating_sub(ROWS_MAX);
        if more > 0 {
            out.push_str(&format!("  and {more} more; --json tells all\n"));
        }
        if let Some((entry, error)) = self.unfit.first() {
            out.push_str(&format!(
                "\n{} could not be judged, since their facts do not fit this pack's schema; the first, entry {entry}: {}\n",
                self.unfit.len(),
                error.message
            ));
        }
        out.push_str(&pen.write(
            Ink::Dim,
            "\nEach decision on its own, from the facts that it read; what would have followed from another\nanswer is not in the ledger.\n",
        ));
        out
    }
}

fn table(changed: &[Counterfactual]) -> Table {
    let mut table = Table::new(&["entry", "when", "who", "what", "was", "would be", "rule", "time", "seats"]);
    for one in changed.iter().take(ROWS_MAX) {
        let who =
            Uid::parse(&one.principal).map_or_else(|_| one.principal.clone(), |u| crate::show::short(&u));
        let what: Vec<String> = one.scope.iter().map(pair).collect();
        let rule = match (&one.rule, &one.would_rule) {
            (Some(a), Some(b)) if a == b => a.clone(),
            (a, b) => format!("{} → {}", a.as_deref().unwrap_or("none"), b.as_deref().unwrap_or("none")),
        };
        let time = match (one.shorter_by, one.longer_by) {
            (Some(t), _) => format!("-{t}"),
            (_, Some(t)) => format!("+{t}"),
            _ => String::new(),
        };
        let seats = if one.seats == one.would_seats {
            String::new()
        } else {
            format!("{} → {}", one.seats, one.would_seats)
        };
        table.row(vec![
            one.entry.to_string(),
            instant(one.at),
            who,
            format!("{}: {}", one.act, what.join("; ")),
            wire(&one.was),
            if one.untold { "?".to_owned() } else { wire(&one.would) },
            rule,
            time,
            seats,
        ]);
    }
    table
}
