//! What may be asked of IAM.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Ask;
use crate::domain::{AccessKeyId, Arn, PolicyName, ProfileName, RoleName, UserName};

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
    /// `GetUser`.
    IamUser { user: UserName },
    /// `ListGroupsForUser`, to be named on a plan.
    UserGroups { user: UserName },
    /// `ListUserPolicies` and `GetUserPolicy`: how much room they leave.
    UserInlineSize { user: UserName },
    /// `ListRolePolicies` and `GetRolePolicy`: how much room they leave.
    RoleInlineSize { role: RoleName },
    /// `ListAttachedUserPolicies`, `ListUserPolicies`, `GetUserPolicy` of each, and `ListGroupsForUser`: what a plan takes away.
    UserGrants { user: UserName },
    /// `GetUserPolicy`.
    UserInlinePolicy { user: UserName, policy: PolicyName },
    /// `GetLoginProfile`.
    LoginProfile { user: UserName },
    /// `GetRole`, without when it was used.
    IamRole { role: RoleName },
    /// `GetRole`: when it was used.
    RoleUse { role: RoleName },
    /// `ListInstanceProfilesForRole`.
    RoleProfiles { role: RoleName },
    /// `GetRolePolicy`.
    RoleInlinePolicy { role: RoleName, policy: PolicyName },
    /// `SimulatePrincipalPolicy`: what IAM would say to a few actions of this user or role, with these condition keys.
    PolicyProbe {
        principal: Arn,
        context: BTreeMap<String, String>,
    },
    /// `GetInstanceProfile` and `SimulatePrincipalPolicy`: what the policies of its role say to one action on one resource.
    ProfileMay {
        profile: ProfileName,
        action: String,
        resource: String,
    },
}

impl Ask for IamQuery {
    fn is_advisory(&self) -> bool {
        match self {
            Self::InstanceProfile { .. }
            | Self::RolePolicies { .. }
            | Self::AccessKeyUse { .. }
            | Self::UserPolicies { .. }
            | Self::UserGroups { .. }
            | Self::UserInlineSize { .. }
            | Self::RoleInlineSize { .. }
            | Self::RoleUse { .. }
            | Self::RoleProfiles { .. }
            | Self::PolicyProbe { .. }
            | Self::ProfileMay { .. } => true,
            Self::AccessKeys { .. }
            | Self::IamUser { .. }
            | Self::UserGrants { .. }
            | Self::UserInlinePolicy { .. }
            | Self::LoginProfile { .. }
            | Self::IamRole { .. }
            | Self::RoleInlinePolicy { .. } => false,
        }
    }

    fn permissions(&self) -> &'static [&'static str] {
        match self {
            Self::InstanceProfile { .. } => &["iam:GetInstanceProfile"],
            Self::RolePolicies { .. } => &["iam:ListAttachedRolePolicies", "iam:ListRolePolicies"],
            Self::AccessKeyUse { .. } => &["iam:GetAccessKeyLastUsed"],
            Self::AccessKeys { .. } => &["iam:ListAccessKeys"],
            Self::UserPolicies { .. } => &["iam:ListAttachedUserPolicies", "iam:ListUserPolicies"],
            Self::IamUser { .. } => &["iam:GetUser"],
            Self::UserGroups { .. } => &["iam:ListGroupsForUser"],
            Self::UserInlineSize { .. } => &["iam:ListUserPolicies", "iam:GetUserPolicy"],
            Self::RoleInlineSize { .. } => &["iam:ListRolePolicies", "iam:GetRolePolicy"],
            Self::UserGrants { .. } => &[
                "iam:ListAttachedUserPolicies",
                "iam:ListUserPolicies",
                "iam:GetUserPolicy",
                "iam:ListGroupsForUser",
            ],
            Self::UserInlinePolicy { .. } => &["iam:GetUserPolicy"],
            Self::LoginProfile { .. } => &["iam:GetLoginProfile"],
            Self::IamRole { .. } | Self::RoleUse { .. } => &["iam:GetRole"],
            Self::RoleProfiles { .. } => &["iam:ListInstanceProfilesForRole"],
            Self::RoleInlinePolicy { .. } => &["iam:GetRolePolicy"],
            Self::PolicyProbe { .. } => &["iam:SimulatePrincipalPolicy"],
            Self::ProfileMay { .. } => &["iam:GetInstanceProfile", "iam:SimulatePrincipalPolicy"],
        }
    }
}
