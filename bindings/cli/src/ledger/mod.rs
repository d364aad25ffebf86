//! Ledgers as files.

mod read;
mod write;

pub use read::Against;
pub(crate) use read::Reader;
pub use write::Recording;
pub(crate) use write::text_of;
