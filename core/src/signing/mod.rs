//! Signatures over what Glasskey writes: notes, and envelopes around bundles.
//!
//! No private key ever enters the core. It gives the bytes to be signed
//! ([`Note::text`], [`Envelope::to_be_signed`]), takes the 64 bytes that the host's signer
//! made of them, be it a key file, an HSM or a cloud KMS, and verifies before it believes.

pub(crate) mod base64;
mod dsse;
mod key;
mod note;
mod statement;

pub use dsse::{Envelope, pre_authentication_encoding};
pub(crate) use key::check_name;
pub use key::{KeyUse, VerifierKey};
pub use note::Note;
pub use statement::{PAYLOAD_TYPE, PREDICATE_TYPE, Predicate, STATEMENT_TYPE, Statement};
