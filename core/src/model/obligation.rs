//! What the enforcement point must do if it acts on a permit.

use crate::error::{Code, Error};
use crate::prelude::*;
use crate::wire::clip;
use serde::{Deserialize, Serialize};

/// One duty: a type, and whom or what it concerns: `notify:secops`.
///
/// An enforcement point that does not know a type must treat the permit as a deny.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Obligation {
    /// What to do.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whom or what it concerns.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub to: Option<String>,
}

impl Obligation {
    /// Reads `type` or `type:to`.
    ///
    /// # Errors
    /// `bad_value` unless both are made of lower-case letters, digits, `_`, `-`, `.` and `/`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let word = |w: &str| {
            !w.is_empty()
                && w.bytes().all(|b| {
                    b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-' | b'.' | b'/')
                })
        };
        let (kind, to) = match text.split_once(':') {
            Some((kind, to)) => (kind, Some(to)),
            None => (text, None),
        };
        if !word(kind) || !to.is_none_or(word) {
            return Err(Error::new(Code::BadValue, format!("`{}` is not an obligation", clip(text)))
                .help("write `type` or `type:to` in lower case, like `notify:secops`"));
        }
        Ok(Self { kind: kind.to_owned(), to: to.map(ToOwned::to_owned) })
    }

    /// The obligation as it stands in `@obligations` and in `context.offer.obligations`.
    #[must_use]
    pub fn text(&self) -> String {
        match &self.to {
            Some(to) => format!("{}:{to}", self.kind),
            None => self.kind.clone(),
        }
    }
}
