//! What S3 answers, reduced to what plans and screens use.

use serde::{Deserialize, Serialize};

use crate::domain::{Region, Time, Untrusted};

/// Where a bucket is, and whose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BucketHome {
    /// S3 says it of a bucket of any account.
    pub region: Region,
    /// Whether it is the account's that was asked; unknown for a bucket of another region.
    pub own: Option<bool>,
}

/// The four settings of a public access block (S3 API reference, `PublicAccessBlockConfiguration`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "they are S3's own four settings")]
pub struct PublicBlock {
    pub block_public_acls: bool,
    pub ignore_public_acls: bool,
    pub block_public_policy: bool,
    pub restrict_public_buckets: bool,
}

/// One grant of an access control list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AclGrant {
    /// A canonical id, an address, or the URI of a group.
    pub grantee: Untrusted,
    /// `READ`, `WRITE`, `FULL_CONTROL`, …
    pub permission: Untrusted,
}

/// How a bucket is replicated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replication {
    /// The ARN of the role that S3 assumes for it.
    pub role: Untrusted,
    /// The ARNs of the buckets that it goes to, sorted.
    pub to: Vec<Untrusted>,
}

/// An object as a list of its bucket has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredObject {
    /// Bytes.
    pub size: u64,
    /// When its upload began, where that was in parts, or ended; whole seconds.
    pub modified: Time,
}

/// The identities with which quell works in the account, as `aws:PrincipalArn` names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuellRoles {
    /// Who reads.
    pub reader: String,
    /// Who changes; none where the account has no such role.
    pub responder: Option<String>,
}

impl PublicBlock {
    /// All four on.
    pub const ALL: Self = Self {
        block_public_acls: true,
        ignore_public_acls: true,
        block_public_policy: true,
        restrict_public_buckets: true,
    };

    /// What is blocked by either of two.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            block_public_acls: self.block_public_acls || other.block_public_acls,
            ignore_public_acls: self.ignore_public_acls || other.ignore_public_acls,
            block_public_policy: self.block_public_policy || other.block_public_policy,
            restrict_public_buckets: self.restrict_public_buckets || other.restrict_public_buckets,
        }
    }

    /// The settings that are on, by S3's own names.
    #[must_use]
    pub fn shown(self) -> String {
        let on: Vec<&str> = [
            ("BlockPublicAcls", self.block_public_acls),
            ("IgnorePublicAcls", self.ignore_public_acls),
            ("BlockPublicPolicy", self.block_public_policy),
            ("RestrictPublicBuckets", self.restrict_public_buckets),
        ]
        .into_iter()
        .filter_map(|(name, on)| on.then_some(name))
        .collect();
        match on.len() {
            0 => "all four settings off".to_owned(),
            4 => "all four settings on".to_owned(),
            _ => format!("{} on, the rest off", on.join(", ")),
        }
    }
}

impl AclGrant {
    /// Whether it is for everybody, or for everybody with any AWS account (S3 User Guide, "Amazon S3 predefined groups").
    #[must_use]
    pub fn is_public(&self) -> bool {
        ["/groups/global/AllUsers", "/groups/global/AuthenticatedUsers"]
            .iter()
            .any(|group| self.grantee.raw().ends_with(group))
    }

    /// Whether it is for the service that writes access logs.
    #[must_use]
    pub fn is_log_delivery(&self) -> bool {
        self.grantee.raw().ends_with("/groups/s3/LogDelivery")
    }
}
