//! Answers to an action's queries.
//!
//! Owns: one file a service, each query's call, every page of it. Must never: leave out what it does not understand. An answer
//! of an unexpected shape is a failure that says so, never a shorter list.

mod convert;
mod iam;
mod instance;
mod interface;
mod network;
mod securityhub;
mod storage;

use std::sync::Arc;

use super::connect::Cloud;
use super::errors::ErrorKind;
use super::pages::Circle;
use super::session::{Session, SessionError};
use crate::action::{Answer, Query, ReadFailure, ReadFailureKind, Reading};
use crate::domain::{AccountId, Region, Untrusted};

/// The bucket that a responder's reads of one account and region draw from.
const READS: &str = "ec2:Describe";

/// An answer and the request id that CloudTrail also knows.
type Found = Result<(Answer, Option<String>), ReadFailure>;

/// Answers one query in one account and region. A failure is part of the reading.
pub async fn answer(cloud: &Cloud, account: &AccountId, region: &Region, query: &Query) -> Reading {
    let found = match cloud.session(account).await {
        Ok(session) => {
            let _turn = cloud.limits.urgent(*account, region, READS).await;
            ask(&session, region, query).await
        }
        Err(error) => Err(no_session(&error)),
    };
    let (result, request_id) = match found {
        Ok((answer, request_id)) => (Ok(answer), request_id),
        Err(failure) => (Err(failure), None),
    };
    Reading {
        query: query.clone(),
        at: cloud.now(),
        request_id,
        result,
    }
}

/// Answers queries side by side, in their order.
pub async fn answers(cloud: &Arc<Cloud>, account: &AccountId, region: &Region, queries: &[Query]) -> Vec<Reading> {
    let tasks: Vec<_> = queries
        .iter()
        .map(|query| {
            let (cloud, account, region) = (Arc::clone(cloud), *account, region.clone());
            let query = query.clone();
            tokio::spawn(async move { answer(&cloud, &account, &region, &query).await })
        })
        .collect();
    let mut readings = Vec::with_capacity(tasks.len());
    for (task, query) in tasks.into_iter().zip(queries) {
        readings.push(task.await.unwrap_or_else(|error| Reading {
            query: query.clone(),
            at: cloud.now(),
            request_id: None,
            result: Err(failure(
                ReadFailureKind::Unreachable,
                format!("the read was cut short: {error}"),
            )),
        }));
    }
    readings
}

async fn ask(session: &Session, region: &Region, query: &Query) -> Found {
    match query {
        Query::Instance { id } => instance::instance(&session.ec2(region), id).await,
        Query::TerminationProtection { id } => instance::protection(&session.ec2(region), id).await,
        Query::Interfaces { of } => {
            interface::interfaces(&session.ec2(region), "attachment.instance-id", of.as_str()).await
        }
        Query::InterfacesUsing { group } => {
            interface::interfaces(&session.ec2(region), "group-id", group.as_str()).await
        }
        Query::Volumes { of } => storage::volumes(&session.ec2(region), of).await,
        Query::Snapshots { ids } => storage::snapshots(&session.ec2(region), ids).await,
        Query::Vpc { id } => network::vpc(&session.ec2(region), id).await,
        Query::ContainmentGroups { vpc } => network::containment_groups(&session.ec2(region), vpc).await,
        Query::Groups { ids } => network::groups(&session.ec2(region), ids).await,
        Query::Routes { subnet, vpc } => network::routes(&session.ec2(region), subnet, vpc).await,
        Query::InstanceProfile { name } => iam::profile(&session.iam(), name).await,
        Query::RolePolicies { role } => iam::role_policies(&session.iam(), role).await,
        Query::AccessKeyUse { key } => iam::key_use(&session.iam(), key).await,
        Query::AccessKeys { user } => iam::keys(&session.iam(), user).await,
        Query::HubFindings { ids } => securityhub::findings(session, region, ids).await,
        Query::UserPolicies { user } => iam::user_policies(&session.iam(), user).await,
    }
}

fn no_session(error: &SessionError) -> ReadFailure {
    let kind = match error.kind() {
        ErrorKind::Denied => ReadFailureKind::Denied,
        ErrorKind::Malformed => ReadFailureKind::Malformed,
        ErrorKind::Credentials
        | ErrorKind::NotFound
        | ErrorKind::Rejected
        | ErrorKind::Throttled
        | ErrorKind::Server
        | ErrorKind::NoAnswer
        | ErrorKind::NotSent => ReadFailureKind::Unreachable,
    };
    ReadFailure {
        code: error.code().map(str::to_owned),
        ..failure(kind, error.to_string())
    }
}

fn failure(kind: ReadFailureKind, message: impl Into<String>) -> ReadFailure {
    ReadFailure {
        kind,
        code: None,
        message: Untrusted::new(message),
    }
}

/// Pages that go in a circle.
fn circle(call: &'static str) -> impl FnOnce(Circle) -> ReadFailure {
    move |circle| failure(ReadFailureKind::Malformed, format!("{call}: {circle}"))
}

/// The one thing that was asked for by its id.
fn only<T>(call: &'static str, id: &str, mut found: Vec<T>) -> Result<T, ReadFailure> {
    match (found.pop(), found.is_empty()) {
        (Some(one), true) => Ok(one),
        (None, _) => Err(failure(ReadFailureKind::NotFound, format!("{call}: there is no {id}"))),
        (Some(_), false) => {
            let why = format!("{call}: {} answers for the one id {id}", found.len() + 1);
            Err(failure(ReadFailureKind::Malformed, why))
        }
    }
}

#[cfg(test)]
mod tests;
