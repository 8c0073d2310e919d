//! The console as a state machine: `update(state, event) -> effects`. Synchronous and pure.
//!
//! Owns: everything that is on the screen and every decision about what a key does. Must never: do IO, read a clock, draw, or
//! know the AWS SDK. What has to happen outside is an `Effect`; what happened outside comes back as an `Event`.

pub mod alert;
mod apply;
pub mod chooser;
pub mod choosing;
pub mod chosen;
pub mod claim;
pub mod claiming;
pub mod classifying;
pub mod clock;
pub mod collecting;
pub mod columns;
pub mod command;
pub mod completing;
pub mod context;
mod copy;
pub mod coverage;
pub mod duty;
pub mod earlier;
pub mod effect;
pub mod event;
pub mod incident;
pub mod input;
pub mod key;
pub mod keymap;
mod keys;
pub mod link;
pub mod list;
mod look;
pub mod plan;
pub mod play;
pub mod playbook;
pub mod prepared;
mod presumed;
pub mod progress;
pub mod regroup;
pub mod rules;
mod run;
pub mod scroll;
pub mod sla;
pub mod state;
pub mod steps;
pub mod targets;
mod telling;
#[cfg(test)]
mod testing;
mod told;
pub mod typed;
mod update;
pub mod verifying;
pub mod views;

pub use claim::{owner, responded};
pub use command::Command;
pub use effect::Effect;
pub use event::Event;
pub use key::{Code, Key};
pub use keymap::KeyMap;
pub use state::{Mode, Screen, Start, State};
pub use update::update;
