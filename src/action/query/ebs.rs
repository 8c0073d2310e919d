//! What may be asked about snapshots that are evidence: what there is, who may use them, what holds them.

use serde::{Deserialize, Serialize};

use super::Ask;
use crate::domain::{AccountId, IncidentId, InstanceId, SnapshotId};

/// One read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case", deny_unknown_fields)]
pub enum EbsQuery {
    /// `DescribeSnapshots` of the account's own by the tags `quell:instance` and `quell:incident`, copies of them too.
    EvidenceSnapshots { instance: InstanceId, incident: IncidentId },
    /// The same, for what only must not be done twice: how far they are may change between plan and apply.
    TakenBefore { instance: InstanceId, incident: IncidentId },
    /// `DescribeSnapshots` by the tag `quell:instance`, and `DescribeSnapshotAttribute` of each: those that the account may use.
    SharedEvidence { instance: InstanceId, account: AccountId },
    /// `DescribeSnapshotAttribute` for `createVolumePermission`: who may make a volume of it.
    SnapshotShares { id: SnapshotId },
    /// `DescribeLockedSnapshots`, of which only those of these snapshots are told.
    SnapshotLocks { ids: Vec<SnapshotId> },
}

impl Ask for EbsQuery {
    fn is_advisory(&self) -> bool {
        match self {
            Self::TakenBefore { .. } | Self::SharedEvidence { .. } => true,
            Self::EvidenceSnapshots { .. } | Self::SnapshotShares { .. } | Self::SnapshotLocks { .. } => false,
        }
    }

    fn permissions(&self) -> &'static [&'static str] {
        match self {
            Self::EvidenceSnapshots { .. } | Self::TakenBefore { .. } => &["ec2:DescribeSnapshots"],
            Self::SharedEvidence { .. } => &["ec2:DescribeSnapshots", "ec2:DescribeSnapshotAttribute"],
            Self::SnapshotShares { .. } => &["ec2:DescribeSnapshotAttribute"],
            Self::SnapshotLocks { .. } => &["ec2:DescribeLockedSnapshots"],
        }
    }
}
