//! EventBridge: rules on the default bus, and events put on it by an application.
//!
//! Owns: the rules of an account and region, and their API. Must never: deliver an event by itself (that is `bus`).

pub mod bus;
mod pattern;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Operation, Protocol, Service, reads, writes};
use crate::domain::{AccountId, Region, Time};
use crate::range::call::{Answer, ApiError, Call};
use crate::range::world::World;
use bus::Event;
pub use pattern::is_sound;

/// Rules of one account in one region, by name.
#[derive(Clone, Debug, Default)]
pub struct Store {
    pub rules: BTreeMap<String, Rule>,
}

/// One rule.
#[derive(Clone, Debug)]
pub struct Rule {
    pub pattern: Value,
    pub enabled: bool,
    /// ARNs of queues or of other default buses, by the target's id.
    pub targets: BTreeMap<String, String>,
}

/// The registry's entry.
pub const SERVICE: Service = Service {
    name: "events",
    protocol: Protocol::Json11 { target: "AWSEvents" },
    global: false,
    operations: OPERATIONS,
    handle,
};

const OPERATIONS: &[Operation] = &[
    reads("ListRules"),
    writes("PutEvents"),
    writes("PutRule"),
    writes("PutTargets"),
];

fn handle(world: &mut World, call: &Call) -> Answer {
    let bus = call.text("EventBusName").unwrap_or("default");
    if bus != "default" && bus != bus_arn(call.caller.account, call.region) {
        return Err(not_found(format!("Event bus {bus} does not exist.")));
    }
    match call.operation {
        "ListRules" => list_rules(world, call),
        "PutEvents" => put_events(world, call),
        "PutRule" => put_rule(world, call),
        "PutTargets" => put_targets(world, call),
        _ => Err(ApiError::new(400, "UnknownOperationException", "")),
    }
}

/// The ARN of a default bus.
pub fn bus_arn(account: AccountId, region: &Region) -> String {
    format!("arn:aws:events:{region}:{account}:event-bus/default")
}

fn rule_arn(call: &Call, name: &str) -> String {
    format!("arn:aws:events:{}:{}:rule/{name}", call.region, call.caller.account)
}

/// The ARN of what a call is about, for IAM.
pub(in crate::range) fn resource(call: &Call) -> String {
    match call.operation {
        "PutEvents" => bus_arn(call.caller.account, call.region),
        _ => rule_arn(call, call.text("Rule").or_else(|| call.text("Name")).unwrap_or("*")),
    }
}

fn not_found(message: String) -> ApiError {
    ApiError::new(400, "ResourceNotFoundException", message)
}

fn invalid(message: &str) -> ApiError {
    ApiError::new(400, "ValidationException", message)
}

fn put_rule(world: &mut World, call: &Call) -> Answer {
    let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    let name = call.text("Name").unwrap_or_default();
    if !(1..=64).contains(&name.len()) || !name.bytes().all(legal) {
        return Err(invalid("Parameter Name is not valid."));
    }
    let text = call.text("EventPattern");
    let text =
        text.ok_or_else(|| invalid("Parameter(s) EventPattern must be specified: the range has no schedules."))?;
    let pattern = serde_json::from_str(text)
        .ok()
        .filter(is_sound)
        .ok_or_else(|| ApiError::new(400, "InvalidEventPatternException", "Event pattern is not valid."))?;
    let enabled = call.text("State") != Some("DISABLED");
    let rules = &mut world.here(call)?.events.rules;
    let targets = rules.remove(name).map(|old| old.targets).unwrap_or_default();
    let rule = Rule {
        pattern,
        enabled,
        targets,
    };
    rules.insert(name.to_owned(), rule);
    Ok(json!({ "RuleArn": rule_arn(call, name) }))
}

fn put_targets(world: &mut World, call: &Call) -> Answer {
    let name = call.text("Rule").unwrap_or_default();
    let rules = &mut world.here(call)?.events.rules;
    let rule = rules
        .get_mut(name)
        .ok_or_else(|| not_found(format!("Rule {name} does not exist on EventBus default.")))?;
    for target in call.params["Targets"].as_array().into_iter().flatten() {
        let (Some(id), Some(arn)) = (target["Id"].as_str(), target["Arn"].as_str()) else {
            return Err(invalid("A target needs an Id and an Arn."));
        };
        rule.targets.insert(id.to_owned(), arn.to_owned());
    }
    Ok(json!({ "FailedEntryCount": 0, "FailedEntries": [] }))
}

/// All on one page: the range has few.
fn list_rules(world: &mut World, call: &Call) -> Answer {
    let prefix = call.text("NamePrefix").unwrap_or_default();
    let rules: Vec<Value> = world
        .here(call)?
        .events
        .rules
        .iter()
        .filter(|(name, _)| name.starts_with(prefix))
        .map(|(name, rule)| {
            json!({
                "Name": name,
                "Arn": rule_arn(call, name),
                "EventPattern": rule.pattern.to_string(),
                "State": if rule.enabled { "ENABLED" } else { "DISABLED" },
                "EventBusName": "default",
            })
        })
        .collect();
    Ok(json!({ "Rules": rules }))
}

/// Each entry is taken or refused by itself.
fn put_events(world: &mut World, call: &Call) -> Answer {
    let entries = call.params["Entries"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !(1..=10).contains(&entries.len()) {
        return Err(invalid("Entries must have from 1 to 10 items."));
    }
    let mut results = Vec::new();
    for entry in entries {
        results.push(match read(world, entry, call.now) {
            Ok(event) => {
                bus::emit(world, call.caller.account, call.region, &event);
                json!({ "EventId": event.id })
            }
            Err((code, message)) => json!({ "ErrorCode": code, "ErrorMessage": message }),
        });
    }
    let failed = results.iter().filter(|r| r.get("ErrorCode").is_some()).count();
    Ok(json!({ "FailedEntryCount": failed, "Entries": results }))
}

/// The event, or why it is none (API reference, `PutEventsResultEntry`).
fn read(world: &mut World, entry: &Value, now: Time) -> Result<Event, (&'static str, &'static str)> {
    let text = |name: &str| entry[name].as_str().filter(|t| !t.is_empty());
    let needed = "Parameter Source, DetailType or Detail is not valid. Reason: it is a required argument.";
    let missing = ("InvalidArgument", needed);
    let (source, detail_type) = (text("Source").ok_or(missing)?, text("DetailType").ok_or(missing)?);
    if source.starts_with("aws.") {
        return Err(("NotAuthorizedForSourceException", "Not authorized for the source."));
    }
    let detail: Option<Value> = serde_json::from_str(text("Detail").ok_or(missing)?).ok();
    let detail = detail.filter(Value::is_object);
    // Clients of the JSON protocol write a time in seconds, with a fraction.
    let time = entry["Time"].as_f64().and_then(|seconds| {
        let since = jiff::SignedDuration::try_from_secs_f64(seconds).ok()?;
        Time::UNIX_EPOCH.checked_add(since).ok()
    });
    Ok(Event {
        detail: detail.ok_or(("MalformedDetail", "Detail is malformed."))?,
        id: world.new_uuid(),
        time: time.unwrap_or(now),
        source: source.to_owned(),
        detail_type: detail_type.to_owned(),
        resources: entry["Resources"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|r| r.as_str().map(str::to_owned))
            .collect(),
    })
}
