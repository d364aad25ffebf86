//! A line of source with the place underlined.

use crate::screen::{Ink, Pen};
use glasskey::Label;

/// Two lines: the source line and the mark under it, indented by `indent`.
pub(crate) fn excerpt(label: &Label, indent: usize, pen: Pen) -> String {
    let gap = " ".repeat(indent);
    let number = label.line.to_string();
    let bar = pen.write(Ink::Dim, &format!("{number} │"));
    let under = pen.write(Ink::Dim, &format!("{} │", " ".repeat(number.len())));
    // Outer spaces carry nothing here, and a tab is one column wide.
    let text = label.text.replace('\t', " ");
    let cut = text.chars().take_while(|c| *c == ' ').count();
    let before = (label.column as usize).saturating_sub(1).saturating_sub(cut);
    let marks = pen.write(Ink::Red, &"^".repeat((label.length as usize).max(1)));
    format!("{gap}{bar} {}\n{gap}{under} {}{marks}\n", text.trim(), " ".repeat(before))
}
