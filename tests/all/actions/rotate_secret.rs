//! `rotate-secret`: one secret, and every secret that a user read.

use quell::action::{ActionName, RefusalKind, Request};
use quell::domain::{Resource, ResourceKind};
use quell::range::services::secretsmanager::Secret;
use quell::runtime::{NoPlan, Run};

use super::checker::{self, Case, Refused, Stale, Undo, five_cases};
use crate::support::ground::{Ground, PROD, SEOUL, VIRGINIA};
use crate::support::room::with_room;

five_cases! {
    one: ONE;
    all_that_a_user_read: READ_BY_USER;
}

fn request(ground: &Ground, kind: ResourceKind, target: &str) -> Request {
    ground.request(ActionName::RotateSecret, kind, SEOUL, target)
}

fn change<T>(ground: &Ground, name: &str, change: impl FnOnce(&mut Secret) -> T) -> T {
    ground.range.with_world(|world| {
        let place = world.regional(&PROD.parse().unwrap(), &SEOUL.parse().unwrap());
        change(place.unwrap().secretsmanager.secrets.get_mut(name).unwrap())
    })
}

const ONE: Case = Case {
    request: |ground| request(ground, ResourceKind::Secret, "payments/db"),
    calls: &["secretsmanager:RotateSecret"],
    applied: |ground, run| {
        change(ground, "payments/db", |secret| assert_eq!(secret.versions.len(), 3));
        said(run, "stays as AWSPREVIOUS");
        said(run, "Contain whoever read it first");
        said(run, "lately deploy-bot (");
    },
    refusals: &[
        Refused {
            name: "another kind of target",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Instance, "i-0ab12cd34ef567890"),
            kind: RefusalKind::WrongTarget,
            says: "is an instance",
        },
        Refused {
            name: "unknown",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Secret, "payments/none"),
            kind: RefusalKind::Gone,
            says: "can't find the specified secret",
        },
        Refused {
            name: "a user's name",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Secret, "deploy-bot"),
            kind: RefusalKind::WrongTarget,
            says: "There is no secret deploy-bot in ap-northeast-2; it is the name of a user of IAM.",
        },
        Refused {
            name: "a secret's and a role's name",
            spoil: |ground, request| {
                ground.range.with_world(|world| {
                    let place = world.regional(&PROD.parse().unwrap(), &SEOUL.parse().unwrap());
                    let secrets = &mut place.unwrap().secretsmanager.secrets;
                    let mut namesake = secrets["payments/db"].clone();
                    "payments-app".clone_into(&mut namesake.name);
                    secrets.insert(namesake.name.clone(), namesake);
                });
                request.target = Resource::new(ResourceKind::Secret, "payments-app");
            },
            kind: RefusalKind::WrongTarget,
            says: "payments-app is the name of a secret, and of a role of IAM.",
        },
        Refused {
            name: "no rotation",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Secret, "legacy/ftp"),
            kind: RefusalKind::WrongTarget,
            says: "no rotation configured",
        },
        Refused {
            name: "marked for deletion",
            spoil: |ground, _| change(ground, "payments/db", |secret| secret.deleted = Some(secret.created)),
            kind: RefusalKind::WrongTarget,
            says: "marked for deletion",
        },
        Refused {
            name: "a rotation is under way",
            spoil: |ground, _| change(ground, "payments/db", under_way),
            kind: RefusalKind::AlreadyDone,
            says: "under way already",
        },
    ],
    stale: &[
        Stale {
            name: "somebody rotates it",
            change: |ground, _| change(ground, "payments/db", under_way),
            says: "under way already",
        },
        Stale {
            name: "another function rotates it",
            change: |ground, _| {
                change(ground, "payments/db", |secret| {
                    secret.rotation = Some(format!("arn:aws:lambda:{SEOUL}:{PROD}:function:evil"));
                });
            },
            says: "secretsmanager:DescribeSecret: it was",
        },
    ],
    undo: Undo::Refuses("rotated secrets, which cannot be taken back"),
};

const READ_BY_USER: Case = Case {
    request: |ground| request(ground, ResourceKind::User, "deploy-bot"),
    applied: |_, run| {
        said(run, "By hand: legacy/ftp: it has no rotation configured.");
        said(run, "read 2 secrets 61 times");
        said(run, "Only ap-northeast-2 was looked at");
    },
    refusals: &[
        Refused {
            name: "nothing was read in this region",
            spoil: |_, request| request.region = VIRGINIA.parse().unwrap(),
            kind: RefusalKind::Gone,
            says: "shows no secret that the user deploy-bot read",
        },
        Refused {
            name: "nothing of it rotates",
            spoil: |ground, _| change(ground, "payments/db", |secret| secret.rotation = None),
            kind: RefusalKind::WrongTarget,
            says: "payments/db: it has no rotation configured",
        },
    ],
    stale: &[Stale {
        name: "its rotation was switched off",
        change: |ground, _| change(ground, "payments/db", |secret| secret.rotation = None),
        says: "No secret that the user deploy-bot read can be rotated",
    }],
    ..ONE
};

/// A rotation that has begun and does not end.
fn under_way(secret: &mut Secret) {
    let mut version = secret.versions.values().next().unwrap().clone();
    version.stages = ["AWSPENDING".to_owned()].into();
    secret
        .versions
        .insert("11111111-2222-4333-8444-555555555555".to_owned(), version);
    secret.broken = true;
}

fn said(run: &Run, part: &str) {
    let draft = &run.plan.draft;
    let all: Vec<&str> = draft
        .warnings
        .iter()
        .chain(&draft.neighbours)
        .map(String::as_str)
        .collect();
    assert!(all.iter().any(|line| line.contains(part)), "{part}: {all:?}");
}

#[test]
fn a_role_s_and_a_key_s_reads_are_found_too() {
    with_room(async || {
        let ground = Ground::new().await;
        let key = ground.key("deploy-bot", 0);
        for (kind, target, rotated) in [
            (ResourceKind::Role, "payments-app", "payments/api"),
            (ResourceKind::AccessKey, key.as_str(), "payments/db"),
        ] {
            let plan = ground.plan(&request(&ground, kind, target)).await.unwrap();
            let phrases: Vec<String> = plan
                .draft
                .calls
                .iter()
                .map(quell::action::PlannedCall::phrase)
                .collect();
            assert_eq!(phrases.len(), 1, "{target}: {phrases:?}");
            assert!(phrases[0].starts_with(&format!("rotate {rotated}-")), "{phrases:?}");
        }
    });
}

/// The secret's own policy may let the responder rotate it from here, but everything that the plan says is of this account.
#[test]
fn a_secret_of_another_account_or_region_is_told_and_never_rotated() {
    with_room(async || {
        let ground = Ground::new().await;
        let foreign = [
            format!("arn:aws:secretsmanager:{SEOUL}:111111111111:secret:shared/api-a1b2c3"),
            format!("arn:aws:secretsmanager:{VIRGINIA}:{PROD}:secret:payments/db-a1b2c3"),
        ];
        ground.range.with_world(|world| {
            let place = world.regional(&PROD.parse().unwrap(), &SEOUL.parse().unwrap()).unwrap();
            let history = &mut place.cloudtrail.history;
            let read = |event: &&quell::range::services::cloudtrail::Event| event.who.name == "deploy-bot";
            let like = history.iter().rfind(read).unwrap().clone();
            assert_eq!(like.name, "GetSecretValue");
            for (number, arn) in foreign.iter().enumerate() {
                let mut event = like.clone();
                event.id = format!("00000000-0000-4000-8000-00000000000{number}");
                event.error = None;
                event.resources = vec![("AWS::SecretsManager::Secret".to_owned(), arn.clone())];
                event.params = serde_json::json!({ "secretId": arn });
                history.push(event);
            }
        });
        let request = request(&ground, ResourceKind::User, "deploy-bot");
        let run = ground.apply(ground.plan(&request).await.unwrap()).await.unwrap();
        assert_eq!((run.trouble.as_ref(), run.outcomes.len()), (None, 1));
        said(
            &run,
            &format!("By hand: {}: it is a secret of 111111111111 in {SEOUL}", foreign[0]),
        );
        said(
            &run,
            &format!("By hand: {}: it is a secret of {PROD} in {VIRGINIA}", foreign[1]),
        );
        let asked: Vec<String> = run
            .plan
            .before
            .iter()
            .map(|reading| format!("{:?}", reading.query))
            .collect();
        assert!(asked.iter().all(|query| !query.contains("shared/api")), "{asked:?}");
    });
}

/// The rotation function fails: the label stays where it is, and Secrets Manager says so in CloudTrail.
#[test]
fn a_rotation_that_fails_ends_not_verified_with_what_aws_says() {
    with_room(async || {
        let ground = Ground::new().await;
        change(&ground, "payments/db", |secret| secret.broken = true);
        let request = request(&ground, ResourceKind::Secret, "payments/db");
        let run = ground.apply(ground.plan(&request).await.unwrap()).await.unwrap();
        assert_eq!(run.trouble, None, "AWS took the call");
        let checks = ground.verify(&run).await;
        let [check] = checks.as_slice() else {
            panic!("{checks:?}")
        };
        assert_eq!(check.verdict.word(), "failed", "{check:?}");
        assert!(
            check
                .detail()
                .contains("says AWS: The rotation function ended with an error."),
            "{check:?}"
        );
        // Whoever plans it again is told that the first is still under way.
        let NoPlan::Refused(refusal) = ground.plan(&request).await.unwrap_err() else {
            panic!("it is refused")
        };
        assert_eq!(refusal.kind, RefusalKind::AlreadyDone, "{refusal}");
    });
}
