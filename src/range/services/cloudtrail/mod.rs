//! CloudTrail's event history: `LookupEvents` over the calls that the range itself saw, and over what a scenario says of the time
//! before.
//!
//! Owns: the question and its pages. Must never: show data events (objects, messages), the calls of callers that nobody knows, or
//! anything older than 90 days. An event is here at once; on AWS it takes some minutes.

mod event;
mod resources;

use jiff::SignedDuration;
use serde_json::{Value, json};

pub(in crate::range) use event::is_management;
pub use event::{Event, Who};
pub(in crate::range) use resources::of_call;

use super::paging::{self, Key};
use super::{Operation, Protocol, Service, reads};
use crate::domain::Time;
use crate::range::call::{Answer, ApiError, Call};
use crate::range::world::World;

/// What the history of one account and region says of the time before the range was opened, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Store {
    pub history: Vec<Event>,
}

/// The registry's entry.
pub const SERVICE: Service = Service {
    name: "cloudtrail",
    protocol: Protocol::Json11 {
        target: "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101",
    },
    global: false,
    operations: &[LOOKUP],
    handle,
};

const LOOKUP: Operation = reads("LookupEvents");

/// Events on one page at most (API reference, `LookupEvents`).
const PAGE: usize = 50;
/// How far the history goes back ("Working with CloudTrail event history").
const DEPTH: SignedDuration = SignedDuration::from_hours(24 * 90);

fn handle(world: &mut World, call: &Call) -> Answer {
    match call.operation {
        "LookupEvents" => lookup(world, call),
        other => Err(ApiError::new(400, "UnknownOperationException", other)),
    }
}

/// The attribute that events are looked up by, and its value.
struct Wanted<'a> {
    key: &'a str,
    value: &'a str,
}

const ATTRIBUTES: [&str; 8] = [
    "AccessKeyId",
    "EventId",
    "EventName",
    "EventSource",
    "ReadOnly",
    "ResourceName",
    "ResourceType",
    "Username",
];

impl<'a> Wanted<'a> {
    /// One attribute at most, as AWS allows.
    fn read(params: &'a Value) -> Result<Option<Self>, ApiError> {
        let invalid = || {
            ApiError::new(
                400,
                "InvalidLookupAttributesException",
                "Lookup attributes are invalid: exactly one attribute with a known key and a value can be given.",
            )
        };
        let list = match &params["LookupAttributes"] {
            Value::Null => return Ok(None),
            Value::Array(list) => list,
            _ => return Err(invalid()),
        };
        match list.as_slice() {
            [] => Ok(None),
            [one] => {
                let key = one["AttributeKey"].as_str().filter(|key| ATTRIBUTES.contains(key));
                let value = one["AttributeValue"].as_str().filter(|v| (1..=2000).contains(&v.len()));
                let (key, value) = key.zip(value).ok_or_else(invalid)?;
                Ok(Some(Self { key, value }))
            }
            _ => Err(invalid()),
        }
    }

    fn accepts(&self, event: &Event) -> bool {
        match self.key {
            "AccessKeyId" => event.who.access_key.as_deref() == Some(self.value),
            "EventId" => event.id == self.value,
            "EventName" => event.name == self.value,
            "EventSource" => event.source == self.value,
            "ReadOnly" => event.read_only.to_string() == self.value,
            "ResourceName" => event.resources.iter().any(|(_, name)| name == self.value),
            "ResourceType" => event.resources.iter().any(|(kind, _)| kind == self.value),
            "Username" => event.who.name == self.value,
            _ => false,
        }
    }
}

fn lookup(world: &mut World, call: &Call) -> Answer {
    let params = call.params;
    let wanted = Wanted::read(params)?;
    let size = match &params["MaxResults"] {
        Value::Null => PAGE,
        given => given
            .as_u64()
            .and_then(|n| usize::try_from(n).ok())
            .filter(|n| (1..=PAGE).contains(n))
            .ok_or_else(|| {
                ApiError::new(
                    400,
                    "InvalidMaxResultsException",
                    "A max results value must be between 1 and 50.",
                )
            })?,
    };
    let oldest = call.now - DEPTH;
    let (from, to) = (time(&params["StartTime"])?, time(&params["EndTime"])?);
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        return Err(bad_times());
    }
    let from = from.map_or(oldest, |from| from.max(oldest));
    // Categories other than management are a history of their own, which is empty here.
    let management = !params["EventCategory"].is_string();
    let fits = |event: &Event| {
        management
            && event.time >= from
            && to.is_none_or(|to| event.time <= to)
            && wanted.as_ref().is_none_or(|w| w.accepts(event))
    };
    let mut found: Vec<(Vec<Key>, Event)> = Vec::new();
    for (number, event) in world.here(call)?.cloudtrail.history.iter().enumerate() {
        if fits(event) {
            found.push((order(event.time, false, number), event.clone()));
        }
    }
    let unlogged = usize::try_from(world.unlogged).unwrap_or(usize::MAX);
    for (number, logged) in world.log.iter().enumerate() {
        let event = (logged.region == *call.region)
            .then(|| event::seen_by(world, call.caller.account, logged))
            .flatten();
        if let Some(event) = event.filter(fits) {
            found.push((order(event.time, true, unlogged.saturating_add(number)), event));
        }
    }
    let token = params["NextToken"].as_str().filter(|t| !t.is_empty());
    let (events, next) = paging::page(&mut found, token, size).ok_or_else(|| {
        ApiError::new(
            400,
            "InvalidNextTokenException",
            "A token that is not valid, or a token that was previously used in a request with different parameters.",
        )
    })?;
    let events: Vec<Value> = events.iter().map(|event| event.show(call)).collect();
    let mut answer = json!({ "Events": events });
    if let Some(next) = next {
        answer["NextToken"] = next.into();
    }
    Ok(answer)
}

/// The newest first; at one moment, what was seen last. A scenario's history is older than what the range saw itself.
fn order(time: Time, seen: bool, number: usize) -> Vec<Key> {
    #[expect(
        clippy::cast_precision_loss,
        reason = "microseconds of this century and numbers of calls fit into 53 bits"
    )]
    let keys = [time.as_microsecond() as f64, f64::from(u8::from(seen)), number as f64];
    keys.map(|key| Key::up_number(key).reversed()).into()
}

/// A time as JSON 1.1 has it: seconds of the epoch.
fn time(given: &Value) -> Result<Option<Time>, ApiError> {
    if given.is_null() {
        return Ok(None);
    }
    let seconds = given.as_f64().ok_or_else(bad_times)?;
    let span = SignedDuration::try_from_secs_f64(seconds).map_err(|_| bad_times())?;
    Time::from_duration(span).map(Some).map_err(|_| bad_times())
}

fn bad_times() -> ApiError {
    ApiError::new(
        400,
        "InvalidTimeRangeException",
        "Occurs if the timestamp values are not valid. Either the start time occurs after the end time, or the time range is \
         outside the range of possible values.",
    )
}
