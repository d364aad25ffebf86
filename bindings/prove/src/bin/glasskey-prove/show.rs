//! What people read.

use glasskey_prove::{Change, Diff, Finding, Report, Verdict, Witness};
use std::time::Duration;

/// One property, and what came of it.
pub fn finding(finding: &Finding, took: Duration) -> String {
    let word = match finding.verdict {
        Verdict::Proved => "proved ",
        Verdict::Refuted => "REFUTED",
        Verdict::Unknown => "unknown",
        Verdict::Engine => "engine ",
    };
    let how = if finding.known {
        "proved before".to_owned()
    } else {
        format!("{} questions, {:.1} s", finding.questions, took.as_secs_f32())
    };
    let mut text = format!("{word}  {:<30} {} ({how})\n", finding.id, finding.title);
    finding.notes.iter().for_each(|note| text.push_str(&format!("         {note}\n")));
    for witness in finding.witnesses.iter().take(3) {
        text.push_str("         for example:\n");
        text.push_str(&indented(witness, 11));
    }
    text
}

fn indented(witness: &Witness, by: usize) -> String {
    witness.words.iter().map(|w| format!("{:by$}{w}\n", "")).collect()
}

/// How many of each verdict.
pub fn summary(report: &Report) -> String {
    let count = |is: &dyn Fn(&Verdict) -> bool| report.findings.iter().filter(|f| is(&f.verdict)).count();
    format!(
        "\n{}: {} proved, {} refuted, {} not known; {} the engine sees to\n",
        report.pack,
        count(&|v| matches!(v, Verdict::Proved)),
        count(&|v| matches!(v, Verdict::Refuted)),
        count(&|v| matches!(v, Verdict::Unknown)),
        count(&|v| matches!(v, Verdict::Engine)),
    )
}

/// Two packs compared.
pub fn diff(diff: &Diff) -> String {
    let mut out = String::new();
    for row in &diff.rows {
        let word = match row.change {
            Change::Equal => "equal",
            Change::MorePermissive => "MORE PERMISSIVE",
            Change::Stricter => "stricter",
            Change::Incomparable => "MORE AND LESS",
            Change::Unknown => "not known",
        };
        out.push_str(&format!("{word}: {}\n", row.about));
        row.why.iter().for_each(|why| out.push_str(&format!("  {why}\n")));
        for (what, witness) in [("opens now", &row.opened), ("opens no more", &row.closed)] {
            let Some(witness) = witness else { continue };
            out.push_str(&format!("  {what}, for example:\n{}", indented(witness, 4)));
        }
    }
    for term in &diff.terms {
        let word = if term.wider { "WIDER" } else { "narrower" };
        out.push_str(&format!("{word}: `{}`: {}\n", term.rule, term.words));
    }
    diff.added.iter().for_each(|id| out.push_str(&format!("new policy: `{id}`\n")));
    diff.removed.iter().for_each(|id| out.push_str(&format!("gone: `{id}`\n")));
    let verdict = if diff.widens() {
        "this change widens access"
    } else if diff.unknown() {
        "whether this change widens access is not known"
    } else {
        "this change widens nothing"
    };
    out.push_str(&format!("{} equal; {verdict}\n", diff.equal));
    out
}
