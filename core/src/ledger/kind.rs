//! What an entry records.

use crate::error::{Code, Error};
use crate::limits::KIND_BYTES_MAX;
use crate::prelude::*;
use crate::wire::{clip, text_on_the_wire};
use core::fmt;
use smol_str::SmolStr;

/// What an entry records, in snake case: `decision`, `use`, `confirmation`.
///
/// The set is open, so that a host can record its own kinds beside those of the lifecycle;
/// the constants are the ones that Glasskey writes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(SmolStr);

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal;)+) => {
        impl Kind {
            $($(#[doc = $doc])+ pub const $name: Kind = Kind(SmolStr::new_static($text));)+

            /// The kinds that Glasskey writes, in the order of a grant's life.
            pub const KNOWN: &'static [Kind] = &[$(Kind::$name,)+];
        }
    };
}

kinds! {
    /// The first entry: the format and the ledger's name.
    GENESIS = "genesis";
    /// A bundle came into force.
    BUNDLE = "bundle";
    /// Facts were observed.
    OBSERVE = "observe";
    /// Somebody asked: the intent, written before anything was decided.
    INTENT = "intent";
    /// What was decided, with its evidence.
    DECISION = "decision";
    /// An approval.
    APPROVAL = "approval";
    /// A denial by an approver.
    DENIAL = "denial";
    /// A request was withdrawn, timed out, lapsed or became void.
    CLOSURE = "closure";
    /// A grant began.
    ISSUE = "issue";
    /// A grant was used.
    USE = "use";
    /// A grant was extended.
    EXTENSION = "extension";
    /// A grant ended; its enforcement points have yet to confirm.
    END = "end";
    /// An enforcement point confirmed the end.
    CONFIRMATION = "confirmation";
    /// A grant or an emergency was reviewed.
    REVIEW = "review";
    /// Something the host was told to do.
    EFFECT = "effect";
    /// A request or a grant was looked at again: frozen, thawed, shortened, flagged, or as it was.
    CHECK = "check";
    /// A record of the lifecycle is whole: it closes the entries ahead of it.
    RECORD = "record";
    /// A checkpoint was signed.
    CHECKPOINT = "checkpoint";
}

impl Kind {
    /// Reads a kind.
    ///
    /// # Errors
    /// `bad_kind` unless it is 1 to 64 of `a-z 0-9 _`, a letter first.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if Self::is_valid(text) {
            return Ok(Self(text.into()));
        }
        Err(Error::new(Code::BadKind, format!("`{}` is not a kind of entry", clip(text)))
            .help(format!("write 1 to {KIND_BYTES_MAX} of a-z, 0-9 and _, a letter first, like `decision`")))
    }

    pub(super) fn is_valid(text: &str) -> bool {
        text.len() <= KIND_BYTES_MAX
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    }

    /// The kind as it stands in the entry.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

text_on_the_wire!(Kind, "a kind of entry such as `decision`");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_snake_case() {
        for kind in Kind::KNOWN {
            assert_eq!(&Kind::parse(kind.as_str()).unwrap(), kind);
        }
        assert!(Kind::parse("acme_drill_2").is_ok());
        for text in ["", "Use", "_x", "2x", "a-b", "a b", "ä", "use\n", &"x".repeat(65)] {
            assert_eq!(Kind::parse(text).unwrap_err().code, Code::BadKind, "{text}");
        }
    }
}
