//! `hand-over-snapshots`: copies of what cannot be shared, and then the grant, the shares and the locks.

use quell::action::{ActionName, Plan, RefusalKind, Request, Undo as Reversal, Verdict};
use quell::domain::{Resource, ResourceKind};
use quell::range::services::ec2::SnapshotLock;
use quell::range::services::ec2::model::Snapshot;
use quell::range::services::kms;
use quell::runtime::{NoPlan, Run};

use super::checker::{self, Case, Refused, Stale, Undo, five_cases};
use crate::support::ground::{Ground, PROD, SEOUL, VIRGINIA};
use crate::support::room::with_room;

five_cases! {
    copied_first: COPIED;
    under_a_customer_key: SHARED;
}

const FORENSIC: &str = "444455556666";
const BOOT: &str = "snap-0aaaaaaaaaaaaaaa1";
const DATA: &str = "snap-0aaaaaaaaaaaaaaa2";

fn in_kms<T>(ground: &Ground, look: impl FnOnce(&mut kms::Store) -> T) -> T {
    ground.range.with_world(|world| {
        let place = world.regional(&PROD.parse().unwrap(), &SEOUL.parse().unwrap());
        look(&mut place.unwrap().kms)
    })
}

/// The ARN of the key with this alias.
pub fn key(ground: &Ground, alias: &str) -> String {
    let id = in_kms(ground, |kms| kms.aliases[&format!("alias/{alias}")].clone());
    format!("arn:aws:kms:{SEOUL}:{PROD}:key/{id}")
}

/// A complete snapshot of the instance, as snapshot-instance takes it, under the key with this alias or under none.
fn take(ground: &Ground, id: &str, alias: Option<&str>) {
    let kms_key = alias.map(|alias| key(ground, alias));
    let instance = ground.instance("two");
    let now = ground.range.with_world(|world| world.now());
    let tags = [
        ("quell:incident", "INC-7"),
        ("quell:instance", &instance),
        ("quell:device", "/dev/xvda"),
        ("team", "payments"),
    ];
    ground.meddle(SEOUL, |ec2| {
        let snapshot = Snapshot {
            id: id.to_owned(),
            volume: "vol-0eeeeeeeeeeeeeeee".to_owned(),
            size: 30,
            encrypted: kms_key.is_some(),
            kms_key,
            description: String::new(),
            started: now - jiff::SignedDuration::from_hours(1),
            fault: None,
            shared: std::collections::BTreeSet::new(),
            lock: None,
            tags: tags.map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
        };
        ec2.snapshots.insert(id.to_owned(), snapshot);
    });
}

fn snapshot<T>(ground: &Ground, id: &str, change: impl FnOnce(&mut Snapshot) -> T) -> T {
    ground.meddle(SEOUL, |ec2| change(ec2.snapshots.get_mut(id).unwrap()))
}

fn request(ground: &Ground, choices: &[(&str, &str)]) -> Request {
    let id = ground.instance("two");
    let mut request = ground.request(ActionName::HandOverSnapshots, ResourceKind::Instance, SEOUL, &id);
    choose(&mut request, "forensic-account", FORENSIC);
    for (name, value) in choices {
        choose(&mut request, name, value);
    }
    request
}

fn choose(request: &mut Request, name: &str, value: &str) {
    request.choices.insert(name.to_owned(), value.to_owned());
}

const COPIED: Case = Case {
    request: |ground| {
        take(ground, BOOT, Some("aws/ebs"));
        take(ground, DATA, None);
        request(ground, &[("kms-key", &key(ground, "shared"))])
    },
    calls: &["ec2:CopySnapshot", "ec2:CopySnapshot"],
    applied: copied,
    refusals: &[
        Refused {
            name: "another kind of target",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Bucket, "payments"),
            kind: RefusalKind::WrongTarget,
            says: "a bucket, not an instance",
        },
        Refused {
            name: "no account",
            spoil: |_, request| {
                request.choices.remove("forensic-account");
            },
            kind: RefusalKind::BadChoice,
            says: "which account gets the snapshots",
        },
        Refused {
            name: "not an account",
            spoil: |_, request| choose(request, "forensic-account", "forensics"),
            kind: RefusalKind::BadChoice,
            says: "an AWS account id is 12 digits",
        },
        Refused {
            name: "the account that has them",
            spoil: |_, request| choose(request, "forensic-account", PROD),
            kind: RefusalKind::BadChoice,
            says: "is the account that the snapshots are in",
        },
        Refused {
            name: "a key's alias",
            spoil: |_, request| choose(request, "kms-key", "alias/\u{202e}shared"),
            kind: RefusalKind::BadChoice,
            says: "alias/⟨U+202E⟩shared is not the ARN of a key",
        },
        Refused {
            name: "a key of another region",
            spoil: |ground, request| {
                let there = key(ground, "shared").replace(SEOUL, VIRGINIA);
                choose(request, "kms-key", &there);
            },
            kind: RefusalKind::BadChoice,
            says: "is not the ARN of a key of account 333333333333 in ap-northeast-2",
        },
        Refused {
            name: "AWS's own key",
            spoil: |ground, request| choose(request, "kms-key", &key(ground, "aws/ebs")),
            kind: RefusalKind::BadChoice,
            says: "managed by AWS",
        },
        Refused {
            name: "a key that is off",
            spoil: |ground, request| choose(request, "kms-key", &key(ground, "off")),
            kind: RefusalKind::BadChoice,
            says: "is Disabled",
        },
        Refused {
            name: "no such key",
            spoil: |_, request| {
                let none = format!("arn:aws:kms:{SEOUL}:{PROD}:key/0ab12cd3-0000-4000-8000-000000000000");
                choose(request, "kms-key", &none);
            },
            kind: RefusalKind::Gone,
            says: "does not exist",
        },
        Refused {
            name: "a lock of no days",
            spoil: |_, request| choose(request, "lock-days", "0"),
            kind: RefusalKind::BadChoice,
            says: "0 is not a number of days",
        },
        Refused {
            name: "a lock that is longer than AWS has it",
            spoil: |_, request| choose(request, "lock-days", "36501"),
            kind: RefusalKind::BadChoice,
            says: "36501 is not a number of days",
        },
        Refused {
            name: "compliance for nobody knows how long",
            spoil: |_, request| choose(request, "lock-compliance", "yes"),
            kind: RefusalKind::BadChoice,
            says: "not for how long",
        },
        Refused {
            name: "taken for another incident",
            spoil: |_, request| "INC-8".clone_into(&mut request.incident),
            kind: RefusalKind::Gone,
            says: "no snapshot of",
        },
        Refused {
            name: "under way",
            spoil: |ground, _| {
                let now = ground.range.with_world(|world| world.now());
                // Of 30 seconds twelve are over.
                snapshot(ground, DATA, |s| s.started = now - jiff::SignedDuration::from_secs(12));
            },
            kind: RefusalKind::WrongTarget,
            says: "1 of 2 snapshots are complete: snap-0aaaaaaaaaaaaaaa2 is at 40 %.",
        },
        Refused {
            name: "nothing but what failed",
            spoil: |ground, _| {
                for id in [BOOT, DATA] {
                    snapshot(ground, id, |s| s.fault = Some("no".to_owned()));
                }
            },
            kind: RefusalKind::Gone,
            says: "no snapshot of",
        },
        Refused {
            name: "no key for what AWS lets nobody share",
            spoil: |_, request| {
                request.choices.remove("kms-key");
            },
            kind: RefusalKind::BadChoice,
            says: "snap-0aaaaaaaaaaaaaaa1 is encrypted with AWS's own key (aws/ebs)",
        },
        Refused {
            name: "no key for what is not encrypted",
            spoil: |ground, request| {
                request.choices.remove("kms-key");
                ground.meddle(SEOUL, |ec2| ec2.snapshots.remove(BOOT));
            },
            kind: RefusalKind::BadChoice,
            says: "snap-0aaaaaaaaaaaaaaa2 is not encrypted",
        },
    ],
    stale: &[
        Stale {
            name: "another was taken since",
            change: |ground, _| take(ground, "snap-0aaaaaaaaaaaaaaa3", None),
            says: "would now plan 3 calls; the confirmed plan has 2",
        },
        Stale {
            name: "the key was switched off",
            change: |ground, _| switch_off(ground, "shared"),
            says: "is Disabled",
        },
    ],
    undo: Undo::Refuses("there is nothing to take back"),
};

const SHARED: Case = Case {
    request: |ground| {
        take(ground, BOOT, Some("shared"));
        take(ground, DATA, Some("shared"));
        request(ground, &[("lock-days", "30")])
    },
    calls: &[
        "kms:CreateGrant",
        "ec2:ModifySnapshotAttribute",
        "ec2:ModifySnapshotAttribute",
        "ec2:LockSnapshot",
        "ec2:LockSnapshot",
    ],
    applied: shared,
    refusals: &[
        Refused {
            name: "shared, granted and locked already",
            spoil: |ground, request| {
                request.choices.remove("lock-days");
                ground.meddle(SEOUL, |ec2| {
                    for s in ec2.snapshots.values_mut() {
                        s.shared.insert(FORENSIC.to_owned());
                    }
                });
                give(
                    ground,
                    &["CreateGrant", "Decrypt", "DescribeKey", "GenerateDataKey"],
                    true,
                );
            },
            kind: RefusalKind::AlreadyDone,
            says: "can use all 2 snapshots already",
        },
        Refused {
            name: "under a key that is off",
            spoil: |ground, _| switch_off(ground, "shared"),
            kind: RefusalKind::BadChoice,
            says: "is Disabled",
        },
        Refused {
            name: "under a key of another account",
            spoil: |ground, _| {
                let other = format!("arn:aws:kms:{SEOUL}:{FORENSIC}:key/0ab12cd3-0000-4000-8000-000000000000");
                snapshot(ground, BOOT, |s| s.kms_key = Some(other));
            },
            kind: RefusalKind::BadChoice,
            says: "which is not of this account and region",
        },
    ],
    stale: &[
        Stale {
            name: "somebody shared one",
            change: |ground, _| {
                snapshot(ground, BOOT, |s| s.shared.insert(FORENSIC.to_owned()));
            },
            says: "ec2:DescribeSnapshotAttribute: it was",
        },
        Stale {
            name: "somebody gave the account a grant",
            change: |ground, _| give(ground, &["Decrypt"], false),
            says: "kms:ListGrants: it was",
        },
        Stale {
            name: "somebody locked one",
            change: |ground, _| lock(ground, BOOT, 7, false),
            says: "ec2:DescribeLockedSnapshots: it was",
        },
    ],
    undo: Undo::Restores,
};

fn switch_off(ground: &Ground, alias: &str) {
    in_kms(ground, |kms| {
        let id = kms.aliases[&format!("alias/{alias}")].clone();
        kms.keys.get_mut(&id).unwrap().state = kms::State::Disabled;
    });
}

/// A grant for the forensic account, of the plan's own name with all that it needs, or somebody's.
fn give(ground: &Ground, operations: &[&str], own: bool) {
    let instance = ground.instance("two");
    let created = ground.range.with_world(|world| world.now());
    let mut operations: Vec<String> = operations.iter().map(|o| (*o).to_owned()).collect();
    if own {
        operations.extend(["GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo"].map(str::to_owned));
    }
    let grant = kms::Grant {
        id: "0".repeat(64),
        name: own.then(|| format!("quell-INC-7-{instance}-{FORENSIC}")),
        created,
        grantee: format!("arn:aws:iam::{FORENSIC}:root"),
        retiring: None,
        operations,
    };
    in_kms(ground, |kms| {
        let id = kms.aliases["alias/shared"].clone();
        kms.keys.get_mut(&id).unwrap().grants.insert(grant.id.clone(), grant);
    });
}

fn lock(ground: &Ground, id: &str, days: i64, compliance: bool) {
    let since = ground.range.with_world(|world| world.now());
    let lock = SnapshotLock {
        compliance,
        days,
        since,
        cool_off: None,
        until: None,
    };
    snapshot(ground, id, |s| s.lock = Some(lock));
}

fn said(plan: &Plan) -> String {
    let draft = &plan.draft;
    let all = draft.warnings.iter().chain(&draft.neighbours).chain(&draft.lost);
    all.cloned().collect::<Vec<_>>().join("\n")
}

/// The copies that there are, in no order that means anything.
fn copies(ground: &Ground) -> Vec<Snapshot> {
    ground.meddle(SEOUL, |ec2| {
        let all = ec2.snapshots.values();
        all.filter(|s| s.tags.contains_key("quell:copy-of")).cloned().collect()
    })
}

fn copied(ground: &Ground, run: &Run) {
    let copies = copies(ground);
    let mut of: Vec<&str> = copies.iter().map(|c| c.tags["quell:copy-of"].as_str()).collect();
    of.sort_unstable();
    assert_eq!(of, [BOOT, DATA]);
    for copy in &copies {
        assert!(
            copy.encrypted && copy.kms_key == Some(key(ground, "shared")),
            "{copy:?}"
        );
        assert!(copy.shared.is_empty() && copy.lock.is_none(), "{copy:?}");
        for (tag, value) in [
            ("quell:incident", "INC-7"),
            ("quell:device", "/dev/xvda"),
            ("quell:volume", "vol-0eeeeeeeeeeeeeeee"),
        ] {
            assert_eq!(copy.tags[tag], value);
        }
        assert!(!copy.tags.contains_key("team"), "the owner's tags stay the owner's");
    }
    let said = said(&run.plan);
    assert!(
        said.contains("first of two plans") && said.contains("Key used: lately "),
        "{said}"
    );
}

fn shared(ground: &Ground, run: &Run) {
    for id in [BOOT, DATA] {
        snapshot(ground, id, |s| {
            assert!(s.shared.iter().eq([FORENSIC]));
            let lock = s.lock.as_ref().unwrap();
            assert_eq!((lock.compliance, lock.days), (false, 30));
        });
    }
    in_kms(ground, |kms| {
        let grants = &kms.keys[&kms.aliases["alias/shared"]].grants;
        let [grant] = grants.values().collect::<Vec<_>>()[..] else {
            panic!("one grant: {grants:?}");
        };
        assert_eq!(grant.grantee, format!("arn:aws:iam::{FORENSIC}:root"));
        assert_eq!(grant.operations.len(), 7);
    });
    let said = said(&run.plan);
    for part in [
        "Snapshots and keys are regional: account 444455556666 finds these in ap-northeast-2",
        "all that is under key",
        "The lock: an undo leaves it on.",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

async fn refusal(ground: &Ground, request: &Request) -> String {
    match ground.plan(request).await {
        Err(NoPlan::Refused(refusal)) => refusal.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_copied_is_handed_over_when_it_is_complete_and_what_failed_is_copied_anew() {
    with_room(async || {
        let ground = Ground::new().await;
        let first = (COPIED.request)(&ground);
        // The key goes off as the first copy is asked for: AWS takes the call, and the copy comes to nothing.
        let run = ground.apply(ground.plan(&first).await.unwrap()).await.unwrap();
        let failed = copies(&ground)[0].id.clone();
        snapshot(&ground, &failed, |s| {
            s.fault = Some("Given key ID is not accessible".to_owned())
        });

        let waits = refusal(&ground, &first).await;
        assert!(
            waits.contains("2 of 3 snapshots are complete") && waits.contains("is at 0 %"),
            "{waits}"
        );
        let checks = ground.verify(&run).await;
        let verdicts: Vec<&Verdict> = checks.iter().map(|c| &c.verdict).collect();
        let failure = Verdict::Failed(format!(
            "{failed} is in the state error: Given key ID is not accessible"
        ));
        assert!(
            verdicts.contains(&&failure) && verdicts.contains(&&Verdict::Verified),
            "{verdicts:?}"
        );

        let again = ground.plan(&first).await.unwrap();
        assert_eq!(again.draft.calls.len(), 1);
        assert!(
            said(&again).contains(&format!("{failed} is in the state error")),
            "{}",
            said(&again)
        );
        let run = ground.apply(again).await.unwrap();
        ground.verify(&run).await;

        let second = ground.plan(&first).await.unwrap();
        let run = ground.apply(second).await.unwrap();
        assert_eq!(run.trouble, None);
        for check in ground.verify(&run).await {
            assert_eq!(check.verdict, Verdict::Verified, "{}", check.expectation);
        }
        for copy in copies(&ground) {
            assert_eq!(copy.shared.contains(FORENSIC), copy.id != failed, "{copy:?}");
        }
        for id in [BOOT, DATA] {
            assert!(
                snapshot(&ground, id, |s| s.shared.is_empty()),
                "what was taken stays at home"
            );
        }
        assert!(refusal(&ground, &first).await.contains("already"));
        // Copies stay when the shares are taken back.
        let undo = ground.undo(run.seq).await.unwrap();
        ground.apply(undo).await.unwrap();
        assert!(copies(&ground).len() == 3 && copies(&ground).iter().all(|c| c.shared.is_empty()));
    });
}

#[test]
fn a_lock_is_made_stronger_and_never_weaker() {
    with_room(async || {
        let ground = Ground::new().await;
        (SHARED.request)(&ground);
        lock(&ground, BOOT, 90, false);
        lock(&ground, DATA, 7, true);
        let request = request(&ground, &[("lock-days", "30"), ("lock-compliance", "yes")]);
        let plan = ground.plan(&request).await.unwrap();
        let locks: Vec<String> = plan.draft.calls[3..].iter().map(|c| c.phrase()).collect();
        assert_eq!(
            locks,
            [format!(
                "{BOOT}: lock it for 90 days in compliance mode (it was governance, 90 days)"
            )]
        );
        assert_eq!(plan.draft.calls[3].undo, Reversal::Irreversible);
        let said = said(&plan);
        assert!(
            said.contains(&format!("{DATA} is locked already (compliance, 7 days)")),
            "{said}"
        );
        assert!(said.contains("nobody can take it off"), "{said}");
        let run = ground.apply(plan).await.unwrap();
        for check in ground.verify(&run).await {
            assert_eq!(check.verdict, Verdict::Verified, "{}", check.expectation);
        }
        let undo = ground.undo(run.seq).await.unwrap();
        assert!(self::said(&undo).contains("The locks stay on"));
    });
}

#[test]
fn who_has_them_already_is_named() {
    with_room(async || {
        let ground = Ground::new().await;
        let request = (SHARED.request)(&ground);
        snapshot(&ground, BOOT, |s| s.shared.insert("666677778888".to_owned()));
        give(&ground, &["Decrypt"], false);
        let plan = ground.plan(&request).await.unwrap();
        // Somebody's grant does not allow enough, and would go with whoever made it.
        assert_eq!(plan.draft.calls[0].mutation.permission(), "kms:CreateGrant");
        let said = said(&plan);
        for part in [
            format!("{BOOT} is shared already with 666677778888."),
            format!("arn:aws:iam::{FORENSIC}:root (Decrypt)"),
        ] {
            assert!(said.contains(&part), "{part}: {said}");
        }
        let run = ground.apply(plan).await.unwrap();
        let undo = ground.undo(run.seq).await.unwrap();
        ground.apply(undo).await.unwrap();
        let left = in_kms(&ground, |kms| kms.keys[&kms.aliases["alias/shared"]].grants.len());
        assert_eq!(left, 1, "somebody's grant stays");
        assert!(snapshot(&ground, BOOT, |s| s.shared.iter().eq(["666677778888"])));
    });
}
