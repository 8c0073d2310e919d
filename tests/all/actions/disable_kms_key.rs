//! `disable-kms-key`: a key that a database, a secret and a grant depend on.

use quell::action::{ActionName, Plan, RefusalKind, Request};
use quell::domain::{Resource, ResourceKind};
use quell::range::services::ec2::model::Snapshot;
use quell::range::services::kms::{Key, State};
use quell::runtime::Run;

use super::checker::{self, Case, Refused, Stale, Undo, five_cases};
use crate::support::ground::{Ground, PROD, SEOUL, VIRGINIA};

five_cases! {
    by_id: BY_ID;
    by_alias: BY_ALIAS;
}

/// The id of the key with this alias.
fn key(ground: &Ground, alias: &str) -> String {
    in_kms(ground, |kms| kms.aliases[&format!("alias/{alias}")].clone())
}

fn in_kms<T>(ground: &Ground, look: impl FnOnce(&mut quell::range::services::kms::Store) -> T) -> T {
    ground.range.with_world(|world| {
        let place = world.regional(&PROD.parse().unwrap(), &SEOUL.parse().unwrap());
        look(&mut place.unwrap().kms)
    })
}

fn change(ground: &Ground, change: fn(&mut Key)) {
    let id = key(ground, "payments");
    in_kms(ground, |kms| change(kms.keys.get_mut(&id).unwrap()));
}

fn request(ground: &Ground, target: &str) -> Request {
    ground.request(ActionName::DisableKmsKey, ResourceKind::Key, SEOUL, target)
}

fn retarget(ground: &Ground, request: &mut Request, alias: &str) {
    request.target = Resource::new(ResourceKind::Key, key(ground, alias));
}

const BY_ID: Case = Case {
    request: |ground| request(ground, &key(ground, "payments")),
    calls: &["kms:DisableKey"],
    applied,
    refusals: &[
        Refused {
            name: "another kind of target",
            spoil: |_, request| request.target = Resource::new(ResourceKind::User, "deploy-bot"),
            kind: RefusalKind::WrongTarget,
            says: "not a KMS key",
        },
        Refused {
            name: "not an id",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Key, "alias/\u{202e}"),
            kind: RefusalKind::WrongTarget,
            says: "not an alias",
        },
        Refused {
            name: "unknown",
            spoil: |_, request| {
                request.target = Resource::new(ResourceKind::Key, "0ab12cd3-0000-4000-8000-000000000000");
            },
            kind: RefusalKind::Gone,
            says: "does not exist",
        },
        Refused {
            name: "in another region",
            spoil: |ground, request| {
                let arn = format!("arn:aws:kms:{VIRGINIA}:{PROD}:key/{}", key(ground, "payments"));
                request.target = Resource::new(ResourceKind::Key, arn);
            },
            kind: RefusalKind::WrongTarget,
            says: "and the plan is for",
        },
        Refused {
            name: "AWS's own",
            spoil: |ground, request| retarget(ground, request, "aws/rds"),
            kind: RefusalKind::WrongTarget,
            says: "managed by AWS",
        },
        Refused {
            name: "off already",
            spoil: |ground, request| retarget(ground, request, "off"),
            kind: RefusalKind::AlreadyDone,
            says: "already disabled",
        },
        Refused {
            name: "pending deletion",
            spoil: |ground, _| change(ground, |key| key.state = State::PendingDeletion),
            kind: RefusalKind::AlreadyDone,
            says: "waits for its deletion",
        },
        Refused {
            name: "a disk's snapshot is evidence",
            spoil: |ground, _| evidence(ground, "quell:incident"),
            kind: RefusalKind::Unsafe,
            says: "snap-0eeeeeeeeeeeeeeee of incident INC-3",
        },
        Refused {
            name: "it says itself that it protects evidence",
            spoil: |ground, _| {
                change(ground, |key| {
                    key.tags.insert("quell:evidence".to_owned(), "bucket".to_owned());
                });
            },
            kind: RefusalKind::Unsafe,
            says: "quell:evidence = bucket",
        },
    ],
    stale: &[
        Stale {
            name: "somebody disabled it",
            change: |ground, _| change(ground, |key| key.state = State::Disabled),
            says: "already disabled",
        },
        Stale {
            name: "evidence came under it",
            change: |ground, _| evidence(ground, "quell:incident"),
            says: "protects evidence",
        },
        Stale {
            name: "it was described otherwise",
            change: |ground, _| change(ground, |key| "Journals".clone_into(&mut key.description)),
            says: "kms:DescribeKey: it was",
        },
    ],
    undo: Undo::Restores,
};

const BY_ALIAS: Case = Case {
    request: |ground| request(ground, "alias/payments"),
    refusals: &[Refused {
        name: "no such alias",
        spoil: |_, request| request.target = Resource::new(ResourceKind::Key, "alias/none"),
        kind: RefusalKind::Gone,
        says: "alias/none is not found",
    }],
    stale: &[Stale {
        name: "the alias leads to another key",
        change: |ground, _| {
            let other = key(ground, "shared");
            in_kms(ground, |kms| kms.aliases.insert("alias/payments".to_owned(), other));
        },
        says: "kms:DescribeKey: it was",
    }],
    ..BY_ID
};

/// A snapshot under the key, with this tag.
fn evidence(ground: &Ground, tag: &str) {
    let arn = format!("arn:aws:kms:{SEOUL}:{PROD}:key/{}", key(ground, "payments"));
    let started = ground.range.with_world(|world| world.now());
    ground.meddle(SEOUL, |ec2| {
        let snapshot = Snapshot {
            id: "snap-0eeeeeeeeeeeeeeee".to_owned(),
            volume: "vol-0eeeeeeeeeeeeeeee".to_owned(),
            size: 8,
            encrypted: true,
            kms_key: Some(arn),
            description: String::new(),
            started,
            fault: None,
            shared: std::collections::BTreeSet::new(),
            lock: None,
            tags: [(tag.to_owned(), "INC-3".to_owned())].into(),
        };
        ec2.snapshots.insert(snapshot.id.clone(), snapshot);
    });
}

fn said(plan: &Plan) -> String {
    let draft = &plan.draft;
    draft
        .warnings
        .iter()
        .chain(&draft.neighbours)
        .cloned()
        .collect::<Vec<_>>()
        .join("\n")
}

fn applied(ground: &Ground, run: &Run) {
    let id = key(ground, "payments");
    in_kms(ground, |kms| assert_eq!(kms.keys[&id].state, State::Disabled));
    let said = said(&run.plan);
    for part in [
        "role/payments-app (Decrypt, GenerateDataKey)",
        "Databases under it, which RDS stops: payments-db.",
        "Secrets under it: payments/db.",
        "alias/payments",
        // Nobody used it but quell itself, to plan this.
        "Used: no management event in 90 days, says CloudTrail in the plan's region. Quell's own",
        "Undo within 7 days",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let lost = run.plan.draft.lost.join("\n");
    assert!(lost.contains("do not start again by themselves"), "{lost}");
}

#[test]
fn a_key_in_two_regions_is_disabled_in_one_and_the_plan_says_so() {
    crate::support::room::with_room(async || {
        let ground = Ground::new().await;
        evidence(&ground, "team");
        let plan = ground.plan(&request(&ground, &key(&ground, "shared"))).await.unwrap();
        assert!(
            said(&plan).contains("multi-Region key, in ap-northeast-2, us-east-1"),
            "{}",
            said(&plan)
        );
        // A snapshot that is nobody's evidence stops nothing, and is named.
        let plan = ground.plan(&request(&ground, &key(&ground, "payments"))).await.unwrap();
        assert!(
            said(&plan).contains("Snapshots under it: snap-0eeeeeeeeeeeeeeee."),
            "{}",
            said(&plan)
        );
    });
}
