//! SQS: standard queues.
//!
//! Owns: the queues of an account and region, and their API. Must never: wait for a message while the world is held (that is
//! `poll`), or let one account at another's queue, for the range has no queue policies.

mod errors;
pub(in crate::range) mod md5;
pub mod queue;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Operation, Protocol, Service, reads, writes};
use crate::domain::{AccountId, Region, Time};
use crate::range::call::{Answer, ApiError, Call};
use crate::range::world::World;
use errors::{bad_receipt, missing, no_queue, out_of_range};
use queue::{Message, Queue, SETTINGS};

/// Queues of one account in one region, by name.
#[derive(Clone, Debug, Default)]
pub struct Store {
    pub queues: BTreeMap<String, Queue>,
}

/// The registry's entry.
pub const SERVICE: Service = Service {
    name: "sqs",
    protocol: Protocol::Json10 {
        target: "AmazonSQS",
        namespace: "com.amazonaws.sqs",
        query_codes: errors::QUERY_CODES,
    },
    global: false,
    operations: OPERATIONS,
    handle,
};

const OPERATIONS: &[Operation] = &[
    writes("CreateQueue"),
    writes("DeleteMessage"),
    writes("DeleteMessageBatch"),
    reads("GetQueueAttributes"),
    reads("GetQueueUrl"),
    writes("PurgeQueue"),
    writes("ReceiveMessage"),
    writes("SendMessage"),
];

/// Messages in one answer, entries in one batch (API reference).
const MAX: i64 = 10;
/// Seconds that a call may wait for a message (API reference, `ReceiveMessage`).
pub const MAX_WAIT: i64 = 20;

fn handle(world: &mut World, call: &Call) -> Answer {
    match call.operation {
        "CreateQueue" => create(world, call),
        "DeleteMessage" => delete(world, call),
        "DeleteMessageBatch" => delete_batch(world, call),
        "GetQueueAttributes" => attributes(world, call),
        "GetQueueUrl" => url_of(world, call),
        "PurgeQueue" => {
            queue(world, call)?.messages.clear();
            Ok(json!({}))
        }
        "ReceiveMessage" => receive(world, call),
        "SendMessage" => send(world, call),
        _ => Err(ApiError::new(400, "UnknownOperationException", "")),
    }
}

/// Where a queue answers.
pub fn url(account: &AccountId, region: &Region, name: &str) -> String {
    format!("https://sqs.{region}.amazonaws.com/{account}/{name}")
}

/// The account and the name at the end of a queue's URL; hosts differ with the endpoint, so they are not looked at.
pub fn address(url: &str) -> Option<(AccountId, &str)> {
    let mut parts = url.rsplit('/');
    let (name, account) = (parts.next()?, parts.next()?);
    Some((account.parse().ok()?, name))
}

/// The ARN of the queue that a call is about, for IAM.
pub(in crate::range) fn resource(call: &Call) -> String {
    let named = call.text("QueueName").map(|name| {
        let owner = call.text("QueueOwnerAWSAccountId").and_then(|o| o.parse().ok());
        (owner.unwrap_or(call.caller.account), name)
    });
    let (account, name) = named
        .or_else(|| address(call.text("QueueUrl")?))
        .unwrap_or((call.caller.account, "*"));
    format!("arn:aws:sqs:{}:{account}:{name}", call.region)
}

/// Puts a message that was sent at this time into the queue with this ARN. False where there is none.
pub fn deliver(world: &mut World, arn: &str, sent: Time, body: String) -> bool {
    let ["arn", _, "sqs", region, account, name] = arn.splitn(6, ':').collect::<Vec<_>>()[..] else {
        return false;
    };
    let (Ok(region), Ok(account)) = (region.parse(), account.parse()) else {
        return false;
    };
    let id = world.new_uuid();
    let Ok(regional) = world.regional(&account, &region) else {
        return false;
    };
    let Some(queue) = regional.sqs.queues.get_mut(name) else {
        return false;
    };
    let delay = queue.seconds("DelaySeconds");
    queue.push(id, body, sent, delay);
    true
}

fn queue<'w>(world: &'w mut World, call: &Call) -> Result<&'w mut Queue, ApiError> {
    let url = call.text("QueueUrl").ok_or_else(|| missing("QueueUrl"))?;
    let (account, name) = address(url).ok_or_else(no_queue)?;
    own(world, call, account)?.queues.get_mut(name).ok_or_else(no_queue)
}

fn own<'w>(world: &'w mut World, call: &Call, account: AccountId) -> Result<&'w mut Store, ApiError> {
    if account != call.caller.account {
        let who = &call.caller.arn;
        return Err(ApiError::new(
            403,
            "AccessDeniedException",
            format!(
                "User: {who} is not authorized to perform: sqs:{} on resource: {} because no resource-based policy allows the sqs:{} action",
                call.operation.to_lowercase(),
                resource(call),
                call.operation.to_lowercase(),
            ),
        ));
    }
    Ok(&mut world.here(call)?.sqs)
}

fn create(world: &mut World, call: &Call) -> Answer {
    let name = call.text("QueueName").ok_or_else(|| missing("QueueName"))?;
    let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    if !(1..=80).contains(&name.len()) || !name.bytes().all(legal) {
        return Err(ApiError::new(
            400,
            "InvalidParameterValueException",
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
        ));
    }
    let mut settings = BTreeMap::new();
    for (key, value) in call.params["Attributes"].as_object().into_iter().flatten() {
        if !SETTINGS.iter().any(|(known, _)| known == key) {
            return Err(unknown_attribute(key));
        }
        let text = value.as_str().filter(|text| text.parse::<u32>().is_ok());
        let text = text.ok_or_else(|| {
            let message = format!("Invalid value for the parameter {key}.");
            ApiError::new(400, "InvalidAttributeValue", message)
        })?;
        settings.insert(key.clone(), text.to_owned());
    }
    let now = world.now();
    let queues = &mut world.here(call)?.sqs.queues;
    match queues.get(name) {
        Some(there) if settings.iter().any(|(key, value)| there.setting(key) != Some(value)) => {
            return Err(ApiError::new(
                400,
                "QueueNameExists",
                "A queue already exists with the same name and a different value for attributes",
            ));
        }
        Some(_) => {}
        None => {
            let mut queue = Queue::new(now);
            queue.settings = settings;
            queues.insert(name.to_owned(), queue);
        }
    }
    Ok(json!({ "QueueUrl": url(&call.caller.account, call.region, name) }))
}

fn url_of(world: &mut World, call: &Call) -> Answer {
    let name = call.text("QueueName").ok_or_else(|| missing("QueueName"))?;
    let owner = match call.text("QueueOwnerAWSAccountId") {
        None => call.caller.account,
        Some(id) => id.parse().map_err(|_| no_queue())?,
    };
    if !own(world, call, owner)?.queues.contains_key(name) {
        return Err(no_queue());
    }
    Ok(json!({ "QueueUrl": url(&owner, call.region, name) }))
}

fn unknown_attribute(name: &str) -> ApiError {
    ApiError::new(400, "InvalidAttributeName", format!("Unknown Attribute {name}."))
}

fn attributes(world: &mut World, call: &Call) -> Answer {
    let arn = resource(call);
    let queue = queue(world, call)?;
    let count = |test: &dyn Fn(&Message) -> bool| queue.messages.values().filter(|m| test(m)).count().to_string();
    let now = call.now;
    let mut all: Map<String, Value> = SETTINGS
        .iter()
        .map(|(name, _)| ((*name).to_owned(), json!(queue.setting(name))))
        .collect();
    for (name, value) in [
        ("ApproximateNumberOfMessages", count(&|m| m.visible <= now)),
        (
            "ApproximateNumberOfMessagesNotVisible",
            count(&|m| m.visible > now && m.receives > 0),
        ),
        (
            "ApproximateNumberOfMessagesDelayed",
            count(&|m| m.visible > now && m.receives == 0),
        ),
        ("CreatedTimestamp", queue.created.as_second().to_string()),
        ("LastModifiedTimestamp", queue.created.as_second().to_string()),
        ("QueueArn", arn),
    ] {
        all.insert(name.to_owned(), value.into());
    }
    let names = call.texts("AttributeNames");
    if let Some(name) = names.iter().find(|n| **n != "All" && !all.contains_key(**n)) {
        return Err(unknown_attribute(name));
    }
    if !names.contains(&"All") {
        all.retain(|name, _| names.contains(&name.as_str()));
    }
    // Nothing that was asked for is nothing at all, not an empty map.
    Ok(if all.is_empty() {
        json!({})
    } else {
        json!({ "Attributes": all })
    })
}

fn send(world: &mut World, call: &Call) -> Answer {
    let body = call
        .text("MessageBody")
        .ok_or_else(|| missing("MessageBody"))?
        .to_owned();
    let (id, now) = (world.new_uuid(), world.now());
    let queue = queue(world, call)?;
    let most = usize::try_from(queue.seconds("MaximumMessageSize")).unwrap_or_default();
    if body.is_empty() || body.len() > most {
        return Err(ApiError::new(
            400,
            "InvalidParameterValueException",
            format!("One or more parameters are invalid. Reason: Message must be from 1 to {most} bytes long."),
        ));
    }
    if !body.chars().all(legal) {
        return Err(ApiError::new(
            400,
            "InvalidMessageContents",
            "The message contains characters outside the allowed set.",
        ));
    }
    let delay = limited(call, "DelaySeconds", 0, 900)?.unwrap_or_else(|| queue.seconds("DelaySeconds"));
    let sum = md5::hex(&body);
    queue.push(id.clone(), body, now, delay);
    Ok(json!({ "MessageId": id, "MD5OfMessageBody": sum }))
}

/// API reference, `SendMessage`: the characters that XML 1.0 allows.
fn legal(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

fn limited(call: &Call, name: &str, from: i64, to: i64) -> Result<Option<i64>, ApiError> {
    match call.number(name) {
        Some(n) if !(from..=to).contains(&n) => Err(out_of_range(name, n, from, to)),
        given => Ok(given),
    }
}

fn receive(world: &mut World, call: &Call) -> Answer {
    let most = limited(call, "MaxNumberOfMessages", 1, MAX)?.unwrap_or(1);
    let hidden = limited(call, "VisibilityTimeout", 0, 43_200)?;
    limited(call, "WaitTimeSeconds", 0, MAX_WAIT)?;
    let mut names = call.texts("AttributeNames");
    names.extend(call.texts("MessageSystemAttributeNames"));
    let sender = call.caller.user_id.clone();
    let queue = queue(world, call)?;
    let hidden = hidden.unwrap_or_else(|| queue.seconds("VisibilityTimeout"));
    let got = queue.receive(usize::try_from(most).unwrap_or(1), hidden, call.now);
    let messages: Vec<Value> = got
        .iter()
        .map(|(receipt, message)| shown(receipt, message, &names, &sender))
        .collect();
    // An empty answer has no list.
    Ok(if messages.is_empty() {
        json!({})
    } else {
        json!({ "Messages": messages })
    })
}

fn shown(receipt: &str, message: &Message, names: &[&str], sender: &str) -> Value {
    let milliseconds = |time: Time| time.as_millisecond().to_string();
    let attributes: Map<String, Value> = [
        ("ApproximateReceiveCount", message.receives.to_string()),
        (
            "ApproximateFirstReceiveTimestamp",
            milliseconds(message.first_received.unwrap_or(message.sent)),
        ),
        ("SenderId", sender.to_owned()),
        ("SentTimestamp", milliseconds(message.sent)),
    ]
    .into_iter()
    .filter(|(name, _)| names.contains(&"All") || names.contains(name))
    .map(|(name, value)| (name.to_owned(), value.into()))
    .collect();
    let mut value = json!({
        "MessageId": message.id,
        "ReceiptHandle": receipt,
        "MD5OfBody": md5::hex(&message.body),
        "Body": message.body,
    });
    if !attributes.is_empty() {
        value["Attributes"] = attributes.into();
    }
    value
}

fn delete(world: &mut World, call: &Call) -> Answer {
    let receipt = call.text("ReceiptHandle").ok_or_else(|| missing("ReceiptHandle"))?;
    if !queue(world, call)?.delete(receipt) {
        return Err(bad_receipt(receipt));
    }
    Ok(json!({}))
}

fn delete_batch(world: &mut World, call: &Call) -> Answer {
    let queue = queue(world, call)?;
    let entries = call.params["Entries"].as_array().map(Vec::as_slice).unwrap_or_default();
    let refuse = |code: &str, message: &str| Err(ApiError::new(400, code, message));
    if entries.is_empty() {
        return refuse(
            "EmptyBatchRequest",
            "There should be at least one DeleteMessageBatchRequestEntry in the request.",
        );
    }
    if entries.len() > 10 {
        return refuse(
            "TooManyEntriesInBatchRequest",
            "Maximum number of entries per request are 10.",
        );
    }
    let mut ids: Vec<&str> = entries.iter().filter_map(|e| e["Id"].as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.len() != entries.len() {
        return refuse(
            "BatchEntryIdsNotDistinct",
            "Two or more batch entries in the request have the same Id.",
        );
    }
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for entry in entries {
        let receipt = entry["ReceiptHandle"].as_str().unwrap_or_default();
        if queue.delete(receipt) {
            done.push(json!({ "Id": entry["Id"] }));
        } else {
            let error = bad_receipt(receipt);
            failed.push(json!({
                "Id": entry["Id"], "SenderFault": true, "Code": error.code, "Message": error.message,
            }));
        }
    }
    Ok(json!({ "Successful": done, "Failed": failed }))
}
