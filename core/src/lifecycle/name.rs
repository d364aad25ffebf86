//! The name of a request or a grant, as a key of an ordered map.
//!
//! Names are digests behind a prefix, thirty bytes long, and they are compared all the time. Here
//! their bytes stand in the map itself: with a hundred thousand grants, each comparison that has to
//! look elsewhere in memory costs more than all the rest of it.

use crate::prelude::*;
use core::borrow::Borrow;
use core::cmp::Ordering;
use core::fmt;
use core::ops::Deref;

/// The bytes of a name that was made here: `grant_` and 24 digits.
const SHORT: usize = 30;

/// A name; ordered as its text is.
#[derive(Clone)]
pub(super) struct Name(Kept);

#[derive(Clone)]
enum Kept {
    Short(u8, [u8; SHORT]),
    /// Only what was read from elsewhere can be longer.
    Long(Box<str>),
}

impl Name {
    fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Kept::Short(len, bytes) => bytes.get(..usize::from(*len)).unwrap_or(bytes),
            Kept::Long(text) => text.as_bytes(),
        }
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        let mut bytes = [0; SHORT];
        match (bytes.get_mut(..text.len()), u8::try_from(text.len())) {
            (Some(place), Ok(len)) => {
                place.copy_from_slice(text.as_bytes());
                Self(Kept::Short(len, bytes))
            }
            _ => Self(Kept::Long(text.into())),
        }
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        match &self.0 {
            // They were a text before.
            Kept::Short(..) => core::str::from_utf8(self.as_bytes()).unwrap_or_default(),
            Kept::Long(text) => text,
        }
    }
}

impl Borrow<[u8]> for Name {
    fn borrow(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Name {}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_ordered_as_its_text_and_gives_it_back() {
        let texts =
            ["", "a", "grant_0a9e72b763f86d699ceaf922", "grant_0a9e72b763f86d699ceaf9221", "grün", "z"];
        for one in texts {
            assert_eq!(&*Name::from(one), one);
            for other in texts {
                assert_eq!(Name::from(one).cmp(&Name::from(other)), one.cmp(other), "{one} {other}");
                assert_eq!(Name::from(one).partial_cmp(&Name::from(other)), one.partial_cmp(other));
                assert_eq!(Name::from(one) == Name::from(other), one == other);
            }
        }
        assert!(matches!(Name::from(texts[2]).0, Kept::Short(..)), "the names that are made here fit");
        assert!(matches!(Name::from(texts[3]).0, Kept::Long(..)));
    }
}
