//! The ledger as its writer holds it: where the chain ends, and no more.

use super::entry::{Entry, Link};
use super::kind::Kind;
use super::merkle::{Frontier, leaf_hash};
use super::{FORMAT, genesis_prev};
use crate::canonical::{self, Digest};
use crate::error::{Code, Error};
use crate::prelude::*;
use crate::time::Instant;
use crate::wire::{clip, refuse_secrets};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Where a ledger ends: enough to append to it and to prove its root, whatever its length.
///
/// It holds no entries; the host writes each one that [`Ledger::append`] returns to its
/// own store. Cloning is cheap, so a host that must not run ahead of its store appends to
/// a clone, writes, and then keeps the clone. As JSON it is a snapshot from which the
/// ledger is opened without reading it again; keep it where the ledger itself is kept, and
/// no less safely.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ledger {
    origin: String,
    head: Digest,
    last_at: Instant,
    tree: Frontier,
}

/// The body of the first entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Genesis {
    /// The format, [`FORMAT`].
    pub format: String,
    /// The ledger's name, the origin line of its checkpoints.
    pub origin: String,
    /// The ledger that this one continues.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub continues: Option<Continued>,
}

/// The end of a ledger that was closed and is continued by another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Continued {
    /// Its name.
    pub origin: String,
    /// How many entries it had.
    pub size: u64,
    /// The hash of its last entry.
    pub head: Digest,
    /// The root of its Merkle tree.
    pub root: Digest,
}

impl Ledger {
    /// Begins a ledger: its first entry names it.
    ///
    /// # Errors
    /// `bad_origin` unless the name is like `example.com/pam`: no spaces, no plus.
    pub fn begin(origin: &str, at: Instant) -> Result<(Self, Entry), Error> {
        Self::begin_with(origin, None, at)
    }

    /// Begins a ledger that continues this one, which the host then closes.
    ///
    /// # Errors
    /// As [`Ledger::begin`], and `time_backwards` before this ledger's last entry.
    pub fn continue_as(&self, origin: &str, at: Instant) -> Result<(Self, Entry), Error> {
        self.check_time(at)?;
        let continues =
            Continued { origin: self.origin.clone(), size: self.len(), head: self.head, root: self.root() };
        Self::begin_with(origin, Some(continues), at)
    }

    fn begin_with(origin: &str, continues: Option<Continued>, at: Instant) -> Result<(Self, Entry), Error> {
        check_origin(origin)?;
        let genesis = Genesis { format: FORMAT.to_owned(), origin: origin.to_owned(), continues };
        let body = serde_json::to_value(&genesis).unwrap_or_default();
        refuse_secrets(&body)?;
        let entry = Entry::seal(0, at, Kind::GENESIS, body, genesis_prev())?;
        Ok((Self::opened(genesis.origin, entry.link()), entry))
    }

    /// Opens a ledger at its first entry; [`Ledger::push`] takes the others.
    ///
    /// # Errors
    /// `entry_altered`; `bad_genesis` if it is not the first entry of a ledger of this format.
    pub fn open(first: &Entry) -> Result<Self, Error> {
        check_hash(first)?;
        let genesis: Genesis = (first.kind == Kind::GENESIS)
            .then(|| canonical::from_value(first.body.clone()))
            .ok_or_else(|| {
                bad_genesis(format!("the first entry is of kind `{}`, not `genesis`", first.kind))
            })?
            .map_err(|e| bad_genesis(format!("the first entry does not name the ledger: {e}")))?;
        if genesis.format != FORMAT {
            return Err(bad_genesis(format!("the format is `{}`, not `{FORMAT}`", clip(&genesis.format))));
        }
        check_origin(&genesis.origin)?;
        if first.seq != 0 || first.prev != genesis_prev() {
            return Err(bad_genesis("the first entry does not have the `seq` and `prev` of a first one"));
        }
        Ok(Self::opened(genesis.origin, first.link()))
    }

    fn opened(origin: String, link: Link) -> Self {
        let mut out = Self { origin, head: link.prev, last_at: link.at, tree: Frontier::default() };
        out.advance(link);
        out
    }

    /// Makes the next entry and moves the end behind it. The caller writes the entry.
    ///
    /// # Errors
    /// `time_backwards` if `at` is before the last entry (see [`Ledger::not_before`]);
    /// `bad_genesis` for a second first entry; and what would make the entry unreadable:
    /// `bad_number`, `too_large`, `too_deep`; `secret_in_input`.
    pub fn append(&mut self, kind: Kind, body: Value, at: Instant) -> Result<Entry, Error> {
        refuse_secrets(&body)?;
        self.link(kind, body, at)
    }

    /// Makes the next entry of what was let in already.
    pub(super) fn link(&mut self, kind: Kind, body: Value, at: Instant) -> Result<Entry, Error> {
        if kind == Kind::GENESIS {
            return Err(bad_genesis("a ledger has one genesis entry, and this one has begun"));
        }
        self.check_time(at)?;
        let entry = Entry::seal(self.len(), at, kind, body, self.head)?;
        self.advance(entry.link());
        Ok(entry)
    }

    /// Takes an entry that was written before, and checks that it is the next one.
    ///
    /// # Errors
    /// `entry_altered`, `entry_missing`, `entry_misplaced`, `link_broken`, `time_backwards`,
    /// `bad_genesis`.
    pub fn push(&mut self, entry: &Entry) -> Result<(), Error> {
        check_hash(entry)?;
        self.follow(entry.link())
    }

    /// As [`Ledger::push`], for a link whose hash was checked.
    pub(super) fn follow(&mut self, link: Link) -> Result<(), Error> {
        let next = self.len();
        if link.seq > next {
            let missing = link.seq.saturating_sub(next);
            return Err(Error::new(
                Code::EntryMissing,
                format!("entry {} stands where entry {next} is due: {missing} missing", link.seq),
            )
            .help("find the missing entries in a copy of the ledger"));
        }
        if link.seq < next {
            return Err(Error::new(
                Code::EntryMisplaced,
                format!("entry {} stands where entry {next} is due", link.seq),
            )
            .help("it was written twice, or moved; compare with a copy of the ledger"));
        }
        if link.prev != self.head {
            return Err(Error::new(
                Code::LinkBroken,
                format!("entry {next} does not follow the entry before it: its `prev` is another hash"),
            )
            .help("this entry or the one before it was replaced; compare with a copy of the ledger"));
        }
        if link.genesis {
            return Err(bad_genesis("a second genesis entry stands inside the ledger"));
        }
        self.check_time(link.at)?;
        self.advance(link);
        Ok(())
    }

    fn advance(&mut self, link: Link) {
        self.head = link.hash;
        self.last_at = link.at;
        self.tree.push(leaf_hash(link.hash.as_bytes()));
    }

    fn check_time(&self, at: Instant) -> Result<(), Error> {
        if at >= self.last_at {
            return Ok(());
        }
        Err(Error::new(
            Code::TimeBackwards,
            format!("the entry is of {at}, before the last one of {}", self.last_at),
        )
        .help("write it at `not_before(now)`, and keep the clock's own reading in the body"))
    }

    /// `now`, or the time of the last entry if a clock stepped back behind it.
    ///
    /// A clock that is wrong must not keep a revocation out of the ledger: write the entry
    /// at this instant, and what the clock said into its body.
    #[must_use]
    pub fn not_before(&self, now: Instant) -> Instant {
        now.max(self.last_at)
    }

    /// The ledger's name.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// How many entries it has.
    #[expect(clippy::len_without_is_empty, reason = "a ledger has at least its first entry")]
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.tree.size()
    }

    /// The hash of the last entry.
    #[must_use]
    pub const fn head(&self) -> Digest {
        self.head
    }

    /// When the last entry was written.
    #[must_use]
    pub const fn last_at(&self) -> Instant {
        self.last_at
    }

    /// The Merkle tree over the entries.
    #[must_use]
    pub const fn tree(&self) -> &Frontier {
        &self.tree
    }

    /// The root of the Merkle tree over the entries.
    #[must_use]
    pub fn root(&self) -> Digest {
        self.tree.root()
    }
}

fn check_hash(entry: &Entry) -> Result<(), Error> {
    if entry.expected_hash() == entry.hash { Ok(()) } else { Err(super::entry::altered()) }
}

fn bad_genesis(message: impl Into<String>) -> Error {
    Error::new(Code::BadGenesis, message)
        .help("begin a ledger with `Ledger::begin`, and read it from its first line")
}

/// The rule of C2SP for names of logs and keys.
pub(super) fn check_origin(origin: &str) -> Result<(), Error> {
    crate::signing::check_name(origin).map_err(|_| {
        Error::new(Code::BadOrigin, format!("`{}` is not a name for a ledger", clip(origin)))
            .help("write it like `example.com/pam`: no spaces, no plus, no control characters")
    })
}
