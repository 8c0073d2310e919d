//! What may be changed through IAM.

use serde::{Deserialize, Serialize};

use super::{Call, Grant, Made, NotMade, Place};
use crate::action::answer::KeyStatus;
use crate::domain::{AccessKeyId, UserName};

/// One call that changes something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "call", deny_unknown_fields)]
pub enum IamCall {
    /// Switches a long-term key on or off.
    UpdateAccessKey {
        user: UserName,
        key: AccessKeyId,
        status: KeyStatus,
    },
}

impl Call for IamCall {
    fn permission(&self) -> &'static str {
        match self {
            Self::UpdateAccessKey { .. } => "iam:UpdateAccessKey",
        }
    }

    fn needs(&self, place: &Place<'_>) -> Vec<Grant> {
        match self {
            // A user may have a path, which the plan does not know; the name stays exact.
            Self::UpdateAccessKey { user, .. } => vec![
                Grant::on(self.permission(), place.global_arn("iam", &format!("user/{user}"))),
                Grant::on(self.permission(), place.global_arn("iam", &format!("user/*/{user}"))),
            ],
        }
    }

    fn resolve(&mut self, _made: &Made) -> Result<(), NotMade> {
        match self {
            Self::UpdateAccessKey { .. } => Ok(()),
        }
    }

    fn phrase(&self, _was: &str) -> String {
        match self {
            Self::UpdateAccessKey { user, key, status } => format!("{key} of user {user}: {}", status.as_str()),
        }
    }
}
