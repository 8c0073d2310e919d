//! IAM's policy language: documents, and what they say about one request.
//!
//! Owns: parsing and matching. Must never: know a service, the world or the wire.
//! Our own, after the IAM User Guide's "Policy evaluation logic" and "IAM JSON policy elements". The crate `iam-rs` 0.8 was
//! looked at: it decides over one set of policies, while the range must intersect session policies with a role's, tell
//! trust in an account from trust in a name, and say which of them was silent.

mod condition;
mod document;
mod evaluate;
mod pattern;

pub use document::{BadPolicy, Policy};
pub use evaluate::{Decision, Request, Verdict, decide, effect};
pub use pattern::{like, like_ignoring_case};
