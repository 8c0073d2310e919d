//! What SNS is asked, by query.

use std::collections::HashMap;

use aws_sdk_sns::Client;
use aws_sdk_sns::config::Builder;
use aws_sdk_sns::operation::RequestId as _;

use super::Found;
use super::convert::missing;
use crate::action::{Answer, ReadFailure, SnsQuery, Topic};
use crate::cloud::errors::CallError;
use crate::cloud::session::Session;
use crate::cloud::whole::Whole;
use crate::domain::{Arn, Region};

const ATTRIBUTES: &str = "sns:GetTopicAttributes";

pub(super) async fn ask(session: &Session, region: &Region, query: &SnsQuery) -> Found {
    let client = Client::from_conf(Builder::from(&session.at(region)).interceptor(Whole).build());
    match query {
        SnsQuery::Topic { arn } => topic(&client, arn).await,
    }
}

async fn topic(client: &Client, arn: &Arn) -> Found {
    let answer = client
        .get_topic_attributes()
        .topic_arn(arn.as_str())
        .send()
        .await
        .map_err(|e| CallError::from_sdk(ATTRIBUTES, &e))?;
    let all = answer.attributes().ok_or_else(|| missing(ATTRIBUTES, "Attributes"))?;
    let topic = Topic {
        confirmed: count(all, "SubscriptionsConfirmed")?,
        pending: count(all, "SubscriptionsPending")?,
    };
    Ok((Answer::Topic(topic), answer.request_id().map(str::to_owned)))
}

/// A number of subscriptions, which SNS writes as text.
fn count(all: &HashMap<String, String>, name: &str) -> Result<u64, ReadFailure> {
    let written = all.get(name).and_then(|text| text.parse().ok());
    written.ok_or_else(|| missing(ATTRIBUTES, name))
}
