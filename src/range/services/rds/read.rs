//! `DescribeDB…`.

use serde_json::Value;

use super::params::{identifier, invalid, list, page};
use super::{Snapshot, Store, show};
use crate::range::call::{Answer, ApiError, Call};

pub fn instances(store: &Store, call: &Call) -> Answer {
    let wanted = call.text("DBInstanceIdentifier").map(identifier);
    let fits = |id: &String| wanted.as_ref().is_none_or(|wanted| wanted == id);
    let of_cluster = cluster_filter(call)?;
    let member = |cluster: Option<&String>| {
        let wanted = of_cluster.as_ref();
        wanted.is_none_or(|wanted| cluster.is_some_and(|c| wanted.contains(c)))
    };
    let all: Vec<(String, Value)> = store
        .instances
        .iter()
        .filter(|(id, instance)| fits(id) && member(instance.cluster.as_ref()))
        .map(|(id, instance)| (id.clone(), show::instance(store, instance, call)))
        .collect();
    if let Some(id) = wanted.filter(|_| all.is_empty()) {
        return Err(no_instance(&id));
    }
    page(call, ("DBInstances", "DBInstance"), all)
}

/// The clusters whose members are asked for. It is the one filter that the range knows.
fn cluster_filter(call: &Call) -> Result<Option<Vec<String>>, ApiError> {
    let mut wanted = None;
    for filter in list(call, "Filters", "Filter").into_iter().flatten() {
        let name = filter["Name"].as_str().unwrap_or_default();
        if name != "db-cluster-id" {
            return Err(invalid(format!("Unrecognized filter name: {name}")));
        }
        let values = &filter["Values"];
        let values = values.get("Value").unwrap_or(values).as_array();
        let values = values.into_iter().flatten().filter_map(Value::as_str);
        wanted = Some(values.map(identifier).collect());
    }
    Ok(wanted)
}

pub fn clusters(store: &Store, call: &Call) -> Answer {
    let wanted = call.text("DBClusterIdentifier").map(identifier);
    let fits = |id: &String| wanted.as_ref().is_none_or(|wanted| wanted == id);
    let all: Vec<(String, Value)> = store
        .clusters
        .iter()
        .filter(|(id, _)| fits(id))
        .map(|(id, cluster)| (id.clone(), show::cluster(store, cluster, call)))
        .collect();
    if let Some(id) = wanted.filter(|_| all.is_empty()) {
        return Err(no_cluster(&id));
    }
    page(call, ("DBClusters", "DBCluster"), all)
}

pub fn snapshots(store: &Store, call: &Call) -> Answer {
    let wanted = (call.text("DBSnapshotIdentifier"), call.text("DBInstanceIdentifier"));
    let all = fitting(store.snapshots.values(), wanted, false, call);
    if let Some(id) = wanted.0.filter(|_| all.is_empty()) {
        let text = format!("DBSnapshot {id} not found.");
        return Err(ApiError::new(404, "DBSnapshotNotFound", text));
    }
    page(call, ("DBSnapshots", "DBSnapshot"), all)
}

pub fn cluster_snapshots(store: &Store, call: &Call) -> Answer {
    let wanted = (
        call.text("DBClusterSnapshotIdentifier"),
        call.text("DBClusterIdentifier"),
    );
    let all = fitting(store.cluster_snapshots.values(), wanted, true, call);
    if let Some(id) = wanted.0.filter(|_| all.is_empty()) {
        let text = format!("DBClusterSnapshot {id} not found.");
        return Err(ApiError::new(404, "DBClusterSnapshotNotFoundFault", text));
    }
    page(call, ("DBClusterSnapshots", "DBClusterSnapshot"), all)
}

/// The snapshots with this id and of this database, where they are given.
fn fitting<'s>(
    all: impl Iterator<Item = &'s Snapshot>,
    (id, of): (Option<&str>, Option<&str>),
    of_cluster: bool,
    call: &Call,
) -> Vec<(String, Value)> {
    let (id, of) = (id.map(identifier), of.map(identifier));
    all.filter(|s| id.as_ref().is_none_or(|id| *id == s.id) && of.as_ref().is_none_or(|of| *of == s.of))
        .map(|s| (s.id.clone(), show::snapshot(s, of_cluster, call)))
        .collect()
}

pub fn no_instance(id: &str) -> ApiError {
    ApiError::new(404, "DBInstanceNotFound", format!("DBInstance {id} not found."))
}

pub fn no_cluster(id: &str) -> ApiError {
    ApiError::new(404, "DBClusterNotFoundFault", format!("DBCluster {id} not found."))
}
