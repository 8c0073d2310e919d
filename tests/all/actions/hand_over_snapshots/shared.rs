//! What is under a customer's key is shared as it is.

use super::*;

pub const SHARED: Case = Case {
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
