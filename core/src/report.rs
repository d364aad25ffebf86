//! Errors as people read them: the message, the place in the source, what to do.

use crate::error::{Error, Errors, Label};
use crate::prelude::*;
use core::fmt::Write as _;

impl Error {
    /// The error in full: its code, its message, every place that it points to with the line
    /// that stands there, and what to do next. No line feed at the end.
    #[must_use]
    pub fn report(&self) -> String {
        let mut out = format!("{}: {}", self.code, self.message);
        if let Some(path) = &self.path {
            excerpt(&mut out, "at", path);
        }
        self.labels.iter().for_each(|label| label.excerpt(&mut out));
        if let Some(help) = &self.help {
            excerpt(&mut out, "help:", help);
        }
        out
    }
}

impl Errors {
    /// Every error in full, with an empty line between them.
    #[must_use]
    pub fn report(&self) -> String {
        self.0.iter().map(Error::report).collect::<Vec<_>>().join("\n\n")
    }
}

impl Label {
    /// The place, its line, and a mark below it: tabs stay, so that the mark stands right.
    fn excerpt(&self, out: &mut String) {
        excerpt(out, "-->", &format!("{}:{}:{}", self.file, self.line, self.column));
        let number = self.line.to_string();
        let before = usize::try_from(self.column.saturating_sub(1)).unwrap_or(0);
        let indent: String =
            self.text.chars().take(before).map(|c| if c == '\t' { c } else { ' ' }).collect();
        let mark = "^".repeat(usize::try_from(self.length).unwrap_or(0).clamp(1, 200));
        let margin = " ".repeat(number.len());
        // Writing to a String does not fail.
        _ = write!(out, "\n{number} | {}\n{margin} | {indent}{mark}", self.text.trim_end());
    }
}

fn excerpt(out: &mut String, what: &str, text: &str) {
    _ = write!(out, "\n  {what} {text}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn a_report_marks_the_place_and_says_what_to_do() {
        let label = Label {
            file: "a.cedar".into(),
            line: 12,
            column: 3,
            length: 4,
            text: "\t@max_tll(\"1h\")".into(),
        };
        let error = Error::new(Code::UnknownAnnotation, "`max_tll` is unknown")
            .label(label)
            .help("did you mean `max_ttl`?");
        assert_eq!(
            error.report(),
            "unknown_annotation: `max_tll` is unknown\n  --> a.cedar:12:3\n12 | \t@max_tll(\"1h\")\n   | \t ^^^^\n  help: did you mean `max_ttl`?"
        );
        let error = Error::new(Code::BadUid, "`ann` is not an entity uid").at("scope[0].action");
        assert_eq!(Errors(vec![error]).report(), "bad_uid: `ann` is not an entity uid\n  at scope[0].action");
    }
}
