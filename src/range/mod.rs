//! An AWS endpoint inside this process, for drills and tests.
//!
//! Owns: a made-up organisation (`world`), one file a service under `services/`, one small codec a protocol under
//! `wire/`, and the two ways in: the SDK's HTTP connector (`connector`) and a loopback port (`serve`). Enforces IAM.
//! Must never: know who is asking (no special case for quell), or answer in words that AWS does not use.

pub mod call;
