//! What the output is shown on: colours, width, or no screen at all but another program.

use std::io::IsTerminal;

/// How to write for whoever reads.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    /// JSON for programs.
    pub json: bool,
    /// Colours on standard output.
    pub colour: bool,
    /// Colours on standard error.
    pub colour_err: bool,
    /// Show how far long work has come, on standard error.
    pub progress: bool,
    /// Columns.
    pub width: usize,
}

/// No wider, however wide the terminal is: long lines read badly.
const WIDTH_MAX: usize = 100;

impl Screen {
    /// No colours: for files, pipes and tests.
    #[must_use]
    pub const fn plain(json: bool) -> Self {
        Self { json, colour: false, colour_err: false, progress: false, width: WIDTH_MAX }
    }

    /// The screen of this process: colours only on a terminal, and not if `NO_COLOR` is set
    /// (<https://no-color.org>) or the terminal is dumb.
    #[must_use]
    pub fn of_process(json: bool) -> Self {
        let set = |name| std::env::var_os(name).is_some_and(|v| !v.is_empty());
        let wanted = !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|t| t != "dumb");
        let width = terminal_size::terminal_size().map_or(WIDTH_MAX, |(w, _)| usize::from(w.0));
        Self {
            json,
            colour: wanted && std::io::stdout().is_terminal(),
            colour_err: wanted && std::io::stderr().is_terminal(),
            progress: !json && std::io::stderr().is_terminal(),
            width: width.clamp(40, WIDTH_MAX),
        }
    }

    /// The pen for standard output.
    #[must_use]
    pub const fn pen(&self) -> Pen {
        Pen(self.colour)
    }
}

/// Writes text in colour, or not.
#[derive(Clone, Copy, Debug)]
pub struct Pen(bool);

/// How a text is set off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// What matters most.
    Bold,
    /// What matters least.
    Dim,
    /// Good.
    Green,
    /// Bad.
    Red,
    /// Waiting.
    Yellow,
    /// A name that can be looked up.
    Cyan,
}

impl Pen {
    /// The text in this ink.
    #[must_use]
    pub fn write(self, ink: Ink, text: &str) -> String {
        if !self.0 || text.is_empty() {
            return text.to_owned();
        }
        let code = match ink {
            Ink::Bold => "1",
            Ink::Dim => "2",
            Ink::Green => "1;32",
            Ink::Red => "1;31",
            Ink::Yellow => "1;33",
            Ink::Cyan => "36",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}
