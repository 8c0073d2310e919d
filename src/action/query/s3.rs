//! What may be asked of S3.

use serde::{Deserialize, Serialize};

use super::Ask;
use crate::domain::{AccountId, BucketName, ObjectUrl};

/// One read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case", deny_unknown_fields)]
pub enum S3Query {
    /// `HeadBucket`, and `ListBuckets` where that is refused: where the bucket is, and whose.
    BucketHome { bucket: BucketName },
    /// The same, asked of the account that is said to have it, and in the region that it is in.
    OwnedBucket { bucket: BucketName, owner: AccountId },
    /// `GetPublicAccessBlock` of the bucket.
    PublicBlock { bucket: BucketName },
    /// `GetPublicAccessBlock` of the account (S3 Control), which holds for all its buckets.
    AccountPublicBlock {},
    /// `GetBucketPolicy`.
    BucketPolicy { bucket: BucketName },
    /// `GetBucketPolicyStatus`: whether S3 takes the policy for public.
    PolicyIsPublic { bucket: BucketName },
    /// `GetBucketAcl`.
    BucketAcl { bucket: BucketName },
    /// `GetBucketWebsite`.
    BucketWebsite { bucket: BucketName },
    /// `GetBucketReplication`.
    BucketReplication { bucket: BucketName },
    /// `ListObjectsV2` with the key as the prefix: whether the object is there, its size and its time, and nothing of its content.
    /// The owner of the bucket is asked; where none is named, the plan's own account must be it.
    StoredObject {
        object: ObjectUrl,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<AccountId>,
    },
    /// Which roles quell itself has in the account, by IAM's `GetRole`.
    QuellRoles {},
}

impl Ask for S3Query {
    fn is_advisory(&self) -> bool {
        match self {
            Self::BucketHome { .. }
            | Self::OwnedBucket { .. }
            | Self::PublicBlock { .. }
            | Self::BucketPolicy { .. }
            | Self::StoredObject { .. }
            | Self::QuellRoles { .. } => false,
            Self::AccountPublicBlock { .. }
            | Self::PolicyIsPublic { .. }
            | Self::BucketAcl { .. }
            | Self::BucketWebsite { .. }
            | Self::BucketReplication { .. } => true,
        }
    }

    fn permissions(&self) -> &'static [&'static str] {
        match self {
            Self::BucketHome { .. } | Self::OwnedBucket { .. } => &["s3:ListBucket", "s3:ListAllMyBuckets"],
            Self::PublicBlock { .. } => &["s3:GetBucketPublicAccessBlock"],
            Self::AccountPublicBlock { .. } => &["s3:GetAccountPublicAccessBlock"],
            Self::BucketPolicy { .. } => &["s3:GetBucketPolicy"],
            Self::PolicyIsPublic { .. } => &["s3:GetBucketPolicyStatus"],
            Self::BucketAcl { .. } => &["s3:GetBucketAcl"],
            Self::BucketWebsite { .. } => &["s3:GetBucketWebsite"],
            Self::BucketReplication { .. } => &["s3:GetReplicationConfiguration"],
            Self::StoredObject { .. } => &["s3:ListBucket"],
            Self::QuellRoles { .. } => &["iam:GetRole"],
        }
    }
}
