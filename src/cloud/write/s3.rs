//! S3's changes: a bucket's public access block and its policy.
//!
//! S3 accepts all of them without a body, so what tells that it was S3 who answered is its request id.

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::RequestId as _;
use aws_sdk_s3::types::PublicAccessBlockConfiguration;

use super::classify::{Sent, done, error, unreadable};
use crate::action::{Made, PublicBlock, S3Call};
use crate::cloud::session::ResponderSession;
use crate::domain::BucketName;

const PUT_BLOCK: &str = "s3:PutBucketPublicAccessBlock";
const PUT_POLICY: &str = "s3:PutBucketPolicy";
const DELETE_POLICY: &str = "s3:DeleteBucketPolicy";

pub(super) async fn send(session: &ResponderSession, call: &S3Call, _made: &Made) -> Sent {
    let to = To {
        client: Client::new(&session.here()),
        owner: session.account().as_str(),
    };
    match call {
        S3Call::PutBucketPublicAccessBlock { bucket, block } => to.put_block(bucket, *block).await,
        S3Call::DeleteBucketPublicAccessBlock { bucket } => to.delete_block(bucket).await,
        S3Call::PutBucketPolicy { bucket, policy } => to.put_policy(bucket, policy).await,
        S3Call::DeleteBucketPolicy { bucket } => to.delete_policy(bucket).await,
    }
}

/// Whom to send to, and whose the bucket must be.
struct To<'a> {
    client: Client,
    owner: &'a str,
}

fn accepted(call: &'static str, request_id: Option<&str>) -> Sent {
    match request_id {
        Some(id) => Ok(done(Some(id))),
        None => Err(unreadable(call, "request id", None)),
    }
}

impl To<'_> {
    async fn put_block(&self, bucket: &BucketName, block: PublicBlock) -> Sent {
        let settings = PublicAccessBlockConfiguration::builder()
            .block_public_acls(block.block_public_acls)
            .ignore_public_acls(block.ignore_public_acls)
            .block_public_policy(block.block_public_policy)
            .restrict_public_buckets(block.restrict_public_buckets)
            .build();
        let request = self.client.put_public_access_block().bucket(bucket.as_str());
        let answer = request
            .expected_bucket_owner(self.owner)
            .public_access_block_configuration(settings)
            .send()
            .await
            .map_err(error(PUT_BLOCK, &[]))?;
        accepted(PUT_BLOCK, answer.request_id())
    }

    async fn delete_block(&self, bucket: &BucketName) -> Sent {
        let request = self.client.delete_public_access_block().bucket(bucket.as_str());
        let answer = request
            .expected_bucket_owner(self.owner)
            .send()
            .await
            .map_err(error(PUT_BLOCK, &[]))?;
        accepted(PUT_BLOCK, answer.request_id())
    }

    async fn put_policy(&self, bucket: &BucketName, policy: &str) -> Sent {
        let request = self.client.put_bucket_policy().bucket(bucket.as_str());
        let answer = request
            .expected_bucket_owner(self.owner)
            .policy(policy)
            .send()
            .await
            .map_err(error(PUT_POLICY, &[]))?;
        accepted(PUT_POLICY, answer.request_id())
    }

    async fn delete_policy(&self, bucket: &BucketName) -> Sent {
        let request = self.client.delete_bucket_policy().bucket(bucket.as_str());
        let answer = request
            .expected_bucket_owner(self.owner)
            .send()
            .await
            .map_err(error(DELETE_POLICY, &[]))?;
        accepted(DELETE_POLICY, answer.request_id())
    }
}
