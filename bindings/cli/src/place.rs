//! Where in a JSON text a path such as `scope[0].action` points to.

use crate::fault::Text;
use glasskey::{Code, Error, Label};

/// The range of bytes that an error about a JSON text means: start and length.
pub(crate) fn of(text: &str, error: &Error) -> (usize, usize) {
    if let (Code::BadJson | Code::DuplicateMember | Code::TooDeep | Code::BadNumber | Code::TooLarge, None) =
        (error.code, &error.path)
    {
        return line_and_column(&error.message)
            .map_or((0, 0), |(line, column)| (offset(text, line, column), 0));
    }
    let mut path = error.path.as_deref().unwrap_or("");
    let mut places = Vec::new();
    Walk { bytes: text.as_bytes(), at: 0, places: &mut places }.value("", None);
    loop {
        if let Some(place) = places.iter().find(|p| p.path == path) {
            let (start, end) = match (&place.name, error.code) {
                (Some(name), Code::UnknownMember) => *name,
                _ => place.value,
            };
            let whole = text.get(start..end).unwrap_or("");
            // An object or a list is marked by its first character alone.
            let length = if whole.starts_with(['{', '[']) { 1 } else { whole.len() };
            return (start, length);
        }
        if path.is_empty() {
            return (0, 0);
        }
        path = &path[..path.rfind(['.', '[']).unwrap_or(0)];
    }
}

/// The label for a range of bytes.
pub(crate) fn label(text: &Text, start: usize, length: usize) -> Label {
    let whole = &*text.text;
    let start = (0..=start.min(whole.len())).rev().find(|i| whole.is_char_boundary(*i)).unwrap_or(0);
    let before = &whole[..start];
    let line_start = before.rfind('\n').map_or(0, |i| i + 1);
    let line = whole[line_start..].lines().next().unwrap_or("");
    let marked = whole[start..].char_indices().take_while(|(i, c)| *i < length && *c != '\n').count();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Label {
        file: text.name.to_string(),
        line: count(before.matches('\n').count() + 1),
        column: count(whole[line_start..start].chars().count() + 1),
        length: count(marked),
        // A text in one line may be a whole document.
        text: line.chars().take(1_000).collect(),
    }
}

/// The byte at which a label starts, and how many bytes it marks.
pub(crate) fn range(text: &str, label: &Label) -> (usize, usize) {
    let start = offset(text, label.line as usize, label.column as usize);
    let length = text[start..].chars().take(label.length as usize).map(char::len_utf8).sum();
    (start, length)
}

fn line_and_column(message: &str) -> Option<(usize, usize)> {
    let (_, place) = message.rsplit_once(" at line ")?;
    let (line, column) = place.split_once(" column ")?;
    Some((line.parse().ok()?, column.parse().ok()?))
}

/// The byte at a line and a column, both counted from 1.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let lines = text.split_inclusive('\n');
    let before: usize = lines.take(line.saturating_sub(1)).map(str::len).sum();
    let rest = text.get(before..).unwrap_or("");
    let within: usize =
        rest.chars().take(column.saturating_sub(1)).take_while(|c| *c != '\n').map(char::len_utf8).sum();
    (before + within).min(text.len())
}

/// Where a value stands, and the name of the member that it is.
struct Place {
    path: String,
    name: Option<(usize, usize)>,
    value: (usize, usize),
}

/// Goes through a JSON text and notes where each value stands. The text was read before, so
/// it is well formed; if it is not, the walk ends early.
struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    places: &'a mut Vec<Place>,
}

impl Walk<'_> {
    fn peek(&mut self) -> Option<u8> {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        self.bytes.get(self.at).copied()
    }

    fn value(&mut self, path: &str, name: Option<(usize, usize)>) -> Option<()> {
        let first = self.peek()?;
        let start = self.at;
        let index = self.places.len();
        self.places.push(Place { path: path.to_owned(), name, value: (start, start) });
        match first {
            b'{' => self.members(path)?,
            b'[' => self.elements(path)?,
            b'"' => drop(self.string()?),
            _ => {
                let more = |b: &u8| !matches!(b, b',' | b']' | b'}') && !b.is_ascii_whitespace();
                let length = self.bytes.get(start..)?.iter().take_while(|b| more(b)).count();
                // No value begins here, and the walk would stand still.
                (length > 0).then_some(())?;
                self.at += length;
            }
        }
        self.places.get_mut(index)?.value.1 = self.at;
        Some(())
    }

    fn members(&mut self, path: &str) -> Option<()> {
        self.at += 1;
        loop {
            match self.peek()? {
                b'}' => {
                    self.at += 1;
                    return Some(());
                }
                b',' => self.at += 1,
                _ => {
                    let start = self.at;
                    let name = self.string()?;
                    let named = (start, self.at);
                    let below = if path.is_empty() { name } else { format!("{path}.{name}") };
                    (self.peek()? == b':').then_some(())?;
                    self.at += 1;
                    self.value(&below, Some(named))?;
                }
            }
        }
    }

    fn elements(&mut self, path: &str) -> Option<()> {
        self.at += 1;
        let mut index = 0_usize;
        loop {
            match self.peek()? {
                b']' => {
                    self.at += 1;
                    return Some(());
                }
                b',' => self.at += 1,
                _ => {
                    self.value(&format!("{path}[{index}]"), None)?;
                    index += 1;
                }
            }
        }
    }

    fn string(&mut self) -> Option<String> {
        let start = self.at;
        (self.peek()? == b'"').then_some(())?;
        self.at += 1;
        loop {
            match self.bytes.get(self.at)? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        serde_json::from_slice(self.bytes.get(start..self.at)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(code: Code, path: &str) -> Error {
        let path = Some(path.to_owned()).filter(|p| !p.is_empty());
        Error { code, message: String::new(), help: None, path, labels: Vec::new() }
    }

    #[test]
    fn a_path_is_found_in_the_text() {
        let text = r#"{"a": "x]\"}", "scope": [ {"action": 1}, {"action": "go ä", "b.c": [true]} ]}"#;
        let at = |path| {
            let (start, length) = of(text, &error(Code::WrongType, path));
            &text[start..start + length]
        };
        assert_eq!(at("scope[1].action"), "\"go ä\"");
        assert_eq!(at("scope[1].b.c[0]"), "true");
        assert_eq!(at("scope[0].action"), "1");
        assert_eq!(at("a"), "\"x]\\\"}\"");
        let (start, length) = of(text, &error(Code::UnknownMember, "scope[0].action"));
        assert_eq!((start, &text[start..start + length]), (27, "\"action\""), "the name, not the value");
    }

    #[test]
    fn a_path_that_is_not_there_falls_back_to_what_is_around_it() {
        let text = "{\"scope\": [{\"x\": 1}]}";
        assert_eq!(of(text, &error(Code::MissingMember, "scope[0].action")), (11, 1));
        assert_eq!(of(text, &error(Code::MissingMember, "")), (0, 1));
    }

    #[test]
    fn a_broken_text_is_marked_where_reading_stopped() {
        let mut broken = error(Code::BadJson, "");
        "expected `,` at line 2 column 3".clone_into(&mut broken.message);
        assert_eq!(of("{\n12345", &broken), (4, 0));
        assert_eq!(of("", &error(Code::WrongType, "a.b")), (0, 0));
        for text in ["[}", "{\"a\": [1, }]", "[[}", "{\"a\": }", "[\"\\"] {
            assert!(of(text, &error(Code::SecretInInput, "a[9]")).0 < text.len(), "{text}");
        }
    }
}
