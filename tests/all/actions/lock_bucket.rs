//! `lock-bucket`: a bucket with a policy of its own, and one without any.

use quell::action::{ActionName, RefusalKind, Request};
use quell::domain::{Resource, ResourceKind};
use quell::range::policy::Policy;
use quell::range::services::s3::Block;
use quell::runtime::Run;
use serde_json::Value;

use super::checker::{self, Case, Refused, Stale, Undo, five_cases};
use crate::support::ground::{Ground, PROD, SEOUL};
use crate::support::room::with_room;

five_cases! {
    with_a_policy: EXPORTS;
    without_a_policy: PLAIN;
}

const FORENSICS: &str = "arn:aws:iam::222222222222:role/forensics";

fn request(ground: &Ground, target: &str, choices: &[(&str, &str)]) -> Request {
    let choices = choices
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Request {
        choices: choices.collect(),
        ..ground.request(ActionName::LockBucket, ResourceKind::Bucket, SEOUL, target)
    }
}

fn choose(request: &mut Request, name: &str, value: &str) {
    request.choices.insert(name.to_owned(), value.to_owned());
}

fn put(ground: &Ground, policy: &str) {
    ground.bucket("acme-exports", |bucket| {
        bucket.policy = Some(Policy::resource(policy).unwrap());
    });
}

const EXPORTS: Case = Case {
    request: |ground| request(ground, "acme-exports", &[("allow", FORENSICS)]),
    calls: &["s3:PutBucketPolicy"],
    applied: exports,
    refusals: &[
        Refused {
            name: "another kind of target",
            spoil: |_, request| request.target = Resource::new(ResourceKind::User, "acme-exports"),
            kind: RefusalKind::WrongTarget,
            says: "a user, not a bucket",
        },
        Refused {
            name: "of another account",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Bucket, "acme-billing"),
            kind: RefusalKind::WrongTarget,
            says: "it is not account 333333333333's",
        },
        Refused {
            name: "a star in the list",
            spoil: |_, request| choose(request, "allow", "arn:aws:iam::333333333333:role/*"),
            kind: RefusalKind::BadChoice,
            says: "is not the ARN of one IAM role or user",
        },
        Refused {
            name: "a session in the list",
            spoil: |_, request| choose(request, "allow", "arn:aws:sts::333333333333:assumed-role/web/i-1"),
            kind: RefusalKind::BadChoice,
            says: "is not the ARN of one IAM role or user",
        },
        Refused {
            name: "too large",
            spoil: |_, request| choose(request, "allow", &long_list()),
            kind: RefusalKind::Unsafe,
            says: "S3 takes 20480",
        },
        Refused {
            name: "no responder role",
            spoil: |ground, _| {
                ground.range.with_world(|world| {
                    let account = world.accounts.get_mut(&PROD.parse().unwrap()).unwrap();
                    account.iam.roles.remove("quell-responder");
                });
            },
            kind: RefusalKind::Unsafe,
            says: "nobody could take the lock away again",
        },
        Refused {
            name: "a statement that stays shuts the responder out",
            spoil: |ground, _| {
                put(
                    ground,
                    r#"{"Statement":{"Sid":"Frozen","Effect":"Deny","Principal":"*","Action":"s3:PutBucketPolicy","Resource":"arn:aws:s3:::acme-exports"}}"#,
                );
            },
            kind: RefusalKind::Unsafe,
            says: "statement \"Frozen\" denies arn:aws:iam::333333333333:role/quell-responder",
        },
    ],
    stale: &[
        Stale {
            name: "the policy was changed",
            change: |ground, _| {
                put(
                    ground,
                    r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::acme-exports/*"}}"#,
                );
            },
            says: "s3:GetBucketPolicy: it was",
        },
        Stale {
            name: "the policy was taken away",
            change: |ground, _| ground.bucket("acme-exports", |bucket| bucket.policy = None),
            says: "s3:GetBucketPolicy: it was",
        },
        Stale {
            name: "the bucket was deleted",
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
    request: |ground| request(ground, "acme-plain", &[]),
    applied: |ground, run| {
        let policy = policy_of(ground, "acme-plain");
        assert_eq!(policy["Statement"].as_array().unwrap().len(), 1);
        assert_eq!(run.plan.draft.calls[0].was.as_deref(), Some("no policy"));
    },
    refusals: &[Refused {
        name: "the responder role is gone",
        ..EXPORTS.refusals[5]
    }],
    stale: &[Stale {
        name: "somebody put a policy",
        change: |ground, _| {
            let policy = r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"333333333333"},"Action":"s3:*","Resource":"arn:aws:s3:::acme-plain"}}"#;
            ground.bucket("acme-plain", |bucket| {
                bucket.policy = Some(Policy::resource(policy).unwrap());
            });
        },
        says: "s3:GetBucketPolicy: it was",
    }],
    ..EXPORTS
};

fn long_list() -> String {
    let names = (0..300).map(|n| format!("arn:aws:iam::333333333333:role/{n:03}-{}", "x".repeat(60)));
    names.collect::<Vec<_>>().join(", ")
}

fn policy_of(ground: &Ground, name: &str) -> Value {
    let mut text = String::new();
    ground.bucket(name, |bucket| text.clone_from(&bucket.policy.as_ref().unwrap().text));
    serde_json::from_str(&text).unwrap()
}

fn exports(ground: &Ground, run: &Run) {
    let policy = policy_of(ground, "acme-exports");
    let statements = policy["Statement"].as_array().unwrap();
    let names: Vec<&str> = statements.iter().filter_map(|s| s["Sid"].as_str()).collect();
    assert_eq!(
        names,
        ["Everybody", "Trail", "Tls", "QuellLock"],
        "the old statements stay"
    );
    let through = &statements[3]["Condition"]["ArnNotEquals"]["aws:PrincipalArn"];
    let expected = serde_json::json!([
        FORENSICS,
        "arn:aws:iam::333333333333:role/quell-reader",
        "arn:aws:iam::333333333333:role/quell-responder",
    ]);
    assert_eq!(*through, expected);
    let warned = |part: &str| run.plan.draft.warnings.iter().any(|w| w.contains(part));
    assert!(
        warned("The lock cuts cloudtrail.amazonaws.com"),
        "{:?}",
        run.plan.draft.warnings
    );
    assert!(
        warned("replicated by arn:aws:iam::333333333333:role/replicator"),
        "{:?}",
        run.plan.draft.warnings
    );
}

/// A lock for the same list is there already; one for another list takes its place, and undo brings the first one back.
#[test]
fn a_second_lock_takes_the_place_of_the_first() {
    with_room(async || {
        let ground = Ground::new().await;
        let first = ground.plan(&request(&ground, "acme-exports", &[])).await.unwrap();
        ground.apply(first).await.unwrap();
        let locked = policy_of(&ground, "acme-exports");
        let again = ground.plan(&request(&ground, "acme-exports", &[])).await.unwrap_err();
        assert!(again.to_string().contains("is locked already"), "{again}");
        let wider = request(
            &ground,
            "acme-exports",
            &[("allow", FORENSICS), ("keep-services", "yes")],
        );
        let run = ground.apply(ground.plan(&wider).await.unwrap()).await.unwrap();
        let now = policy_of(&ground, "acme-exports");
        assert_eq!(now["Statement"].as_array().unwrap().len(), 4);
        assert_eq!(
            now["Statement"][3]["Condition"]["BoolIfExists"]["aws:PrincipalIsAWSService"],
            "false"
        );
        ground.apply(ground.undo(run.seq).await.unwrap()).await.unwrap();
        assert_eq!(policy_of(&ground, "acme-exports"), locked);
    });
}

/// The usual order: first the block, then the lock. S3 then takes no policy with a public statement in it, neither with the lock nor
/// when it is to be put back.
#[test]
fn a_public_policy_under_a_block_is_replaced_and_comes_back_after_the_block() {
    with_room(async || {
        let ground = Ground::new().await;
        let before = ground.state();
        let block = ground.request(
            ActionName::BlockBucketPublic,
            ResourceKind::Bucket,
            SEOUL,
            "acme-exports",
        );
        let blocked = ground.apply(ground.plan(&block).await.unwrap()).await.unwrap();
        let plan = ground.plan(&request(&ground, "acme-exports", &[])).await.unwrap();
        assert!(
            plan.draft
                .warnings
                .iter()
                .any(|w| w.contains("BlockPublicPolicy is on")),
            "{:?}",
            plan.draft.warnings
        );
        let locked = ground.apply(plan).await.unwrap();
        assert_eq!(locked.trouble, None);
        assert_eq!(
            policy_of(&ground, "acme-exports")["Statement"]
                .as_array()
                .unwrap()
                .len(),
            1
        );
        let early = ground.undo(locked.seq).await.unwrap_err();
        assert!(early.to_string().contains("Undo block-bucket-public first"), "{early}");
        ground.apply(ground.undo(blocked.seq).await.unwrap()).await.unwrap();
        let undone = ground.apply(ground.undo(locked.seq).await.unwrap()).await.unwrap();
        assert_eq!(undone.trouble, None);
        assert_eq!(ground.state(), before);
    });
}

/// What somebody else put in place of the lock is not overwritten.
#[test]
fn a_policy_that_came_after_the_lock_is_not_overwritten() {
    with_room(async || {
        let ground = Ground::new().await;
        let run = ground
            .apply(ground.plan(&request(&ground, "acme-exports", &[])).await.unwrap())
            .await
            .unwrap();
        put(
            &ground,
            r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"333333333333"},"Action":"s3:*","Resource":"arn:aws:s3:::acme-exports"}}"#,
        );
        let refused = ground.undo(run.seq).await.unwrap_err();
        assert!(
            refused
                .to_string()
                .contains("no longer the one that the lock put there"),
            "{refused}"
        );
        ground.bucket("acme-exports", |bucket| bucket.block = Some(Block::ALL));
        assert_eq!(ground.writes().len(), 1);
    });
}
