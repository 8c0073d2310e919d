//! What Systems Manager answers of agents and commands, reduced to what plans and screens use.

use serde::{Deserialize, Serialize};

use crate::domain::Untrusted;

/// The agent on an instance. When it was last heard of is left out: that changes every few minutes and means nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agent {
    /// `Online`, `ConnectionLost`, `Inactive`.
    pub ping: String,
    /// `Linux`, `Windows`, `MacOS`; none where AWS does not know.
    pub platform: Option<String>,
    /// As the machine says itself: `Amazon Linux 2023`.
    pub system: Untrusted,
}

/// A command on one instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invocation {
    pub command: String,
    /// What the sender wrote beside it.
    pub comment: Untrusted,
    /// `Pending`, `InProgress`, `Delayed`, `Success`, `Cancelled`, `TimedOut`, `Failed`, `Cancelling`.
    pub status: String,
    /// More than the status: `DeliveryTimedOut`.
    pub details: Untrusted,
    /// What the machine says that the command printed: at most 24,000 characters, in a list 2,500 together with the errors.
    pub output: Untrusted,
    /// At most 8,000 characters.
    pub errors: Untrusted,
}

impl Invocation {
    /// Whether it has yet to end (API reference, `CommandInvocation`).
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        matches!(
            self.status.as_str(),
            "Pending" | "InProgress" | "Delayed" | "Cancelling"
        )
    }
}
