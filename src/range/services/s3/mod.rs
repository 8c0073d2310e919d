//! S3: buckets with what a responder looks at and changes, and objects enough to keep evidence in.
//!
//! Owns: which request is which operation, and S3's own words for what is missing. Must never: let a caller by the bucket's policy
//! (that is `access`), or answer for a bucket of another region as if it were here.

mod access;
mod block;
mod bucket;
mod objects;
mod store;

pub(in crate::range) use access::with_bucket_policy;
pub use store::{Block, Bucket, Object, Store};

use serde_json::{Value, json};

use super::{Operation, Protocol, Service, reads, writes};
use crate::range::call::{Answer, ApiError, Call};
use crate::range::wire::rest_xml::{On, Takes, Way, taking, way};
use crate::range::world::World;

/// The registry's entry. Operations have the names that CloudTrail gives them.
pub const SERVICE: Service = Service {
    name: "s3",
    protocol: Protocol::RestXml { ways: WAYS },
    global: false,
    operations: OPERATIONS,
    handle,
};

const WAYS: &[Way] = &[
    way(On::Service, "GET", "", "ListBuckets"),
    way(On::Account, "GET", "", "GetAccountPublicAccessBlock"),
    taking(Takes::Xml, way(On::Account, "PUT", "", "PutAccountPublicAccessBlock")),
    way(On::Account, "DELETE", "", "DeleteAccountPublicAccessBlock"),
    way(On::Bucket, "HEAD", "", "HeadBucket"),
    taking(Takes::Xml, way(On::Bucket, "PUT", "", "CreateBucket")),
    way(On::Bucket, "DELETE", "", "DeleteBucket"),
    way(On::Bucket, "GET", "list-type", "ListObjectsV2"),
    way(On::Bucket, "GET", "location", "GetBucketLocation"),
    way(On::Bucket, "GET", "policy", "GetBucketPolicy"),
    taking(Takes::Policy, way(On::Bucket, "PUT", "policy", "PutBucketPolicy")),
    way(On::Bucket, "DELETE", "policy", "DeleteBucketPolicy"),
    way(On::Bucket, "GET", "policyStatus", "GetBucketPolicyStatus"),
    way(On::Bucket, "GET", "acl", "GetBucketAcl"),
    way(On::Bucket, "GET", "publicAccessBlock", "GetBucketPublicAccessBlock"),
    taking(
        Takes::Xml,
        way(On::Bucket, "PUT", "publicAccessBlock", "PutBucketPublicAccessBlock"),
    ),
    way(
        On::Bucket,
        "DELETE",
        "publicAccessBlock",
        "DeleteBucketPublicAccessBlock",
    ),
    way(On::Bucket, "GET", "website", "GetBucketWebsite"),
    way(On::Bucket, "GET", "logging", "GetBucketLogging"),
    way(On::Bucket, "GET", "replication", "GetBucketReplication"),
    way(On::Bucket, "GET", "notification", "GetBucketNotification"),
    way(On::Bucket, "GET", "versioning", "GetBucketVersioning"),
    taking(Takes::Xml, way(On::Bucket, "PUT", "versioning", "PutBucketVersioning")),
    way(On::Bucket, "GET", "object-lock", "GetBucketObjectLockConfiguration"),
    taking(
        Takes::Xml,
        way(On::Bucket, "PUT", "object-lock", "PutBucketObjectLockConfiguration"),
    ),
    taking(Takes::Bytes, way(On::Object, "PUT", "", "PutObject")),
    way(On::Object, "GET", "", "GetObject"),
    way(On::Object, "HEAD", "", "HeadObject"),
    way(On::Object, "DELETE", "", "DeleteObject"),
];

const OPERATIONS: &[Operation] = &[
    writes("CreateBucket"),
    writes("DeleteAccountPublicAccessBlock"),
    writes("DeleteBucket"),
    writes("DeleteBucketPolicy"),
    writes("DeleteBucketPublicAccessBlock"),
    writes("DeleteObject"),
    reads("GetAccountPublicAccessBlock"),
    reads("GetBucketAcl"),
    reads("GetBucketLocation"),
    reads("GetBucketLogging"),
    reads("GetBucketNotification"),
    reads("GetBucketObjectLockConfiguration"),
    reads("GetBucketPolicy"),
    reads("GetBucketPolicyStatus"),
    reads("GetBucketPublicAccessBlock"),
    reads("GetBucketReplication"),
    reads("GetBucketVersioning"),
    reads("GetBucketWebsite"),
    reads("GetObject"),
    reads("HeadBucket"),
    reads("HeadObject"),
    reads("ListBuckets"),
    reads("ListObjectsV2"),
    writes("PutAccountPublicAccessBlock"),
    writes("PutBucketObjectLockConfiguration"),
    writes("PutBucketPolicy"),
    writes("PutBucketPublicAccessBlock"),
    writes("PutBucketVersioning"),
    writes("PutObject"),
];

fn handle(world: &mut World, call: &Call) -> Answer {
    match call.operation {
        "ListBuckets" => return Ok(bucket::list(world, call)),
        "CreateBucket" => return bucket::create(world, call),
        "GetAccountPublicAccessBlock" | "PutAccountPublicAccessBlock" | "DeleteAccountPublicAccessBlock" => {
            return block::of_account(world, call);
        }
        _ => {}
    }
    let name = call.text("Bucket").unwrap_or_default();
    let Some(found) = world.s3.buckets.get(name) else {
        return Err(no_bucket());
    };
    if found.region != *call.region {
        return Ok(elsewhere(found));
    }
    if call
        .text("ExpectedBucketOwner")
        .is_some_and(|owner| owner != found.owner.as_str())
    {
        return Err(ApiError::new(403, "AccessDenied", "Access Denied"));
    }
    match call.operation {
        "GetBucketPublicAccessBlock" | "PutBucketPublicAccessBlock" | "DeleteBucketPublicAccessBlock" => {
            block::of_bucket(world, call)
        }
        "PutObject" | "GetObject" | "HeadObject" | "DeleteObject" | "ListObjectsV2" => objects::handle(world, call),
        _ => bucket::handle(world, call),
    }
}

/// A bucket of another region: S3 answers with a redirection, and says where the bucket is (S3 User Guide, "Request redirection").
fn elsewhere(bucket: &Bucket) -> Value {
    json!({
        "status": 301,
        "headers": {"x-amz-bucket-region": bucket.region.as_str(), "content-type": "application/xml"},
        "xml": {"Error": {
            "Code": "PermanentRedirect",
            "Message": "The bucket you are attempting to access must be addressed using the specified endpoint. \
                Please send all future requests to this endpoint.",
            "Endpoint": format!("{}.s3.{}.amazonaws.com", bucket.name, bucket.region),
            "Bucket": bucket.name,
        }},
    })
}

fn no_bucket() -> ApiError {
    ApiError::new(404, "NoSuchBucket", "The specified bucket does not exist")
}

/// The bucket that the call is about; it has been found to be there.
fn own<'w>(world: &'w mut World, call: &Call) -> Result<&'w mut Bucket, ApiError> {
    let name = call.text("Bucket").unwrap_or_default();
    world.s3.buckets.get_mut(name).ok_or_else(no_bucket)
}

/// Done, and there is nothing to say.
fn done(status: u16) -> Value {
    json!({ "status": status })
}

/// The IAM action that an operation needs; some have another name (Service Authorization Reference, "Amazon S3").
pub(in crate::range) fn action(operation: &str) -> String {
    let name = match operation {
        "ListBuckets" => "ListAllMyBuckets",
        "HeadBucket" | "ListObjectsV2" => "ListBucket",
        "HeadObject" => "GetObject",
        "DeleteAccountPublicAccessBlock" => "PutAccountPublicAccessBlock",
        "DeleteBucketPublicAccessBlock" => "PutBucketPublicAccessBlock",
        "GetBucketReplication" => "GetReplicationConfiguration",
        same => same,
    };
    format!("s3:{name}")
}

/// The ARN that the call is about.
pub(in crate::range) fn resource(call: &Call) -> String {
    match (call.text("Bucket"), call.text("Key")) {
        (Some(bucket), Some(key)) => format!("arn:aws:s3:::{bucket}/{key}"),
        (Some(bucket), None) => format!("arn:aws:s3:::{bucket}"),
        (None, _) => "*".to_owned(),
    }
}
