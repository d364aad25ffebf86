//! Glasskey for Node.js: handles, and JSON text in and out.
//!
//! In V8 a JSON text crosses the border several times faster than an object that is walked
//! from outside, so `index.js` makes the text and reads it, and this module sees nothing else.
//! The surface that people see is `index.js`, documented in `index.d.ts`.

#![cfg_attr(test, allow(dead_code, reason = "`#[napi]` exports nothing into tests, which are Node's own"))]

mod batch;
mod bundle;
mod decide;
mod error;
mod facts;
mod json;
mod ledger;
mod lifecycle;
