//! Elastic Load Balancing of the range (API version 2015-12-01): target groups and who is registered in them.
//!
//! Owns: the targets and their states. Must never: check anybody's health; whoever is registered is healthy, and drains for as long
//! as AWS's default says.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Operation, Protocol, Service, reads, writes};
use crate::domain::Time;
use crate::range::call::{Answer, ApiError, Call};
use crate::range::world::World;

/// Target groups of one account in one region, by ARN.
#[derive(Clone, Debug, Default)]
pub struct Store {
    pub groups: BTreeMap<String, TargetGroup>,
}

/// A target group.
#[derive(Clone, Debug)]
pub struct TargetGroup {
    pub arn: String,
    pub name: String,
    pub vpc: String,
    /// `instance` or `ip`.
    pub kind: String,
    pub protocol: String,
    pub port: i64,
    /// ARNs of the load balancers before it.
    pub load_balancers: Vec<String>,
    /// Id or address and port.
    pub targets: BTreeMap<(String, i64), Target>,
}

/// A registered target, or one on its way out.
#[derive(Clone, Debug, Default)]
pub struct Target {
    /// When it was deregistered.
    pub draining: Option<Time>,
}

/// The registry's entry.
pub const SERVICE: Service = Service {
    name: "elasticloadbalancing",
    protocol: Protocol::Query {
        xmlns: "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
    },
    global: false,
    operations: OPERATIONS,
    handle,
};

const OPERATIONS: &[Operation] = &[
    reads("DescribeTargetGroups"),
    reads("DescribeTargetHealth"),
    writes("DeregisterTargets"),
    writes("RegisterTargets"),
];

/// Target groups on one page at most (API reference, `DescribeTargetGroups`).
const PAGE: usize = 400;
/// Seconds; AWS's default deregistration delay.
const DRAINING: i64 = 300;

fn handle(world: &mut World, call: &Call) -> Answer {
    match call.operation {
        "DescribeTargetGroups" => describe(world, call),
        "DescribeTargetHealth" => health(world, call),
        "DeregisterTargets" => deregister(world, call),
        "RegisterTargets" => register(world, call),
        other => Err(ApiError::new(
            400,
            "InvalidAction",
            format!("The action {other} is not valid for this web service."),
        )),
    }
}

/// The ARN that the call touches. What describes is not limited by resource.
pub(in crate::range) fn resource(call: &Call) -> String {
    let arn = call
        .text("TargetGroupArn")
        .filter(|_| !call.operation.starts_with("Describe"));
    arn.unwrap_or("*").to_owned()
}

/// Auto Scaling takes instances out of a target group.
pub fn leave(store: &mut Store, group: &str, instances: &[String]) {
    if let Some(group) = store.groups.get_mut(group) {
        group.targets.retain(|(id, _), _| !instances.contains(id));
    }
}

/// Auto Scaling puts instances into a target group, on its own port.
pub fn join(store: &mut Store, group: &str, instances: &[String]) {
    if let Some(group) = store.groups.get_mut(group) {
        let port = group.port;
        group
            .targets
            .extend(instances.iter().map(|id| ((id.clone(), port), Target::default())));
    }
}

fn describe(world: &mut World, call: &Call) -> Answer {
    let (arns, names) = (call.texts("TargetGroupArns"), call.texts("Names"));
    let groups = &world.here(call)?.elb.groups;
    if arns.iter().any(|arn| !groups.contains_key(*arn)) {
        return Err(no_group());
    }
    let size = call
        .number("PageSize")
        .and_then(|n| usize::try_from(n).ok())
        .unwrap_or(PAGE)
        .clamp(1, PAGE);
    let after = call.text("Marker").unwrap_or_default();
    let wanted = |g: &&TargetGroup| {
        (arns.is_empty() || arns.contains(&g.arn.as_str())) && (names.is_empty() || names.contains(&g.name.as_str()))
    };
    let mut rest = groups.values().filter(wanted).filter(|g| g.arn.as_str() > after);
    let page: Vec<&TargetGroup> = rest.by_ref().take(size).collect();
    let more = rest.next().is_some();
    let items: Vec<Value> = page
        .iter()
        .map(|g| {
            json!({
                "TargetGroupArn": g.arn, "TargetGroupName": g.name, "VpcId": g.vpc, "TargetType": g.kind,
                "Protocol": g.protocol, "Port": g.port, "LoadBalancerArns": g.load_balancers,
                "HealthCheckProtocol": g.protocol, "HealthCheckEnabled": true, "IpAddressType": "ipv4",
            })
        })
        .collect();
    let marker = page.last().filter(|_| more).map(|g| g.arn.as_str());
    Ok(json!({"TargetGroups": items, "NextMarker": marker}))
}

fn health(world: &mut World, call: &Call) -> Answer {
    let now = world.now();
    let group = group(world, call)?;
    let drained = |target: &Target| {
        let since = target.draining.map(|at| now.as_second() - at.as_second());
        since.is_some_and(|seconds| seconds >= DRAINING)
    };
    group.targets.retain(|_, target| !drained(target));
    let show = |id: &str, port: i64, health: Value| json!({"Target": {"Id": id, "Port": port}, "HealthCheckPort": port.to_string(), "TargetHealth": health});
    let asked = asked(call, group);
    let shown = |((id, port), target): (&(String, i64), &Target)| {
        let health = if target.draining.is_some() {
            json!({
                "State": "draining", "Reason": "Target.DeregistrationInProgress",
                "Description": "Target deregistration is in progress",
            })
        } else {
            json!({"State": "healthy"})
        };
        show(id, *port, health)
    };
    let unused = json!({
        "State": "unused", "Reason": "Target.NotRegistered", "Description": "Target is not registered to the target group",
    });
    let items: Vec<Value> = if asked.is_empty() {
        group.targets.iter().map(shown).collect()
    } else {
        let one = |key: (String, i64)| match group.targets.get_key_value(&key) {
            Some(found) => shown(found),
            None => show(&key.0, key.1, unused.clone()),
        };
        asked.into_iter().map(one).collect()
    };
    Ok(json!({"TargetHealthDescriptions": items}))
}

/// The targets of the call, on the group's own port where it names none.
fn asked(call: &Call, group: &TargetGroup) -> Vec<(String, i64)> {
    let list = call.params.get("Targets").and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(|target| {
            let port = target
                .get("Port")
                .and_then(Value::as_str)
                .and_then(|port| port.parse().ok());
            Some((target.get("Id")?.as_str()?.to_owned(), port.unwrap_or(group.port)))
        })
        .collect()
}

/// A target that is not there is no error (API reference, `DeregisterTargets`).
fn deregister(world: &mut World, call: &Call) -> Answer {
    let now = world.now();
    let group = group(world, call)?;
    for key in asked(call, group) {
        if let Some(target) = group.targets.get_mut(&key) {
            target.draining.get_or_insert(now);
        }
    }
    Ok(nothing())
}

fn register(world: &mut World, call: &Call) -> Answer {
    let place = world.here(call)?;
    let arn = call.text("TargetGroupArn").unwrap_or_default();
    let group = place.elb.groups.get_mut(arn).ok_or_else(no_group)?;
    let targets = asked(call, group);
    if group.kind == "instance" {
        for (id, _) in &targets {
            let running = place
                .ec2
                .instances
                .get(id)
                .is_some_and(|i| i.state.parts().1 == "running");
            if !running {
                return Err(ApiError::new(
                    400,
                    "InvalidTarget",
                    format!("The following targets are not in a running state and cannot be registered: '{id}'"),
                ));
            }
        }
    }
    group
        .targets
        .extend(targets.into_iter().map(|key| (key, Target::default())));
    Ok(nothing())
}

/// A result without members, whose element AWS writes all the same.
fn nothing() -> Value {
    json!({"": null})
}

fn group<'w>(world: &'w mut World, call: &Call) -> Result<&'w mut TargetGroup, ApiError> {
    let arn = call.text("TargetGroupArn").unwrap_or_default().to_owned();
    world.here(call)?.elb.groups.get_mut(&arn).ok_or_else(no_group)
}

fn no_group() -> ApiError {
    ApiError::new(400, "TargetGroupNotFound", "One or more target groups not found")
}
