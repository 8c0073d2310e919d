//! Drills: a made-up organisation and what goes wrong in it, read from a TOML file.
//!
//! Owns: the scenario format, its checks and the world that comes out of it. Must never: be asked by the console whether this
//! is a drill; a drill is the same console with another endpoint underneath.

mod agents;
mod build;
mod bulk;
mod center;
mod controls;
mod data;
mod databases;
mod error;
mod findings;
mod forensic;
mod iam;
mod ids;
mod keys;
mod managed;
mod network;
mod organization;
mod queues;
mod scenario;
mod schema;
mod schema_center;
mod schema_data;
mod schema_events;
mod schema_findings;
mod schema_keys;
mod schema_traffic;
#[cfg(test)]
mod tests;
mod topics;
mod traffic;
mod trail;
mod values;

pub use error::ScenarioError;
pub use forensic::Forensic;
pub use scenario::{Credentials, Login, Scenario, load, read};

/// The scenarios that ship, by name, with their text.
pub fn builtin() -> &'static [(&'static str, &'static str)] {
    &[("leaked-key", include_str!("../../playbooks/drills/leaked-key.toml"))]
}
