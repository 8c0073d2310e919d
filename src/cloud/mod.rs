//! Everything that speaks to AWS.
//!
//! Owns: sessions and who they belong to, the discovery of accounts, the feed of findings, the answers to an action's queries, and,
//! in `write` alone, the calls that change something. Must never: change anything outside `write`, change anything without
//! a `Permit`, or let text from AWS reach a caller as anything but `Untrusted` or a checked id.

mod caller;
mod capture;
mod chain;
mod clock;
mod config;
mod connect;
mod discover;
pub mod doctor;
mod errors;
pub mod evidence;
pub mod feed;
mod limits;
mod organization;
mod pages;
mod predict;
mod read;
mod route;
mod session;
#[cfg(test)]
pub(crate) mod testing;
mod transport;
mod whole;
pub mod write;

pub use caller::{Remembered, remembered};
pub use clock::Clock;
pub use config::{ConnectOptions, Discovery, HomeRegion, Way};
pub use connect::{Cloud, ConnectError, Identity};
pub use discover::{Account, routes};
pub use doctor::{Examined, Health, examine};
pub use errors::{CallError, ErrorKind};
pub use feed::{Everything, FeedEvent};
pub use predict::predict;
pub use read::{answer, answers};
pub use route::{Found, Route};
pub use session::{ResponderSession, Session, SessionError};
pub use write::send;
