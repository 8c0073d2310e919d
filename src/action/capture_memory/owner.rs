//! Whose bucket the image goes to.
//!
//! Memory holds keys and what people typed, and a mistyped name can be anybody's bucket. Must never: take a bucket for the account's
//! that was named before S3 itself has said so to that account's reader.

use super::super::bucket;
use super::super::facts::Facts;
use super::super::forensic;
use super::super::plan::{Draft, Request};
use super::super::query::{Query, S3Query};
use super::super::refusal::{Refusal, RefusalKind, Stop};
use super::wish::BUCKET_ACCOUNT;
use crate::domain::{AccountId, BucketName};

/// What must be read of the bucket and of the account that was named.
pub fn questions(bucket: &BucketName, owner: Option<AccountId>, request: &Request) -> Vec<Query> {
    let Some(owner) = owner else {
        return vec![bucket::home(bucket)];
    };
    let mut all = vec![owned(bucket, owner)];
    if owner != request.account {
        all.push(forensic::known(owner));
    }
    all
}

fn owned(bucket: &BucketName, owner: AccountId) -> Query {
    let bucket = bucket.clone();
    Query::S3(S3Query::OwnedBucket { bucket, owner })
}

/// Says whose it is. Where an account was named, refuses a bucket that is not known to be its own; where none was, says that it is
/// not known to be anybody's of yours.
pub fn check(
    bucket: &BucketName,
    owner: Option<AccountId>,
    request: &Request,
    (facts, draft): (&Facts, &mut Draft),
) -> Result<(), Stop> {
    let Some(owner) = owner else {
        return unnamed(bucket, request, facts, draft);
    };
    let whose = if owner == request.account {
        "its own account".to_owned()
    } else {
        format!("{} of your organisation", forensic::member(owner, facts)?.name)
    };
    match facts.bucket_home(&owned(bucket, owner)) {
        Ok(home) if home.own == Some(true) => {}
        Ok(_) => {
            return Err(Refusal::new(
                RefusalKind::WrongTarget,
                format!("Bucket {bucket} is not account {owner}'s."),
                format!("Check both: memory holds keys and personal data. Of a bucket of another account choose {BUCKET_ACCOUNT}, too."),
            )
            .into());
        }
        Err(Stop::Refuse(refusal)) if refusal.kind == RefusalKind::Gone => return Err(refusal.into()),
        Err(Stop::Refuse(refusal)) => {
            return Err(Refusal::new(
                RefusalKind::Unreadable,
                format!("Whether bucket {bucket} is account {owner}'s cannot be read: {}", refusal.why),
                "The reader role of that account needs s3:ListBucket on it; the image is looked for by the same role afterwards.",
            )
            .into());
        }
        Err(ask @ Stop::Ask(_)) => return Err(ask),
    }
    draft.warnings.push(format!(
        "The image goes to bucket {bucket} of account {owner}, {whose}: whoever may read there reads what was in memory."
    ));
    Ok(())
}

/// Where no account is named, it should be the plan's own.
fn unnamed(bucket: &BucketName, request: &Request, facts: &Facts, draft: &mut Draft) -> Result<(), Stop> {
    let home = match facts.bucket_home(&bucket::home(bucket)) {
        Err(Stop::Refuse(refusal)) if refusal.kind == RefusalKind::Gone => return Err(refusal.into()),
        other => facts.advisory(other, &mut draft.warnings)?,
    };
    if home.is_none_or(|home| home.own != Some(true)) {
        draft.warnings.push(format!(
            "Bucket {bucket} is not known to be account {}'s: make sure that it is yours. Memory holds keys and personal data. Choose \
             {BUCKET_ACCOUNT}, whose it is: then S3 is asked whether that is so, and afterwards whether the image is there; without it \
             this cannot be verified.",
            request.account
        ));
    }
    Ok(())
}
