//! Faults for people: every one with its excerpt and with what to do next.

use crate::fault::{Fault, Text};
use crate::place;
use crate::screen::Screen;
use glasskey::Label;
use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, Severity, SourceCode,
    ThemeCharacters, ThemeStyles,
};
use std::fmt;

/// The faults one after another, and how many there are.
pub(crate) fn graphical(faults: &[Fault], screen: &Screen) -> String {
    let mut out = render(faults, screen, Severity::Error);
    if faults.len() > 1 {
        out.push_str(&format!("\n{} faults\n", faults.len()));
    }
    out
}

/// The same for what is only worth a look.
pub(crate) fn warnings(faults: &[Fault], screen: &Screen) -> String {
    render(faults, screen, Severity::Warning)
}

fn render(faults: &[Fault], screen: &Screen, severity: Severity) -> String {
    let styles = if screen.colour_err { ThemeStyles::ansi() } else { ThemeStyles::none() };
    let theme = GraphicalTheme { characters: ThemeCharacters::unicode(), styles };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(screen.width)
        .with_links(false)
        .without_syntax_highlighting()
        .with_context_lines(1);
    let mut out = String::new();
    for fault in faults {
        if !out.is_empty() {
            out.push('\n');
        }
        let report = Report::new(fault, severity);
        if handler.render_report(&mut out, &report).is_err() {
            out.push_str(&format!("{}: {}\n", fault.code, fault.message));
        }
    }
    out
}

#[derive(Debug)]
struct Report {
    code: Option<&'static str>,
    message: String,
    help: Option<String>,
    severity: Severity,
    source: Option<NamedSource<String>>,
    spans: Vec<LabeledSpan>,
    /// What the fault says of other files.
    others: Vec<Report>,
}

impl Report {
    fn new(fault: &Fault, severity: Severity) -> Self {
        let file = fault.labels.first().map(|l| l.file.clone());
        let (here, there): (Vec<&Label>, Vec<&Label>) =
            fault.labels.iter().partition(|l| Some(&l.file) == file.as_ref());
        let mut report = Self::at(fault, &here);
        report.code = Some(fault.code);
        report.message.clone_from(&fault.message);
        report.help = fault.help.as_deref().map(str::to_owned);
        report.severity = severity;
        if let Some(path) = fault.path.as_ref().filter(|p| here.is_empty() && !report.message.contains(&***p))
        {
            report.message = format!("{path}: {}", report.message);
        }
        report.others = there.into_iter().map(|label| Self::at(fault, &[label])).collect();
        report
    }

    fn at(fault: &Fault, labels: &[&Label]) -> Self {
        let text = labels.first().and_then(|l| fault.texts.iter().find(|t| *t.name == *l.file));
        let span = |text: &Text, label: &Label| {
            let (start, length) = place::range(&text.text, label);
            LabeledSpan::underline((start, length))
        };
        Self {
            code: None,
            message: "see also".to_owned(),
            help: None,
            severity: Severity::Advice,
            source: text.map(|t| NamedSource::new(&t.shown, t.text.to_string())),
            spans: text.map(|t| labels.iter().map(|l| span(t, l)).collect()).unwrap_or_default(),
            others: Vec::new(),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Report {}

impl Diagnostic for Report {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.code.map(|code| Box::new(code) as Box<dyn fmt::Display>)
    }
    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display + 'a>)
    }
    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|s| s as &dyn SourceCode)
    }
    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.spans.is_empty())
            .then(|| Box::new(self.spans.iter().cloned()) as Box<dyn Iterator<Item = LabeledSpan>>)
    }
    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        (!self.others.is_empty()).then(|| {
            Box::new(self.others.iter().map(|r| r as &dyn Diagnostic))
                as Box<dyn Iterator<Item = &'a dyn Diagnostic>>
        })
    }
}
