//! Objects: put, get, head, list, delete. Enough to keep evidence and to read it back.
//!
//! Owns: their content and sums. Must never: delete or replace what Object Lock still holds.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::bucket::stamp;
use super::{Bucket, Object, done, own};
use crate::domain::Time;
use crate::range::call::{Answer, ApiError, Call};
use crate::range::world::World;

/// Keys on one page (S3 API reference, `ListObjectsV2`).
const PAGE: usize = 1000;

pub fn handle(world: &mut World, call: &Call) -> Answer {
    let bucket = own(world, call)?;
    let key = call.text("Key").unwrap_or_default();
    match call.operation {
        "PutObject" => put(bucket, key, call),
        "DeleteObject" => {
            held(bucket, key, call.now)?;
            bucket.objects.remove(key);
            Ok(done(204))
        }
        "ListObjectsV2" => Ok(list(bucket, call)),
        _ => get(bucket, key, call),
    }
}

fn put(bucket: &mut Bucket, key: &str, call: &Call) -> Answer {
    if call.text("IfNoneMatch") == Some("*") && bucket.objects.contains_key(key) {
        return Err(ApiError::new(
            412,
            "PreconditionFailed",
            "At least one of the pre-conditions you specified did not hold",
        ));
    }
    held(bucket, key, call.now)?;
    let retention = call.text("ObjectLockMode").zip(call.text("ObjectLockRetainUntilDate"));
    if retention.is_some() && bucket.object_lock.is_none() {
        return Err(ApiError::new(
            400,
            "InvalidRequest",
            "Bucket is missing Object Lock Configuration",
        ));
    }
    let metadata = call.params["Metadata"].as_object().into_iter().flatten();
    let metadata: BTreeMap<String, String> = metadata
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .collect();
    let object = Object {
        content_type: call.text("ContentType").unwrap_or("binary/octet-stream").to_owned(),
        metadata,
        retention: retention.map(|(mode, until)| (mode.to_owned(), until.to_owned())),
        ..Object::of(call.body, call.now)
    };
    let etag = object.etag.clone();
    bucket.objects.insert(key.to_owned(), object);
    Ok(json!({"headers": {"etag": etag}}))
}

/// Refuses where the object that is there is locked. Without versions a new object would destroy the old one.
fn held(bucket: &Bucket, key: &str, now: Time) -> Result<(), ApiError> {
    let locked = bucket.objects.get(key).and_then(|o| o.retention.as_ref());
    let until = locked.and_then(|(_, until)| until.parse::<Time>().ok());
    if until.is_some_and(|until| until > now) {
        return Err(ApiError::new(
            403,
            "AccessDenied",
            "Access Denied because object protected by object lock.",
        ));
    }
    Ok(())
}

fn get(bucket: &Bucket, key: &str, call: &Call) -> Answer {
    let object = bucket
        .objects
        .get(key)
        .ok_or_else(|| ApiError::new(404, "NoSuchKey", "The specified key does not exist."))?;
    let mut headers = json!({
        "etag": object.etag,
        "content-type": object.content_type,
        "last-modified": object.modified.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string(),
        "accept-ranges": "bytes",
    });
    for (name, value) in &object.metadata {
        headers[format!("x-amz-meta-{name}")] = json!(value);
    }
    if let Some((mode, until)) = &object.retention {
        headers["x-amz-object-lock-mode"] = json!(mode);
        headers["x-amz-object-lock-retain-until-date"] = json!(until);
    }
    if call.operation == "HeadObject" {
        headers["content-length"] = json!(object.content.len().to_string());
        return Ok(json!({ "headers": headers }));
    }
    let (content, status) = match call.text("Range") {
        None => (&object.content[..], 200),
        Some(range) => {
            let (from, to) = part(range, object.content.len())?;
            headers["content-range"] = json!(format!("bytes {from}-{}/{}", to - 1, object.content.len()));
            (&object.content[from..to], 206)
        }
    };
    let bytes: String = content.iter().copied().map(char::from).collect();
    Ok(json!({"status": status, "headers": headers, "bytes": bytes}))
}

/// `bytes=0-99`, `bytes=100-`, `bytes=-5`: from where, and up to where but not with it.
fn part(range: &str, length: usize) -> Result<(usize, usize), ApiError> {
    let refuse = || ApiError::new(416, "InvalidRange", "The requested range is not satisfiable");
    let (from, to) = range
        .strip_prefix("bytes=")
        .and_then(|r| r.split_once('-'))
        .ok_or_else(refuse)?;
    let number = |text: &str| text.parse::<usize>().map_err(|_| refuse());
    let (from, to) = match (from, to) {
        ("", last) => (length.saturating_sub(number(last)?), length),
        (from, "") => (number(from)?, length),
        (from, to) => (number(from)?, number(to)?.saturating_add(1).min(length)),
    };
    if from < to { Ok((from, to)) } else { Err(refuse()) }
}

fn list(bucket: &Bucket, call: &Call) -> Value {
    let prefix = call.text("prefix").unwrap_or_default();
    let size = call
        .number("max-keys")
        .and_then(|n| usize::try_from(n).ok())
        .unwrap_or(PAGE)
        .min(PAGE);
    let after = call
        .text("continuation-token")
        .or_else(|| call.text("start-after"))
        .unwrap_or_default();
    let mut all = bucket
        .objects
        .iter()
        .filter(|(key, _)| key.starts_with(prefix) && key.as_str() > after);
    let page: Vec<(&String, &Object)> = all.by_ref().take(size).collect();
    let more = all.next().is_some();
    let shown: Vec<Value> = page
        .iter()
        .map(|(key, object)| {
            json!({
                "Key": key, "LastModified": stamp(object.modified), "ETag": object.etag,
                "Size": object.content.len(), "StorageClass": "STANDARD",
            })
        })
        .collect();
    let token = page.last().filter(|_| more).map(|(key, _)| key.as_str());
    json!({"xml": {"ListBucketResult": {
        "Name": bucket.name, "Prefix": prefix, "KeyCount": shown.len(), "MaxKeys": size,
        "IsTruncated": more, "NextContinuationToken": token, "Contents": shown,
    }}})
}
