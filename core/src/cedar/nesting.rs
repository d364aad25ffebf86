//! How deeply a source nests, told from its text alone: what parses it, and whatever walks through
//! what was parsed, goes as deep as the text does, and some hosts have little room for that.

use crate::cedar::source::File;
use crate::error::{Code, Error};
use crate::limits::SOURCE_DEPTH_MAX;
use crate::prelude::*;

impl File {
    /// The fault of a text that nests too deeply.
    pub(crate) fn too_deep(&self) -> Option<Error> {
        deepest(&self.text).map(|at| {
            Error::new(Code::TooDeep, format!("nested deeper than {SOURCE_DEPTH_MAX}"))
                .help("split the condition into several clauses, or several policies")
                .label(self.label(at, 1))
        })
    }
}

/// Where a text first nests deeper than the limit. Brackets nest, and so does `if`, which ends with
/// its policy at the latest; strings and comments do not.
fn deepest(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut brackets, mut ifs) = (0_usize, 0_usize);
    let mut at = 0_usize;
    while let Some(byte) = bytes.get(at) {
        let rest = bytes.get(at..).unwrap_or_default();
        let mut step = 1;
        match byte {
            b'(' | b'[' | b'{' => brackets = brackets.saturating_add(1),
            b')' | b']' | b'}' => brackets = brackets.saturating_sub(1),
            b';' => ifs = 0,
            b'"' => step = string(rest),
            b'/' if rest.starts_with(b"//") => step = rest.iter().take_while(|b| **b != b'\n').count(),
            b if is_word(*b) => {
                step = rest.iter().take_while(|b| is_word(**b)).count();
                ifs = ifs.saturating_add(usize::from(rest.get(..step) == Some(b"if")));
            }
            _ => {}
        }
        if brackets.saturating_add(ifs) > SOURCE_DEPTH_MAX {
            return Some(at);
        }
        at = at.saturating_add(step);
    }
    None
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// How long the string is that a text begins with, quotes included.
fn string(text: &[u8]) -> usize {
    let mut escaped = false;
    let inside = text.iter().skip(1).take_while(|byte| {
        let ends = **byte == b'"' && !escaped;
        escaped = **byte == b'\\' && !escaped;
        !ends
    });
    inside.count().saturating_add(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_and_ifs_nest_and_texts_do_not() {
        let inside = |open: &str, close: &str, n: usize| format!("{}x{};", open.repeat(n), close.repeat(n));
        for (open, close) in [("(", ")"), ("[", "]"), ("{a: ", "}"), ("if a then ", " else b")] {
            assert_eq!(deepest(&inside(open, close, SOURCE_DEPTH_MAX)), None);
            let found = deepest(&inside(open, close, SOURCE_DEPTH_MAX + 1)).unwrap();
            assert_eq!(found, open.len() * SOURCE_DEPTH_MAX, "{open}");
        }
        let flat = ["()", "if a then b else c;", "gif_if ", "\"((\\\"((\"", "// ((((\n"];
        assert!(flat.iter().all(|text| deepest(&text.repeat(1_000)).is_none()));
        assert_eq!(deepest("\"never closed"), None);
    }

    #[test]
    fn the_fault_names_the_place() {
        let text = format!("a\n{}", "(".repeat(100));
        let file = File { name: "a.cedar".into(), text: text.into() };
        let fault = file.too_deep().unwrap();
        let label = fault.labels.first().unwrap();
        assert_eq!((fault.code, label.line, label.column), (Code::TooDeep, 2, 65));
    }
}
