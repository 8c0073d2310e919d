//! What CloudTrail answers, reduced to what plans and screens use.

use serde::{Deserialize, Serialize};

use crate::domain::{Region, Time, Untrusted};

/// The newest page of the event history that fits a question.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trail {
    /// The newest first.
    pub events: Vec<TrailEvent>,
    /// Whether there are older ones, which were not read.
    pub more: bool,
    /// How many events of quell's own sessions were met and left out: what looks at a thing is not what used it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub own: usize,
    /// Where it was looked, where that was more than one region.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<Region>,
    /// The regions whose history could not be read, and why not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<(Region, Untrusted)>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// One event of CloudTrail. Everything in it but the time was chosen by whoever made the call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// What the event says of the error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Untrusted>,
    /// The ARN of who called, where the event says.
    pub principal: Option<String>,
    /// The names of the resources.
    pub resources: Vec<Untrusted>,
}
