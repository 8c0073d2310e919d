//! `block-bucket-public`: a bucket with one of the four settings on, and one without any.

use quell::action::{ActionName, RefusalKind};
use quell::domain::{Resource, ResourceKind};
use quell::range::services::s3::Block;
use quell::runtime::Run;

use super::checker::{self, Case, Refused, Stale, Undo, five_cases};
use crate::support::ground::{Ground, SEOUL};

five_cases! {
    half_blocked: EXPORTS;
    without_a_block: PLAIN;
}

fn request(ground: &Ground, target: &str) -> quell::action::Request {
    ground.request(ActionName::BlockBucketPublic, ResourceKind::Bucket, SEOUL, target)
}

const EXPORTS: Case = Case {
    request: |ground| request(ground, "acme-exports"),
    calls: &["s3:PutBucketPublicAccessBlock"],
    applied: exports,
    refusals: &[
        Refused {
            name: "an access point",
            spoil: |_, request| {
                let arn = "arn:aws:s3:ap-northeast-2:333333333333:accesspoint/acme-exports";
                request.target = Resource::new(ResourceKind::Bucket, arn);
            },
            kind: RefusalKind::WrongTarget,
            says: "is not a bucket name",
        },
        Refused {
            name: "another kind of target",
            spoil: |_, request| request.target = Resource::new(ResourceKind::User, "acme-exports"),
            kind: RefusalKind::WrongTarget,
            says: "a user, not a bucket",
        },
        Refused {
            name: "no bucket's name",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Bucket, "Acme/Exports"),
            kind: RefusalKind::WrongTarget,
            says: "is not a bucket name",
        },
        Refused {
            name: "unknown",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Bucket, "acme-nothing"),
            kind: RefusalKind::Gone,
            says: "there is no bucket acme-nothing",
        },
        Refused {
            name: "in another region",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Bucket, "acme-virginia"),
            kind: RefusalKind::WrongTarget,
            says: "acme-virginia is in us-east-1, not in ap-northeast-2",
        },
        Refused {
            name: "of another account",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Bucket, "acme-billing"),
            kind: RefusalKind::WrongTarget,
            says: "it is not account 333333333333's",
        },
        Refused {
            name: "blocked already",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Bucket, "arn:aws:s3:::acme-shut"),
            kind: RefusalKind::AlreadyDone,
            says: "all four settings on already",
        },
    ],
    stale: &[
        Stale {
            name: "a setting was changed",
            change: |ground, _| {
                ground.bucket("acme-exports", |bucket| {
                    bucket.block = Some(Block {
                        ignore_acls: true,
                        ..Block::default()
                    });
                });
            },
            says: "s3:GetBucketPublicAccessBlock: it was",
        },
        Stale {
            name: "somebody blocked it",
            change: |ground, _| ground.bucket("acme-exports", |bucket| bucket.block = Some(Block::ALL)),
            says: "all four settings on already",
        },
        Stale {
            name: "it was deleted",
            change: |ground, _| {
                ground
                    .range
                    .with_world(|world| drop(world.s3.buckets.remove("acme-exports")));
            },
            says: "there is no bucket",
        },
    ],
    undo: Undo::Restores,
};

const PLAIN: Case = Case {
    request: |ground| request(ground, "arn:aws:s3:::acme-plain/some/key"),
    applied: |ground, run| {
        ground.bucket("acme-plain", |bucket| assert_eq!(bucket.block, Some(Block::ALL)));
        let warned = |part: &str| run.plan.draft.warnings.iter().any(|w| w.contains(part));
        assert!(
            warned("Nothing that was read makes bucket acme-plain public"),
            "{:?}",
            run.plan.draft.warnings
        );
        assert_eq!(run.plan.draft.calls[0].was.as_deref(), Some("no block at all"));
    },
    stale: &[Stale {
        name: "somebody blocked a part",
        change: |ground, _| ground.bucket("acme-plain", |bucket| bucket.block = Some(Block::default())),
        says: "s3:GetBucketPublicAccessBlock: it was",
    }],
    ..EXPORTS
};

fn exports(ground: &Ground, run: &Run) {
    ground.bucket("acme-exports", |bucket| assert_eq!(bucket.block, Some(Block::ALL)));
    let draft = &run.plan.draft;
    for part in [
        "Public now by the policy of bucket acme-exports",
        "grants READ to http://acs.amazonaws.com/groups/global/AllUsers: public now",
        "is a website",
        "The account's own block, for all its buckets: all four settings off",
    ] {
        assert!(
            draft.neighbours.iter().any(|n| n.contains(part)),
            "{part}: {:?}",
            draft.neighbours
        );
    }
}

/// What the account blocks for all its buckets is read at S3 Control's own address.
#[test]
fn what_the_account_blocks_is_said() {
    crate::support::room::with_room(async || {
        let ground = Ground::new().await;
        ground.range.with_world(|world| {
            let account = crate::support::ground::PROD.parse().unwrap();
            world.s3.account_blocks.insert(account, Block::ALL);
        });
        let plan = ground.plan(&request(&ground, "acme-exports")).await.unwrap();
        let warned = |part: &str| plan.draft.warnings.iter().any(|w| w.contains(part));
        assert!(
            warned("The account blocks all of this already"),
            "{:?}",
            plan.draft.warnings
        );
        let said = |part: &str| plan.draft.neighbours.iter().any(|n| n.contains(part));
        assert!(
            said("RestrictPublicBuckets holds it back already"),
            "{:?}",
            plan.draft.neighbours
        );
    });
}
