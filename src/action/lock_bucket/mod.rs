//! `lock-bucket`: denies everything on a bucket to everyone but a few.
//!
//! Owns: the plan, and the list of who is let through, in which quell's own roles always stand. Must never: plan a lock that quell
//! could not take away again.

mod policy;
mod restore;

use std::collections::BTreeSet;

use super::answer::{PublicBlock, QuellRoles};
use super::choice::{Choice, Takes};
use super::expectation::{Expectation, S3State};
use super::facts::Facts;
use super::mutation::{Mutation, S3Call};
use super::plan::{Draft, PlannedCall, Request, Undo};
use super::query::{LookupKey, Query, S3Query};
use super::refusal::{Refusal, RefusalKind, Stop};
use super::{Action, ActionName, Done, Step, bucket, radius};
use crate::domain::{Arn, BucketName, ResourceKind};
use policy::{MAX_POLICY, Old};

#[derive(Debug)]
pub struct LockBucket;

/// Who else is let through.
const ALLOW: &str = "allow";
/// Services of AWS are let through.
const KEEP_SERVICES: &str = "keep-services";

const CHOICES: &[Choice] = &[
    Choice {
        name: ALLOW,
        takes: Takes::Text(
            "ARNs of IAM roles and users, with commas between: arn:aws:iam::111122223333:role/forensics",
        ),
        about: "Let these in besides quell's own roles.",
    },
    Choice {
        name: KEEP_SERVICES,
        takes: Takes::Flag,
        about: "Let AWS's own services go on as the policy allows them: log delivery, CloudTrail, Config, CloudFront.",
    },
];

impl Action for LockBucket {
    fn name(&self) -> ActionName {
        ActionName::LockBucket
    }

    fn step(&self) -> Step {
        Step::Isolate
    }

    fn targets(&self) -> &'static [ResourceKind] {
        &[ResourceKind::Bucket]
    }

    fn choices(&self) -> &'static [Choice] {
        CHOICES
    }

    fn summary(&self) -> &'static str {
        "Deny everything on a bucket to everyone but quell's roles and those that are named. The policy that is there stays under it."
    }

    fn draft(&self, request: &Request, facts: &Facts) -> Result<Draft, Stop> {
        let bucket = bucket::of(request)?;
        let extra = extra(request)?;
        let asked = Asked::of(&bucket);
        facts.want(asked.all(&bucket))?;
        bucket::is_here(request, &bucket, facts)?;
        let roles = facts.quell_roles(&asked.roles)?;
        let Some(responder) = &roles.responder else {
            return Err(Refusal::new(
                RefusalKind::Unsafe,
                format!(
                    "Account {} has no responder role, so nobody could take the lock away again.",
                    request.account
                ),
                "Make the responder role first, or lock the bucket by hand as an administrator.",
            )
            .into());
        };
        let allowed: BTreeSet<String> = [roles.reader.clone(), responder.clone()]
            .into_iter()
            .chain(extra)
            .collect();
        let text = facts.bucket_policy(&asked.policy)?.as_deref();
        let old = text.map(|text| read(&bucket, text)).transpose()?;
        let lock = policy::lock(
            request.partition(),
            bucket.as_str(),
            &allowed,
            request.chose(KEEP_SERVICES),
        );
        let mut draft = Draft::default();
        let kept = if is_refused_by_block(&asked, facts, &mut draft)? {
            draft.warnings.push(
                "The policy is public and BlockPublicPolicy is on, so S3 takes no policy with those statements: the lock takes the \
                 place of all of them. They are recorded, but S3 takes them back only once BlockPublicPolicy is off."
                    .to_owned(),
            );
            None
        } else {
            old.as_ref()
        };
        if let Some(kept) = kept {
            if kept.has_lock(&lock) {
                return Err(already(&bucket));
            }
            safe(kept, roles, responder, &mut draft)?;
        }
        let new = policy::with_lock(kept, lock);
        if new.len() > MAX_POLICY {
            return Err(Refusal::new(
                RefusalKind::Unsafe,
                format!(
                    "With the lock the policy would have {} bytes; S3 takes {MAX_POLICY}.",
                    new.len()
                ),
                "Name fewer ARNs, or shorten the policy by hand first; it is not cut here.",
            )
            .into());
        }
        draft.calls.push(PlannedCall {
            mutation: Mutation::S3(S3Call::PutBucketPolicy {
                bucket: bucket.clone(),
                policy: new.clone(),
            }),
            undo: Undo::Reversible,
            was: Some(match (text, &old) {
                (Some(text), Some(old)) => {
                    let statements = match old.count() {
                        1 => "1 statement".to_owned(),
                        many => format!("{many} statements"),
                    };
                    format!("a policy of {statements}, {} bytes", text.len())
                }
                _ => "no policy".to_owned(),
            }),
        });
        draft.expectations.push(Expectation::S3(S3State::BucketPolicy {
            bucket: bucket.clone(),
            policy: Some(new),
        }));
        hits(request, &bucket, &asked, old.as_ref(), &allowed, facts, &mut draft)?;
        Ok(draft)
    }

    fn undo(&self, request: &Request, done: &Done, facts: &Facts) -> Result<Draft, Stop> {
        restore::undo(request, done, facts)
    }
}

/// What is asked of the bucket.
struct Asked {
    policy: Query,
    status: Query,
    block: Query,
    account: Query,
    acl: Query,
    replication: Query,
    roles: Query,
}

impl Asked {
    fn of(bucket: &BucketName) -> Self {
        let bucket = || bucket.clone();
        Self {
            policy: Query::S3(S3Query::BucketPolicy { bucket: bucket() }),
            status: Query::S3(S3Query::PolicyIsPublic { bucket: bucket() }),
            block: Query::S3(S3Query::PublicBlock { bucket: bucket() }),
            account: Query::S3(S3Query::AccountPublicBlock {}),
            acl: Query::S3(S3Query::BucketAcl { bucket: bucket() }),
            replication: Query::S3(S3Query::BucketReplication { bucket: bucket() }),
            roles: Query::S3(S3Query::QuellRoles {}),
        }
    }

    fn all(&self, bucket: &BucketName) -> [Query; 9] {
        [
            bucket::home(bucket),
            self.policy.clone(),
            self.status.clone(),
            self.block.clone(),
            self.account.clone(),
            self.acl.clone(),
            self.replication.clone(),
            self.roles.clone(),
            radius::question(LookupKey::ResourceName, bucket.as_str()),
        ]
    }
}

/// The ARNs that were chosen. What `aws:PrincipalArn` never is would let nobody in, and a star would let too many in.
fn extra(request: &Request) -> Result<Vec<String>, Stop> {
    let given = request.choice(ALLOW).unwrap_or_default();
    let names = given.split(',').map(str::trim).filter(|name| !name.is_empty());
    names
        .map(|name| {
            let fits = name.parse::<Arn>().is_ok_and(|arn| {
                let kind = arn.resource().split('/').next().unwrap_or_default();
                arn.service() == "iam"
                    && arn.account().len() == 12
                    && ["role", "user"].contains(&kind)
                    && !name.contains(['*', '?', '$'])
            });
            if fits {
                return Ok(name.to_owned());
            }
            Err(Refusal::new(
                RefusalKind::BadChoice,
                format!("allow: {name:?} is not the ARN of one IAM role or user."),
                "Write arn:aws:iam::111122223333:role/name; of a session, the ARN of its role. Stars are not taken.",
            )
            .into())
        })
        .collect()
}

fn read(bucket: &BucketName, text: &str) -> Result<Old, Stop> {
    Old::read(text).ok_or_else(|| {
        Refusal::new(
            RefusalKind::Unreadable,
            format!("The policy of bucket {bucket} is not one that quell can read, so a lock cannot be added to it."),
            "Look at it by hand; nothing was changed.",
        )
        .into()
    })
}

/// Whether S3 would refuse the old statements in a new policy: they are public, and public policies are blocked.
fn is_refused_by_block(asked: &Asked, facts: &Facts, draft: &mut Draft) -> Result<bool, Stop> {
    let public = *facts.policy_is_public(&asked.status)? == Some(true);
    let own = facts.public_block(&asked.block)?.unwrap_or_default();
    let account = facts.advisory(facts.public_block(&asked.account), &mut draft.warnings)?;
    let account: PublicBlock = account.copied().flatten().unwrap_or_default();
    Ok(public && own.or(account).block_public_policy)
}

/// Refuses where the policy that stays would keep quell from taking the lock away.
fn safe(kept: &Old, roles: &QuellRoles, responder: &str, draft: &mut Draft) -> Result<(), Stop> {
    let mut arns = vec![responder];
    if roles.reader != responder {
        arns.push(&roles.reader);
    }
    for arn in arns {
        for (name, always) in kept.shutting_out(arn) {
            if always {
                return Err(Refusal::new(
                    RefusalKind::Unsafe,
                    format!("The policy's statement {name} denies {arn} the bucket's policy, so the lock could not be taken away again."),
                    "Have an administrator change that statement; the account's root user always can.",
                )
                .into());
            }
            draft.warnings.push(format!(
                "The policy's statement {name} denies under a condition, which may hit {arn} too; then only the account's root user \
                 could take the lock away."
            ));
        }
    }
    Ok(())
}

fn already(bucket: &BucketName) -> Stop {
    Refusal::new(
        RefusalKind::AlreadyDone,
        format!("Bucket {bucket} is locked already, for the same list."),
        "Verify it from the journal.",
    )
    .into()
}

/// Says whom the lock cuts.
fn hits(
    request: &Request,
    bucket: &BucketName,
    asked: &Asked,
    old: Option<&Old>,
    allowed: &BTreeSet<String>,
    facts: &Facts,
    draft: &mut Draft,
) -> Result<(), Stop> {
    let names: Vec<&str> = allowed.iter().map(String::as_str).collect();
    draft.neighbours.push(format!(
        "Everyone but {} is cut off from bucket {bucket}, applications and administrators among them.",
        names.join(", ")
    ));
    let keeps = request.chose(KEEP_SERVICES);
    for service in old.map(Old::services).unwrap_or_default() {
        let shown = crate::domain::Untrusted::new(service).shown();
        if keeps {
            draft
                .neighbours
                .push(format!("{shown} goes on as the policy allows it."));
        } else {
            draft.warnings.push(format!(
                "The lock cuts {shown}, which the policy allows: {}.",
                purpose(service)
            ));
        }
    }
    let principals: Vec<String> = old.map(Old::principals).unwrap_or_default().into_iter().collect();
    if !principals.is_empty() {
        draft.neighbours.push(format!(
            "The policy allows {}; the lock outweighs that, but for who is let through.",
            principals.join(", ")
        ));
    }
    if let Some(acl) = facts.advisory(facts.bucket_acl(&asked.acl), &mut draft.warnings)?
        && acl.iter().any(super::answer::AclGrant::is_log_delivery)
        && !keeps
    {
        draft
            .warnings
            .push("The lock cuts the delivery of access logs, which the bucket's ACL allows: they are lost for as long as it holds.".to_owned());
    }
    let replication = facts.advisory(facts.bucket_replication(&asked.replication), &mut draft.warnings)?;
    if let Some(Some(replication)) = replication
        && !allowed.contains(replication.role.raw())
    {
        draft.warnings.push(format!(
            "The bucket is replicated by {}, which the lock cuts: objects that are not replicated yet fail.",
            replication.role
        ));
    }
    draft.warnings.push(
        "Presigned URLs stop working, too. The account's root user can always change the policy; whoever has it is not locked out of that."
            .to_owned(),
    );
    draft.lost.push(
        "What was not written while the lock held, logs and replicas among it, does not come back by itself."
            .to_owned(),
    );
    radius::lately(
        LookupKey::ResourceName,
        bucket.as_str(),
        &format!("Bucket {bucket}"),
        facts,
        draft,
    )
}

/// What a service of AWS does in a bucket, as far as its name tells.
fn purpose(service: &str) -> &'static str {
    match service {
        "logging.s3.amazonaws.com" => "access logs of other buckets are lost",
        "delivery.logs.amazonaws.com" | "logdelivery.elasticloadbalancing.amazonaws.com" => {
            "logs of flows, load balancers and others are lost"
        }
        "cloudtrail.amazonaws.com" => "a trail's log files, which are evidence, do not arrive",
        "config.amazonaws.com" => "AWS Config's history does not arrive",
        "cloudfront.amazonaws.com" => "a distribution no longer reads its origin",
        _ => "what it does here stops",
    }
}
