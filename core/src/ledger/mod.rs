//! The ledger: a record that proves itself.
//!
//! Each [`Entry`] holds the hash of the one before it, so that nothing inside a ledger can
//! be changed without changing everything behind it; over the entries stands a Merkle tree,
//! whose root the host signs from time to time as a [`Checkpoint`]. Whoever keeps a
//! checkpoint can tell later whether the beginning of the ledger is still the same, and one
//! entry can be proved to somebody who never sees the others.
//!
//! The core writes no file and holds no key: [`Ledger::append`] returns the entry and the
//! host stores it, [`Checkpoint::to_text`] gives the bytes and the host's signer signs them.
//! The format is specified in `docs/LEDGER.md`.

mod chain;
mod checkpoint;
mod enact;
mod entry;
mod kind;
mod line;
pub mod merkle;
mod proof;
mod prover;
mod read;
mod record;
pub mod redact;
mod replay;
mod scan;
pub mod timeline;
mod verify;

pub use chain::{Continued, Genesis, Ledger};
pub use checkpoint::Checkpoint;
pub use entry::Entry;
pub use kind::Kind;
pub use proof::TlogProof;
pub use prover::{Path, Prover};
pub use read::{prove, read_records, residual, timeline};
pub use record::{Recorded, Records, bodies};
pub use replay::{Counterfactual, Difference, Divergence, Replay, counterfactual};
pub use timeline::{Residual, Residuals, Timeline, TimelineReader};
pub use verify::{Fault, Tail, Verifier, VerifyReport};

use crate::canonical::Digest;

/// The name of the format that this version writes and reads.
pub const FORMAT: &str = "glasskey-ledger/1";

/// What stands as `prev` in the first entry: the digest of [`FORMAT`], so that the chain
/// itself says how it is to be read.
#[must_use]
pub fn genesis_prev() -> Digest {
    Digest::of(FORMAT.as_bytes())
}
