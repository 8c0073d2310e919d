//! What may be asked about keys: of KMS, and of EC2 whose disks are encrypted with them.

use serde::{Deserialize, Serialize};

use super::Ask;
use crate::domain::{Arn, KeyId};

/// One read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case", deny_unknown_fields)]
pub enum KmsQuery {
    /// `DescribeKey`, by id or by `alias/…`.
    KmsKey { key: String },
    /// `ListGrants`: who may use the key without its policy saying so.
    KeyGrants { key: KeyId },
    /// The same, those for one principal, which a plan rests on.
    GrantsTo { key: KeyId, grantee: Arn },
    /// `ListAliases` of one key.
    KeyAliases { key: KeyId },
    /// `ListResourceTags`.
    KeyTags { key: KeyId },
    /// `DescribeSnapshots` of the account's own with the tag `quell:incident`, those that are encrypted with this key.
    EvidenceUnderKey { key: Arn },
    /// `DescribeVolumes` and `DescribeSnapshots`, the encrypted ones, those that are encrypted with this key.
    DisksUnderKey { key: Arn },
}

impl Ask for KmsQuery {
    fn is_advisory(&self) -> bool {
        match self {
            Self::KeyGrants { .. } | Self::KeyAliases { .. } | Self::DisksUnderKey { .. } => true,
            Self::KmsKey { .. } | Self::GrantsTo { .. } | Self::KeyTags { .. } | Self::EvidenceUnderKey { .. } => false,
        }
    }

    fn permissions(&self) -> &'static [&'static str] {
        match self {
            Self::KmsKey { .. } => &["kms:DescribeKey"],
            Self::KeyGrants { .. } | Self::GrantsTo { .. } => &["kms:ListGrants"],
            Self::KeyAliases { .. } => &["kms:ListAliases"],
            Self::KeyTags { .. } => &["kms:ListResourceTags"],
            Self::EvidenceUnderKey { .. } => &["ec2:DescribeSnapshots"],
            Self::DisksUnderKey { .. } => &["ec2:DescribeVolumes", "ec2:DescribeSnapshots"],
        }
    }
}
