//! What RDS is asked, by query.

mod pending;
mod snapshots;

use aws_sdk_rds::Client;
use aws_sdk_rds::config::Builder;
use aws_sdk_rds::operation::RequestId as _;
use aws_sdk_rds::types::{DbCluster, DbInstance, Filter, VpcSecurityGroupMembership};

use super::convert::{may, missing, must};
use super::{Found, circle, only};
use crate::action::{Answer, Database, RdsQuery, ReadFailure};
use crate::cloud::errors::CallError;
use crate::cloud::pages::Pages;
use crate::cloud::session::Session;
use crate::cloud::whole::Whole;
use crate::domain::{DatabaseId, GroupId, Region, Untrusted};

const INSTANCES: &str = "rds:DescribeDBInstances";
const CLUSTERS: &str = "rds:DescribeDBClusters";

pub(super) async fn ask(session: &Session, region: &Region, query: &RdsQuery) -> Found {
    let client = &Client::from_conf(Builder::from(&session.at(region)).interceptor(Whole).build());
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
        RdsQuery::DatabaseSnapshot { id, of_cluster: false } => snapshots::one(client, id).await,
        RdsQuery::DatabaseSnapshot { id, of_cluster: true } => snapshots::one_of_cluster(client, id).await,
        RdsQuery::DatabasesUnderKey { key } => {
            let (found, request_id) = instances(client, None, None).await?;
            let under = found.iter().filter(|i| i.kms_key_id() == Some(key.as_str()));
            let mut names: Vec<Untrusted> = under
                .map(|i| Untrusted::new(i.db_instance_identifier().unwrap_or_default()))
                .collect();
            names.sort();
            Ok((Answer::Names(names), request_id))
        }
        RdsQuery::DatabaseEvidenceUnderKey { key } => snapshots::evidence_under(client, key).await,
        RdsQuery::DatabaseEvidence {
            of,
            of_cluster,
            incident,
        } => snapshots::taken_for(client, of, *of_cluster, incident).await,
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
        master_secret_status: from
            .master_user_secret()
            .and_then(|s| s.secret_status())
            .map(str::to_owned),
        kms_key: from.kms_key_id().map(str::to_owned),
        data_api: false,
        replicas: replicas(
            from.read_replica_db_instance_identifiers()
                .iter()
                .chain(from.read_replica_db_cluster_identifiers()),
        ),
        pending: pending::of_instance(from.pending_modified_values()),
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
        master_secret_status: from
            .master_user_secret()
            .and_then(|s| s.secret_status())
            .map(str::to_owned),
        kms_key: from.kms_key_id().map(str::to_owned),
        data_api: from.http_endpoint_enabled().unwrap_or(false),
        replicas: replicas(from.read_replica_identifiers().iter()),
        pending: pending::of_cluster(from.pending_modified_values()),
    })
}
