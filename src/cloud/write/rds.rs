//! Changes through RDS. None of them waits for the maintenance window, and what others left for it is not touched unless a new
//! password makes that unavoidable.

use std::collections::BTreeMap;

use aws_sdk_rds::Client;
use aws_sdk_rds::operation::RequestId as _;
use aws_sdk_rds::types::Tag;

use super::Whole;
use super::classify::{NotDone, Sent, done, error, not_made};
use crate::action::{Made, NewPassword, RdsCall, Ref};
use crate::cloud::session::ResponderSession;

pub(super) async fn send(session: &ResponderSession, call: &RdsCall, made: &Made) -> Sent {
    let config = aws_sdk_rds::config::Builder::from(&session.here()).interceptor(Whole);
    let client = Client::from_conf(config.build());
    match call {
        RdsCall::CreateDBSnapshot {
            database,
            snapshot,
            tags,
        } => {
            let answer = client
                .create_db_snapshot()
                .db_instance_identifier(database.as_str())
                .db_snapshot_identifier(snapshot.as_str())
                .set_tags(Some(tag_list(tags)))
                .send()
                .await
                .map_err(error("rds:CreateDBSnapshot", &[]))?;
            Ok(done(answer.request_id()))
        }
        RdsCall::CreateDBClusterSnapshot {
            cluster,
            snapshot,
            tags,
        } => {
            let answer = client
                .create_db_cluster_snapshot()
                .db_cluster_identifier(cluster.as_str())
                .db_cluster_snapshot_identifier(snapshot.as_str())
                .set_tags(Some(tag_list(tags)))
                .send()
                .await
                .map_err(error("rds:CreateDBClusterSnapshot", &[]))?;
            Ok(done(answer.request_id()))
        }
        RdsCall::ModifyDBInstance {
            database,
            groups,
            public,
            password,
        } => {
            let groups = groups.as_deref().map(|groups| ids(groups, made)).transpose()?;
            let (manage, rotate) = passwords(*password);
            let answer = client
                .modify_db_instance()
                .db_instance_identifier(database.as_str())
                .set_apply_immediately(at_once(*password))
                .set_vpc_security_group_ids(groups)
                .set_publicly_accessible(*public)
                .set_manage_master_user_password(manage)
                .set_rotate_master_user_password(rotate)
                .send()
                .await
                .map_err(error("rds:ModifyDBInstance", &[]))?;
            Ok(done(answer.request_id()))
        }
        RdsCall::ModifyDBCluster {
            cluster,
            groups,
            password,
        } => {
            let groups = groups.as_deref().map(|groups| ids(groups, made)).transpose()?;
            let (manage, rotate) = passwords(*password);
            let answer = client
                .modify_db_cluster()
                .db_cluster_identifier(cluster.as_str())
                .set_apply_immediately(at_once(*password))
                .set_vpc_security_group_ids(groups)
                .set_manage_master_user_password(manage)
                .set_rotate_master_user_password(rotate)
                .send()
                .await
                .map_err(error("rds:ModifyDBCluster", &[]))?;
            Ok(done(answer.request_id()))
        }
    }
}

/// `ApplyImmediately`, which applies what waits for the maintenance window as well. Groups and public access are changed at once
/// without it (API reference, `ModifyDBInstance`: `VpcSecurityGroupIds`, `PubliclyAccessible`; `ModifyDBCluster`: all but a few
/// settings of which the groups are none); a password is not.
fn at_once(password: Option<NewPassword>) -> Option<bool> {
    password.map(|_| true)
}

/// `ManageMasterUserPassword` and `RotateMasterUserPassword`.
fn passwords(password: Option<NewPassword>) -> (Option<bool>, Option<bool>) {
    match password {
        None => (None, None),
        Some(NewPassword::HandOver) => (Some(true), None),
        Some(NewPassword::Rotate) => (None, Some(true)),
    }
}

fn ids(groups: &[Ref], made: &Made) -> Result<Vec<String>, NotDone> {
    let ids: Result<Vec<String>, _> = groups.iter().map(|group| group.resolve(made)).collect();
    ids.map_err(|error| not_made(&error))
}

fn tag_list(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
    tags.iter().map(tag).collect()
}
