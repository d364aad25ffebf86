//! How far a long file has been read: shown on a terminal, and nowhere else.

use crate::screen::Screen;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Below this a file is read before anybody could look.
const SHOWN_FROM_BYTES: u64 = 8 << 20;

/// A bar on standard error, or none.
pub(crate) struct Progress(Option<ProgressBar>);

impl Progress {
    pub(crate) const fn none() -> Self {
        Self(None)
    }

    /// A bar over so many bytes, if somebody looks on and it takes a while.
    pub(crate) fn over(bytes: u64, screen: &Screen) -> Self {
        if !screen.progress || bytes < SHOWN_FROM_BYTES {
            return Self::none();
        }
        let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::stderr_with_hz(10));
        let style =
            ProgressStyle::with_template("{bar:30} {percent:>3} %  {bytes} of {total_bytes}  {eta} left");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        Self(Some(bar))
    }

    pub(crate) fn add(&mut self, bytes: usize) {
        if let Some(bar) = &self.0 {
            bar.inc(u64::try_from(bytes).unwrap_or(0));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
