//! Taking the lock away: the policy before, byte for byte, or none.

use super::super::answer::PublicBlock;
use super::super::expectation::{Expectation, S3State, same_policy};
use super::super::facts::Facts;
use super::super::mutation::{Mutation, S3Call};
use super::super::plan::{Draft, PlannedCall, Request, Undo};
use super::super::refusal::{Refusal, RefusalKind, Stop};
use super::super::{Done, bucket};
use super::Asked;

pub fn undo(request: &Request, done: &Done, facts: &Facts) -> Result<Draft, Stop> {
    let bucket = bucket::of(request)?;
    let asked = Asked::of(&bucket);
    let put = done.changes().find_map(|call| {
        if let Mutation::S3(S3Call::PutBucketPolicy { policy, .. }) = call {
            Some(policy)
        } else {
            None
        }
    });
    let Some(put) = put else {
        return Err(Refusal::new(
            RefusalKind::NothingToUndo,
            format!("Record {} did not lock the bucket.", done.seq),
            "Give the sequence number of the plan that did.",
        )
        .into());
    };
    facts.want([asked.policy.clone(), asked.block.clone(), asked.account.clone()])?;
    let before = done.plan.before.bucket_policy(&asked.policy)?;
    let now = facts.bucket_policy(&asked.policy)?;
    let same = match (before, now) {
        (Some(before), Some(now)) => same_policy(before, now),
        (None, None) => true,
        _ => false,
    };
    if same {
        return Err(Refusal::new(
            RefusalKind::NothingToUndo,
            format!("The policy of bucket {bucket} is as it was before the lock."),
            "Somebody put it back since, or it was never changed; ask who and why.",
        )
        .into());
    }
    if !now.as_deref().is_some_and(|now| same_policy(now, put)) {
        return Err(Refusal::new(
            RefusalKind::Drifted,
            format!("The policy of bucket {bucket} is no longer the one that the lock put there."),
            "Look in CloudTrail for PutBucketPolicy and DeleteBucketPolicy; the policy before stands in the journal.",
        )
        .into());
    }
    let was_public = *done.plan.before.policy_is_public(&asked.status)? == Some(true);
    let mut draft = Draft::default();
    let own = facts.public_block(&asked.block)?.unwrap_or_default();
    let account = facts.advisory(facts.public_block(&asked.account), &mut draft.warnings)?;
    let account: PublicBlock = account.copied().flatten().unwrap_or_default();
    if was_public && own.or(account).block_public_policy {
        return Err(Refusal::new(
            RefusalKind::Unsafe,
            "The policy before is public, and S3 takes no public policy while BlockPublicPolicy is on.",
            "Undo block-bucket-public first, or write a policy that is not public.",
        )
        .into());
    }
    let mutation = match before {
        Some(policy) => S3Call::PutBucketPolicy {
            bucket: bucket.clone(),
            policy: policy.clone(),
        },
        None => S3Call::DeleteBucketPolicy { bucket: bucket.clone() },
    };
    draft.calls.push(PlannedCall {
        mutation: Mutation::S3(mutation),
        undo: Undo::Reversible,
        was: Some("the lock".to_owned()),
    });
    draft.expectations.push(Expectation::S3(S3State::BucketPolicy {
        bucket,
        policy: before.clone(),
    }));
    draft
        .warnings
        .push("Whoever the policy before let in is let in again.".to_owned());
    Ok(draft)
}
