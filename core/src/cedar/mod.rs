//! The only module that names Cedar.

extern crate std;

mod compiled;
mod entity;
mod eval;
mod flips;
mod form;
mod index;
mod json;
mod kinds;
mod name;
mod nesting;
mod plain;
mod policy;
mod read;
mod reads;
#[cfg(feature = "full")]
mod reference;
mod schema;
mod scope;
mod shape;
mod shared;
mod source;
mod stamp;
mod table;
mod uid;
mod value;

#[doc(hidden)]
pub use compiled::{FORMS, Tally};
pub(crate) use entity::Entity;
pub use eval::Evaluator;
pub(crate) use eval::{Case, Entities, Outcome, Policies, World};
pub(crate) use form::Form;
pub(crate) use index::{Index, Looker};
#[doc(hidden)]
pub use plain::{Plain, PlainAnswer, PlainEntities};
pub(crate) use policy::{Effect, Policy};
pub(crate) use reads::Reads;
#[cfg(feature = "full")]
pub(crate) use reference::ScopeTest;
pub(crate) use schema::Schema;
pub(crate) use scope::Members;
pub(crate) use source::File;
pub use uid::Uid;
pub(crate) use uid::{ByKey, Keyed};
pub(crate) use value::{Record, texts};
