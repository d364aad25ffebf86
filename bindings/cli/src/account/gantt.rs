//! The timeline as text: a bar for each incident and each grant, and a line for each thing that
//! happened.

use crate::account::Names;
use crate::account::axis::Axis;
use crate::account::said::{by, cause, mark, plain, scope, when};
use crate::screen::{Ink, Pen, Screen};
use crate::show::{limit, short};
use glasskey::ledger::Timeline;
use glasskey::ledger::timeline::{GrantLine, Happened, IncidentSeen, Mark};
use glasskey::model::IncidentStatus;
use glasskey::{Instant, Span};

/// Columns that a bar may take.
const BAR_MAX: usize = 72;
const LABEL_MAX: usize = 18;
/// What a bar is made of.
const LEGEND: [(char, &str); 7] = [
    ('·', "asked"),
    ('█', "held"),
    ('▒', "frozen"),
    ('╌', "over, end not confirmed"),
    ('✓', "confirmed"),
    ('▲', "used"),
    ('✗', "refused"),
];

/// An incident, and how it was seen to stand each time that it had changed.
pub(crate) type Seen<'a> = (&'a str, &'a [IncidentSeen]);

/// Bars to scale; nothing if there is no grant.
pub(crate) fn gantt(timeline: &Timeline, incidents: &[Seen<'_>], screen: &Screen) -> String {
    let Some((first, last)) = timeline.span().filter(|_| !timeline.grants.is_empty()) else {
        return String::new();
    };
    let names = Names::of(timeline);
    let width = screen.width.saturating_sub(LABEL_MAX + 4).clamp(20, BAR_MAX);
    let mut instants = vec![first, last];
    instants.extend(timeline.grants.iter().flat_map(|g| g.marks.iter().map(|m| m.at)));
    instants.extend(timeline.requests.iter().flat_map(|r| r.marks.iter().map(|m| m.at)));
    let chart = Chart { axis: Axis::new(instants, 0.0, width as f64), width, pen: screen.pen(), timeline };
    let mut out = chart.scale();
    for (id, seen) in incidents {
        out.push_str(&chart.incident(id, seen));
    }
    for grant in &timeline.grants {
        out.push_str(&chart.grant(grant, &names));
    }
    let used: Vec<String> = LEGEND
        .iter()
        .filter(|(glyph, _)| out.contains(*glyph))
        .map(|(glyph, meaning)| format!("{glyph} {meaning}"))
        .collect();
    format!("{out}  {}\n", chart.pen.write(Ink::Dim, &used.join("  ")))
}

/// Everything that happened to any request or grant, in order.
pub(crate) fn story(timeline: &Timeline, screen: &Screen) -> String {
    let names = Names::of(timeline);
    let pen = screen.pen();
    let requests = timeline.requests.iter().flat_map(|r| r.marks.iter().map(|m| (r.id.as_str(), m)));
    let grants = timeline.grants.iter().flat_map(|g| g.marks.iter().map(|m| (g.id.as_str(), m)));
    let mut all: Vec<(&str, &Mark)> = requests.chain(grants).collect();
    all.sort_by_key(|(_, m)| m.at);
    let lines: Vec<[String; 4]> = all
        .iter()
        .map(|(id, m)| {
            let text = mark(m, &names, timeline);
            [when(m.at, timeline), names.name(id).to_owned(), by(m), text]
        })
        .collect();
    let widest = |i: usize| lines.iter().map(|l| l[i].chars().count()).max().unwrap_or(0);
    let (time, id, by) = (widest(0), widest(1), widest(2));
    let line = |(l, (_, m)): (&[String; 4], &(&str, &Mark))| {
        let text = match ink(&m.what) {
            Some(ink) => pen.write(ink, &l[3]),
            None => l[3].clone(),
        };
        let when = pen.write(Ink::Dim, &format!("{:<time$}", l[0]));
        format!("  {when}  {:<id$}  {:<by$}  {text}\n", l[1], l[2])
    };
    lines.iter().zip(&all).map(line).collect()
}

/// Who each name stands for, and how each grant stands at the end.
pub(crate) fn holders(timeline: &Timeline, screen: &Screen) -> String {
    let names = Names::of(timeline);
    let pen = screen.pen();
    let mut out = String::new();
    for g in &timeline.grants {
        let title = format!("{}  {}: {}", names.name(&g.id), short(&g.principal), scope(&g.scope));
        out.push_str(&format!("  {}\n", pen.write(Ink::Bold, &title)));
        let began = format!("from {} under {}", when(g.started, timeline), plain(&g.rule));
        let end = match (g.over_at, g.cause) {
            (Some(at), Some(why)) => format!("until {}: {}", when(at, timeline), cause(why)),
            _ => format!("until {} at the latest ({})", when(g.ends_at, timeline), limit(g.ends_by)),
        };
        out.push_str(&format!("      {began}, {end}\n"));
        if let Some(over) = g.over_at {
            let done = g.points.iter().filter(|p| p.is_confirmed()).count();
            let text = match (g.confirmed_at, g.points.len()) {
                (Some(at), all) => {
                    let after = at.since(over);
                    let after =
                        if after == Span::ZERO { "at once".to_owned() } else { format!("{after} later") };
                    format!("confirmed ended at {all} of {all} enforcement points, {after}")
                }
                (None, 0) => "nobody has said where it was in force: NOT confirmed ended".to_owned(),
                (None, all) => format!("confirmed ended at {done} of {all} enforcement points: NOT ended"),
            };
            let ink = if g.confirmed_at.is_some() { Ink::Green } else { Ink::Red };
            out.push_str(&format!("      {}\n", pen.write(ink, &text)));
        }
    }
    out
}

fn ink(what: &Happened) -> Option<Ink> {
    match what {
        Happened::Activated { .. } | Happened::Used { permitted: true, .. } | Happened::Closed => {
            Some(Ink::Green)
        }
        Happened::Ended { .. }
        | Happened::Late { .. }
        | Happened::Used { permitted: false, .. }
        | Happened::IssueRejected { .. } => Some(Ink::Red),
        Happened::Frozen | Happened::Flagged { .. } | Happened::Told { .. } => Some(Ink::Yellow),
        _ => None,
    }
}

struct Chart<'a> {
    axis: Axis,
    width: usize,
    pen: Pen,
    timeline: &'a Timeline,
}

impl Chart<'_> {
    fn cell(&self, at: Instant) -> usize {
        // Within the bar, so neither negative nor too large.
        (self.axis.x(at).round().max(0.0) as usize).min(self.width.saturating_sub(1))
    }

    /// The times, where there is room for them.
    fn scale(&self) -> String {
        let mut line = String::new();
        for (at, _) in self.axis.ticks() {
            let cell = self.cell(at);
            let text = when(at, self.timeline);
            let text = text.trim_end_matches('Z').strip_suffix(":00").unwrap_or(&text);
            let taken = line.chars().count();
            if (taken == 0 || taken < cell) && cell + text.chars().count() <= self.width + 8 {
                line.push_str(&" ".repeat(cell - taken.min(cell)));
                line.push_str(text);
            }
        }
        let gap = " ".repeat(LABEL_MAX + 4);
        format!("{gap}{}\n", self.pen.write(Ink::Dim, &line))
    }

    fn row(&self, label: &str, cells: &[char], ink: Ink) -> String {
        let mut text: String = plain(label).chars().take(LABEL_MAX).collect();
        if text.chars().count() < label.chars().count() {
            text.pop();
            text.push('…');
        }
        let bar: String = cells.iter().collect();
        format!("  {text:<LABEL_MAX$}  {}\n", self.pen.write(ink, bar.trim_end()))
    }

    fn fill(&self, cells: &mut [char], from: Instant, to: Instant, glyph: char) {
        let (from, to) = (self.cell(from), self.cell(to));
        cells.iter_mut().take(to.max(from + 1)).skip(from).for_each(|c| *c = glyph);
    }

    fn incident(&self, id: &str, seen: &[IncidentSeen]) -> String {
        let Some(end) = self.timeline.as_of else { return String::new() };
        let mut cells = vec![' '; self.width];
        for (i, s) in seen.iter().enumerate().filter(|(_, s)| s.status == Some(IncidentStatus::Open)) {
            let from = s.opened_at.filter(|_| i == 0).unwrap_or(s.at);
            self.fill(&mut cells, from, seen.get(i + 1).map_or(end, |next| next.at), '━');
        }
        if cells.iter().all(|c| *c == ' ') {
            String::new()
        } else {
            self.row(&format!("{id} open"), &cells, Ink::Cyan)
        }
    }

    fn grant(&self, g: &GrantLine, names: &Names) -> String {
        let mut cells = vec![' '; self.width];
        let end = self.timeline.as_of.unwrap_or(g.started);
        let over = g.over_at.unwrap_or(end);
        if let Some(asked) = g.asked_at {
            self.fill(&mut cells, asked, g.started, '·');
        }
        if g.over_at.is_some() {
            self.fill(&mut cells, over, g.confirmed_at.unwrap_or(end), '╌');
        }
        self.fill(&mut cells, g.started, over, '█');
        let mut frozen = None;
        for m in &g.marks {
            match (&m.what, frozen) {
                (Happened::Frozen, None) => frozen = Some(m.at),
                (Happened::Thawed | Happened::Ended { .. }, Some(from)) => {
                    self.fill(&mut cells, from, m.at, '▒');
                    frozen = None;
                }
                _ => {}
            }
        }
        if let Some(from) = frozen {
            self.fill(&mut cells, from, over, '▒');
        }
        if let Some(cell) = g.confirmed_at.and_then(|at| cells.get_mut(self.cell(at))) {
            *cell = '✓';
        }
        let ink = if g.over_at.is_some() && g.confirmed_at.is_none() { Ink::Red } else { Ink::Green };
        let label = format!("{} {}", names.name(&g.id), short(&g.principal));
        let mut out = self.row(&label, &cells, ink);
        let mut uses = vec![' '; self.width];
        for m in &g.marks {
            if let Happened::Used { permitted, .. } = m.what
                && let Some(cell) = uses.get_mut(self.cell(m.at))
            {
                *cell = if permitted { '▲' } else { '✗' };
            }
        }
        if uses.iter().any(|c| *c != ' ') {
            out.push_str(&self.row("", &uses, Ink::Bold));
        }
        out
    }
}
