//! How values that are text on the wire are read and written, with their own error codes
//! carried through serde.

use crate::error::Error;
use crate::prelude::*;
use core::fmt;
use serde::de::{self, Deserializer, Visitor};

/// Stands around the parts of one of our errors inside a serde message.
pub(crate) const MARK: char = '\u{1}';

/// Reads a text-like value by its own parser, and carries the parser's code through serde.
pub(crate) fn parse_text<'de, T, D: Deserializer<'de>>(
    d: D,
    expecting: &'static str,
    parse: fn(&str) -> Result<T, Error>,
) -> Result<T, D::Error> {
    struct Text<T>(&'static str, fn(&str) -> Result<T, Error>);
    impl<T> Visitor<'_> for Text<T> {
        type Value = T;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
        fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
            (self.1)(text).map_err(encode)
        }
    }
    d.deserialize_str(Text(expecting, parse))
}

/// One of our errors as a serde error; the reader finds it again.
pub(crate) fn encode<E: de::Error>(error: Error) -> E {
    error.into_serde()
}

impl Error {
    /// This error as a serde error. What reads a shape ([`crate::canonical`]) finds its code
    /// again: for deserializers that refuse values of their own format.
    #[must_use]
    pub fn into_serde<E: de::Error>(self) -> E {
        let help = self.help.as_deref().unwrap_or("");
        E::custom(format_args!("{MARK}{}{MARK}{}{MARK}{help}{MARK}", self.code, self.message))
    }
}

/// At most 64 characters of `text`, control characters replaced, for messages.
pub(crate) fn clip(text: &str) -> String {
    let mut shown: String = text.chars().take(64).map(|c| if c.is_control() { '·' } else { c }).collect();
    if text.chars().nth(64).is_some() {
        shown.pop();
        shown.push('…');
    }
    shown
}

macro_rules! text_on_the_wire {
    ($type:ty, $expecting:literal) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                crate::wire::parse_text(d, $expecting, <$type>::parse)
            }
        }
    };
}
pub(crate) use text_on_the_wire;
