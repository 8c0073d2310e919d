//! What may be asked of RDS.

use serde::{Deserialize, Serialize};

use super::Ask;
use crate::domain::{Arn, DatabaseId};

/// One read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case", deny_unknown_fields)]
pub enum RdsQuery {
    /// `DescribeDBInstances` for one identifier.
    Database { id: DatabaseId },
    /// `DescribeDBClusters` for one identifier.
    DatabaseCluster { id: DatabaseId },
    /// `DescribeDBInstances` of one cluster.
    ClusterMembers { of: DatabaseId },
    /// `DescribeDBSnapshots` or `DescribeDBClusterSnapshots` for one identifier.
    DatabaseSnapshot { id: DatabaseId, of_cluster: bool },
    /// `DescribeDBSnapshots` or `DescribeDBClusterSnapshots` of one database: the manual ones with the tag `quell:incident` of this
    /// incident.
    DatabaseEvidence {
        of: DatabaseId,
        of_cluster: bool,
        incident: String,
    },
    /// `DescribeDBInstances`, those that are encrypted with this key.
    DatabasesUnderKey { key: Arn },
    /// `DescribeDBSnapshots` and `DescribeDBClusterSnapshots`, those that are encrypted with this key and have the tag
    /// `quell:incident`.
    DatabaseEvidenceUnderKey { key: Arn },
}

impl Ask for RdsQuery {
    fn is_advisory(&self) -> bool {
        match self {
            Self::DatabasesUnderKey { .. } => true,
            Self::Database { .. }
            | Self::DatabaseCluster { .. }
            | Self::ClusterMembers { .. }
            | Self::DatabaseSnapshot { .. }
            | Self::DatabaseEvidence { .. }
            | Self::DatabaseEvidenceUnderKey { .. } => false,
        }
    }

    fn permissions(&self) -> &'static [&'static str] {
        match self {
            Self::Database { .. } | Self::ClusterMembers { .. } | Self::DatabasesUnderKey { .. } => {
                &["rds:DescribeDBInstances"]
            }
            Self::DatabaseCluster { .. } => &["rds:DescribeDBClusters"],
            Self::DatabaseSnapshot { of_cluster: false, .. } | Self::DatabaseEvidence { of_cluster: false, .. } => {
                &["rds:DescribeDBSnapshots"]
            }
            Self::DatabaseSnapshot { of_cluster: true, .. } | Self::DatabaseEvidence { of_cluster: true, .. } => {
                &["rds:DescribeDBClusterSnapshots"]
            }
            Self::DatabaseEvidenceUnderKey { .. } => &["rds:DescribeDBSnapshots", "rds:DescribeDBClusterSnapshots"],
        }
    }
}
