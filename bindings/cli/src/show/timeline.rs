//! Limits against each other, drawn to scale.

use crate::screen::{Ink, Pen, Screen};
use crate::show::words;
use glasskey::Instant;
use glasskey::model::{Limit, Validity};

const BAR_MAX: usize = 40;

/// One bar for each limit, from now to it, the first to come on top; `start` says what
/// now is. Empty unless limits compete.
pub(crate) fn timeline(
    valid: Option<Validity>,
    limits: &[Validity],
    now: Instant,
    start: &str,
    screen: &Screen,
) -> String {
    let mut bars: Vec<(Validity, bool)> = limits.iter().map(|l| (*l, false)).collect();
    if let Some(valid) = valid.filter(|v| !limits.contains(v)) {
        bars.push((valid, true));
    }
    bars.retain(|(l, _)| l.at > now);
    bars.sort();
    if bars.len() < 2 {
        return String::new();
    }
    let name = |(limit, soft): &(Validity, bool)| {
        if *soft { format!("ask again: {}", words::wire(&limit.by)) } else { words::wire(&limit.by) }
    };
    let names: Vec<String> = bars.iter().map(name).collect();
    let longest = names.iter().map(|n| n.chars().count()).max().unwrap_or(0);
    let room = screen.width.saturating_sub(longest + 26).clamp(10, BAR_MAX);
    // The scale reaches a little past the limit that ends the grant, so that it is to be seen.
    let end = limits.first().map_or(now, |l| l.at);
    let longest_bar = bars.last().map_or(now, |(l, _)| l.at).since(now).ms();
    let scale = longest_bar.min(end.since(now).ms().saturating_mul(3) / 2).max(1);
    let pen = screen.pen();
    let mut out = String::new();
    for (bar, name) in bars.iter().zip(&names) {
        let (limit, soft) = *bar;
        let length = limit.at.since(now).ms();
        let past = length > scale;
        let cells = if past { room } else { cells(length, scale, room) };
        let binds = Some(&limit) == limits.first();
        let (glyph, ink) = match (soft, binds) {
            (true, _) => ("░", Ink::Yellow),
            (false, true) => ("█", Ink::Green),
            (false, false) => ("▒", Ink::Dim),
        };
        let mut drawn = glyph.repeat(cells.saturating_sub(usize::from(past)));
        if past {
            drawn.push('▶');
        }
        let gap = " ".repeat(room.saturating_sub(cells));
        let note = if binds { " ends it" } else { "" };
        out.push_str(&format!(
            "  {name:<longest$}  {}{gap}  {}{note}\n",
            pen.write(ink, &drawn),
            words::instant_on(limit.at, now),
        ));
    }
    format!(
        "  {:<longest$}  {}\n{out}",
        "",
        pen.write(Ink::Dim, &format!("│ {start}, {}", words::instant_on(now, now)))
    )
}

/// At least one cell, so that every limit is to be seen.
fn cells(length: i64, scale: i64, room: usize) -> usize {
    let room = i64::try_from(room).unwrap_or(0);
    usize::try_from(length.saturating_mul(room) / scale).unwrap_or(0).max(1)
}

/// A limit that the two times of a decision name.
pub(crate) fn validity(at: Option<Instant>, by: Option<Limit>) -> Option<Validity> {
    at.zip(by).map(|(at, by)| Validity { at, by })
}

/// The pen that times are written with.
pub(crate) fn time(at: Instant, now: Instant, pen: Pen) -> String {
    format!("{}, {}", pen.write(Ink::Bold, &words::instant_on(at, now)), words::away(at, now))
}
