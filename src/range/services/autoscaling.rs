//! Auto Scaling of the range (API version 2011-01-01): groups and their instances, standby, attaching and detaching.
//!
//! Owns: sizes and lifecycle states. What takes minutes on AWS is done at once here. Must never: end an instance; the range plays
//! what a responder does, not what a health check would.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Operation, Protocol, Service, elb, reads, writes};
use crate::range::call::{Answer, ApiError, Call};
use crate::range::world::World;

/// Groups of one account in one region, by name.
#[derive(Clone, Debug, Default)]
pub struct Store {
    pub groups: BTreeMap<String, Group>,
}

/// An Auto Scaling group.
#[derive(Clone, Debug)]
pub struct Group {
    pub name: String,
    /// The id in the middle of its ARN.
    pub id: String,
    pub min: i64,
    pub max: i64,
    pub desired: i64,
    /// `EC2` or `ELB`.
    pub health_check: String,
    /// ARNs of target groups that its instances are registered in while they are in service.
    pub target_groups: Vec<String>,
    pub zones: Vec<String>,
    /// Lifecycle states (`InService`, `Standby`) by instance id.
    pub members: BTreeMap<String, String>,
}

/// The registry's entry.
pub const SERVICE: Service = Service {
    name: "autoscaling",
    protocol: Protocol::Query {
        xmlns: "http://autoscaling.amazonaws.com/doc/2011-01-01/",
    },
    global: false,
    operations: OPERATIONS,
    handle,
};

const OPERATIONS: &[Operation] = &[
    reads("DescribeAutoScalingGroups"),
    reads("DescribeAutoScalingInstances"),
    writes("AttachInstances"),
    writes("DetachInstances"),
    writes("EnterStandby"),
    writes("ExitStandby"),
    writes("UpdateAutoScalingGroup"),
];

/// Groups or instances on one page at most (API reference).
const PAGE: usize = 50;

fn handle(world: &mut World, call: &Call) -> Answer {
    match call.operation {
        "DescribeAutoScalingGroups" => describe_groups(world, call),
        "DescribeAutoScalingInstances" => describe_instances(world, call),
        "AttachInstances" => attach(world, call),
        "DetachInstances" => leave(world, call, false),
        "EnterStandby" => leave(world, call, true),
        "ExitStandby" => exit_standby(world, call),
        "UpdateAutoScalingGroup" => update(world, call),
        other => Err(ApiError::new(
            400,
            "InvalidAction",
            format!("Could not find operation {other} for version 2011-01-01"),
        )),
    }
}

/// The ARN that the call touches.
pub(in crate::range) fn resource(world: &World, call: &Call) -> String {
    let name = call
        .text("AutoScalingGroupName")
        .filter(|_| !call.operation.starts_with("Describe"));
    let Some(name) = name else {
        return "*".to_owned();
    };
    let place = world
        .accounts
        .get(&call.caller.account)
        .and_then(|a| a.regions.get(call.region));
    let found = place.and_then(|place| place.autoscaling.groups.get(name));
    arn(call, found.map_or("*", |group| group.id.as_str()), name)
}

fn arn(call: &Call, id: &str, name: &str) -> String {
    let (region, account) = (call.region, call.caller.account);
    format!("arn:aws:autoscaling:{region}:{account}:autoScalingGroup:{id}:autoScalingGroupName/{name}")
}

fn invalid(text: impl Into<String>) -> ApiError {
    ApiError::new(400, "ValidationError", text)
}

/// Items after the token, a page of them, and the next token.
fn page<T>(call: &Call, all: Vec<(String, T)>) -> (Vec<T>, Option<String>) {
    let size = call
        .number("MaxRecords")
        .and_then(|n| usize::try_from(n).ok())
        .unwrap_or(PAGE)
        .clamp(1, PAGE);
    let after = call.text("NextToken").unwrap_or_default();
    let mut rest: Vec<(String, T)> = all.into_iter().filter(|(key, _)| key.as_str() > after).collect();
    let more = rest.len() > size;
    rest.truncate(size);
    let token = rest.last().filter(|_| more).map(|(key, _)| key.clone());
    (rest.into_iter().map(|(_, item)| item).collect(), token)
}

fn describe_groups(world: &mut World, call: &Call) -> Answer {
    let names = call.texts("AutoScalingGroupNames");
    let groups = &world.here(call)?.autoscaling.groups;
    let found = groups
        .values()
        .filter(|g| names.is_empty() || names.contains(&g.name.as_str()));
    let items: Vec<(String, Value)> = found.map(|g| (g.name.clone(), show_group(call, g))).collect();
    let (items, token) = page(call, items);
    Ok(json!({"AutoScalingGroups": items, "NextToken": token}))
}

fn show_group(call: &Call, group: &Group) -> Value {
    let zone = group.zones.first();
    let instances: Vec<Value> = group
        .members
        .iter()
        .map(|(id, state)| {
            json!({
                "InstanceId": id, "AvailabilityZone": zone, "LifecycleState": state, "HealthStatus": "Healthy",
                "ProtectedFromScaleIn": false,
            })
        })
        .collect();
    json!({
        "AutoScalingGroupName": group.name, "AutoScalingGroupARN": arn(call, &group.id, &group.name),
        "MinSize": group.min, "MaxSize": group.max, "DesiredCapacity": group.desired, "DefaultCooldown": 300,
        "AvailabilityZones": group.zones, "TargetGroupARNs": group.target_groups, "LoadBalancerNames": [],
        "HealthCheckType": group.health_check, "HealthCheckGracePeriod": 300, "Instances": instances,
        "CreatedTime": "2025-01-01T00:00:00Z", "SuspendedProcesses": [], "Tags": [],
        "NewInstancesProtectedFromScaleIn": false,
    })
}

fn describe_instances(world: &mut World, call: &Call) -> Answer {
    let wanted = call.texts("InstanceIds");
    let mut items = Vec::new();
    for group in world.here(call)?.autoscaling.groups.values() {
        for (id, state) in &group.members {
            if wanted.is_empty() || wanted.contains(&id.as_str()) {
                let item = json!({
                    "InstanceId": id, "AutoScalingGroupName": group.name, "AvailabilityZone": group.zones.first(),
                    "LifecycleState": state, "HealthStatus": "HEALTHY", "ProtectedFromScaleIn": false,
                });
                items.push((id.clone(), item));
            }
        }
    }
    items.sort_by(|a, b| a.0.cmp(&b.0));
    let (items, token) = page(call, items);
    Ok(json!({"AutoScalingInstances": items, "NextToken": token}))
}

fn group<'w>(world: &'w mut World, call: &Call) -> Result<&'w mut Group, ApiError> {
    let name = call.text("AutoScalingGroupName").unwrap_or_default().to_owned();
    let groups = &mut world.here(call)?.autoscaling.groups;
    groups.get_mut(&name).ok_or_else(|| {
        invalid(format!(
            "AutoScalingGroup name not found - AutoScalingGroup '{name}' not found"
        ))
    })
}

/// The instances of the call, each in the state that it must be in.
fn members(group: &Group, call: &Call, state: &str) -> Result<Vec<String>, ApiError> {
    let ids = call.texts("InstanceIds");
    for id in &ids {
        match group.members.get(*id) {
            None => {
                return Err(invalid(format!(
                    "The instance {id} is not part of Auto Scaling group {}.",
                    group.name
                )));
            }
            Some(now) if now != state => {
                return Err(invalid(format!("The instance {id} is not in {state}.")));
            }
            Some(_) => {}
        }
    }
    Ok(ids.into_iter().map(str::to_owned).collect())
}

/// `EnterStandby` and `DetachInstances`. With the wish for one instance less, which the minimum must allow.
fn leave(world: &mut World, call: &Call, standby: bool) -> Answer {
    let decrement = match call.text("ShouldDecrementDesiredCapacity") {
        Some("true") => true,
        Some("false") => false,
        _ => {
            return Err(invalid(
                "1 validation error detected: Value null at 'shouldDecrementDesiredCapacity' failed to satisfy constraint: Member must not be null",
            ));
        }
    };
    let found = group(world, call)?;
    let ids = if standby {
        members(found, call, "InService")?
    } else {
        let any = call.texts("InstanceIds");
        let state = any.first().and_then(|id| found.members.get(*id)).cloned();
        members(found, call, state.as_deref().unwrap_or("InService"))?
    };
    let serving = ids.iter().filter(|id| found.members[*id] == "InService").count();
    let less = found.desired - i64::try_from(serving).unwrap_or_default();
    if decrement && less < found.min {
        return Err(invalid(format!(
            "AutoScalingGroup {} has min-size={}, max-size={}, and desired-size={}. To place into standby {} instance{}, please update the AutoScalingGroup sizes appropriately.",
            found.name,
            found.min,
            found.max,
            found.desired,
            ids.len(),
            if ids.len() == 1 { "" } else { "s" },
        )));
    }
    if decrement {
        found.desired = less;
    }
    for id in &ids {
        if standby {
            found.members.insert(id.clone(), "Standby".to_owned());
        } else {
            found.members.remove(id);
        }
    }
    let (name, targets) = (found.name.clone(), found.target_groups.clone());
    if !standby {
        mark(world, call, &ids, None)?;
    }
    for target_group in targets {
        elb::leave(&mut world.here(call)?.elb, &target_group, &ids);
    }
    let word = if standby {
        "Moving EC2 instance to Standby"
    } else {
        "Detaching EC2 instance"
    };
    Ok(activities(world, &name, word, &ids))
}

/// Auto Scaling's own tag on its instances.
fn mark(world: &mut World, call: &Call, ids: &[String], group: Option<&str>) -> Result<(), ApiError> {
    const TAG: &str = "aws:autoscaling:groupName";
    let instances = &mut world.here(call)?.ec2.instances;
    for id in ids {
        let Some(instance) = instances.get_mut(id) else {
            continue;
        };
        match group {
            Some(name) => drop(instance.tags.insert(TAG.to_owned(), name.to_owned())),
            None => drop(instance.tags.remove(TAG)),
        }
    }
    Ok(())
}

fn activities(world: &mut World, group: &str, word: &str, ids: &[String]) -> Value {
    let start = world.now().to_string();
    let list: Vec<Value> = ids
        .iter()
        .map(|id| {
            json!({
                "ActivityId": world.new_uuid(), "AutoScalingGroupName": group, "Description": format!("{word}: {id}"),
                "Cause": format!("At {start} {word}: {id} in response to a user request."), "StartTime": start,
                "StatusCode": "InProgress", "Progress": 50,
            })
        })
        .collect();
    json!({"Activities": list})
}

/// One instance more, which the maximum must allow.
fn enter(found: &mut Group, ids: &[String]) -> Result<Vec<String>, ApiError> {
    let more = found.desired + i64::try_from(ids.len()).unwrap_or_default();
    if more > found.max {
        return Err(invalid(format!(
            "AutoScalingGroup {} has min-size={}, max-size={}, and desired-size={}. To take {} more, please update the AutoScalingGroup sizes appropriately.",
            found.name,
            found.min,
            found.max,
            found.desired,
            ids.len(),
        )));
    }
    found.desired = more;
    for id in ids {
        found.members.insert(id.clone(), "InService".to_owned());
    }
    Ok(found.target_groups.clone())
}

fn exit_standby(world: &mut World, call: &Call) -> Answer {
    let found = group(world, call)?;
    let ids = members(found, call, "Standby")?;
    let name = found.name.clone();
    for target_group in enter(found, &ids)? {
        elb::join(&mut world.here(call)?.elb, &target_group, &ids);
    }
    Ok(activities(world, &name, "Moving EC2 instance out of Standby", &ids))
}

fn attach(world: &mut World, call: &Call) -> Answer {
    let ids: Vec<String> = call.texts("InstanceIds").into_iter().map(str::to_owned).collect();
    let place = world.here(call)?;
    for id in &ids {
        let running = place
            .ec2
            .instances
            .get(id)
            .is_some_and(|i| i.state.parts().1 == "running");
        if !running {
            return Err(invalid(format!("Invalid Instance ID(s): [{id}] specified")));
        }
        if let Some(other) = place.autoscaling.groups.values().find(|g| g.members.contains_key(id)) {
            return Err(invalid(format!(
                "Instance {id} is already part of AutoScalingGroup {}.",
                other.name
            )));
        }
    }
    for target_group in enter(group(world, call)?, &ids)? {
        elb::join(&mut world.here(call)?.elb, &target_group, &ids);
    }
    let name = group(world, call)?.name.clone();
    mark(world, call, &ids, Some(&name))?;
    Ok(json!({}))
}

fn update(world: &mut World, call: &Call) -> Answer {
    let (min, max, desired) = (
        call.number("MinSize"),
        call.number("MaxSize"),
        call.number("DesiredCapacity"),
    );
    let found = group(world, call)?;
    let (min, max) = (min.unwrap_or(found.min), max.unwrap_or(found.max));
    if min > max || min < 0 {
        return Err(invalid(format!(
            "Min size, {min}, must not be greater than max size, {max}"
        )));
    }
    // AWS moves what is wanted into the new bounds where nothing is said of it.
    let desired = desired.unwrap_or(found.desired.clamp(min, max));
    if !(min..=max).contains(&desired) {
        return Err(invalid(format!(
            "Desired capacity:{desired} must be between the specified min size:{min} and max size:{max}"
        )));
    }
    (found.min, found.max, found.desired) = (min, max, desired);
    Ok(json!({}))
}
