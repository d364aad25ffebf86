//! The only module that names Cedar.

extern crate std;

mod compiled;
mod entity;
mod eval;
mod flips;
mod index;
mod json;
mod kinds;
mod name;
mod nesting;
mod plain;
mod policy;
mod read;
mod reads;
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
pub(crate) use index::{Index, Looker};
#[doc(hidden)]
pub use plain::{Plain, PlainAnswer, PlainEntities};
pub(crate) use policy::{Effect, Policy};
pub(crate) use reads::Reads;
pub(crate) use reference::ScopeTest;
pub(crate) use schema::Schema;
pub(crate) use scope::Members;
pub(crate) use source::File;
pub use uid::Uid;
pub(crate) use uid::{ByKey, Keyed};
pub(crate) use value::{Record, texts};
