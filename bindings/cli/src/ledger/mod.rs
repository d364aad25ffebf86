//! Ledgers as files.

mod read;
mod write;

pub use read::Against;
pub(crate) use read::{Reader, text, verifier_key};
pub use write::Recording;
pub(crate) use write::text_of;
