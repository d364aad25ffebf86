//! Answers for people.

mod decision;
mod excerpt;
mod table;
mod timeline;
mod words;

pub(crate) use decision::{decision, explanation};
pub(crate) use table::Table;
pub(crate) use words::{instant, instant_on, limit, pair, reason, short, wire};
