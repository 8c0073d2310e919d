//! Systems Manager of the range: which instances have an agent, and commands that are sent to them.
//!
//! Owns: the store of one account and region, and who may send what where. Must never: run anything. Of one script alone, the one that
//! captures memory and says so by its variables, the range plays what it would bring about (`run`); every other one ends well at
//! once and says nothing.

mod read;
mod run;
mod send;

use std::collections::BTreeMap;

use super::{Operation, Protocol, Service, reads, writes};
use crate::domain::Time;
use crate::range::call::{Answer, ApiError, Call};
use crate::range::world::World;

/// Agents and commands of one account in one region.
#[derive(Clone, Debug, Default)]
pub struct Store {
    /// Agents that registered, by their instance's id.
    pub agents: BTreeMap<String, Agent>,
    /// Commands by id.
    pub commands: BTreeMap<String, Command>,
}

/// The agent on an instance.
#[derive(Clone, Debug)]
pub struct Agent {
    /// Whether it answers. One that was cut off still stands as `Online`, as it does in AWS until it has been silent for some minutes.
    pub online: bool,
    /// `Linux`, `Windows`, `MacOS`.
    pub platform: String,
    /// `Amazon Linux`.
    pub name: String,
    pub version: String,
    pub registered: Time,
}

/// A command that was sent to instances.
#[derive(Clone, Debug)]
pub struct Command {
    pub id: String,
    pub document: String,
    pub comment: String,
    pub parameters: BTreeMap<String, Vec<String>>,
    pub requested: Time,
    /// Seconds in which an agent must take it.
    pub timeout: i64,
    /// What became of it, by instance.
    pub invocations: BTreeMap<String, Invocation>,
}

/// A command on one instance.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// As AWS gives it in `Status`, and in `StatusDetails` where that is another.
    pub status: &'static str,
    pub details: &'static str,
    pub began: Option<Time>,
    pub ended: Option<Time>,
    /// The exit code, and -1 before there is one.
    pub code: i32,
    pub output: String,
    pub error: String,
}

impl Invocation {
    /// Whether nothing comes after.
    pub fn is_over(&self) -> bool {
        !matches!(self.status, "Pending" | "InProgress" | "Delayed" | "Cancelling")
    }
}

/// The registry's entry.
pub const SERVICE: Service = Service {
    name: "ssm",
    protocol: Protocol::Json11 { target: "AmazonSSM" },
    global: false,
    operations: OPERATIONS,
    handle,
};

const OPERATIONS: &[Operation] = &[
    reads("DescribeInstanceInformation"),
    reads("GetCommandInvocation"),
    reads("ListCommandInvocations"),
    writes("SendCommand"),
];

fn handle(world: &mut World, call: &Call) -> Answer {
    if call.operation == "SendCommand" {
        return send::send(world, call);
    }
    let place = world.here(call)?;
    match call.operation {
        "DescribeInstanceInformation" => read::agents(place, call),
        "GetCommandInvocation" => read::invocation(&place.ssm, call),
        "ListCommandInvocations" => read::invocations(&place.ssm, call),
        other => Err(ApiError::new(400, "UnknownOperationException", other)),
    }
}

/// The ARNs that the call is about (Service Authorization Reference): a command is sent to instances, and it is a document's. A
/// document of AWS's own belongs to no account.
pub(in crate::range) fn resources(call: &Call) -> Vec<String> {
    if call.operation != "SendCommand" {
        return vec!["*".to_owned()];
    }
    let document = call.text("DocumentName").unwrap_or("*");
    let owner = if document.starts_with("AWS") {
        String::new()
    } else {
        call.caller.account.to_string()
    };
    let document = format!("arn:aws:ssm:{}:{owner}:document/{document}", call.region);
    let instance = |id: &str| format!("arn:aws:ec2:{}:{}:instance/{id}", call.region, call.caller.account);
    let instances = call.texts("InstanceIds").into_iter().map(instance);
    instances.chain([document]).collect()
}

/// The page of a listing that the call asks for, and the token of the next one: how many were given before it.
fn page<T>(
    call: &Call,
    all: Vec<T>,
    sizes: std::ops::RangeInclusive<usize>,
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let size = match call.number("MaxResults") {
        None => *sizes.end(),
        Some(given) => usize::try_from(given)
            .ok()
            .filter(|n| sizes.contains(n))
            .ok_or_else(|| {
                let text = format!("MaxResults must be from {} to {}.", sizes.start(), sizes.end());
                ApiError::new(400, "ValidationException", text)
            })?,
    };
    let from = match call.text("NextToken") {
        None => 0,
        Some(token) => token
            .parse::<usize>()
            .ok()
            .filter(|from| *from < all.len())
            .ok_or_else(|| ApiError::new(400, "InvalidNextToken", "The specified token is not valid."))?,
    };
    let next = (from + size < all.len()).then(|| (from + size).to_string());
    Ok((all.into_iter().skip(from).take(size).collect(), next))
}
