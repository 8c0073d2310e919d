//! Manual snapshots of databases: one by its identifier, and those that are evidence.
//!
//! Owns: every page of both lists. Must never: take a snapshot for evidence that has no incident's tag.

use aws_sdk_rds::Client;
use aws_sdk_rds::operation::RequestId as _;
use aws_sdk_rds::types::{DbClusterSnapshot, DbSnapshot, Tag};

use super::super::convert::{missing, time};
use super::super::{Found, circle, only};
use crate::action::{Answer, DatabaseSnapshot, ReadFailure};
use crate::cloud::errors::CallError;
use crate::cloud::pages::Pages;
use crate::domain::{Arn, DatabaseId, Untrusted};

const SNAPSHOTS: &str = "rds:DescribeDBSnapshots";
const CLUSTER_SNAPSHOTS: &str = "rds:DescribeDBClusterSnapshots";
/// The tag that everything which is evidence carries.
const INCIDENT_TAG: &str = "quell:incident";

/// One snapshot of an instance.
pub(super) async fn one(client: &Client, id: &DatabaseId) -> Found {
    let page = client
        .describe_db_snapshots()
        .db_snapshot_identifier(id.as_str())
        .send()
        .await;
    let page = page.map_err(|e| CallError::from_sdk(SNAPSHOTS, &e))?;
    let one = only(SNAPSHOTS, id.as_str(), page.db_snapshots().to_vec())?;
    let found = of_instance(&one)?;
    Ok((Answer::DatabaseSnapshot(found), page.request_id().map(str::to_owned)))
}

/// One snapshot of a cluster.
pub(super) async fn one_of_cluster(client: &Client, id: &DatabaseId) -> Found {
    let asked = client.describe_db_cluster_snapshots();
    let page = asked.db_cluster_snapshot_identifier(id.as_str()).send().await;
    let page = page.map_err(|e| CallError::from_sdk(CLUSTER_SNAPSHOTS, &e))?;
    let one = only(CLUSTER_SNAPSHOTS, id.as_str(), page.db_cluster_snapshots().to_vec())?;
    let found = of_cluster(&one)?;
    Ok((Answer::DatabaseSnapshot(found), page.request_id().map(str::to_owned)))
}

/// Those of one database that were taken for an incident.
pub(super) async fn taken_for(client: &Client, of: &DatabaseId, clusters: bool, incident: &str) -> Found {
    let is_for = |tags: &[Tag]| {
        let mut tags = tags.iter().filter(|tag| tag.key() == Some(INCIDENT_TAG));
        tags.any(|tag| tag.value() == Some(incident))
    };
    let (mut found, request_id): (Vec<DatabaseSnapshot>, _) = if clusters {
        let (all, request_id) = every_of_clusters(client, Some(of)).await?;
        let mine = all.iter().filter(|s| is_for(s.tag_list()));
        (mine.map(of_cluster).collect::<Result<_, _>>()?, request_id)
    } else {
        let (all, request_id) = every(client, Some(of)).await?;
        let mine = all.iter().filter(|s| is_for(s.tag_list()));
        (mine.map(of_instance).collect::<Result<_, _>>()?, request_id)
    };
    found.sort_by(|a, b| b.created.cmp(&a.created).then_with(|| a.id.cmp(&b.id)));
    Ok((Answer::DatabaseSnapshots(found), request_id))
}

/// Those under the key that are evidence, of instances and of clusters.
pub(super) async fn evidence_under(client: &Client, key: &Arn) -> Found {
    let is_evidence = |kms: Option<&str>, tags: &[Tag]| {
        kms == Some(key.as_str()) && tags.iter().any(|tag| tag.key() == Some(INCIDENT_TAG))
    };
    let (of_instances, _) = every(client, None).await?;
    let (of_clusters, request_id) = every_of_clusters(client, None).await?;
    let of_instances = of_instances
        .iter()
        .filter(|s| is_evidence(s.kms_key_id(), s.tag_list()))
        .map(|s| s.db_snapshot_identifier());
    let of_clusters = of_clusters
        .iter()
        .filter(|s| is_evidence(s.kms_key_id(), s.tag_list()))
        .map(|s| s.db_cluster_snapshot_identifier());
    let names = of_instances.chain(of_clusters);
    let mut names: Vec<Untrusted> = names.map(|name| Untrusted::new(name.unwrap_or_default())).collect();
    names.sort();
    Ok((Answer::Names(names), request_id))
}

fn of_instance(from: &DbSnapshot) -> Result<DatabaseSnapshot, ReadFailure> {
    let id = from.db_snapshot_identifier();
    Ok(DatabaseSnapshot {
        id: id.ok_or_else(|| missing(SNAPSHOTS, "DBSnapshotIdentifier"))?.to_owned(),
        status: from.status().ok_or_else(|| missing(SNAPSHOTS, "Status"))?.to_owned(),
        progress: from.percent_progress().unwrap_or(0),
        created: time(from.snapshot_create_time()),
    })
}

fn of_cluster(from: &DbClusterSnapshot) -> Result<DatabaseSnapshot, ReadFailure> {
    let id = from.db_cluster_snapshot_identifier();
    let id = id.ok_or_else(|| missing(CLUSTER_SNAPSHOTS, "DBClusterSnapshotIdentifier"))?;
    let status = from.status().ok_or_else(|| missing(CLUSTER_SNAPSHOTS, "Status"))?;
    Ok(DatabaseSnapshot {
        id: id.to_owned(),
        status: status.to_owned(),
        progress: from.percent_progress().unwrap_or(0),
        created: time(from.snapshot_create_time()),
    })
}

/// The manual snapshots of instances, or of one.
async fn every(client: &Client, of: Option<&DatabaseId>) -> Result<(Vec<DbSnapshot>, Option<String>), ReadFailure> {
    let (mut found, mut pages, mut marker) = (Vec::new(), Pages::default(), None);
    loop {
        let asked = client
            .describe_db_snapshots()
            .snapshot_type("manual")
            .set_db_instance_identifier(of.map(ToString::to_string))
            .set_marker(marker);
        let page = asked.send().await.map_err(|e| CallError::from_sdk(SNAPSHOTS, &e))?;
        found.extend(page.db_snapshots().iter().cloned());
        marker = pages.next(page.marker()).map_err(circle(SNAPSHOTS))?;
        if marker.is_none() {
            return Ok((found, page.request_id().map(str::to_owned)));
        }
    }
}

/// The manual snapshots of clusters, or of one.
async fn every_of_clusters(
    client: &Client,
    of: Option<&DatabaseId>,
) -> Result<(Vec<DbClusterSnapshot>, Option<String>), ReadFailure> {
    let (mut found, mut pages, mut marker) = (Vec::new(), Pages::default(), None);
    loop {
        let asked = client
            .describe_db_cluster_snapshots()
            .snapshot_type("manual")
            .set_db_cluster_identifier(of.map(ToString::to_string))
            .set_marker(marker);
        let page = asked
            .send()
            .await
            .map_err(|e| CallError::from_sdk(CLUSTER_SNAPSHOTS, &e))?;
        found.extend(page.db_cluster_snapshots().iter().cloned());
        marker = pages.next(page.marker()).map_err(circle(CLUSTER_SNAPSHOTS))?;
        if marker.is_none() {
            return Ok((found, page.request_id().map(str::to_owned)));
        }
    }
}
