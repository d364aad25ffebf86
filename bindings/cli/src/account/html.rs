//! The account as one HTML page: no script, no other file, light and dark, and on paper.

use crate::account::drawing::drawing;
use crate::account::said::{
    about, approvers, cause, confirmed, entries, left, mark, over, plain, scope, seen, still_left, summary,
    when, who, without_grant,
};
use crate::account::{Account, Names};
use crate::show::{instant, short};
use glasskey::ledger::timeline::{GrantLine, Happened, Mark, RequestLine, Standstill};

const CSS: &str = include_str!("page.css");
const LEGEND: &str = "Outlined: asked, and waiting for approvals. Full: held. Dashed: the time that was left when it \
    ended. Below each grant its enforcement points, in force until they confirmed the end; hatched in red: privilege \
    that outlived the grant. ▼ an approval, | a use (dashed: refused), ● somebody was told, ○ an end confirmed.";

/// What may stand in HTML text and attributes.
pub(super) fn escaped(text: &str) -> String {
    plain(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// The whole page.
pub(crate) fn html(account: &Account) -> String {
    let t = &account.timeline;
    let names = Names::of(t);
    let title = escaped(&account.title());
    let origin = escaped(account.ledger.origin.as_deref().unwrap_or_default());
    let as_of = t.as_of.map(|at| format!(", as of {}", instant(at))).unwrap_or_default();
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{title}</title>\n<style>\n{CSS}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n\
         <p class=\"dim\">From the ledger <code>{origin}</code>{as_of}. {}</p>\n",
        escaped(&account.standing())
    );
    let class = if still_left(&account.timeline) > 0 { "summary left" } else { "summary" };
    let lines: Vec<String> = summary(&account.timeline, &names)
        .iter()
        .map(|line| format!("<li>{}</li>\n", marked(line)))
        .collect();
    out.push_str(&format!("<ul class=\"{class}\">\n{}</ul>\n", lines.concat()));
    let drawn = drawing(account, &names);
    if !drawn.is_empty() {
        out.push_str(&format!("<figure>\n{drawn}<figcaption>{LEGEND}</figcaption>\n</figure>\n"));
    }
    if !t.seen.is_empty() {
        let rows =
            t.seen.iter().map(|s| vec![time(&when(s.at, &account.timeline)), text(&seen(s))]).collect();
        out.push_str(&format!("<h2>The incident</h2>\n{}", table(&["seen at", "as"], rows)));
    }
    if !t.grants.is_empty() {
        out.push_str(&format!("<h2>Grants</h2>\n{}", grants(account, &names)));
    }
    t.grants.iter().for_each(|g| out.push_str(&grant(g, account, &names)));
    let mut refused = without_grant(&account.timeline).peekable();
    if refused.peek().is_some() {
        out.push_str("<h2>Requests of which no grant came</h2>\n");
    }
    for r in refused {
        let title = format!("{}, {}: {}", names.name(&r.id), short(&r.principal), scope(&r.scope));
        out.push_str(&format!("<section>\n<h3>{}</h3>\n{}", escaped(&title), facts(r)));
        out.push_str(&marks(r.marks.iter(), account, &names));
        out.push_str("</section>\n");
    }
    out.push_str(&residual(account, &names));
    if let Some(head) = account.ledger.head {
        let root = account.ledger.root;
        out.push_str(&format!(
            "<p class=\"dim\">Last entry <code>{head}</code>, root of the tree <code>{root}</code>.</p>\n"
        ));
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn grants(account: &Account, names: &Names) -> String {
    let head = ["", "who", "what", "rule", "approved by", "asked", "began", "over", "why", "end confirmed"];
    let rows = account.timeline.grants.iter().map(|g| {
        let (over_at, why) = over(g, &account.timeline);
        vec![
            text(names.name(&g.id)),
            text(&short(&g.principal)),
            text(&scope(&g.scope)),
            text(&g.rule),
            text(&approvers(g)),
            time(&g.asked_at.map(|t| when(t, &account.timeline)).unwrap_or_default()),
            time(&when(g.started, &account.timeline)),
            time(&over_at),
            text(&why),
            time(&confirmed(g, &account.timeline)),
        ]
    });
    table(&head, rows.collect())
}

fn grant(g: &GrantLine, account: &Account, names: &Names) -> String {
    let title = format!("{}, {}: {}", names.name(&g.id), short(&g.principal), scope(&g.scope));
    let request = account.timeline.requests.iter().find(|r| r.id == g.request);
    let mut out = format!("<section>\n<h3>{}</h3>\n", escaped(&title));
    out.push_str(&format!("<p class=\"dim\"><code>{}</code></p>\n", escaped(&g.id)));
    out.push_str(&request.map(facts).unwrap_or_default());
    let at = |t: Option<_>| time(&t.map(|t| when(t, &account.timeline)).unwrap_or_default());
    let rows = g.points.iter().map(|p| {
        let end = match (&p.retained_by, p.confirmed_at) {
            (Some(by), _) => text(&format!("goes on under {}", names.name(by))),
            (None, None) if g.over_at.is_some() || p.stray => text("NOT CONFIRMED"),
            (None, confirmed) => at(confirmed),
        };
        vec![text(&p.point), at(p.from), end, text(&left(p))]
    });
    if !g.points.is_empty() {
        let head = ["enforcement point", "in force since", "end confirmed", "left behind"];
        out.push_str(&table(&head, rows.collect()));
    }
    out.push_str(&marks(request.iter().flat_map(|r| &r.marks).chain(&g.marks), account, names));
    out.push_str("</section>\n");
    out
}

fn facts(request: &RequestLine) -> String {
    let rows: Vec<String> = about(request)
        .iter()
        .map(|(name, text)| format!("<dt>{name}</dt><dd>{}</dd>\n", escaped(text)))
        .collect();
    format!("<dl>\n{}</dl>\n", rows.concat())
}

fn marks<'a>(marks: impl Iterator<Item = &'a Mark>, account: &Account, names: &Names) -> String {
    let rows = marks.map(|m| {
        let said = escaped(&mark(m, names, &account.timeline));
        let bad = matches!(
            m.what,
            Happened::Late { .. } | Happened::IssueRejected { .. } | Happened::Used { permitted: false, .. }
        );
        let said = if bad {
            format!("<td><span class=\"red\">{said}</span></td>")
        } else {
            format!("<td>{said}</td>")
        };
        vec![
            time(&when(m.at, &account.timeline)),
            said,
            text(&m.by.as_deref().map(who).unwrap_or_default()),
            text(&entries(m)),
        ]
    });
    table(&["when", "what", "who", "entries"], rows.collect())
}

fn residual(account: &Account, names: &Names) -> String {
    let left = account.timeline.residual.iter().filter(|r| r.state == Standstill::Residual);
    let rows: Vec<Vec<String>> = left
        .map(|r| {
            vec![
                text(&r.point),
                text(names.name(&r.grant)),
                text(&short(&r.principal)),
                text(&scope(&r.scope)),
                time(&r.over_at.map(|t| when(t, &account.timeline)).unwrap_or_default()),
                text(&r.cause.map(cause).unwrap_or_default()),
            ]
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    let head = ["enforcement point", "grant", "who", "what", "over since", "why"];
    format!("<h2 class=\"red\">Still left behind</h2>\n{}", table(&head, rows))
}

/// What must not be overlooked, in red.
fn marked(line: &str) -> String {
    let bad = ["left privilege behind", "STILL LEFT", "NOT CONFIRMED", ", and still"];
    let line = escaped(line);
    if bad.iter().any(|b| line.contains(b)) { format!("<span class=\"red\">{line}</span>") } else { line }
}

fn text(cell: &str) -> String {
    format!("<td>{}</td>", marked(cell))
}

fn time(cell: &str) -> String {
    format!("<td class=\"time\">{}</td>", marked(cell))
}

fn table(head: &[&str], rows: Vec<Vec<String>>) -> String {
    let head: Vec<String> = head.iter().map(|h| format!("<th>{h}</th>")).collect();
    let rows: Vec<String> = rows.iter().map(|r| format!("<tr>{}</tr>\n", r.concat())).collect();
    format!("<div class=\"scroll\"><table>\n<tr>{}</tr>\n{}</table></div>\n", head.concat(), rows.concat())
}
