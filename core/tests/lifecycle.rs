//! What the lifecycle must do, behaviour by behaviour. Every record is folded beside the live
//! state, so each of these is also a test that a lifecycle can be rebuilt from its records.

mod lifecycle_cases;
mod lifecycle_world;
