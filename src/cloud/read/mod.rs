//! Answers to an action's queries.
//!
//! Owns: one file a service, each query's call, every page of it. Must never: leave out what it does not understand. An answer
//! of an unexpected shape is a failure that says so, never a shorter list.

mod around;
mod autoscaling;
mod cloudtrail;
mod convert;
mod ebs;
mod ec2;
mod elb;
mod iam;
mod instance;
mod interface;
mod kms;
mod lambda;
mod network;
mod organizations;
mod own_address;
mod rds;
mod s3;
mod s3_home;
mod s3_object;
mod secrets;
mod securityhub;
mod sns;
mod ssm;
mod sso;
mod storage;
mod waf;

use std::sync::Arc;

use super::connect::Cloud;
use super::errors::ErrorKind;
use super::limits::READS;
use super::pages::Circle;
use super::session::{Session, SessionError};
use crate::action::{Answer, Query, ReadFailure, ReadFailureKind, Reading};
use crate::domain::{AccountId, Region, Untrusted};

/// An answer and the request id that CloudTrail also knows.
type Found = Result<(Answer, Option<String>), ReadFailure>;

/// Answers one query in one account and region. A failure is part of the reading.
pub async fn answer(cloud: &Arc<Cloud>, account: &AccountId, region: &Region, query: &Query) -> Reading {
    let found = match cloud.session(account).await {
        Ok(session) => {
            let _turn = cloud.limits.urgent(*account, region, READS).await;
            ask(cloud, &session, region, query).await
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

async fn ask(cloud: &Arc<Cloud>, session: &Session, region: &Region, query: &Query) -> Found {
    match query {
        Query::Ec2(query) => ec2::ask(session, region, query).await,
        Query::Ebs(query) => ebs::ask(session, region, query).await,
        Query::Iam(query) => iam::ask(session, query).await,
        Query::SecurityHub(query) => securityhub::ask(session, region, query).await,
        Query::AutoScaling(query) => autoscaling::ask(session, region, query).await,
        Query::CloudTrail(query) => cloudtrail::ask(cloud, session, region, query).await,
        Query::Elb(query) => elb::ask(session, region, query).await,
        Query::Kms(query) => kms::ask(session, region, query).await,
        Query::Lambda(query) => lambda::ask(session, region, query).await,
        Query::Organizations(query) => organizations::ask(cloud, session, query).await,
        Query::Network(query) => around::ask(cloud, session, region, query).await,
        Query::Rds(query) => rds::ask(session, region, query).await,
        Query::S3(query) => s3::ask(cloud, session, region, query).await,
        Query::Secrets(query) => secrets::ask(session, region, query).await,
        Query::Sns(query) => sns::ask(session, region, query).await,
        Query::Sso(query) => sso::ask(session, region, query).await,
        Query::Ssm(query) => ssm::ask(session, region, query).await,
        Query::Waf(query) => waf::ask(session, region, query).await,
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

/// The question itself lacks something; a fault of quell's own.
fn missing_attribute(call: &'static str) -> ReadFailure {
    failure(ReadFailureKind::Malformed, format!("{call}: the question is not whole"))
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
