//! Entity uids.

use crate::error::{Code, Error};
use crate::limits::UID_BYTES_MAX;
use crate::prelude::*;
use crate::wire::{clip, text_on_the_wire};
use cedar_policy_core::FromNormalizedStr as _;
use cedar_policy_core::ast::{Eid, EntityType, EntityUID};
use core::fmt;

/// The name of one entity; on the wire as Cedar writes it, `Glasskey::Person::"ann"`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uid(EntityUID);

impl Uid {
    /// Reads a uid in Cedar's own writing.
    ///
    /// # Errors
    /// `bad_uid`, and `too_large` over [`UID_BYTES_MAX`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text.len() > UID_BYTES_MAX {
            return Err(Error::new(
                Code::TooLarge,
                format!("a uid has {} bytes; the limit is {UID_BYTES_MAX}", text.len()),
            )
            .help("use a shorter id"));
        }
        EntityUID::from_normalized_str(text).map(Self).map_err(|_| {
            Error::new(Code::BadUid, format!("`{}` is not an entity uid", clip(text)))
                .help("write the type and the id in quotes, like `Glasskey::Person::\"ann\"`")
        })
    }

    /// A uid from its type and its unescaped id; `None` if the type is no name.
    #[must_use]
    pub fn from_parts(type_name: &str, id: &str) -> Option<Self> {
        let kind = EntityType::from_normalized_str(type_name).ok()?;
        Some(Self(EntityUID::from_components(kind, Eid::new(id), None)))
    }

    /// The entity's type, such as `Glasskey::Person`.
    #[must_use]
    pub fn type_name(&self) -> String {
        self.0.entity_type().to_string()
    }

    /// The id alone, unescaped, such as `ann`.
    #[must_use]
    pub fn id(&self) -> &str {
        self.0.eid().as_ref()
    }

    pub(crate) const fn inner(&self) -> &EntityUID {
        &self.0
    }
}

impl From<EntityUID> for Uid {
    fn from(uid: EntityUID) -> Self {
        Self(uid)
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

text_on_the_wire!(Uid, "an entity uid such as `Glasskey::Person::\"ann\"`");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uids_round_trip_with_escapes() {
        for text in [r#"Glasskey::Person::"ann""#, r#"A::"x\"y\n""#, r#"A::B::C::"""#] {
            assert_eq!(Uid::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Uid::parse(r#"A::"x\"y""#).unwrap().id(), "x\"y");
    }

    #[test]
    fn everything_else_is_refused() {
        for text in ["", "ann", "Person", "Person::ann", r#"Person::"ann"#, r#"Person:: "ann""#, r#"1::"a""#]
        {
            assert_eq!(Uid::parse(text).unwrap_err().code, Code::BadUid, "{text}");
        }
        let long = format!("A::\"{}\"", "x".repeat(UID_BYTES_MAX));
        assert_eq!(Uid::parse(&long).unwrap_err().code, Code::TooLarge);
    }
}
