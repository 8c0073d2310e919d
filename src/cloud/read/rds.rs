//! What RDS is asked, by query.

use aws_sdk_rds::Client;
use aws_sdk_rds::operation::RequestId as _;
use aws_sdk_rds::types::{DbCluster, DbInstance, Filter, VpcSecurityGroupMembership};

use super::convert::{may, missing, must};
use super::{Found, circle, only};
use crate::action::{Answer, Database, DatabaseSnapshot, RdsQuery, ReadFailure};
use crate::cloud::errors::CallError;
use crate::cloud::pages::Pages;
use crate::cloud::session::Session;
use crate::domain::{Arn, DatabaseId, GroupId, Region, Untrusted};

const INSTANCES: &str = "rds:DescribeDBInstances";
const CLUSTERS: &str = "rds:DescribeDBClusters";
const SNAPSHOTS: &str = "rds:DescribeDBSnapshots";
const CLUSTER_SNAPSHOTS: &str = "rds:DescribeDBClusterSnapshots";
/// The tag that everything which is evidence carries.
const INCIDENT_TAG: &str = "quell:incident";

pub(super) async fn ask(session: &Session, region: &Region, query: &RdsQuery) -> Found {
    let client = &Client::new(&session.at(region));
    match query {
        RdsQuery::Database { id } => {
            let (found, request_id) = instances(client, Some(id), None).await?;
            let one = only(INSTANCES, id.as_str(), found)?;
            Ok((Answer::Database(Box::new(convert(&one)?)), request_id))
        }
        RdsQuery::DatabaseCluster { id } => cluster(client, id).await,
        RdsQuery::ClusterMembers { of } => {
            let (found, request_id) = instances(client, None, Some(of)).await?;
            let mut members = found.iter().map(convert).collect::<Result<Vec<_>, _>>()?;
            members.sort_by(|a, b| a.id.cmp(&b.id));
            Ok((Answer::Databases(members), request_id))
        }
        RdsQuery::DatabaseSnapshot { id, of_cluster: false } => snapshot(client, id).await,
        RdsQuery::DatabaseSnapshot { id, of_cluster: true } => cluster_snapshot(client, id).await,
        RdsQuery::DatabasesUnderKey { key } => {
            let (found, request_id) = instances(client, None, None).await?;
            let under = found.iter().filter(|i| i.kms_key_id() == Some(key.as_str()));
            let mut names: Vec<Untrusted> = under
                .map(|i| Untrusted::new(i.db_instance_identifier().unwrap_or_default()))
                .collect();
            names.sort();
            Ok((Answer::Names(names), request_id))
        }
        RdsQuery::DatabaseEvidenceUnderKey { key } => evidence(client, key).await,
    }
}

/// `DescribeDBInstances`, every page.
async fn instances(
    client: &Client,
    id: Option<&DatabaseId>,
    of_cluster: Option<&DatabaseId>,
) -> Result<(Vec<DbInstance>, Option<String>), ReadFailure> {
    let (mut found, mut pages, mut marker) = (Vec::new(), Pages::default(), None);
    loop {
        let filter = of_cluster.map(|cluster| Filter::builder().name("db-cluster-id").values(cluster.as_str()).build());
        let page = client
            .describe_db_instances()
            .set_db_instance_identifier(id.map(ToString::to_string))
            .set_filters(filter.map(|filter| vec![filter]))
            .set_marker(marker)
            .send()
            .await
            .map_err(|e| CallError::from_sdk(INSTANCES, &e))?;
        found.extend(page.db_instances().iter().cloned());
        marker = pages.next(page.marker()).map_err(circle(INSTANCES))?;
        if marker.is_none() {
            return Ok((found, page.request_id().map(str::to_owned)));
        }
    }
}

fn convert(from: &DbInstance) -> Result<Database, ReadFailure> {
    let text =
        |what: &'static str, value: Option<&str>| value.map(str::to_owned).ok_or_else(|| missing(INSTANCES, what));
    let (groups, groups_active) = groups(INSTANCES, from.vpc_security_groups())?;
    let vpc = from.db_subnet_group().and_then(|group| group.vpc_id());
    Ok(Database {
        id: must(INSTANCES, "DBInstanceIdentifier", from.db_instance_identifier())?,
        arn: must(INSTANCES, "DBInstanceArn", from.db_instance_arn())?,
        engine: text("Engine", from.engine())?,
        status: text("DBInstanceStatus", from.db_instance_status())?,
        vpc: may(INSTANCES, "VpcId", vpc)?,
        groups,
        groups_active,
        public: from.publicly_accessible().unwrap_or(false),
        cluster: may(INSTANCES, "DBClusterIdentifier", from.db_cluster_identifier())?,
        master_user: Untrusted::new(from.master_username().unwrap_or_default()),
        master_secret: from
            .master_user_secret()
            .and_then(|s| s.secret_arn())
            .map(str::to_owned),
        kms_key: from.kms_key_id().map(str::to_owned),
        data_api: false,
        replicas: replicas(
            from.read_replica_db_instance_identifiers()
                .iter()
                .chain(from.read_replica_db_cluster_identifiers()),
        ),
    })
}

fn replicas<'a>(names: impl Iterator<Item = &'a String>) -> Vec<Untrusted> {
    let mut names: Vec<Untrusted> = names.map(Untrusted::new).collect();
    names.sort();
    names
}

/// The groups, sorted, and whether each is active.
fn groups(call: &'static str, from: &[VpcSecurityGroupMembership]) -> Result<(Vec<GroupId>, bool), ReadFailure> {
    let mut groups = Vec::new();
    for membership in from {
        groups.push(must(call, "VpcSecurityGroupId", membership.vpc_security_group_id())?);
    }
    groups.sort();
    Ok((groups, from.iter().all(|m| m.status() == Some("active"))))
}

async fn cluster(client: &Client, id: &DatabaseId) -> Found {
    let (mut found, mut pages, mut marker) = (Vec::new(), Pages::default(), None);
    loop {
        let page = client
            .describe_db_clusters()
            .db_cluster_identifier(id.as_str())
            .set_marker(marker)
            .send()
            .await
            .map_err(|e| CallError::from_sdk(CLUSTERS, &e))?;
        found.extend(page.db_clusters().iter().cloned());
        marker = pages.next(page.marker()).map_err(circle(CLUSTERS))?;
        if marker.is_none() {
            let one = only(CLUSTERS, id.as_str(), found)?;
            let database = Box::new(convert_cluster(&one)?);
            return Ok((Answer::Database(database), page.request_id().map(str::to_owned)));
        }
    }
}

fn convert_cluster(from: &DbCluster) -> Result<Database, ReadFailure> {
    let text =
        |what: &'static str, value: Option<&str>| value.map(str::to_owned).ok_or_else(|| missing(CLUSTERS, what));
    let (groups, groups_active) = groups(CLUSTERS, from.vpc_security_groups())?;
    Ok(Database {
        id: must(CLUSTERS, "DBClusterIdentifier", from.db_cluster_identifier())?,
        arn: must(CLUSTERS, "DBClusterArn", from.db_cluster_arn())?,
        engine: text("Engine", from.engine())?,
        status: text("Status", from.status())?,
        vpc: None,
        groups,
        groups_active,
        public: from.publicly_accessible().unwrap_or(false),
        cluster: None,
        master_user: Untrusted::new(from.master_username().unwrap_or_default()),
        master_secret: from
            .master_user_secret()
            .and_then(|s| s.secret_arn())
            .map(str::to_owned),
        kms_key: from.kms_key_id().map(str::to_owned),
        data_api: from.http_endpoint_enabled().unwrap_or(false),
        replicas: replicas(from.read_replica_identifiers().iter()),
    })
}

async fn snapshot(client: &Client, id: &DatabaseId) -> Found {
    let page = client
        .describe_db_snapshots()
        .db_snapshot_identifier(id.as_str())
        .send()
        .await;
    let page = page.map_err(|e| CallError::from_sdk(SNAPSHOTS, &e))?;
    let one = only(SNAPSHOTS, id.as_str(), page.db_snapshots().to_vec())?;
    let found = DatabaseSnapshot {
        id: id.to_string(),
        status: one.status().ok_or_else(|| missing(SNAPSHOTS, "Status"))?.to_owned(),
        progress: one.percent_progress().unwrap_or(0),
    };
    Ok((Answer::DatabaseSnapshot(found), page.request_id().map(str::to_owned)))
}

async fn cluster_snapshot(client: &Client, id: &DatabaseId) -> Found {
    let asked = client.describe_db_cluster_snapshots();
    let page = asked.db_cluster_snapshot_identifier(id.as_str()).send().await;
    let page = page.map_err(|e| CallError::from_sdk(CLUSTER_SNAPSHOTS, &e))?;
    let one = only(CLUSTER_SNAPSHOTS, id.as_str(), page.db_cluster_snapshots().to_vec())?;
    let status = one.status().ok_or_else(|| missing(CLUSTER_SNAPSHOTS, "Status"))?;
    let found = DatabaseSnapshot {
        id: id.to_string(),
        status: status.to_owned(),
        progress: one.percent_progress().unwrap_or(0),
    };
    Ok((Answer::DatabaseSnapshot(found), page.request_id().map(str::to_owned)))
}

/// Manual snapshots under the key that are evidence, of instances and of clusters.
async fn evidence(client: &Client, key: &Arn) -> Found {
    let is_evidence = |kms: Option<&str>, tags: &[aws_sdk_rds::types::Tag]| {
        kms == Some(key.as_str()) && tags.iter().any(|tag| tag.key() == Some(INCIDENT_TAG))
    };
    let mut names = Vec::new();
    let (mut pages, mut marker) = (Pages::default(), None);
    loop {
        let asked = client
            .describe_db_snapshots()
            .snapshot_type("manual")
            .set_marker(marker);
        let page = asked.send().await.map_err(|e| CallError::from_sdk(SNAPSHOTS, &e))?;
        for one in page
            .db_snapshots()
            .iter()
            .filter(|s| is_evidence(s.kms_key_id(), s.tag_list()))
        {
            names.push(Untrusted::new(one.db_snapshot_identifier().unwrap_or_default()));
        }
        marker = pages.next(page.marker()).map_err(circle(SNAPSHOTS))?;
        if marker.is_none() {
            break;
        }
    }
    let (mut pages, mut marker) = (Pages::default(), None);
    loop {
        let asked = client
            .describe_db_cluster_snapshots()
            .snapshot_type("manual")
            .set_marker(marker);
        let page = asked
            .send()
            .await
            .map_err(|e| CallError::from_sdk(CLUSTER_SNAPSHOTS, &e))?;
        let all = page.db_cluster_snapshots().iter();
        for one in all.filter(|s| is_evidence(s.kms_key_id(), s.tag_list())) {
            names.push(Untrusted::new(one.db_cluster_snapshot_identifier().unwrap_or_default()));
        }
        marker = pages.next(page.marker()).map_err(circle(CLUSTER_SNAPSHOTS))?;
        if marker.is_none() {
            names.sort();
            return Ok((Answer::Names(names), page.request_id().map(str::to_owned)));
        }
    }
}
