//! What the actions on buckets share: which bucket it is, and that it is where the request says.
//!
//! Owns: the refusal of a bucket that is somewhere else, with where that is. Must never: follow a bucket into another account or
//! region by itself; the finding would then be about another bucket than the plan.

use super::facts::Facts;
use super::plan::Request;
use super::query::{Query, S3Query};
use super::refusal::{Refusal, RefusalKind, Stop};
use super::target;
use crate::domain::{Arn, BucketName, Resource, ResourceKind};

/// The bucket that the request is about, by its name or its ARN.
pub fn of(request: &Request) -> Result<BucketName, Stop> {
    let named = match request.target.id.raw().parse::<Arn>() {
        // An object's ARN has its key behind the bucket's name. An access point's has a region and an account, and is no bucket's.
        Ok(arn) if arn.service() == "s3" && arn.region().is_empty() && arn.account().is_empty() => {
            let name = arn.resource().split('/').next().unwrap_or_default();
            Request {
                target: Resource::new(request.target.kind, name),
                ..request.clone()
            }
        }
        _ => return target::of_kind(request, ResourceKind::Bucket),
    };
    target::of_kind(&named, ResourceKind::Bucket)
}

/// The question where it is.
pub fn home(bucket: &BucketName) -> Query {
    Query::S3(S3Query::BucketHome { bucket: bucket.clone() })
}

/// Refuses a bucket that is not in the request's account and region, and says where it is.
pub fn is_here(request: &Request, bucket: &BucketName, facts: &Facts) -> Result<(), Stop> {
    let found = facts.bucket_home(&home(bucket))?;
    if found.region != request.region {
        return Err(Refusal::new(
            RefusalKind::WrongTarget,
            format!("Bucket {bucket} is in {}, not in {}.", found.region, request.region),
            format!("Plan it with --region {}.", found.region),
        )
        .into());
    }
    if found.own == Some(true) {
        return Ok(());
    }
    Err(Refusal::new(
        RefusalKind::WrongTarget,
        format!(
            "Bucket {bucket} is in {}, but it is not account {}'s: S3 refuses it and the account's own list does not have it.",
            found.region, request.account
        ),
        "Check which account the finding is about; bucket names are one space for all accounts.",
    )
    .into())
}
