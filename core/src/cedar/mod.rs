//! The only module that names Cedar.

extern crate std;

mod entity;
mod eval;
mod flips;
mod kinds;
mod policy;
mod reads;
mod schema;
mod source;
mod uid;
mod value;

pub(crate) use entity::Entity;
pub(crate) use eval::{Case, Outcome, World};
pub(crate) use policy::{Effect, Policy};
pub(crate) use reads::Reads;
pub(crate) use schema::Schema;
pub(crate) use source::File;
pub use uid::Uid;
pub(crate) use value::{Record, Val, texts};
