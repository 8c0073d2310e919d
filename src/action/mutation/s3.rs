//! What may be changed through S3.

use serde::{Deserialize, Serialize};

use super::{Call, Grant, Made, NotMade, Place};
use crate::action::answer::PublicBlock;
use crate::domain::BucketName;

/// One call that changes something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "call", deny_unknown_fields)]
pub enum S3Call {
    /// Sets all four settings of the bucket's public access block.
    PutBucketPublicAccessBlock { bucket: BucketName, block: PublicBlock },
    /// Takes the bucket's public access block away.
    DeleteBucketPublicAccessBlock { bucket: BucketName },
    /// Puts a policy in place of whatever is there. The text goes to S3 byte for byte.
    PutBucketPolicy { bucket: BucketName, policy: String },
    /// Takes the bucket's policy away.
    DeleteBucketPolicy { bucket: BucketName },
}

impl Call for S3Call {
    fn permission(&self) -> &'static str {
        match self {
            // There is no action of its own for taking it away (Service Authorization Reference, "Amazon S3").
            Self::PutBucketPublicAccessBlock { .. } | Self::DeleteBucketPublicAccessBlock { .. } => {
                "s3:PutBucketPublicAccessBlock"
            }
            Self::PutBucketPolicy { .. } => "s3:PutBucketPolicy",
            Self::DeleteBucketPolicy { .. } => "s3:DeleteBucketPolicy",
        }
    }

    fn needs(&self, place: &Place<'_>) -> Vec<Grant> {
        match self {
            // A bucket's ARN names neither region nor account.
            Self::PutBucketPublicAccessBlock { bucket, .. }
            | Self::DeleteBucketPublicAccessBlock { bucket }
            | Self::PutBucketPolicy { bucket, .. }
            | Self::DeleteBucketPolicy { bucket } => {
                vec![Grant::on(
                    self.permission(),
                    format!("arn:{}:s3:::{bucket}", place.partition),
                )]
            }
        }
    }

    fn resolve(&mut self, _made: &Made) -> Result<(), NotMade> {
        match self {
            Self::PutBucketPublicAccessBlock { .. }
            | Self::DeleteBucketPublicAccessBlock { .. }
            | Self::PutBucketPolicy { .. }
            | Self::DeleteBucketPolicy { .. } => Ok(()),
        }
    }

    fn phrase(&self, was: &str) -> String {
        let from = |was: &str| {
            if was.is_empty() {
                String::new()
            } else {
                format!(", was {was}")
            }
        };
        match self {
            Self::PutBucketPublicAccessBlock { bucket, block } => {
                format!("bucket {bucket}: public access block: {}{}", block.shown(), from(was))
            }
            Self::DeleteBucketPublicAccessBlock { bucket } => {
                format!("bucket {bucket}: take the public access block away{}", from(was))
            }
            Self::PutBucketPolicy { bucket, policy } => {
                format!("bucket {bucket}: put a policy of {} bytes{}", policy.len(), from(was))
            }
            Self::DeleteBucketPolicy { bucket } => format!("bucket {bucket}: take the policy away{}", from(was)),
        }
    }
}
