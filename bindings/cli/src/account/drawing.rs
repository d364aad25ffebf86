//! The timeline, drawn: an inline SVG that needs no script and prints.

use crate::account::axis::Axis;
use crate::account::html::escaped;
use crate::account::said::{cause, mark, plain, scope, when, who};
use crate::account::{Account, Names};
use crate::show::short;
use glasskey::Instant;
use glasskey::ledger::timeline::{GrantLine, Happened, IncidentSeen, Mark, PointLine};
use glasskey::model::IncidentStatus;

const WIDTH: f64 = 1_080.0;
const LEFT: f64 = 190.0;
const RIGHT: f64 = 150.0;
const LANE: f64 = 22.0;
const BAR: f64 = 10.0;
const TOP: f64 = 34.0;

struct Drawing<'a> {
    account: &'a Account,
    names: &'a Names,
    axis: Axis,
    out: String,
    y: f64,
}

/// The drawing; nothing if there is nothing to draw.
pub(super) fn drawing(account: &Account, names: &Names) -> String {
    let t = &account.timeline;
    if t.grants.is_empty() {
        return String::new();
    }
    let mut instants: Vec<Instant> = t.span().into_iter().flat_map(|(a, b)| [a, b]).collect();
    for g in &t.grants {
        instants.extend([Some(g.started), g.asked_at, g.over_at, g.confirmed_at].into_iter().flatten());
        instants.extend(g.marks.iter().map(|m| m.at));
    }
    instants.extend(t.requests.iter().flat_map(|r| r.marks.iter().map(|m| m.at)));
    instants.extend(t.seen.iter().map(|s| s.opened_at.unwrap_or(s.at)));
    let axis = Axis::new(instants, LEFT, WIDTH - LEFT - RIGHT);
    let mut drawing = Drawing { account, names, axis, out: String::new(), y: TOP };
    drawing.incident();
    t.grants.iter().for_each(|g| drawing.grant(g));
    drawing.finish()
}

impl Drawing<'_> {
    fn bar(&mut self, from: f64, to: f64, class: &str, title: &str) {
        let (width, y) = ((to - from).max(2.0), self.y + (LANE - BAR) / 2.0);
        self.out.push_str(&format!(
            "<rect class=\"{class}\" x=\"{from:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{BAR}\" rx=\"2\"><title>{}</title></rect>\n",
            escaped(title)
        ));
    }

    fn text(&mut self, x: f64, class: &str, text: &str) {
        let y = self.y + LANE / 2.0 + 4.0;
        self.out.push_str(&format!(
            "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>\n",
            escaped(text)
        ));
    }

    fn title(&mut self, title: &str, note: &str) {
        let y = self.y + LANE / 2.0 + 4.0;
        self.out.push_str(&format!(
            "<text class=\"name\" x=\"{LEFT}\" y=\"{y:.1}\">{}<tspan class=\"note\">{}</tspan></text>\n",
            escaped(title),
            escaped(note)
        ));
    }

    /// A label to the left of a lane, cut to what fits.
    fn label(&mut self, class: &str, label: &str) {
        let mut text: String = label.chars().take(27).collect();
        if text.len() < label.len() {
            text.push('…');
        }
        self.text(LEFT - 10.0, &format!("{class} end"), &text);
    }

    fn x(&self, at: Instant) -> f64 {
        self.axis.x(at)
    }

    fn incident(&mut self) {
        let t = &self.account.timeline;
        let Some(last) = t.as_of else { return };
        let open = |s: &IncidentSeen| s.status == Some(IncidentStatus::Open);
        let mut stretches: Vec<(Instant, Instant)> = Vec::new();
        for (i, s) in t.seen.iter().enumerate().filter(|(_, s)| open(s)) {
            let from = s.opened_at.filter(|_| i == 0).unwrap_or(s.at);
            stretches.push((from, t.seen.get(i + 1).map_or(last, |next| next.at)));
        }
        if stretches.is_empty() {
            return;
        }
        let name = format!("{} open", t.incident.as_deref().unwrap_or_default());
        self.label("name", &plain(&name));
        for (from, to) in stretches {
            let title = format!(
                "open {} to {}",
                when(from, &self.account.timeline),
                when(to, &self.account.timeline)
            );
            self.bar(self.x(from), self.x(to), "incident", &title);
        }
        self.y += LANE + 6.0;
    }

    fn grant(&mut self, g: &GrantLine) {
        let account = self.account;
        let t = &account.timeline;
        let title = format!("{} {}: {}", self.names.name(&g.id), short(&g.principal), scope(&g.scope));
        let why = g.cause.map(|why| format!(" ended: {}", cause(why))).unwrap_or_default();
        self.title(&title, &why);
        self.y += LANE + 2.0;
        self.label("rule", &g.rule);
        let start = self.x(g.started);
        if let Some(asked) = g.asked_at.filter(|a| *a < g.started) {
            self.bar(
                self.x(asked),
                start,
                "waiting",
                &format!("asked at {}", when(asked, &account.timeline)),
            );
        }
        let over = g.over_at.or(t.as_of).unwrap_or(g.started).max(g.started);
        if g.ends_at > over {
            let title = format!("was to end at {}", when(g.ends_at, &account.timeline));
            self.bar(self.x(over), self.x(g.ends_at), "planned", &title);
        }
        let title = format!("{} to {}", when(g.started, &account.timeline), when(over, &account.timeline));
        self.bar(start, self.x(over), "held", &title);
        let request = t.requests.iter().find(|r| r.id == g.request);
        for m in request.iter().flat_map(|r| &r.marks).chain(&g.marks) {
            self.mark(m);
        }
        self.y += LANE;
        g.points.iter().for_each(|p| self.point(g, p));
        self.y += 10.0;
    }

    fn mark(&mut self, m: &Mark) {
        let (x, middle) = (self.x(m.at), self.y + LANE / 2.0);
        let by = m.by.as_deref().map(|b| format!(" ({})", who(b))).unwrap_or_default();
        let title = format!(
            "{} {}{by}",
            when(m.at, &self.account.timeline),
            mark(m, self.names, &self.account.timeline)
        );
        let title = escaped(&title);
        let shape = match &m.what {
            Happened::Approved { counted, .. } => {
                let (top, low) = (middle - 11.0, middle - 5.0);
                let class = if *counted { "approval" } else { "refused" };
                format!(
                    "<path class=\"{class}\" d=\"M{:.1} {top:.1}h9l-4.5 {:.1}z\"><title>{title}</title></path>\n",
                    x - 4.5,
                    low - top
                )
            }
            Happened::Used { permitted, .. } => {
                let class = if *permitted { "use" } else { "refused-use" };
                let (top, low) = (middle - 8.0, middle + 8.0);
                format!(
                    "<line class=\"{class}\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{top:.1}\" y2=\"{low:.1}\"><title>{title}</title></line>\n"
                )
            }
            Happened::Told { .. } => {
                format!(
                    "<circle class=\"told\" cx=\"{x:.1}\" cy=\"{middle:.1}\" r=\"4\"><title>{title}</title></circle>\n"
                )
            }
            _ => return,
        };
        self.out.push_str(&shape);
    }

    fn point(&mut self, g: &GrantLine, p: &PointLine) {
        let account = self.account;
        self.label("point", &plain(&p.point));
        let Some(now) = account.timeline.as_of else { return };
        let over = g.over_at.unwrap_or(now);
        if let Some(from) = p.from.filter(|from| *from < over) {
            let title =
                format!("in force {} to {}", when(from, &account.timeline), when(over, &account.timeline));
            self.bar(self.x(from), self.x(over), "force", &title);
        }
        let until = p.confirmed_at.unwrap_or(now);
        if g.over_at.is_some() && until > over || p.stray {
            let span = until.since(over);
            let end = if p.is_confirmed() { "confirmed" } else { "NOT CONFIRMED" };
            let title = format!("privilege left behind for {span}, {end}");
            self.bar(self.x(over.min(until)), self.x(until), "residual", &title);
            let note = if p.is_confirmed() { format!("+{span}") } else { format!("+{span}, not confirmed") };
            self.text(self.x(until) + 10.0, "residual-note", &note);
        }
        if let Some(at) = p.confirmed_at {
            let (x, y) = (self.x(at), self.y + LANE / 2.0);
            let title = escaped(&format!("end confirmed at {}", when(at, &account.timeline)));
            self.out.push_str(&format!(
                "<circle class=\"confirmed\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"><title>{title}</title></circle>\n"
            ));
        }
        self.y += LANE;
    }

    fn finish(self) -> String {
        let height = self.y + 8.0;
        let mut grid = String::new();
        let mut day = String::new();
        for (at, x) in self.axis.ticks() {
            let text = at.to_string();
            let (date, time) = text.split_once('T').unwrap_or((&text, ""));
            let time = time.trim_end_matches('Z').trim_end_matches(".000");
            let time = time.strip_suffix(":00").unwrap_or(time);
            if date != day {
                date.clone_into(&mut day);
                grid.push_str(&format!("<text class=\"day\" x=\"{x:.1}\" y=\"11\">{date}</text>\n"));
            }
            grid.push_str(&format!(
                "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"28\" y2=\"{height:.1}\"/><text class=\"tick\" x=\"{x:.1}\" y=\"24\">{time}</text>\n"
            ));
        }
        for (x, width, span) in self.axis.cuts() {
            grid.push_str(&format!(
                "<rect class=\"cut\" x=\"{:.1}\" y=\"28\" width=\"{:.1}\" height=\"{:.1}\"/><text class=\"tick\" transform=\"translate({:.1} {:.1}) rotate(-90)\">⋯ {span} ⋯</text>\n",
                x + 4.0,
                width - 8.0,
                height - 28.0,
                x + width / 2.0 + 4.0,
                (height + 28.0) / 2.0
            ));
        }
        let about = "Each grant from its request to its confirmed end; the tables below hold the same";
        format!(
            "<svg role=\"img\" viewBox=\"0 0 {WIDTH} {height:.0}\" aria-label=\"{about}\">\n\
             <defs><pattern id=\"hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
             <rect class=\"hatch-ground\" width=\"6\" height=\"6\"/><rect class=\"hatch-line\" width=\"2\" height=\"6\"/></pattern></defs>\n\
             {grid}{}</svg>\n",
            self.out
        )
    }
}
