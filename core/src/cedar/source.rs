//! Source files, and the places in them that faults point to.

use crate::error::{Code, Error, Label};
use crate::prelude::*;
use cedar_policy_core::parser::Loc;
use miette::Diagnostic;

/// A named source text.
#[derive(Clone, Debug)]
pub(crate) struct File {
    pub(crate) name: Arc<str>,
    pub(crate) text: Arc<str>,
}

impl File {
    /// The file of what stands in none.
    pub(crate) fn blank() -> Self {
        Self { name: Arc::from(""), text: Arc::from("") }
    }

    /// The label for a range of bytes.
    pub(crate) fn label(&self, start: usize, length: usize) -> Label {
        let text = &*self.text;
        let start = (0..=start.min(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
        let before = text.get(..start).unwrap_or("");
        let line_start = before.rfind('\n').map_or(0, |i| i.saturating_add(1));
        let line = text.get(line_start..).unwrap_or("").lines().next().unwrap_or("");
        let column = text.get(line_start..start).map_or(0, |t| t.chars().count());
        let marked = text.get(start..).unwrap_or("");
        let length = marked.char_indices().take_while(|(i, c)| *i < length && *c != '\n').count();
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Label {
            file: self.name.to_string(),
            line: count(before.matches('\n').count().saturating_add(1)),
            column: count(column.saturating_add(1)),
            length: count(length),
            text: line.to_owned(),
        }
    }

    pub(super) fn label_at(&self, loc: &Loc) -> Label {
        self.label(loc.start(), loc.end().saturating_sub(loc.start()))
    }
}

/// One of Cedar's diagnostics, and those related to it, as our errors.
pub(super) fn faults_of(code: Code, diagnostic: &dyn Diagnostic, file: &File) -> Vec<Error> {
    let mut faults = vec![fault_of(code, diagnostic, file)];
    for related in diagnostic.related().into_iter().flatten() {
        faults.extend(faults_of(code, related, file));
    }
    faults
}

fn fault_of(code: Code, diagnostic: &dyn Diagnostic, file: &File) -> Error {
    let mut message = diagnostic.to_string();
    let mut cause = diagnostic.diagnostic_source();
    while let Some(inner) = cause {
        message = format!("{message}: {inner}");
        cause = inner.diagnostic_source();
    }
    let mut error = Error::new(code, message);
    if let Some(help) = diagnostic.help() {
        error = error.help(help.to_string());
    }
    for span in diagnostic.labels().into_iter().flatten() {
        error = error.label(file.label(span.offset(), span.len()));
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_count_lines_and_columns_in_characters() {
        let file = File { name: "a.cedar".into(), text: "ä\nöö bad\nlast".into() };
        let at = file.text.find("bad").unwrap();
        let label = file.label(at, 3);
        assert_eq!((label.line, label.column, label.length), (2, 4, 3));
        assert_eq!(label.text, "öö bad");
        let past = file.label(10_000, 5);
        assert_eq!((past.line, past.length), (3, 0));
    }
}
