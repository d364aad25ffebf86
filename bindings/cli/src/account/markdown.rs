//! The account as Markdown.

use crate::account::said::{
    about, approvers, by, cause, confirmed, entries, left, mark, over, plain, scope, seen, summary, when,
    without_grant,
};
use crate::account::{Account, Names};
use crate::show::{instant, pair, short};
use glasskey::ledger::timeline::{Mark, Standstill};

/// The whole page.
pub(crate) fn markdown(account: &Account) -> String {
    let t = &account.timeline;
    let names = Names::of(t);
    let mut out = format!("# {}\n\n", cell(&account.title()));
    let origin = account.ledger.origin.as_deref().unwrap_or_default();
    let as_of = t.as_of.map(|at| format!(", as of {}", instant(at))).unwrap_or_default();
    out.push_str(&format!("From the ledger `{}`{as_of}. {}\n\n", plain(origin), account.standing()));
    for line in summary(&account.timeline, &names) {
        out.push_str(&format!("- {}\n", cell(&line)));
    }
    if !t.seen.is_empty() {
        let rows = t.seen.iter().map(|s| vec![when(s.at, &account.timeline), seen(s)]).collect();
        out.push_str(&format!("\n## The incident\n\n{}", table(&["seen at", "as"], rows)));
    }
    if !t.grants.is_empty() {
        out.push_str(&format!("\n## Grants\n\n{}", grants(account, &names)));
    }
    for g in &t.grants {
        let title = format!("{}, {}: {}", names.name(&g.id), short(&g.principal), scope(&g.scope));
        out.push_str(&format!(
            "\n### {}\n\n`{}` of {} `{}`",
            cell(&title),
            g.id,
            names.name(&g.request),
            g.request
        ));
        if let Some(request) = t.requests.iter().find(|r| r.id == g.request) {
            out.push_str(&list(&about(request)));
        } else {
            out.push_str("\n\n");
        }
        let rows = g.points.iter().map(|p| {
            let at = |t: Option<_>| t.map(|t| when(t, &account.timeline)).unwrap_or_default();
            let by = match (&p.retained_by, p.confirmed_at) {
                (Some(by), _) => format!("{}, goes on under {}", at(p.confirmed_at), names.name(by)),
                (None, None) if g.over_at.is_some() || p.stray => "NOT CONFIRMED".to_owned(),
                (None, confirmed) => at(confirmed),
            };
            vec![p.point.clone(), at(p.from), by, left(p)]
        });
        if !g.points.is_empty() {
            let head = ["enforcement point", "in force since", "end confirmed", "left behind"];
            out.push_str(&format!("{}\n", table(&head, rows.collect())));
        }
        let request = t.requests.iter().find(|r| r.id == g.request);
        let all = request.iter().flat_map(|r| &r.marks).chain(&g.marks);
        out.push_str(&marks(all, account, &names));
    }
    let mut refused = without_grant(&account.timeline).peekable();
    if refused.peek().is_some() {
        out.push_str("\n## Requests of which no grant came\n");
    }
    for r in refused {
        let title = format!("{}, {}: {}", names.name(&r.id), short(&r.principal), scope(&r.scope));
        out.push_str(&format!("\n### {}\n\n`{}`{}", cell(&title), r.id, list(&about(r))));
        out.push_str(&marks(r.marks.iter(), account, &names));
    }
    out.push_str(&residual(account, &names));
    if let Some(head) = account.ledger.head {
        let root = account.ledger.root;
        out.push_str(&format!("\nLast entry `{head}`, root of the tree `{root}`.\n"));
    }
    out
}

fn grants(account: &Account, names: &Names) -> String {
    let head = ["", "who", "what", "rule", "approved by", "asked", "began", "over", "why", "end confirmed"];
    let rows = account.timeline.grants.iter().map(|g| {
        let (over_at, why) = over(g, &account.timeline);
        vec![
            names.name(&g.id).to_owned(),
            short(&g.principal),
            scope(&g.scope),
            g.rule.clone(),
            approvers(g),
            g.asked_at.map(|t| when(t, &account.timeline)).unwrap_or_default(),
            when(g.started, &account.timeline),
            over_at,
            why,
            confirmed(g, &account.timeline),
        ]
    });
    table(&head, rows.collect())
}

fn marks<'a>(marks: impl Iterator<Item = &'a Mark>, account: &Account, names: &Names) -> String {
    let rows = marks
        .map(|m| vec![when(m.at, &account.timeline), mark(m, names, &account.timeline), by(m), entries(m)]);
    table(&["when", "what", "who", "entries"], rows.collect())
}

fn residual(account: &Account, names: &Names) -> String {
    let left: Vec<_> = account.timeline.residual.iter().filter(|r| r.state == Standstill::Residual).collect();
    if left.is_empty() {
        return String::new();
    }
    let rows = left.iter().map(|r| {
        let what: Vec<String> = r.scope.iter().map(pair).collect();
        vec![
            r.point.clone(),
            names.name(&r.grant).to_owned(),
            short(&r.principal),
            what.join("; "),
            r.over_at.map(|t| when(t, &account.timeline)).unwrap_or_default(),
            r.cause.map(cause).unwrap_or_default(),
        ]
    });
    let head = ["enforcement point", "grant", "who", "what", "over since", "why"];
    format!("\n## Still left behind\n\n{}", table(&head, rows.collect()))
}

fn list(pairs: &[(&'static str, String)]) -> String {
    let lines: Vec<String> = pairs.iter().map(|(name, text)| format!("- {name}: {}\n", cell(text))).collect();
    if lines.is_empty() { "\n\n".to_owned() } else { format!("\n\n{}\n", lines.concat()) }
}

fn table(head: &[&str], rows: Vec<Vec<String>>) -> String {
    let row = |cells: Vec<String>| {
        format!("| {} |\n", cells.iter().map(|c| cell(c)).collect::<Vec<_>>().join(" | "))
    };
    let mut out = row(head.iter().map(|h| (*h).to_owned()).collect());
    out.push_str(&format!("|{}\n", "---|".repeat(head.len())));
    rows.into_iter().for_each(|r| out.push_str(&row(r)));
    out
}

/// What somebody wrote must not become markup.
fn cell(text: &str) -> String {
    let mut out = String::new();
    for c in plain(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '|' | '`' | '*' | '[' | ']' | '#' | '!' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}
