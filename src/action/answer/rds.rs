//! What RDS answers, reduced to what plans and screens use.

use serde::{Deserialize, Serialize};

use crate::domain::{Arn, DatabaseId, GroupId, Time, Untrusted, VpcId};

/// A DB instance or an Aurora cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    pub id: DatabaseId,
    pub arn: Arn,
    pub engine: String,
    /// `available`, `backing-up`, `stopped`, …
    pub status: String,
    /// A cluster's own answer names no VPC; its members do.
    pub vpc: Option<VpcId>,
    /// Sorted.
    pub groups: Vec<GroupId>,
    /// Whether every group is `active`, and none still on its way.
    pub groups_active: bool,
    /// Whether it has a public address; a cluster has none of its own.
    pub public: bool,
    /// The cluster that an instance is a member of.
    pub cluster: Option<DatabaseId>,
    pub master_user: Untrusted,
    /// The secret of the master user, where Secrets Manager has the password.
    pub master_secret: Option<String>,
    /// That secret's state: `creating`, `active`, `rotating`, `impaired`.
    #[serde(default)]
    pub master_secret_status: Option<String>,
    pub kms_key: Option<String>,
    /// Whether a cluster answers SQL over HTTPS (the Data API), which no security group stops.
    #[serde(default)]
    pub data_api: bool,
    /// Instances and clusters outside of it that hold the same data, by identifier or, in another region, by ARN. Sorted.
    #[serde(default)]
    pub replicas: Vec<Untrusted>,
    /// What somebody changed of it that waits for its maintenance window (`PendingModifiedValues`). Sorted.
    #[serde(default)]
    pub pending: Vec<Untrusted>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseSnapshot {
    pub id: String,
    /// `creating`, `available`, `failed`, …
    pub status: String,
    /// Percent.
    pub progress: i32,
    /// When it was taken (`SnapshotCreateTime`); none in the first moments, and where AWS does not say.
    #[serde(default)]
    pub created: Option<Time>,
}
