//! What may be asked of CloudTrail's event history.

use serde::{Deserialize, Serialize};

use super::Ask;
use crate::domain::Arn;

/// One read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case", deny_unknown_fields)]
pub enum CloudTrailQuery {
    /// `LookupEvents` by one attribute: the newest page, fifty management events of the last 90 days at most, without those of
    /// quell's own sessions. AWS allows two such calls a second in an account and region (CloudTrail API reference,
    /// `LookupEvents`). Each region has a history of its own, so principals and their keys are looked for in every region that
    /// quell looks at; what global services did stands in us-east-1 (CloudTrail User Guide, "Global service events").
    Events { by: LookupKey, value: String },
    /// The same, but a thousand of the newest events, and of these only the reads of a secret's value that went well. Each names
    /// the secret as the reader did.
    SecretReads { by: LookupKey, value: String },
    /// The newest rotations that failed, of whatever secret in the region. Each event's resource is the secret's ARN (Secrets
    /// Manager User Guide, "Logging AWS Secrets Manager events with AWS CloudTrail").
    FailedRotations,
}

impl CloudTrailQuery {
    /// Whether it is about a principal or a key, which act in every region.
    #[must_use]
    pub fn is_everywhere(&self) -> bool {
        match self {
            Self::Events { by, value } => match by {
                LookupKey::Username | LookupKey::AccessKeyId => true,
                LookupKey::ResourceName => value.parse::<Arn>().is_ok_and(|arn| arn.service() == "iam"),
                LookupKey::EventName | LookupKey::ResourceType | LookupKey::EventSource => false,
            },
            Self::SecretReads { .. } | Self::FailedRotations => false,
        }
    }
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
            Self::Events { .. } | Self::SecretReads { .. } | Self::FailedRotations => true,
        }
    }

    fn permissions(&self) -> &'static [&'static str] {
        match self {
            Self::Events { .. } | Self::SecretReads { .. } | Self::FailedRotations => &["cloudtrail:LookupEvents"],
        }
    }
}
