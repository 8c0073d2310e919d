//! What IAM answers, reduced to what plans and screens use.

use serde::{Deserialize, Serialize};

use crate::domain::{AccessKeyId, Time, Untrusted, UserName};

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
