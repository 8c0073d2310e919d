//! SNS: topics, and what was published to them.
//!
//! Owns: keeping every message, so that a drill or a test can read what the responder sent. Must never: send anything.

use std::collections::BTreeMap;

use serde_json::json;

use super::{Operation, Protocol, Service, reads, writes};
use crate::domain::Time;
use crate::range::call::{Answer, ApiError, Call};
use crate::range::world::World;

/// Topics of one account in one region, by ARN.
#[derive(Clone, Debug, Default)]
pub struct Store {
    pub topics: BTreeMap<String, Topic>,
}

/// One topic.
#[derive(Clone, Debug, Default)]
pub struct Topic {
    pub messages: Vec<Message>,
    /// Subscriptions that get what is published, and those that nobody has confirmed.
    pub confirmed: u32,
    pub pending: u32,
}

/// One published message.
#[derive(Clone, Debug)]
pub struct Message {
    pub id: String,
    pub time: Time,
    pub subject: Option<String>,
    pub body: String,
}

/// The registry's entry.
pub const SERVICE: Service = Service {
    name: "sns",
    protocol: Protocol::Query {
        xmlns: "http://sns.amazonaws.com/doc/2010-03-31/",
    },
    global: false,
    operations: OPERATIONS,
    handle,
};

const OPERATIONS: &[Operation] = &[
    writes("CreateTopic"),
    reads("GetTopicAttributes"),
    reads("ListTopics"),
    writes("Publish"),
];

/// Topics on one page of `ListTopics` (API reference).
const PAGE: usize = 100;
/// Bytes of one message (API reference, Publish).
const MAX_MESSAGE: usize = 262_144;

fn handle(world: &mut World, call: &Call) -> Answer {
    match call.operation {
        "CreateTopic" => create(world, call),
        "GetTopicAttributes" => attributes(world, call),
        "ListTopics" => list(world, call),
        "Publish" => publish(world, call),
        other => Err(ApiError::new(
            400,
            "InvalidAction",
            format!("{other} is not valid for this endpoint."),
        )),
    }
}

/// The ARN of a topic of this name for this caller.
pub(in crate::range) fn arn(call: &Call, name: &str) -> String {
    format!("arn:aws:sns:{}:{}:{name}", call.region, call.caller.account)
}

fn create(world: &mut World, call: &Call) -> Answer {
    let name = call.text("Name").unwrap_or_default();
    let legal = !name.is_empty()
        && name.len() <= 256
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if !legal {
        return Err(invalid("Topic Name"));
    }
    let arn = arn(call, name);
    world.here(call)?.sns.topics.entry(arn.clone()).or_default();
    Ok(json!({ "TopicArn": arn }))
}

fn attributes(world: &mut World, call: &Call) -> Answer {
    let arn = call.text("TopicArn").unwrap_or_default();
    let topic = topic(world, call, arn)?;
    Ok(json!({ "Attributes": { "entry": [
        { "key": "TopicArn", "value": arn },
        { "key": "Owner", "value": call.caller.account },
        { "key": "SubscriptionsConfirmed", "value": topic.confirmed.to_string() },
        { "key": "SubscriptionsPending", "value": topic.pending.to_string() },
        { "key": "SubscriptionsDeleted", "value": "0" },
    ] } }))
}

fn list(world: &mut World, call: &Call) -> Answer {
    let after = call.text("NextToken").unwrap_or_default().to_owned();
    let topics = &world.here(call)?.sns.topics;
    let mut rest = topics.keys().filter(|arn| **arn > after);
    let page: Vec<&String> = rest.by_ref().take(PAGE).collect();
    let more = rest.next().is_some();
    let mut answer = json!({ "Topics": page.iter().map(|arn| json!({ "TopicArn": arn })).collect::<Vec<_>>() });
    if more {
        answer["NextToken"] = json!(page.last());
    }
    Ok(answer)
}

fn publish(world: &mut World, call: &Call) -> Answer {
    let arn = call
        .text("TopicArn")
        .or_else(|| call.text("TargetArn"))
        .ok_or_else(|| invalid("TopicArn or TargetArn Reason: no value for required parameter"))?
        .to_owned();
    let body = call.text("Message").unwrap_or_default().to_owned();
    if body.is_empty() {
        return Err(invalid("Empty message"));
    }
    if body.len() > MAX_MESSAGE {
        return Err(invalid("Message too long"));
    }
    let subject = call.text("Subject").map(str::to_owned);
    if subject.as_deref().is_some_and(|s| !legal_subject(s)) {
        return Err(invalid("Subject"));
    }
    topic(world, call, &arn)?;
    let (id, time) = (world.new_uuid(), world.now());
    topic(world, call, &arn)?.messages.push(Message {
        id: id.clone(),
        time,
        subject,
        body,
    });
    Ok(json!({ "MessageId": id }))
}

/// API reference, Publish: ASCII text that begins with a letter, number or punctuation mark, has no line breaks or control
/// characters, and is at most 100 characters long.
fn legal_subject(subject: &str) -> bool {
    (1..=100).contains(&subject.len())
        && subject.bytes().all(|b| (b' '..=b'~').contains(&b))
        && !subject.starts_with(' ')
}

fn topic<'w>(world: &'w mut World, call: &Call, arn: &str) -> Result<&'w mut Topic, ApiError> {
    if arn.splitn(6, ':').count() != 6 || !arn.starts_with("arn:aws:sns:") {
        return Err(invalid(&format!(
            "TopicArn Reason: An ARN must have at least 6 elements, not {}",
            arn.split(':').count()
        )));
    }
    world
        .here(call)?
        .sns
        .topics
        .get_mut(arn)
        .ok_or_else(|| ApiError::new(404, "NotFound", "Topic does not exist"))
}

fn invalid(what: &str) -> ApiError {
    ApiError::new(400, "InvalidParameter", format!("Invalid parameter: {what}"))
}
