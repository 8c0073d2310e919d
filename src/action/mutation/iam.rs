//! What may be changed through IAM.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::{Call, Grant, Made, NotMade, Place};
use crate::action::answer::KeyStatus;
use crate::domain::{AccessKeyId, Arn, PolicyName, RoleName, Time, Untrusted, UserGroupName, UserName};

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
    /// Writes an inline policy, in place of one of the same name.
    PutUserPolicy {
        user: UserName,
        policy: PolicyName,
        document: String,
    },
    DeleteUserPolicy {
        user: UserName,
        policy: PolicyName,
    },
    AttachUserPolicy {
        user: UserName,
        policy: Arn,
    },
    DetachUserPolicy {
        user: UserName,
        policy: Arn,
    },
    AddUserToGroup {
        user: UserName,
        group: UserGroupName,
    },
    RemoveUserFromGroup {
        user: UserName,
        group: UserGroupName,
    },
    /// Deletes the console password, for good.
    DeleteLoginProfile {
        user: UserName,
    },
    /// Writes an inline policy, in place of one of the same name.
    PutRolePolicy {
        role: RoleName,
        policy: PolicyName,
        document: String,
    },
    /// `PutRolePolicy` with a denial of all sessions that were issued before a moment. A plan leaves the moment open, since it may
    /// wait to be confirmed; the intent of the call says it: 30 seconds after, for what is issued while the denial spreads.
    DenyOlderSessions {
        role: RoleName,
        policy: PolicyName,
        issued_before: Option<Time>,
    },
    DeleteRolePolicy {
        role: RoleName,
        policy: PolicyName,
    },
    /// Replaces the trust policy.
    UpdateAssumeRolePolicy {
        role: RoleName,
        document: String,
    },
}

/// How far beyond the sending sessions are ended, as by the AWS console.
const ALLOWANCE: SignedDuration = SignedDuration::from_secs(30);

impl IamCall {
    /// Sets what only the moment of sending decides.
    pub(super) fn date(&mut self, now: Time) {
        if let Self::DenyOlderSessions { issued_before, .. } = self {
            *issued_before = Some(now.checked_add(ALLOWANCE).unwrap_or(now));
        }
    }
}

impl Call for IamCall {
    fn permission(&self) -> &'static str {
        match self {
            Self::UpdateAccessKey { .. } => "iam:UpdateAccessKey",
            Self::PutUserPolicy { .. } => "iam:PutUserPolicy",
            Self::DeleteUserPolicy { .. } => "iam:DeleteUserPolicy",
            Self::AttachUserPolicy { .. } => "iam:AttachUserPolicy",
            Self::DetachUserPolicy { .. } => "iam:DetachUserPolicy",
            Self::AddUserToGroup { .. } => "iam:AddUserToGroup",
            Self::RemoveUserFromGroup { .. } => "iam:RemoveUserFromGroup",
            Self::DeleteLoginProfile { .. } => "iam:DeleteLoginProfile",
            Self::PutRolePolicy { .. } | Self::DenyOlderSessions { .. } => "iam:PutRolePolicy",
            Self::DeleteRolePolicy { .. } => "iam:DeleteRolePolicy",
            Self::UpdateAssumeRolePolicy { .. } => "iam:UpdateAssumeRolePolicy",
        }
    }

    fn needs(&self, place: &Place<'_>) -> Vec<Grant> {
        // A user, group or role may have a path, which the call does not know; the name stays exact.
        let named = |kind: &str, name: &str| {
            [format!("{kind}/{name}"), format!("{kind}/*/{name}")]
                .map(|rest| Grant::on(self.permission(), place.global_arn("iam", &rest)))
                .to_vec()
        };
        match self {
            Self::UpdateAccessKey { user, .. }
            | Self::PutUserPolicy { user, .. }
            | Self::DeleteUserPolicy { user, .. }
            | Self::AttachUserPolicy { user, .. }
            | Self::DetachUserPolicy { user, .. }
            | Self::DeleteLoginProfile { user } => named("user", user.as_str()),
            Self::AddUserToGroup { group, .. } | Self::RemoveUserFromGroup { group, .. } => {
                named("group", group.as_str())
            }
            Self::PutRolePolicy { role, .. }
            | Self::DenyOlderSessions { role, .. }
            | Self::DeleteRolePolicy { role, .. }
            | Self::UpdateAssumeRolePolicy { role, .. } => named("role", role.as_str()),
        }
    }

    fn resolve(&mut self, _made: &Made) -> Result<(), NotMade> {
        match self {
            Self::UpdateAccessKey { .. }
            | Self::PutUserPolicy { .. }
            | Self::DeleteUserPolicy { .. }
            | Self::AttachUserPolicy { .. }
            | Self::DetachUserPolicy { .. }
            | Self::AddUserToGroup { .. }
            | Self::RemoveUserFromGroup { .. }
            | Self::DeleteLoginProfile { .. }
            | Self::PutRolePolicy { .. }
            | Self::DenyOlderSessions { .. }
            | Self::DeleteRolePolicy { .. }
            | Self::UpdateAssumeRolePolicy { .. } => Ok(()),
        }
    }

    fn phrase(&self, was: &str) -> String {
        let was = if was.is_empty() {
            String::new()
        } else {
            format!(" (was {was})")
        };
        let shown = |arn: &Arn| Untrusted::new(arn.as_str()).shown();
        match self {
            Self::UpdateAccessKey { user, key, status } => format!("{key} of user {user}: {}", status.as_str()),
            Self::PutUserPolicy { user, policy, .. } => format!("put the inline policy {policy} on user {user}{was}"),
            Self::DeleteUserPolicy { user, policy } => format!("delete the inline policy {policy} of user {user}"),
            Self::AttachUserPolicy { user, policy } => format!("attach {} to user {user}", shown(policy)),
            Self::DetachUserPolicy { user, policy } => format!("detach {} from user {user}", shown(policy)),
            Self::AddUserToGroup { user, group } => format!("add user {user} to group {group}"),
            Self::RemoveUserFromGroup { user, group } => format!("remove user {user} from group {group}"),
            Self::DeleteLoginProfile { user } => format!("delete the console password of user {user}"),
            Self::PutRolePolicy { role, policy, .. } => format!("put the inline policy {policy} on role {role}{was}"),
            Self::DenyOlderSessions {
                role,
                policy,
                issued_before,
            } => {
                let before = issued_before.map_or_else(
                    || format!("{} seconds after this is sent", ALLOWANCE.as_secs()),
                    |cut| format!("{cut:.0}"),
                );
                format!("put the inline policy {policy} on role {role}: it denies sessions issued before {before}")
            }
            Self::DeleteRolePolicy { role, policy } => format!("delete the inline policy {policy} of role {role}"),
            Self::UpdateAssumeRolePolicy { role, .. } => format!("replace the trust policy of role {role}{was}"),
        }
    }
}
