//! Whether an object lies in a bucket, how large it is and since when: what a list says of it.
//!
//! Must never: read what is in an object. quell's reading role has no leave for that, and needs none.

use aws_sdk_s3::operation::RequestId as _;
use aws_sdk_s3::operation::list_objects_v2::{ListObjectsV2Error, ListObjectsV2Output};
use aws_sdk_s3::types::Object;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;

use super::convert::{missing, time};
use super::s3_home::REGION_HEADER;
use super::{Found, s3_home};
use crate::action::{Answer, ReadFailure, StoredObject};
use crate::cloud::errors::CallError;
use crate::cloud::session::Session;
use crate::domain::{ObjectUrl, Region};

const CALL: &str = "s3:ListObjectsV2";

/// `ListObjectsV2` with the object's key as the prefix, where the bucket is. A bucket of another account than the session's is refused
/// by S3 itself.
pub(super) async fn stored(session: &Session, region: &Region, object: &ObjectUrl) -> Found {
    let place = object.as_str().strip_prefix("s3://");
    let (bucket, key) = place
        .and_then(|rest| rest.split_once('/'))
        .ok_or_else(|| missing(CALL, "bucket"))?;
    let answer = match list(session, region, bucket, key).await {
        Err(error) => match elsewhere(&error, region) {
            Some(there) => list(session, &there, bucket, key).await,
            None => Err(error),
        },
        answer => answer,
    };
    let answer = answer.map_err(|e| CallError::from_sdk(CALL, &e))?;
    let found = answer.contents().iter().find(|one| one.key() == Some(key));
    let found = found.map(convert).transpose()?;
    Ok((Answer::StoredObject(found), answer.request_id().map(str::to_owned)))
}

fn convert(from: &Object) -> Result<StoredObject, ReadFailure> {
    let size = from.size().and_then(|size| u64::try_from(size).ok());
    Ok(StoredObject {
        size: size.ok_or_else(|| missing(CALL, "Size"))?,
        modified: time(from.last_modified()).ok_or_else(|| missing(CALL, "LastModified"))?,
    })
}

async fn list(
    session: &Session,
    region: &Region,
    bucket: &str,
    key: &str,
) -> Result<ListObjectsV2Output, SdkError<ListObjectsV2Error, HttpResponse>> {
    s3_home::client(session, region)
        .list_objects_v2()
        .bucket(bucket)
        .prefix(key)
        // Keys come in the order of their bytes, so of all that begin with this one it is the first.
        .max_keys(1)
        .expected_bucket_owner(session.identity().account.as_str())
        .send()
        .await
}

/// Where the bucket is, if S3 says that it is not here.
fn elsewhere(error: &SdkError<ListObjectsV2Error, HttpResponse>, here: &Region) -> Option<Region> {
    let answer = error.raw_response()?;
    let there: Region = answer.headers().get(REGION_HEADER)?.parse().ok()?;
    (matches!(answer.status().as_u16(), 301 | 307 | 400) && there != *here).then_some(there)
}
