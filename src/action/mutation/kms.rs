//! What may be changed through KMS. There is no call that schedules a key's deletion, which destroys everything under it.

use serde::{Deserialize, Serialize};

use super::{Call, Grant, Made, NotMade, Place};
use crate::domain::{Arn, KeyId, Untrusted};

/// One call that changes something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "call", deny_unknown_fields)]
pub enum KmsCall {
    /// nothing can be encrypted or decrypted with the key any more.
    DisableKey { key: KeyId },
    /// the key can be used again.
    EnableKey { key: KeyId },
    /// lets somebody use the key for these operations. Of the same name and content there is one at most, however often it is asked for
    /// (API reference, `CreateGrant`).
    CreateGrant {
        key: KeyId,
        grantee: Arn,
        name: String,
        operations: Vec<String>,
    },
    /// takes a grant back, by the id that KMS gave it.
    RevokeGrant { key: KeyId, grant: String },
}

impl Call for KmsCall {
    fn permission(&self) -> &'static str {
        match self {
            Self::DisableKey { .. } => "kms:DisableKey",
            Self::EnableKey { .. } => "kms:EnableKey",
            Self::CreateGrant { .. } => "kms:CreateGrant",
            Self::RevokeGrant { .. } => "kms:RevokeGrant",
        }
    }

    fn needs(&self, place: &Place<'_>) -> Vec<Grant> {
        match self {
            Self::DisableKey { key }
            | Self::EnableKey { key }
            | Self::CreateGrant { key, .. }
            | Self::RevokeGrant { key, .. } => {
                vec![Grant::on(self.permission(), place.arn("kms", &format!("key/{key}")))]
            }
        }
    }

    fn resolve(&mut self, _made: &Made) -> Result<(), NotMade> {
        match self {
            Self::DisableKey { .. } | Self::EnableKey { .. } | Self::CreateGrant { .. } | Self::RevokeGrant { .. } => {
                Ok(())
            }
        }
    }

    fn phrase(&self, _was: &str) -> String {
        match self {
            Self::DisableKey { key } => format!("disable key {key}"),
            Self::EnableKey { key } => format!("enable key {key}"),
            Self::CreateGrant {
                key,
                grantee,
                operations,
                ..
            } => format!("let {grantee} use key {key}: {}", Untrusted::new(operations.join(", "))),
            Self::RevokeGrant { key, grant } => {
                format!("take back grant {} on key {key}", Untrusted::new(grant.as_str()))
            }
        }
    }
}
