//! `capture-memory` into a bucket of the forensic account: whose it is, is asked of that account before and after.

use quell::action::{RefusalKind, Request, Verdict};
use quell::range::policy::Policy;
use quell::range::services::s3::Bucket;
use quell::runtime::Run;

use super::capture_memory::{BUCKET, choose, request};
use super::checker::{self, Case, Refused, Stale, Undo, five_cases};
use crate::support::ground::{Ground, MANAGEMENT, PROD, VIRGINIA};
use crate::support::room::with_room;

five_cases! {
    in_the_forensic_account: ELSEWHERE;
}

const SECURITY: &str = "222222222222";
const OWNER: &str = "bucket-account";

const ELSEWHERE: Case = Case {
    request: elsewhere,
    calls: &["ssm:SendCommand"],
    applied,
    refusals: &[
        Refused {
            name: "half an account",
            spoil: |_, request| choose(request, OWNER, "2222"),
            kind: RefusalKind::BadChoice,
            says: "bucket-account: ",
        },
        Refused {
            name: "a stranger's account",
            spoil: |ground, request| {
                give(ground, "222222222223");
                choose(request, OWNER, "222222222223");
            },
            kind: RefusalKind::BadChoice,
            says: "Account 222222222223 is not of your organisation",
        },
        Refused {
            name: "an account that was closed",
            spoil: |ground, _| {
                ground.range.with_world(|world| {
                    world.organization.closed.insert(SECURITY.parse().unwrap());
                });
            },
            kind: RefusalKind::BadChoice,
            says: "Account 222222222222 (security) is SUSPENDED",
        },
        Refused {
            name: "another account of the organisation",
            spoil: |_, request| choose(request, OWNER, MANAGEMENT),
            kind: RefusalKind::WrongTarget,
            says: "Bucket acme-evidence is not account 111111111111's",
        },
        Refused {
            name: "the plan's own account",
            spoil: |_, request| choose(request, OWNER, PROD),
            kind: RefusalKind::WrongTarget,
            says: "Bucket acme-evidence is not account 333333333333's",
        },
        Refused {
            name: "a stranger's bucket in another region",
            spoil: |ground, _| {
                give(ground, "444455556666");
                ground.bucket(BUCKET, |bucket| bucket.region = VIRGINIA.parse().unwrap());
            },
            kind: RefusalKind::WrongTarget,
            says: "Bucket acme-evidence is not account 222222222222's",
        },
        Refused {
            name: "a bucket that nobody has",
            spoil: |_, request| choose(request, "bucket", "acme-evidense"),
            kind: RefusalKind::Gone,
            says: "there is no bucket acme-evidense",
        },
        Refused {
            name: "an account that quell cannot read",
            spoil: |ground, _| {
                ground.range.with_world(|world| {
                    let account = world.accounts.get_mut(&SECURITY.parse().unwrap()).unwrap();
                    account.iam.roles.remove("quell-reader");
                });
            },
            kind: RefusalKind::Unreadable,
            says: "cannot be read",
        },
    ],
    stale: &[
        Stale {
            name: "the bucket is another's now",
            change: |ground, _| give(ground, "444455556666"),
            says: "is not account 222222222222's",
        },
        Stale {
            name: "the account left the organisation",
            change: |ground, _| {
                ground.range.with_world(|world| {
                    world.organization.closed.insert(SECURITY.parse().unwrap());
                });
            },
            says: "is SUSPENDED",
        },
    ],
    undo: Undo::Refuses("captured memory"),
};

/// Makes it somebody's who lets the production account write, as the owner of a bucket for evidence does.
fn give(ground: &Ground, owner: &str) {
    let may = |action: &str, on: &str| {
        serde_json::json!({
            "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{PROD}:root")},
            "Action": action, "Resource": format!("arn:aws:s3:::{BUCKET}/quell/{on}")
        })
    };
    let policy = serde_json::json!({
        "Version": "2012-10-17", "Statement": [may("s3:PutObject", "*"), may("s3:GetObject", "tools/*")]
    });
    ground.bucket(BUCKET, |bucket: &mut Bucket| {
        bucket.owner = owner.parse().unwrap();
        bucket.policy = Some(Policy::resource(&policy.to_string()).unwrap());
    });
}

fn elsewhere(ground: &Ground) -> Request {
    give(ground, SECURITY);
    let mut request = request(ground);
    choose(&mut request, OWNER, SECURITY);
    request
}

fn applied(ground: &Ground, run: &Run) {
    let draft = &run.plan.draft;
    let said = draft.warnings.join("\n");
    assert!(
        said.contains("bucket acme-evidence of account 222222222222, security of your organisation"),
        "{said}"
    );
    assert!(!said.contains("not known to be"), "{said}");
    assert!(draft.expectations[0].to_string().ends_with(" of account 222222222222"));
    let journal = serde_json::to_string(&ground.records()).unwrap();
    assert!(journal.contains(r#""bucket-account":"222222222222""#), "{journal}");
}

/// The list is asked for as the owner's reader, wherever the bucket is; the plan's own account may have no leave.
#[test]
fn an_image_in_a_bucket_of_the_forensic_account_is_verified() {
    with_room(async || {
        for region in [None, Some(VIRGINIA)] {
            let ground = Ground::new().await;
            let request = elsewhere(&ground);
            if let Some(region) = region {
                ground.bucket(BUCKET, |bucket| bucket.region = region.parse().unwrap());
            }
            let run = ground.apply(ground.plan(&request).await.unwrap()).await.unwrap();
            let checks = ground.verify(&run).await;
            assert_eq!(checks[0].verdict, Verdict::Verified, "{checks:?}");
            assert!(checks[0].found.as_ref().unwrap().contains("is in S3"));
            let readers: Vec<String> = ground.range.with_world(|world| {
                let listed = world.log.iter().filter(|c| c.operation == "ListObjectsV2");
                listed.map(|c| c.caller_arn.clone()).collect()
            });
            assert!(!readers.is_empty());
            let own = format!(":{SECURITY}:assumed-role/quell-reader/");
            assert!(readers.iter().all(|arn| arn.contains(&own)), "{readers:?}");
        }
    });
}

/// Who only is told a name says so, and how that is mended.
#[test]
fn without_the_owner_it_is_said_that_it_cannot_be_verified() {
    with_room(async || {
        let ground = Ground::new().await;
        let mut request = elsewhere(&ground);
        choose(&mut request, OWNER, "");
        let plan = ground.plan(&request).await.unwrap();
        let said = plan.draft.warnings.join("\n");
        assert!(
            said.contains("is not known to be account 333333333333's") && said.contains("Choose bucket-account"),
            "{said}"
        );
    });
}
