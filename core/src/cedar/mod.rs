//! The only module that names Cedar.

mod uid;

pub use uid::Uid;
