//! Runs what the console and the commands decide.
//!
//! Owns: tokio, the clock, the channels, and the order in which a change happens: facts read again, drift refused, intent
//! journaled, call sent, outcome journaled, world read back. Must never: decide anything that a person should, or write without
//! a `Hand`.

mod apply;
mod by_rule;
pub mod collect;
mod connect;
mod console;
mod ended;
mod ending;
mod evidence;
pub mod files;
mod frames;
mod gate;
mod gather;
mod hand;
mod in_turn;
mod keeper;
pub mod manifest;
mod queued;
mod recall;
pub mod sent;
mod stage;
mod tail;
mod told;
mod verify;
mod vet;

pub use apply::{NotApplied, Run, Told};
pub use connect::{Origin, Reach};
pub use console::{Arm, Setup, run};
pub use evidence::Shelf;
pub use gather::{NoPlan, gather};
pub use hand::{Hand, Responder};
pub use keeper::Keeper;
pub use queued::{kept_aside, queued};
pub use stage::Stage;
