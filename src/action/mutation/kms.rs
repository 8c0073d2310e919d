//! What may be changed through KMS. There is no call that schedules a key's deletion, which destroys everything under it.

use serde::{Deserialize, Serialize};

use super::{Call, Grant, Made, NotMade, Place};
use crate::domain::KeyId;

/// One call that changes something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "call", deny_unknown_fields)]
pub enum KmsCall {
    /// nothing can be encrypted or decrypted with the key any more.
    DisableKey { key: KeyId },
    /// the key can be used again.
    EnableKey { key: KeyId },
}

impl Call for KmsCall {
    fn permission(&self) -> &'static str {
        match self {
            Self::DisableKey { .. } => "kms:DisableKey",
            Self::EnableKey { .. } => "kms:EnableKey",
        }
    }

    fn needs(&self, place: &Place<'_>) -> Vec<Grant> {
        match self {
            Self::DisableKey { key } | Self::EnableKey { key } => {
                vec![Grant::on(self.permission(), place.arn("kms", &format!("key/{key}")))]
            }
        }
    }

    fn resolve(&mut self, _made: &Made) -> Result<(), NotMade> {
        match self {
            Self::DisableKey { .. } | Self::EnableKey { .. } => Ok(()),
        }
    }

    fn phrase(&self, _was: &str) -> String {
        match self {
            Self::DisableKey { key } => format!("disable key {key}"),
            Self::EnableKey { key } => format!("enable key {key}"),
        }
    }
}
