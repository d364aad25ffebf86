//! The words of the field as types, and their shapes on the wire.

mod actor;
mod circumstances;
mod decision;
mod history;
mod incident;
mod lock;
mod obligation;
mod reason;
mod request;
mod shift;
mod signal;
mod support;
mod task;
mod verdict;
mod window;

pub use actor::ActorKind;
pub use circumstances::{Circumstances, GrantView, Seats};
pub use decision::{
    Answer, Candidates, Considered, Decision, Evidence, Explanation, FailedAt, Limit, Missing, NextAction,
    SeatFilled, Validity,
};
pub use history::History;
pub use incident::{Incident, IncidentPatch, IncidentStatus};
pub use lock::{Lock, LockTarget};
pub use obligation::Obligation;
pub use reason::{Reason, ReasonCode};
pub use request::{Approval, Pair, Request};
pub use shift::{Shift, ShiftPatch};
pub use signal::Signal;
pub use support::{Support, SupportKind};
pub use task::{Task, TaskPatch, TaskStatus};
pub use verdict::{Found, Verdict};
pub use window::{Window, WindowPatch, WindowStatus};
