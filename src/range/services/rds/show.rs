//! Databases and snapshots as RDS answers them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::params::named;
use super::{Cluster, Instance, Network, Snapshot, Store, arn, master};
use crate::range::call::Call;

pub fn instance(store: &Store, instance: &Instance, call: &Call) -> Value {
    let cluster = instance.cluster.as_ref().and_then(|id| store.clusters.get(id));
    let network = cluster.map_or(&instance.network, |cluster| &cluster.network);
    let master = cluster.map_or(&instance.master, |cluster| &cluster.master);
    json!({
        "DBInstanceIdentifier": instance.id,
        "DBInstanceArn": arn(call, "db", &instance.id),
        "DBInstanceClass": instance.class,
        "DBInstanceStatus": status(&instance.status, store.snapshots.values(), &instance.id, call),
        "DBSubnetGroup": {"DBSubnetGroupName": "default", "VpcId": instance.vpc, "SubnetGroupStatus": "Complete"},
        "DBClusterIdentifier": instance.cluster,
        "Endpoint": {"Address": format!("{}.cluster.{}.rds.amazonaws.com", instance.id, call.region), "Port": 5432},
        "Engine": instance.engine,
        "InstanceCreateTime": instance.created.to_string(),
        "KmsKeyId": instance.kms_key,
        "MasterUsername": master.user,
        "MasterUserSecret": master::show(master, cluster.map_or(&instance.id, |c| &c.id), cluster.is_some(), call),
        "MultiAZ": false,
        "PendingModifiedValues": instance.pending,
        "PubliclyAccessible": instance.public,
        "ReadReplicaDBInstanceIdentifiers": named(
            "ReadReplicaDBInstanceIdentifier",
            instance.replicas.iter().map(|id| json!(id)).collect(),
        ),
        "StorageEncrypted": instance.kms_key.is_some(),
        "TagList": tags(&instance.tags),
        "VpcSecurityGroups": groups(network, call),
    })
}

pub fn cluster(store: &Store, cluster: &Cluster, call: &Call) -> Value {
    let members = store
        .instances
        .values()
        .filter(|i| i.cluster.as_ref() == Some(&cluster.id));
    let members =
        members.map(|i| json!({"DBInstanceIdentifier": i.id, "IsClusterWriter": i.writer, "PromotionTier": 1}));
    json!({
        "DBClusterIdentifier": cluster.id,
        "DBClusterArn": arn(call, "cluster", &cluster.id),
        "DBClusterMembers": named("DBClusterMember", members.collect()),
        "DBSubnetGroup": "default",
        "ClusterCreateTime": cluster.created.to_string(),
        "Endpoint": format!("{}.cluster.{}.rds.amazonaws.com", cluster.id, call.region),
        "Engine": cluster.engine,
        "HttpEndpointEnabled": cluster.data_api,
        "KmsKeyId": cluster.kms_key,
        "MasterUsername": cluster.master.user,
        "MasterUserSecret": master::show(&cluster.master, &cluster.id, true, call),
        "PendingModifiedValues": cluster.pending,
        "Status": status(&cluster.status, store.cluster_snapshots.values(), &cluster.id, call),
        "StorageEncrypted": cluster.kms_key.is_some(),
        "TagList": tags(&cluster.tags),
        "VpcSecurityGroups": groups(&cluster.network, call),
    })
}

/// A snapshot; `of_cluster` says which of the two kinds it is, whose members have other names.
pub fn snapshot(snapshot: &Snapshot, of_cluster: bool, call: &Call) -> Value {
    let progress = snapshot.progress(call.now);
    let (kind, source, arn_kind) = if of_cluster {
        ("DBClusterSnapshot", "DBClusterIdentifier", "cluster-snapshot")
    } else {
        ("DBSnapshot", "DBInstanceIdentifier", "snapshot")
    };
    let encrypted = if of_cluster { "StorageEncrypted" } else { "Encrypted" };
    let mut shown = json!({
        "SnapshotCreateTime": snapshot.started.to_string(),
        "Engine": snapshot.engine,
        "Status": if progress == 100 { "available" } else { "creating" },
        "VpcId": snapshot.vpc,
        "SnapshotType": "manual",
        "PercentProgress": progress,
        "KmsKeyId": snapshot.kms_key,
        "TagList": tags(&snapshot.tags),
    });
    shown[format!("{kind}Identifier")] = snapshot.id.as_str().into();
    shown[format!("{kind}Arn")] = arn(call, arn_kind, &snapshot.id).into();
    shown[source] = snapshot.of.as_str().into();
    shown[encrypted] = snapshot.kms_key.is_some().into();
    shown
}

/// The status of an instance or cluster: `backing-up` while one of its snapshots is made.
fn status<'s>(own: &'s str, mut snapshots: impl Iterator<Item = &'s Snapshot>, id: &str, call: &Call) -> &'s str {
    let running = snapshots.any(|s| s.of == id && s.progress(call.now) < 100);
    if own == "available" && running {
        "backing-up"
    } else {
        own
    }
}

fn groups(network: &Network, call: &Call) -> Value {
    let status = network.status(call.now);
    let groups = network.groups.iter();
    let groups = groups.map(|group| json!({"VpcSecurityGroupId": group, "Status": status}));
    named("VpcSecurityGroupMembership", groups.collect())
}

fn tags(tags: &BTreeMap<String, String>) -> Value {
    let tags = tags.iter().map(|(key, value)| json!({"Key": key, "Value": value}));
    named("Tag", tags.collect())
}
