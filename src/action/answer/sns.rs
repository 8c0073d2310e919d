//! What SNS answers, reduced to what plans and screens use.

use serde::{Deserialize, Serialize};

/// A topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// Subscriptions that get what is published.
    pub confirmed: u64,
    /// Subscriptions that nobody has confirmed: they get nothing.
    pub pending: u64,
}
