//! RDS of the range: instances, clusters and their manual snapshots.
//!
//! Owns: the store of one account and region and the operations on it. Must never: take a group of another network, or change an
//! instance's groups where its cluster has them. A snapshot's progress is a matter of the clock alone.

mod master;
mod params;
mod read;
mod show;
mod write;

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::{Operation, Protocol, Service, reads, writes};
use crate::domain::Time;
use crate::range::call::{Answer, ApiError, Call};
use crate::range::world::World;

/// Databases of one account in one region, by identifier, which is in lower case.
#[derive(Clone, Debug, Default)]
pub struct Store {
    pub instances: BTreeMap<String, Instance>,
    pub clusters: BTreeMap<String, Cluster>,
    pub snapshots: BTreeMap<String, Snapshot>,
    pub cluster_snapshots: BTreeMap<String, Snapshot>,
}

/// One DB instance.
#[derive(Clone, Debug)]
pub struct Instance {
    pub id: String,
    pub engine: String,
    pub class: String,
    /// `available`, `stopped`, …; while a snapshot is made it is shown as `backing-up`.
    pub status: String,
    pub created: Time,
    pub vpc: String,
    /// Empty for a member of a cluster, which shows the cluster's.
    pub network: Network,
    pub public: bool,
    pub kms_key: Option<String>,
    pub cluster: Option<String>,
    /// Its read replicas.
    pub replicas: Vec<String>,
    pub writer: bool,
    pub master: Master,
    /// What waits for the maintenance window, by its name in `PendingModifiedValues`.
    pub pending: BTreeMap<String, String>,
    pub tags: BTreeMap<String, String>,
}

/// One Aurora cluster.
#[derive(Clone, Debug)]
pub struct Cluster {
    pub id: String,
    pub engine: String,
    pub status: String,
    pub created: Time,
    pub vpc: String,
    pub network: Network,
    pub kms_key: Option<String>,
    /// Whether the Data API answers for it.
    pub data_api: bool,
    pub master: Master,
    /// What waits for the maintenance window, by its name in `PendingModifiedValues`.
    pub pending: BTreeMap<String, String>,
    pub tags: BTreeMap<String, String>,
}

/// The VPC security groups, and when they were last changed.
#[derive(Clone, Debug, Default)]
pub struct Network {
    pub groups: Vec<String>,
    pub changed: Option<Time>,
}

/// The master user.
#[derive(Clone, Debug)]
pub struct Master {
    pub user: String,
    /// Whether Secrets Manager has its password.
    pub managed: bool,
    /// How often the password was made anew.
    pub rotated: u32,
    /// When that was last.
    pub renewed: Option<Time>,
}

/// A manual snapshot of an instance or a cluster.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub id: String,
    /// The instance or cluster.
    pub of: String,
    pub engine: String,
    pub vpc: String,
    pub kms_key: Option<String>,
    pub started: Time,
    pub tags: BTreeMap<String, String>,
}

impl Snapshot {
    /// How long one takes.
    const TIME: SignedDuration = SignedDuration::from_secs(240);

    /// Whole percent done.
    fn progress(&self, now: Time) -> i64 {
        let elapsed = (now.as_second() - self.started.as_second()).max(0);
        (elapsed * 100 / Self::TIME.as_secs()).min(100)
    }
}

impl Network {
    /// How long a group that was given is on its way.
    const TIME: SignedDuration = SignedDuration::from_secs(30);

    /// The memberships' status.
    fn status(&self, now: Time) -> &'static str {
        match self.changed {
            Some(changed) if now < changed + Self::TIME => "adding",
            _ => "active",
        }
    }
}

pub use master::keep as keep_master_secret;

/// The registry's entry.
pub const SERVICE: Service = Service {
    name: "rds",
    protocol: Protocol::Query {
        xmlns: "http://rds.amazonaws.com/doc/2014-10-31/",
    },
    global: false,
    operations: OPERATIONS,
    handle,
};

const OPERATIONS: &[Operation] = &[
    reads("DescribeDBClusterSnapshots"),
    reads("DescribeDBClusters"),
    reads("DescribeDBInstances"),
    reads("DescribeDBSnapshots"),
    writes("CreateDBClusterSnapshot"),
    writes("CreateDBSnapshot"),
    writes("ModifyDBCluster"),
    writes("ModifyDBInstance"),
];

fn handle(world: &mut World, call: &Call) -> Answer {
    let regional = world.here(call)?;
    match call.operation {
        "DescribeDBClusterSnapshots" => read::cluster_snapshots(&regional.rds, call),
        "DescribeDBClusters" => read::clusters(&regional.rds, call),
        "DescribeDBInstances" => read::instances(&regional.rds, call),
        "DescribeDBSnapshots" => read::snapshots(&regional.rds, call),
        "CreateDBClusterSnapshot" => write::snapshot_cluster(&mut regional.rds, call),
        "CreateDBSnapshot" => write::snapshot(&mut regional.rds, call),
        "ModifyDBCluster" => write::modify_cluster(regional, call),
        "ModifyDBInstance" => write::modify(regional, call),
        other => Err(ApiError::new(400, "InvalidAction", other)),
    }
}

/// What the call needs, as IAM checks it: action and resource (Service Authorization Reference, Amazon RDS).
pub(in crate::range) fn needs(call: &Call) -> Vec<(String, String)> {
    let action = format!("rds:{}", call.operation);
    let one = |kind: &str, name: &str| arn(call, kind, &call.text(name).unwrap_or("*").to_ascii_lowercase());
    let (source, snapshot) = match call.operation {
        "ModifyDBInstance" => return vec![(action, one("db", "DBInstanceIdentifier"))],
        "ModifyDBCluster" => return vec![(action, one("cluster", "DBClusterIdentifier"))],
        "CreateDBSnapshot" => (
            one("db", "DBInstanceIdentifier"),
            one("snapshot", "DBSnapshotIdentifier"),
        ),
        "CreateDBClusterSnapshot" => (
            one("cluster", "DBClusterIdentifier"),
            one("cluster-snapshot", "DBClusterSnapshotIdentifier"),
        ),
        _ => return vec![(action, "*".to_owned())],
    };
    let mut needs = vec![(action.clone(), source), (action, snapshot.clone())];
    if call.params.get("Tags").is_some() {
        needs.push(("rds:AddTagsToResource".to_owned(), snapshot));
    }
    needs
}

/// `arn:aws:rds:us-east-1:123456789012:db:name`
fn arn(call: &Call, kind: &str, id: &str) -> String {
    format!("arn:aws:rds:{}:{}:{kind}:{id}", call.region, call.caller.account)
}
