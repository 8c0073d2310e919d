//! Snapshots that are made, and databases that are changed.

use std::collections::BTreeMap;

use serde_json::json;

use super::params::{flag, identifier, invalid, list, new_identifier, tags};
use super::read::{no_cluster, no_instance};
use super::{Master, Network, Snapshot, Store, master, show};
use crate::range::call::{Answer, ApiError, Call};
use crate::range::services::ec2;
use crate::range::world::Regional;

pub fn snapshot(store: &mut Store, call: &Call) -> Answer {
    let id = new_identifier(call, "DBSnapshotIdentifier")?;
    let of = identifier(call.text("DBInstanceIdentifier").unwrap_or_default());
    let instance = store.instances.get(&of).ok_or_else(|| no_instance(&of))?;
    if store.snapshots.contains_key(&id) {
        let text = format!("Cannot create the snapshot because a snapshot with the identifier {id} already exists.");
        return Err(ApiError::new(400, "DBSnapshotAlreadyExists", text));
    }
    if show::instance(store, instance, call)["DBInstanceStatus"] != "available" {
        let text = format!(
            "Cannot create a snapshot because the database instance {of} is not currently in the available state."
        );
        return Err(ApiError::new(400, "InvalidDBInstanceState", text));
    }
    let made = Snapshot {
        id: id.clone(),
        of,
        engine: instance.engine.clone(),
        vpc: instance.vpc.clone(),
        kms_key: instance.kms_key.clone(),
        started: call.now,
        tags: tags(call),
    };
    let shown = show::snapshot(&made, false, call);
    store.snapshots.insert(id, made);
    Ok(json!({ "DBSnapshot": shown }))
}

pub fn snapshot_cluster(store: &mut Store, call: &Call) -> Answer {
    let id = new_identifier(call, "DBClusterSnapshotIdentifier")?;
    let of = identifier(call.text("DBClusterIdentifier").unwrap_or_default());
    let cluster = store.clusters.get(&of).ok_or_else(|| no_cluster(&of))?;
    if store.cluster_snapshots.contains_key(&id) {
        let text = format!("Cannot create the cluster snapshot because one with the identifier {id} already exists.");
        return Err(ApiError::new(400, "DBClusterSnapshotAlreadyExistsFault", text));
    }
    if show::cluster(store, cluster, call)["Status"] != "available" {
        let text = format!("DBCluster {of} is not currently in the available state.");
        return Err(ApiError::new(400, "InvalidDBClusterStateFault", text));
    }
    let made = Snapshot {
        id: id.clone(),
        of,
        engine: cluster.engine.clone(),
        vpc: cluster.vpc.clone(),
        kms_key: cluster.kms_key.clone(),
        started: call.now,
        tags: tags(call),
    };
    let shown = show::snapshot(&made, true, call);
    store.cluster_snapshots.insert(id, made);
    Ok(json!({ "DBClusterSnapshot": shown }))
}

pub fn modify(regional: &mut Regional, call: &Call) -> Answer {
    let id = identifier(call.text("DBInstanceIdentifier").unwrap_or_default());
    let instance = regional.rds.instances.get(&id).ok_or_else(|| no_instance(&id))?;
    // While a snapshot is made it is `backing-up`, and takes no change.
    if show::instance(&regional.rds, instance, call)["DBInstanceStatus"] != "available" {
        let text = "Database instance is not in available state.";
        return Err(ApiError::new(400, "InvalidDBInstanceState", text));
    }
    let instance = regional.rds.instances.get_mut(&id).ok_or_else(|| no_instance(&id))?;
    let groups = groups(call, &regional.ec2, &instance.vpc)?;
    let password = password(call, &instance.master)?;
    if instance.cluster.is_some() && (groups.is_some() || password) {
        let text = "The specified DB Instance is a member of a cluster. Modify vpc security group for the DB Cluster using the \
                    ModifyDbCluster API";
        return Err(ApiError::new(400, "InvalidParameterCombination", text));
    }
    if let Some(public) = flag(call, "PubliclyAccessible")? {
        instance.public = public;
    }
    at_once(&mut instance.pending, call)?
        .remove("DBInstanceClass")
        .into_iter()
        .for_each(|class| instance.class = class);
    give(&mut instance.network, groups, call);
    if password {
        master::renew(&mut regional.secretsmanager, &mut instance.master, (&id, false), call);
    }
    let store = &regional.rds;
    let shown = store.instances.get(&id).map(|i| show::instance(store, i, call));
    Ok(json!({ "DBInstance": shown }))
}

pub fn modify_cluster(regional: &mut Regional, call: &Call) -> Answer {
    let id = identifier(call.text("DBClusterIdentifier").unwrap_or_default());
    let cluster = regional.rds.clusters.get(&id).ok_or_else(|| no_cluster(&id))?;
    let shown = show::cluster(&regional.rds, cluster, call);
    let status = shown["Status"].as_str().unwrap_or_default();
    if status != "available" {
        let text = format!("DB cluster is not available for modification with status {status}");
        return Err(ApiError::new(400, "InvalidDBClusterStateFault", text));
    }
    let cluster = regional.rds.clusters.get_mut(&id).ok_or_else(|| no_cluster(&id))?;
    let groups = groups(call, &regional.ec2, &cluster.vpc)?;
    let password = password(call, &cluster.master)?;
    at_once(&mut cluster.pending, call)?;
    give(&mut cluster.network, groups, call);
    if password {
        master::renew(&mut regional.secretsmanager, &mut cluster.master, (&id, true), call);
    }
    let store = &regional.rds;
    let shown = store.clusters.get(&id).map(|c| show::cluster(store, c, call));
    Ok(json!({ "DBCluster": shown }))
}

/// What waited for the maintenance window and is applied by this call, since that says `ApplyImmediately`.
fn at_once(pending: &mut BTreeMap<String, String>, call: &Call) -> Result<BTreeMap<String, String>, ApiError> {
    Ok(match flag(call, "ApplyImmediately")? {
        Some(true) => std::mem::take(pending),
        Some(false) | None => BTreeMap::new(),
    })
}

/// Groups are changed at once in any case.
fn give(network: &mut Network, groups: Option<Vec<String>>, call: &Call) {
    if let Some(groups) = groups
        && network.groups != groups
    {
        *network = Network {
            groups,
            changed: Some(call.now),
        };
    }
}

/// The groups that are given: each must be there, in the database's network.
fn groups(call: &Call, ec2: &ec2::Store, vpc: &str) -> Result<Option<Vec<String>>, ApiError> {
    let Some(given) = list(call, "VpcSecurityGroupIds", "VpcSecurityGroupId") else {
        return Ok(None);
    };
    let mut groups = Vec::new();
    for id in given.iter().filter_map(|id| id.as_str()) {
        let Some(group) = ec2.groups.get(id) else {
            return Err(invalid(format!("Invalid security group , groupId= {id}, groupName=.")));
        };
        if group.vpc != vpc {
            let text = format!(
                "The DB instance and EC2 security group are in different VPCs. The DB instance is in {vpc} and the EC2 security \
                 group is in {}",
                group.vpc
            );
            return Err(ApiError::new(400, "InvalidParameterCombination", text));
        }
        groups.push(id.to_owned());
    }
    groups.sort();
    Ok(Some(groups))
}

/// Whether the master user's password is made anew: handed to Secrets Manager, or rotated where that has it.
fn password(call: &Call, master: &Master) -> Result<bool, ApiError> {
    let combination = |text: &str| Err(ApiError::new(400, "InvalidParameterCombination", text));
    if flag(call, "RotateMasterUserPassword")? == Some(true) {
        if !master.managed {
            return combination(
                "You can't rotate the master user password because it isn't managed by RDS in Secrets Manager.",
            );
        }
        if flag(call, "ApplyImmediately")? != Some(true) {
            return combination("You must apply the change immediately when rotating the master user password.");
        }
        return Ok(true);
    }
    Ok(flag(call, "ManageMasterUserPassword")? == Some(true) && !master.managed)
}
