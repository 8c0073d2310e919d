//! What may be changed about snapshots that are evidence: copies, who may use them, what holds them. There is no call that deletes
//! one, and none that takes a lock off.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Call, Grant, Made, NotMade, Place};
use crate::domain::{AccountId, Arn, Region, SnapshotId, Time};

/// What EBS does with a key in the caller's name to copy a snapshot (EBS User Guide, "Permissions for IAM users" of encryption).
const KEY_USES: [&str; 6] = [
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
];

/// One call that changes something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "call", deny_unknown_fields)]
pub enum EbsCall {
    /// copies a snapshot within its region, encrypted with this key. It goes on after the call was answered.
    CopySnapshot {
        source: SnapshotId,
        region: Region,
        /// The key that the source is encrypted with, where that is known.
        source_key: Option<Arn>,
        key: Arn,
        description: String,
        tags: BTreeMap<String, String>,
    },
    /// `ModifySnapshotAttribute` of `createVolumePermission`: lets an account make volumes of it, and copy it.
    ShareSnapshot { snapshot: SnapshotId, account: AccountId },
    /// The same attribute: takes that back. What the account copied meanwhile stays the account's.
    UnshareSnapshot { snapshot: SnapshotId, account: AccountId },
    /// nobody can delete it for so many days: in governance mode but for who may unlock it, in compliance mode nobody at all.
    LockSnapshot {
        snapshot: SnapshotId,
        days: i32,
        compliance: bool,
        /// Until then in place of `days`, where a lock that is there is changed: that AWS counts days anew then is written nowhere.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Time>,
    },
}

impl Call for EbsCall {
    fn permission(&self) -> &'static str {
        match self {
            Self::CopySnapshot { .. } => "ec2:CopySnapshot",
            Self::ShareSnapshot { .. } | Self::UnshareSnapshot { .. } => "ec2:ModifySnapshotAttribute",
            Self::LockSnapshot { .. } => "ec2:LockSnapshot",
        }
    }

    fn needs(&self, place: &Place<'_>) -> Vec<Grant> {
        let action = self.permission();
        let own = |id: &str| snapshot_arn(place, id);
        match self {
            Self::CopySnapshot {
                source,
                source_key,
                key,
                ..
            } => {
                let via = format!("ec2.{}.amazonaws.com", place.region);
                let keys = std::iter::once(key).chain(source_key).flat_map(|key| {
                    KEY_USES.map(|action| Grant {
                        action,
                        resource: key.to_string(),
                        via: Some(via.clone()),
                    })
                });
                let calls = [
                    Grant::on(action, own(source.as_str())),
                    Grant::on(action, own("*")),
                    Grant::on("ec2:CreateTags", own("*")),
                ];
                calls.into_iter().chain(keys).collect()
            }
            Self::ShareSnapshot { snapshot, .. }
            | Self::UnshareSnapshot { snapshot, .. }
            | Self::LockSnapshot { snapshot, .. } => vec![Grant::on(action, own(snapshot.as_str()))],
        }
    }

    fn resolve(&mut self, _made: &Made) -> Result<(), NotMade> {
        match self {
            Self::CopySnapshot { .. }
            | Self::ShareSnapshot { .. }
            | Self::UnshareSnapshot { .. }
            | Self::LockSnapshot { .. } => Ok(()),
        }
    }

    fn phrase(&self, was: &str) -> String {
        match self {
            Self::CopySnapshot { source, key, .. } => format!("copy {source} under {key}"),
            Self::ShareSnapshot { snapshot, account } => {
                format!("{snapshot}: let account {account} make volumes and copies of it")
            }
            Self::UnshareSnapshot { snapshot, account } => {
                format!("{snapshot}: account {account} can no longer make volumes or copies of it")
            }
            Self::LockSnapshot {
                snapshot,
                days,
                compliance,
                until,
            } => {
                let mode = if *compliance { "compliance" } else { "governance" };
                let was = if was.is_empty() {
                    String::new()
                } else {
                    format!(" (it was {was})")
                };
                match until {
                    Some(until) => format!("{snapshot}: lock it until {until} in {mode} mode{was}"),
                    None => format!("{snapshot}: lock it for {days} days in {mode} mode{was}"),
                }
            }
        }
    }
}

// A snapshot's ARN has no account in many of AWS's own examples and has one in the reference, so any will do.
fn snapshot_arn(place: &Place<'_>, id: &str) -> String {
    format!("arn:{}:ec2:{}:*:snapshot/{id}", place.partition, place.region)
}
