//! SNS's one change: a message, which cannot be called back.

use crate::action::{Made, SnsCall};
use std::collections::BTreeMap;

use aws_sdk_sns::operation::RequestId as _;

use super::classify::{Done, Sent, done, error, refused};
use crate::cloud::session::ResponderSession;
use crate::domain::{Arn, Region, Untrusted};

pub(super) async fn send(session: &ResponderSession, call: &SnsCall, _made: &Made) -> Sent {
    match call {
        SnsCall::Publish {
            topic,
            subject,
            message,
        } => match topic.region().parse::<Region>() {
            Ok(region) => publish(session, &region, topic, subject, message).await,
            Err(bad) => refused(Untrusted::new(bad.to_string())),
        },
    }
}

async fn publish(session: &ResponderSession, region: &Region, topic: &Arn, subject: &str, message: &str) -> Sent {
    let answer = session
        .sns(region)
        .publish()
        .topic_arn(topic.as_str())
        .subject(subject)
        .message(message)
        .send()
        .await
        .map_err(error("sns:Publish", &[]))?;
    let made = answer.message_id().map(|id| ("message".to_owned(), id.to_owned()));
    Ok(Done {
        made: BTreeMap::from_iter(made),
        ..done(answer.request_id())
    })
}
