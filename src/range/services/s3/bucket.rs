//! Buckets: their list, their making, and their settings but the public access block.
//!
//! Owns: S3's answer for each setting that is not there. Must never: take a policy that S3 would refuse.

use serde_json::{Value, json};

use super::{Bucket, done, own};
use crate::range::call::{Answer, ApiError, Call};
use crate::range::policy::Policy;
use crate::range::services::s3::Block;
use crate::range::world::World;

/// Bytes of a bucket policy (S3 User Guide, "Bucket policies": 20 KB).
const MAX_POLICY: usize = 20 * 1024;

pub fn list(world: &World, call: &Call) -> Value {
    let account = call.caller.account;
    let prefix = call.text("prefix").unwrap_or_default();
    let after = call.text("continuation-token").unwrap_or_default();
    let size = call
        .number("max-buckets")
        .and_then(|n| usize::try_from(n).ok())
        .unwrap_or(10_000);
    // The region is said only to who asks with some parameter (S3 API reference, `Bucket`).
    let asked = ["prefix", "continuation-token", "max-buckets", "bucket-region"]
        .iter()
        .any(|name| call.text(name).is_some());
    let mut all = world.s3.buckets.values().filter(|b| {
        b.owner == account
            && b.name.starts_with(prefix)
            && b.name.as_str() > after
            && call
                .text("bucket-region")
                .is_none_or(|region| region == b.region.as_str())
    });
    let page: Vec<&Bucket> = all.by_ref().take(size).collect();
    let more = all.next().is_some();
    let shown: Vec<Value> = page
        .iter()
        .map(|b| {
            let region = asked.then(|| b.region.as_str());
            json!({"Name": b.name, "CreationDate": stamp(b.created), "BucketRegion": region})
        })
        .collect();
    let token = page.last().filter(|_| more).map(|b| b.name.as_str());
    json!({"xml": {"ListAllMyBucketsResult": {
        "Owner": {"ID": canonical(account.as_str())},
        "Buckets": {"Bucket": shown},
        "ContinuationToken": token,
    }}})
}

pub fn create(world: &mut World, call: &Call) -> Answer {
    let name = call.text("Bucket").unwrap_or_default();
    if name.parse::<crate::domain::BucketName>().is_err() {
        return Err(ApiError::new(
            400,
            "InvalidBucketName",
            "The specified bucket is not valid.",
        ));
    }
    let wanted = call.params["CreateBucketConfiguration"]["LocationConstraint"].as_str();
    if wanted.unwrap_or("us-east-1") != call.region.as_str() {
        return Err(ApiError::new(
            400,
            "IllegalLocationConstraintException",
            format!(
                "The {} location constraint is incompatible for the region specific endpoint this request was sent to.",
                wanted.unwrap_or("unspecified")
            ),
        ));
    }
    if let Some(there) = world.s3.buckets.get(name) {
        let (code, message) = if there.owner == call.caller.account {
            (
                "BucketAlreadyOwnedByYou",
                "Your previous request to create the named bucket succeeded and you already own it.",
            )
        } else {
            (
                "BucketAlreadyExists",
                "The requested bucket name is not available. The bucket namespace is shared by all users of the system. \
                 Please select a different name and try again.",
            )
        };
        return Err(ApiError::new(409, code, message));
    }
    let mut bucket = Bucket::new(name, call.caller.account, call.region.clone(), call.now);
    bucket.block = Some(Block::ALL);
    if call.text("ObjectLockEnabledForBucket") == Some("true") {
        bucket.versioning = Some("Enabled".to_owned());
        bucket.object_lock = Some(json!({"ObjectLockEnabled": "Enabled"}));
    }
    world.s3.buckets.insert(name.to_owned(), bucket);
    Ok(json!({"headers": {"location": format!("/{name}")}}))
}

pub fn handle(world: &mut World, call: &Call) -> Answer {
    if call.operation == "PutBucketPolicy" {
        return put_policy(world, call);
    }
    let bucket = own(world, call)?;
    match call.operation {
        "HeadBucket" => Ok(json!({"headers": {"x-amz-bucket-region": bucket.region.as_str()}})),
        "DeleteBucket" if bucket.objects.is_empty() => {
            let name = bucket.name.clone();
            world.s3.buckets.remove(&name);
            Ok(done(204))
        }
        "DeleteBucket" => Err(ApiError::new(
            409,
            "BucketNotEmpty",
            "The bucket you tried to delete is not empty",
        )),
        "DeleteBucketPolicy" => {
            bucket.policy = None;
            Ok(done(204))
        }
        "PutBucketVersioning" => {
            let status = call.params["VersioningConfiguration"]["Status"].as_str();
            bucket.versioning = status.map(str::to_owned);
            Ok(done(200))
        }
        "PutBucketObjectLockConfiguration" => {
            if bucket.versioning.as_deref() != Some("Enabled") {
                return Err(ApiError::new(
                    409,
                    "InvalidBucketState",
                    "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
                ));
            }
            bucket.object_lock = Some(call.params["ObjectLockConfiguration"].clone());
            Ok(done(200))
        }
        _ => show(bucket, call.operation),
    }
}

fn show(bucket: &Bucket, operation: &str) -> Answer {
    let xml = |root: &str, content: Value| Ok(json!({"xml": {root: content}}));
    let empty = || Value::Object(serde_json::Map::new());
    let missing = |code: &str, message: &str| Err(ApiError::new(404, code, message));
    match operation {
        // A bucket in us-east-1 has no constraint.
        "GetBucketLocation" if bucket.region.as_str() == "us-east-1" => xml("LocationConstraint", Value::Null),
        "GetBucketLocation" => xml("LocationConstraint", bucket.region.as_str().into()),
        "GetBucketPolicy" => match &bucket.policy {
            Some(policy) => Ok(json!({ "text": policy.text })),
            None => missing("NoSuchBucketPolicy", "The bucket policy does not exist"),
        },
        "GetBucketPolicyStatus" => match &bucket.policy {
            Some(policy) => xml("PolicyStatus", json!({"IsPublic": policy.is_public()})),
            None => missing("NoSuchBucketPolicy", "The bucket policy does not exist"),
        },
        "GetBucketAcl" => xml("AccessControlPolicy", acl(bucket)),
        "GetBucketWebsite" => match &bucket.website {
            Some(website) => xml("WebsiteConfiguration", website.clone()),
            None => missing(
                "NoSuchWebsiteConfiguration",
                "The specified bucket does not have a website configuration",
            ),
        },
        "GetBucketLogging" => xml("BucketLoggingStatus", bucket.logging.clone().unwrap_or_else(empty)),
        "GetBucketNotification" => xml(
            "NotificationConfiguration",
            bucket.notification.clone().unwrap_or_else(empty),
        ),
        "GetBucketReplication" => match &bucket.replication {
            Some(replication) => xml("ReplicationConfiguration", replication.clone()),
            None => missing(
                "ReplicationConfigurationNotFoundError",
                "The replication configuration was not found",
            ),
        },
        "GetBucketVersioning" => xml("VersioningConfiguration", json!({"Status": bucket.versioning})),
        "GetBucketObjectLockConfiguration" => match &bucket.object_lock {
            Some(lock) => xml("ObjectLockConfiguration", lock.clone()),
            None => missing(
                "ObjectLockConfigurationNotFoundError",
                "Object Lock configuration does not exist for this bucket",
            ),
        },
        other => Err(ApiError::new(
            501,
            "NotImplemented",
            format!("{other} is not implemented"),
        )),
    }
}

/// The owner's full control, and everybody's reading where the ACL is public.
fn acl(bucket: &Bucket) -> Value {
    const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
    let id = canonical(bucket.owner.as_str());
    let mut grants = vec![json!({
        "Grantee": {"@xmlns:xsi": XSI, "@xsi:type": "CanonicalUser", "ID": id},
        "Permission": "FULL_CONTROL",
    })];
    if bucket.public_acl {
        grants.push(json!({
            "Grantee": {"@xmlns:xsi": XSI, "@xsi:type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"},
            "Permission": "READ",
        }));
    }
    json!({"AccessControlList": {"Grant": grants}, "Owner": {"ID": id}})
}

fn put_policy(world: &mut World, call: &Call) -> Answer {
    let malformed = |message: &str| ApiError::new(400, "MalformedPolicy", message);
    let text = call.text("Policy").unwrap_or_default();
    if text.len() > MAX_POLICY {
        return Err(malformed("Policy exceeds the maximum allowed document size."));
    }
    let policy = Policy::resource(text).map_err(|error| malformed(&error.to_string()))?;
    let name = call.text("Bucket").unwrap_or_default();
    let (whole, inside) = (format!("arn:aws:s3:::{name}"), format!("arn:aws:s3:::{name}/"));
    if policy
        .resources()
        .any(|r| r != "*" && r != whole && !r.starts_with(&inside) && r != format!("{whole}*"))
    {
        return Err(malformed("Policy has invalid resource"));
    }
    let bucket = world.s3.buckets.get(name).ok_or_else(super::no_bucket)?;
    if policy.is_public() && world.s3.blocked(bucket).public_policy {
        return Err(ApiError::new(
            403,
            "AccessDenied",
            format!(
                "User: {} is not authorized to perform: s3:PutBucketPolicy on resource: \"{whole}\" because public policies \
                 are prevented by the BlockPublicPolicy setting in S3 Block Public Access.",
                call.caller.arn
            ),
        ));
    }
    own(world, call)?.policy = Some(policy);
    Ok(done(204))
}

/// An owner's canonical id: 64 hex digits that stand for the account.
fn canonical(account: &str) -> String {
    account.repeat(6).chars().take(64).collect()
}

/// A time as S3 writes it in documents: UTC with milliseconds.
pub fn stamp(time: crate::domain::Time) -> String {
    format!("{time:.3}")
}
