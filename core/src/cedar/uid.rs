//! Entity uids.

use super::std::hash::DefaultHasher;
use crate::cedar::name::{entity_type, unescape};
use crate::error::{Code, Error};
use crate::limits::UID_BYTES_MAX;
use crate::prelude::*;
use crate::wire::{clip, text_on_the_wire};
use cedar_policy_core::ast::{Eid, EntityType, EntityUID};
use core::cmp::Ordering;
use core::fmt::{self, Write as _};
use core::hash::{BuildHasher, Hash, Hasher};
use smol_str::{SmolStr, SmolStrBuilder};

/// The name of one entity; on the wire as Cedar writes it, `Glasskey::Person::"ann"`.
///
/// It is hashed once, when it is read, and a clone shares the text: so telling two apart, and
/// finding one among many, costs no more than comparing two numbers.
#[derive(Clone)]
pub struct Uid {
    key: u64,
    uid: Arc<EntityUID>,
}

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
        Self::written(text).ok_or_else(|| {
            Error::new(Code::BadUid, format!("`{}` is not an entity uid", clip(text)))
                .help("write the type and the id in quotes, like `Glasskey::Person::\"ann\"`")
        })
    }

    /// The uid that is written just so, escapes included.
    fn written(text: &str) -> Option<Self> {
        let (kind, quoted) = text.split_once("::\"")?;
        let id = unescape(quoted.strip_suffix('"')?)?;
        let uid = Self::from(EntityUID::from_components(entity_type(kind)?, Eid::new(id), None));
        let mut same = Same(text);
        (write!(same, "{uid}").is_ok() && same.0.is_empty()).then_some(uid)
    }

    /// A uid from its type and its unescaped id; `None` if the type is no name.
    #[must_use]
    pub fn from_parts(type_name: &str, id: &str) -> Option<Self> {
        Some(Self::from(EntityUID::from_components(entity_type(type_name)?, Eid::new(id), None)))
    }

    pub(super) fn of(kind: EntityType, id: &str) -> Self {
        Self::from(EntityUID::from_components(kind, Eid::new(id), None))
    }

    /// The entity's type, such as `Glasskey::Person`.
    #[must_use]
    pub fn type_name(&self) -> String {
        self.type_text().to_string()
    }

    /// The same; mostly short enough to need no place of its own.
    pub(crate) fn type_text(&self) -> SmolStr {
        let mut out = SmolStrBuilder::new();
        // A builder takes whatever is written.
        let _ = self.write_type(&mut out);
        out.finish()
    }

    /// The type's name, part by part: much quicker than Cedar's own way.
    fn write_type(&self, out: &mut impl fmt::Write) -> fmt::Result {
        let name = self.uid.entity_type().name().as_ref();
        for part in name.namespace_components() {
            out.write_str(part.as_ref())?;
            out.write_str("::")?;
        }
        out.write_str(name.basename().as_ref())
    }

    /// Whether the entity's type is the one of this name; no text is made for it.
    pub(crate) fn is_a(&self, type_name: &str) -> bool {
        let name = self.uid.entity_type().name().as_ref();
        let mut rest = type_name;
        for part in name.namespace_components() {
            let part: &str = part.as_ref();
            let Some(after) = rest.strip_prefix(part).and_then(|rest| rest.strip_prefix("::")) else {
                return false;
            };
            rest = after;
        }
        rest == AsRef::<str>::as_ref(name.basename())
    }

    /// The id alone, unescaped, such as `ann`.
    #[must_use]
    pub fn id(&self) -> &str {
        self.uid.eid().as_ref()
    }

    pub(super) fn inner(&self) -> &EntityUID {
        &self.uid
    }

    pub(super) const fn shared(&self) -> &Arc<EntityUID> {
        &self.uid
    }

    pub(super) fn entity_type(&self) -> &EntityType {
        self.uid.entity_type()
    }

    /// Equal uids have equal keys; unequal ones almost never do. Nothing that is written or
    /// answered depends on a key.
    pub(crate) const fn key(&self) -> u64 {
        self.key
    }
}

/// Takes what is written, as long as it is what stands here.
struct Same<'t>(&'t str);

impl fmt::Write for Same<'_> {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        self.0 = self.0.strip_prefix(part).ok_or(fmt::Error)?;
        Ok(())
    }
}

/// A uid in the order of its key: quick to sort, in an order that nobody may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Keyed(pub(crate) Uid);

impl Ord for Keyed {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.key.cmp(&other.0.key).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for Keyed {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Files uids in hash tables by their own keys.
#[derive(Clone, Debug, Default)]
pub(crate) struct ByKey;

/// Takes over the key that a uid gives it.
#[derive(Default)]
pub(crate) struct KeyHasher(u64);

impl BuildHasher for ByKey {
    type Hasher = KeyHasher;

    fn build_hasher(&self) -> KeyHasher {
        KeyHasher(0)
    }
}

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        // A uid never comes here; whatever does still gives equal things equal numbers.
        bytes.iter().for_each(|b| self.0 = self.0.rotate_left(8) ^ u64::from(*b));
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

/// A number for a thing that can be hashed; the same in every run.
pub(super) fn key_of(thing: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    thing.hash(&mut hasher);
    hasher.finish()
}

impl From<EntityUID> for Uid {
    fn from(uid: EntityUID) -> Self {
        // A place in a source text is no part of a name, and would keep the text alive.
        let (kind, id) = uid.components();
        let uid = EntityUID::from_components(kind.with_loc(None), id, None);
        Self { key: key_of(&uid), uid: Arc::new(uid) }
    }
}

impl PartialEq for Uid {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key && (Arc::ptr_eq(&self.uid, &other.uid) || self.uid == other.uid)
    }
}

impl Eq for Uid {}

impl Ord for Uid {
    fn cmp(&self, other: &Self) -> Ordering {
        if Arc::ptr_eq(&self.uid, &other.uid) { Ordering::Equal } else { self.uid.cmp(&other.uid) }
    }
}

impl PartialOrd for Uid {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for Uid {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.key);
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What needs no escapes is written as it is; the rest is Cedar's to escape.
        let id = self.id();
        if !id.bytes().all(|b| matches!(b, 0x20..0x7F) && !matches!(b, b'"' | b'\'' | b'\\')) {
            return fmt::Display::fmt(&self.uid, f);
        }
        self.write_type(f)?;
        f.write_str("::\"")?;
        f.write_str(id)?;
        f.write_str("\"")
    }
}

impl fmt::Debug for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.uid, f)
    }
}

text_on_the_wire!(Uid, "an entity uid such as `Glasskey::Person::\"ann\"`");

#[cfg(test)]
mod tests {
    use super::*;
    use cedar_policy_core::FromNormalizedStr as _;

    #[test]
    fn uids_round_trip_with_escapes() {
        for text in [r#"Glasskey::Person::"ann""#, r#"A::"x\"y\n""#, r#"A::B::C::"""#] {
            assert_eq!(Uid::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Uid::parse(r#"A::"x\"y""#).unwrap().id(), "x\"y");
        for id in (0..300).filter_map(char::from_u32).map(String::from) {
            let uid = Uid::from_parts("A::B_1", &id).unwrap();
            assert_eq!(uid.to_string(), uid.inner().to_string());
            assert_eq!(uid.type_name(), "A::B_1");
        }
        let uid = Uid::parse(r#"A::B::C::"x""#).unwrap();
        assert!(uid.is_a("A::B::C"));
        for other in ["", "A", "A::B", "B::C", "A::B::C::D", "A::B::c"] {
            assert!(!uid.is_a(other), "{other}");
        }
    }

    #[test]
    fn uids_are_what_cedar_says_they_are() {
        let ids = [
            "",
            "ann",
            "a b",
            "ä",
            "\u{7f}",
            "\u{200b}",
            "\\n",
            "\\\\",
            "\\\"",
            "\"",
            "\\'",
            "'",
            "\\0",
            "\\x41",
            "\\u{41}",
            "\\u{e9}",
            "\\u{7f}",
            "\\u{110000}",
            "\\u{}",
            "\\u{1f600}",
            "\n",
            "\\",
            "a\"::B::\"c",
            "\\u{200b}",
            "\\u41",
        ];
        for kind in ["A", "A::B", "", "A::", "in", "A b", "A::__cedar"] {
            for id in ids {
                for text in
                    [format!("{kind}::\"{id}\""), format!("{kind}::\"{id}"), format!(" {kind}::\"{id}\"")]
                {
                    let cedars = EntityUID::from_normalized_str(&text).ok().map(Uid::from);
                    assert_eq!(Uid::parse(&text).ok(), cedars, "{text:?}");
                }
            }
        }
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
