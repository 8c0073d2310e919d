//! `block-bucket-public`: all four settings of a bucket's public access block.
//!
//! It does not touch the policy and the ACL that make a bucket public; it makes S3 ignore them. So undo is exact, and what made the
//! bucket public is still there for whoever asks how it came about.

use super::answer::PublicBlock;
use super::expectation::{Expectation, S3State};
use super::facts::Facts;
use super::mutation::{Mutation, S3Call};
use super::plan::{Draft, PlannedCall, Request, Undo};
use super::query::{LookupKey, Query, S3Query};
use super::refusal::{Refusal, RefusalKind, Stop};
use super::{Action, ActionName, Done, Step, bucket, radius};
use crate::domain::{BucketName, ResourceKind};

#[derive(Debug)]
pub struct BlockBucketPublic;

impl Action for BlockBucketPublic {
    fn name(&self) -> ActionName {
        ActionName::BlockBucketPublic
    }

    fn step(&self) -> Step {
        Step::Isolate
    }

    fn targets(&self) -> &'static [ResourceKind] {
        &[ResourceKind::Bucket]
    }

    fn summary(&self) -> &'static str {
        "Switch all four settings of a bucket's public access block on. Its policy and ACL stay as they are."
    }

    fn draft(&self, request: &Request, facts: &Facts) -> Result<Draft, Stop> {
        let bucket = bucket::of(request)?;
        let asked = Asked::of(&bucket);
        facts.want(asked.all(&bucket))?;
        bucket::is_here(request, &bucket, facts)?;
        let before = *facts.public_block(&asked.block)?;
        if before == Some(PublicBlock::ALL) {
            return Err(Refusal::new(
                RefusalKind::AlreadyDone,
                format!("Bucket {bucket} has all four settings on already."),
                "Verify it from the journal. If it is still read, look at its policy for accounts and roles, and at access points.",
            )
            .into());
        }
        let mut draft = put(&bucket, PublicBlock::ALL, before);
        exposure(&bucket, &asked, before.unwrap_or_default(), facts, &mut draft)?;
        radius::lately(
            LookupKey::ResourceName,
            bucket.as_str(),
            &format!("Bucket {bucket}"),
            facts,
            &mut draft,
        )?;
        draft.warnings.push(
            "Who reads objects is not in that history, for those are data events: look at the access logs, or a trail that has them."
                .to_owned(),
        );
        Ok(draft)
    }

    fn undo(&self, request: &Request, done: &Done, facts: &Facts) -> Result<Draft, Stop> {
        let bucket = bucket::of(request)?;
        let changed = done
            .changes()
            .any(|call| matches!(call, Mutation::S3(S3Call::PutBucketPublicAccessBlock { .. })));
        let query = Asked::of(&bucket).block;
        if !changed {
            return Err(Refusal::new(
                RefusalKind::NothingToUndo,
                format!("Record {} did not change the public access block.", done.seq),
                "Give the sequence number of the plan that did.",
            )
            .into());
        }
        let before = *done.plan.before.public_block(&query)?;
        let now = *facts.public_block(&query)?;
        if now == before {
            return Err(Refusal::new(
                RefusalKind::NothingToUndo,
                format!(
                    "The public access block of bucket {bucket} is as it was before: {}.",
                    shown(before)
                ),
                "Somebody put it back since, or it was never changed; ask who and why.",
            )
            .into());
        }
        if now != Some(PublicBlock::ALL) {
            return Err(Refusal::new(
                RefusalKind::Drifted,
                format!(
                    "The public access block of bucket {bucket} was changed since: {}.",
                    shown(now)
                ),
                "Look in CloudTrail for PutBucketPublicAccessBlock, and decide by hand.",
            )
            .into());
        }
        let mut draft = match before {
            Some(block) => put(&bucket, block, now),
            None => delete(&bucket, now),
        };
        draft
            .warnings
            .push("What its policy and ACL allow to everybody is open again.".to_owned());
        Ok(draft)
    }
}

/// What is asked of the bucket.
struct Asked {
    block: Query,
    account: Query,
    status: Query,
    acl: Query,
    website: Query,
}

impl Asked {
    fn of(bucket: &BucketName) -> Self {
        let bucket = || bucket.clone();
        Self {
            block: Query::S3(S3Query::PublicBlock { bucket: bucket() }),
            account: Query::S3(S3Query::AccountPublicBlock {}),
            status: Query::S3(S3Query::PolicyIsPublic { bucket: bucket() }),
            acl: Query::S3(S3Query::BucketAcl { bucket: bucket() }),
            website: Query::S3(S3Query::BucketWebsite { bucket: bucket() }),
        }
    }

    fn all(&self, bucket: &BucketName) -> [Query; 7] {
        [
            bucket::home(bucket),
            self.block.clone(),
            self.account.clone(),
            self.status.clone(),
            self.acl.clone(),
            self.website.clone(),
            radius::question(LookupKey::ResourceName, bucket.as_str()),
        ]
    }
}

/// Says whether the bucket is public now, by what, and whom the block hits.
fn exposure(
    bucket: &BucketName,
    asked: &Asked,
    own: PublicBlock,
    facts: &Facts,
    draft: &mut Draft,
) -> Result<(), Stop> {
    let account = facts.advisory(facts.public_block(&asked.account), &mut draft.warnings)?;
    let account = account.copied().map(Option::unwrap_or_default);
    let blocked = own.or(account.unwrap_or_default());
    let mut public = false;
    if let Some(status) = facts.advisory(facts.policy_is_public(&asked.status), &mut draft.warnings)? {
        draft.neighbours.push(match status {
            Some(true) if blocked.restrict_public_buckets => {
                format!("The policy of bucket {bucket} is public, and RestrictPublicBuckets holds it back already.")
            }
            Some(true) => {
                public = true;
                format!("Public now by the policy of bucket {bucket}: whoever reads it from outside the account stops.")
            }
            Some(false) => format!("The policy of bucket {bucket} is not public; whom it names is not hit."),
            None => format!("Bucket {bucket} has no policy."),
        });
    }
    if let Some(acl) = facts.advisory(facts.bucket_acl(&asked.acl), &mut draft.warnings)? {
        for grant in acl.iter().filter(|grant| grant.is_public()) {
            public |= !blocked.ignore_public_acls;
            let held = if blocked.ignore_public_acls {
                ", which IgnorePublicAcls holds back already"
            } else {
                ": public now"
            };
            draft.neighbours.push(format!(
                "The ACL of bucket {bucket} grants {} to {}{held}.",
                grant.permission, grant.grantee
            ));
        }
    }
    if facts.advisory(facts.bucket_website(&asked.website), &mut draft.warnings)? == Some(&true) {
        draft.neighbours.push(format!(
            "Bucket {bucket} is a website: its pages are no longer given to people who are not signed in."
        ));
    }
    if let Some(account) = account {
        draft.neighbours.push(format!(
            "The account's own block, for all its buckets: {}.",
            account.shown()
        ));
        if account == PublicBlock::ALL {
            draft.warnings.push(
                "The account blocks all of this already, for every bucket; the bucket's own block matters only if that is taken away."
                    .to_owned(),
            );
        }
    }
    if !public {
        draft.warnings.push(format!(
            "Nothing that was read makes bucket {bucket} public as a whole now. Single objects may have public ACLs, which are not listed."
        ));
    }
    Ok(())
}

fn put(bucket: &BucketName, block: PublicBlock, was: Option<PublicBlock>) -> Draft {
    let call = S3Call::PutBucketPublicAccessBlock {
        bucket: bucket.clone(),
        block,
    };
    one(bucket, call, Some(block), was)
}

fn delete(bucket: &BucketName, was: Option<PublicBlock>) -> Draft {
    let call = S3Call::DeleteBucketPublicAccessBlock { bucket: bucket.clone() };
    one(bucket, call, None, was)
}

fn one(bucket: &BucketName, call: S3Call, block: Option<PublicBlock>, was: Option<PublicBlock>) -> Draft {
    Draft {
        calls: vec![PlannedCall {
            mutation: Mutation::S3(call),
            undo: Undo::Reversible,
            was: Some(shown(was)),
        }],
        expectations: vec![Expectation::S3(S3State::PublicBlock {
            bucket: bucket.clone(),
            block,
        })],
        ..Draft::default()
    }
}

fn shown(block: Option<PublicBlock>) -> String {
    block.map_or_else(|| "no block at all".to_owned(), PublicBlock::shown)
}
