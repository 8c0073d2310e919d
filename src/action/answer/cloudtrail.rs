//! What CloudTrail answers, reduced to what plans and screens use.

use serde::{Deserialize, Serialize};

use crate::domain::{Time, Untrusted};

/// The newest page of the event history that fits a question.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trail {
    /// The newest first.
    pub events: Vec<TrailEvent>,
    /// Whether there are older ones, which were not read.
    pub more: bool,
}

/// One event of CloudTrail. Everything in it but the time was chosen by whoever made the call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrailEvent {
    pub id: String,
    pub at: Option<Time>,
    /// The API operation, as CloudTrail names it.
    pub name: Untrusted,
    /// `ec2.amazonaws.com`.
    pub source: Untrusted,
    /// The user's or session's name.
    pub user: Untrusted,
    pub access_key: Option<String>,
    pub read_only: Option<bool>,
    pub source_ip: Untrusted,
    pub error_code: Option<String>,
    /// The ARN of who called, where the event says.
    pub principal: Option<String>,
    /// The names of the resources.
    pub resources: Vec<Untrusted>,
}
