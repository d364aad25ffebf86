//! Signatures over what Glasskey writes: notes, and envelopes around bundles.
//!
//! No private key ever enters the core: it gives the bytes to be signed, takes the
//! signature from the host's signer, and verifies.

pub(crate) mod base64;
mod key;

pub use key::VerifierKey;
pub(crate) use key::check_name;
