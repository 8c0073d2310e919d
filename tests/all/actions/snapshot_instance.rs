//! `snapshot-instance`: one set of snapshots of both volumes.

use std::collections::BTreeSet;

use quell::action::{ActionName, RefusalKind};
use quell::domain::{Resource, ResourceKind};
use quell::runtime::Run;

use super::checker::{self, Case, Refused, Stale, Undo, five_cases};
use crate::support::ground::{Ground, SEOUL};

five_cases! {
    two_volumes: TWO;
}

const TWO: Case = Case {
    request: |ground| {
        let id = ground.instance("two");
        ground.request(ActionName::SnapshotInstance, ResourceKind::Instance, SEOUL, &id)
    },
    calls: &["ec2:CreateSnapshots", "ec2:CreateTags", "ec2:CreateTags"],
    applied,
    refusals: &[
        Refused {
            name: "another kind of target",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Bucket, "payments"),
            kind: RefusalKind::WrongTarget,
            says: "a bucket, not an instance",
        },
        Refused {
            name: "unknown",
            spoil: |_, request| request.target = Resource::new(ResourceKind::Instance, "i-0123456789abcdef0"),
            kind: RefusalKind::Gone,
            says: "does not exist",
        },
        Refused {
            name: "no volume",
            spoil: |ground, _| ground.meddle(SEOUL, |ec2| ec2.volumes.clear()),
            kind: RefusalKind::Gone,
            says: "no EBS volume",
        },
    ],
    stale: &[
        Stale {
            name: "a volume was detached",
            change: |ground, plan| {
                ground.meddle(SEOUL, |ec2| {
                    let id = ec2.volumes_of(plan.request.target.id.raw())[0].id.clone();
                    ec2.volumes.get_mut(&id).unwrap().attachment = None;
                });
            },
            says: "would now plan 2 calls; the confirmed plan has 3",
        },
        Stale {
            name: "a volume was replaced by one of the same size",
            change: |ground, plan| {
                ground.meddle(SEOUL, |ec2| {
                    let id = ec2.volumes_of(plan.request.target.id.raw())[0].id.clone();
                    let mut volume = ec2.volumes.remove(&id).unwrap();
                    "vol-0123456789abcdef0".clone_into(&mut volume.id);
                    ec2.volumes.insert(volume.id.clone(), volume);
                });
            },
            says: "vol-0123456789abcdef0",
        },
    ],
    undo: Undo::Refuses("took snapshots"),
};

fn applied(ground: &Ground, run: &Run) {
    let id = run.plan.request.target.id.raw();
    ground.meddle(SEOUL, |ec2| {
        let attached: BTreeSet<(&str, &str)> = ec2
            .volumes_of(id)
            .into_iter()
            .map(|v| (v.id.as_str(), v.attachment.as_ref().unwrap().device.as_str()))
            .collect();
        let taken: BTreeSet<(&str, &str)> = ec2
            .snapshots
            .values()
            .map(|s| (s.volume.as_str(), s.tags["quell:device"].as_str()))
            .collect();
        assert_eq!(taken, attached, "each volume once, under its device");
        assert_eq!(taken.len(), 2);
        let moments: BTreeSet<_> = ec2.snapshots.values().map(|s| s.started).collect();
        assert_eq!(moments.len(), 1, "one set");
        assert!(
            ec2.snapshots
                .values()
                .all(|s| s.tags["quell:incident"] == "INC-7" && s.tags["quell:instance"] == id)
        );
    });
}
