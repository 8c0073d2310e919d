//! What may be asked of IAM.

use serde::{Deserialize, Serialize};

use super::Ask;

use crate::domain::{AccessKeyId, ProfileName, RoleName, UserName};

/// One read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case", deny_unknown_fields)]
pub enum IamQuery {
    /// `GetInstanceProfile`.
    InstanceProfile { name: ProfileName },
    /// `ListAttachedRolePolicies` and `ListRolePolicies`.
    RolePolicies { role: RoleName },
    /// `GetAccessKeyLastUsed`: whose key it is, and when and where it was last used.
    AccessKeyUse { key: AccessKeyId },
    /// `ListAccessKeys` of a user.
    AccessKeys { user: UserName },
    /// `ListAttachedUserPolicies` and `ListUserPolicies`.
    UserPolicies { user: UserName },
}

impl Ask for IamQuery {
    fn is_advisory(&self) -> bool {
        match self {
            Self::InstanceProfile { .. }
            | Self::RolePolicies { .. }
            | Self::AccessKeyUse { .. }
            | Self::UserPolicies { .. } => true,
            Self::AccessKeys { .. } => false,
        }
    }

    fn permissions(&self) -> &'static [&'static str] {
        match self {
            Self::InstanceProfile { .. } => &["iam:GetInstanceProfile"],
            Self::RolePolicies { .. } => &["iam:ListAttachedRolePolicies", "iam:ListRolePolicies"],
            Self::AccessKeyUse { .. } => &["iam:GetAccessKeyLastUsed"],
            Self::AccessKeys { .. } => &["iam:ListAccessKeys"],
            Self::UserPolicies { .. } => &["iam:ListAttachedUserPolicies", "iam:ListUserPolicies"],
        }
    }
}
