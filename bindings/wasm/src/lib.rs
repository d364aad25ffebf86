//! Glasskey for WebAssembly: handles, and JSON text in and out.
//!
//! What people see is the surface of the Node.js package, made of the same files; `js/native.js`
//! gives them this module in the addon's place.

mod bundle;
mod decide;
mod error;
mod facts;
mod json;
#[cfg(feature = "full")]
mod ledger;
#[cfg(feature = "full")]
mod lifecycle;
mod proof;
