//! What may be asked of CloudTrail's event history.

use serde::{Deserialize, Serialize};

use super::Ask;

/// One read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case", deny_unknown_fields)]
pub enum CloudTrailQuery {
    /// `LookupEvents` by one attribute: the newest page, fifty management events of the last 90 days at most. AWS allows two such
    /// calls a second in an account and region (CloudTrail API reference, `LookupEvents`).
    Events { by: LookupKey, value: String },
    /// The same, but a thousand of the newest events, and of these only the reads of a secret's value that went well. Each names
    /// the secret as the reader did.
    SecretReads { by: LookupKey, value: String },
}

/// What CloudTrail's history can be searched by (CloudTrail API reference, `LookupAttribute`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum LookupKey {
    EventName,
    Username,
    ResourceName,
    ResourceType,
    EventSource,
    AccessKeyId,
}

impl LookupKey {
    /// As AWS writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EventName => "EventName",
            Self::Username => "Username",
            Self::ResourceName => "ResourceName",
            Self::ResourceType => "ResourceType",
            Self::EventSource => "EventSource",
            Self::AccessKeyId => "AccessKeyId",
        }
    }
}

impl Ask for CloudTrailQuery {
    /// The history only informs: it grows between plan and apply.
    fn is_advisory(&self) -> bool {
        match self {
            Self::Events { .. } | Self::SecretReads { .. } => true,
        }
    }

    fn permissions(&self) -> &'static [&'static str] {
        match self {
            Self::Events { .. } | Self::SecretReads { .. } => &["cloudtrail:LookupEvents"],
        }
    }
}
