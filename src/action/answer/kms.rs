//! What KMS answers, and what is encrypted with a key.

use serde::{Deserialize, Serialize};

use crate::domain::{Arn, KeyId, Region, SnapshotId, Untrusted};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KmsKey {
    pub id: KeyId,
    pub arn: Arn,
    /// `Enabled`, `Disabled`, `PendingDeletion`, …
    pub state: String,
    /// Whether AWS manages it (`aws/ebs`), so that nobody else can change it.
    pub aws_managed: bool,
    pub description: Untrusted,
    /// The regions of the related keys where it is a multi-Region key: the primary first. Empty where it is not.
    pub regions: Vec<Region>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyGrant {
    pub id: String,
    /// The name that whoever made it gave it.
    #[serde(default)]
    pub name: Option<Untrusted>,
    /// Whom it is for: an ARN, or a service.
    pub grantee: Untrusted,
    /// The account that gave it: not the key's own where a grantee with `CreateGrant` passed on what it has.
    #[serde(default)]
    pub issuer: Option<Untrusted>,
    /// `Decrypt`, `GenerateDataKey`, …
    pub operations: Vec<String>,
}

/// EBS volumes and snapshots under one key, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disks {
    pub volumes: Vec<String>,
    pub snapshots: Vec<String>,
}

/// A snapshot that is evidence, with the incident that it was taken for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    pub snapshot: SnapshotId,
    pub incident: Untrusted,
}

/// Something that is encrypted with a key, as it names the key: by ARN, id or alias.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyUse {
    pub name: Untrusted,
    pub key: String,
}
