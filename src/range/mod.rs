//! An AWS endpoint inside this process, for drills and tests.
//!
//! Owns: a made-up organisation (`world`), one file a service under `services/`, one small codec a protocol under
//! `wire/`, and the two ways in: the SDK's HTTP connector (`connector`) and a loopback port (`serve`). Enforces IAM.
//! Must never: know who is asking (no special case for quell), or answer in words that AWS does not use.

mod authenticate;
mod authorize;
mod body;
pub mod call;
mod chain;
pub mod clock;
mod connector;
mod door;
pub mod fault;
mod fault_text;
pub mod limits;
pub mod policy;
mod poll;
mod resources;
mod serve;
pub mod services;
mod signature;
pub mod tally;
#[cfg(test)]
pub mod testing;
#[cfg(test)]
mod tests;
mod wire;
pub mod world;

pub use door::Range;
pub use limits::Quotas;
pub use serve::serve;
