//! What S3 says of a bucket's settings. Objects are not read.

use aws_sdk_s3::Client;

use super::{Asked, Kit, take};

/// By these codes S3 says that a bucket has no such setting (S3 API reference, the errors of each call).
const NONE: &[&str] = &[
    "NoSuchBucketPolicy",
    "NoSuchPublicAccessBlockConfiguration",
    "NoSuchWebsiteConfiguration",
    "ReplicationConfigurationNotFoundError",
];

pub(super) async fn settings(kit: &Kit<'_>, name: &str) {
    let client = &Client::new(&kit.session.at(kit.region));
    let owner = kit.account.as_str();
    let asked = |call| Asked {
        call,
        of: name,
        region: kit.region,
    };
    let policy = client.get_bucket_policy().bucket(name).expected_bucket_owner(owner);
    take!(kit, asked("s3:GetBucketPolicy"), policy, NONE);
    let acl = client.get_bucket_acl().bucket(name).expected_bucket_owner(owner);
    take!(kit, asked("s3:GetBucketAcl"), acl);
    let block = client
        .get_public_access_block()
        .bucket(name)
        .expected_bucket_owner(owner);
    take!(kit, asked("s3:GetBucketPublicAccessBlock"), block, NONE);
    let logging = client.get_bucket_logging().bucket(name).expected_bucket_owner(owner);
    take!(kit, asked("s3:GetBucketLogging"), logging);
    let versioning = client.get_bucket_versioning().bucket(name).expected_bucket_owner(owner);
    take!(kit, asked("s3:GetBucketVersioning"), versioning);
    let website = client.get_bucket_website().bucket(name).expected_bucket_owner(owner);
    take!(kit, asked("s3:GetBucketWebsite"), website, NONE);
    let replication = client
        .get_bucket_replication()
        .bucket(name)
        .expected_bucket_owner(owner);
    take!(kit, asked("s3:GetReplicationConfiguration"), replication, NONE);
}
