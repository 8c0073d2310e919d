//! What IAM answers, reduced to what plans and screens use.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::{AccessKeyId, Arn, PolicyName, Time, Untrusted, UserGroupName, UserName};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policies {
    pub managed: Vec<String>,
    pub inline: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessKeyUse {
    /// Absent for a root key, and for a key that AWS does not know.
    pub user: Option<UserName>,
    pub last_used: Option<Time>,
    pub service: Untrusted,
    pub region: Untrusted,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessKey {
    pub id: AccessKeyId,
    pub status: KeyStatus,
    pub created_at: Option<Time>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum KeyStatus {
    Active,
    Inactive,
}

impl KeyStatus {
    /// As AWS writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Inactive => "Inactive",
        }
    }
}

/// A user, but for what changes by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IamUser {
    pub arn: Arn,
    /// `AIDA…`: another user of the same name has another.
    pub id: String,
}

/// A role, but for what changes by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IamRole {
    pub arn: Arn,
    /// `AROA…`: the first half of `aws:userid` of its sessions.
    pub id: String,
    /// `/`, or `/aws-service-role/…` and its like.
    pub path: String,
    /// The trust policy as it is written.
    pub trust: String,
    /// Whether this program itself works with it, as reader or responder.
    pub ours: bool,
}

/// When a role was last used, as IAM tracks it: up to four hours late, for the last 400 days (API reference, `RoleLastUsed`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleUse {
    pub last_used: Option<Time>,
    pub region: Untrusted,
}

/// Everything that gives a user permissions, but for resource policies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserGrants {
    /// Sorted.
    pub managed: Vec<Arn>,
    /// Inline policies as they are written, by name.
    pub inline: BTreeMap<PolicyName, String>,
    /// Sorted.
    pub groups: Vec<UserGroupName>,
}

/// What IAM's own evaluation says to one action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Simulated {
    pub action: Untrusted,
    /// `allowed`, `explicitDeny`, `implicitDeny`.
    pub decision: Untrusted,
}
