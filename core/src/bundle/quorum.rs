//! What a rule asks of approvers.

use crate::error::{Code, Error};
use crate::limits::SEATS_MAX;
use crate::prelude::*;
use core::fmt;
use serde::{Serialize, Serializer};

/// Seats by name, and how many people sit in each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quorum {
    /// The seats, in order of their names; no entry is zero.
    pub seats: BTreeMap<String, u32>,
}

impl Quorum {
    /// Reads `none` or `owner=1, security=2`.
    ///
    /// # Errors
    /// `bad_value`, or `too_many` over [`SEATS_MAX`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        let bad = |why: String| {
            Error::new(Code::BadValue, why).help("write `none`, or seats like `owner=1, security=1`")
        };
        let mut seats = BTreeMap::new();
        if text.trim() == "none" {
            return Ok(Self { seats });
        }
        for part in text.split(',') {
            let (name, count) =
                part.split_once('=').ok_or_else(|| bad(format!("`{}` is no seat", part.trim())))?;
            let name = name.trim();
            let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-');
            if name.is_empty() || !name.bytes().all(word) {
                return Err(bad(format!("`{name}` is no name for a seat")));
            }
            let count = count.trim().parse::<u32>().ok().filter(|n| *n > 0);
            let count = count.ok_or_else(|| bad(format!("`{}` asks for nobody", part.trim())))?;
            if seats.insert(name.to_owned(), count).is_some() {
                return Err(bad(format!("seat `{name}` stands twice")));
            }
        }
        let quorum = Self { seats };
        if quorum.size() > u32::try_from(SEATS_MAX).unwrap_or(u32::MAX) {
            return Err(
                Error::new(Code::TooMany, format!("more than {SEATS_MAX} seats")).help("ask fewer people")
            );
        }
        Ok(quorum)
    }

    /// How many people it asks for.
    #[must_use]
    pub fn size(&self) -> u32 {
        self.seats.values().copied().fold(0, u32::saturating_add)
    }

    /// Every seat by itself, in order.
    pub(crate) fn slots(&self) -> Vec<&str> {
        let each = self.seats.iter().flat_map(|(name, count)| {
            core::iter::repeat_n(name.as_str(), usize::try_from(*count).unwrap_or(usize::MAX))
        });
        each.take(SEATS_MAX).collect()
    }

    /// Whether it asks for all that `other` asks for.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        other.seats.iter().all(|(name, count)| self.seats.get(name).is_some_and(|n| n >= count))
    }
}

impl fmt::Display for Quorum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.seats.is_empty() {
            return f.write_str("none");
        }
        for (i, (name, count)) in self.seats.iter().enumerate() {
            write!(f, "{}{name}={count}", if i == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

impl Serialize for Quorum {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quorums_round_trip_and_compare() {
        let q = Quorum::parse("security=1, owner=2").unwrap();
        assert_eq!(q.to_string(), "owner=2, security=1");
        assert_eq!((q.size(), q.slots()), (3, vec!["owner", "owner", "security"]));
        assert!(q.covers(&Quorum::parse("owner=1").unwrap()));
        assert!(!Quorum::parse("owner=1").unwrap().covers(&q));
        assert_eq!(Quorum::parse("none").unwrap().size(), 0);
        assert_eq!(Quorum::parse("on-call_2=1").unwrap().slots(), ["on-call_2"]);
        assert_eq!(Quorum::parse("a=16").unwrap().size(), 16);
    }

    #[test]
    fn malformed_quorums_are_refused() {
        for text in [
            "",
            "owner",
            "owner=0",
            "owner=-1",
            "owner=x",
            "owner=1,,",
            "owner=1, owner=2",
            "Ow ner=1",
            "a=17",
        ] {
            assert!(Quorum::parse(text).is_err(), "{text}");
        }
    }
}
