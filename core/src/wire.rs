//! How values that are text on the wire are read and written, with their own error codes
//! carried through serde.

use crate::error::{Code, Error};
use crate::prelude::*;
use crate::secret;
use core::fmt;
use serde::de::{self, Deserializer, Visitor};
use serde_json::Value;

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

/// Refuses a document that carries anything shaped like a credential. The text itself is never shown.
pub(crate) fn refuse_secrets(value: &Value) -> Result<(), Error> {
    secret::find(value).map_or(Ok(()), |path| Err(secret_at(path)))
}

/// Refuses texts that are shaped like a credential, each with its path.
pub(crate) fn refuse_secret_texts<'t>(
    texts: impl IntoIterator<Item = (&'static str, &'t str)>,
) -> Result<(), Error> {
    let found = texts.into_iter().find(|(_, text)| secret::looks_secret(text));
    found.map_or(Ok(()), |(path, _)| Err(secret_at(path)))
}

/// The fault of a value that looks like a credential.
pub(crate) fn secret_at(path: impl Into<String>) -> Error {
    Error::new(Code::SecretInInput, "a value here looks like a secret")
        .help("name the credential by a reference, such as `vault:db/creds/restart`")
        .at(path)
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
