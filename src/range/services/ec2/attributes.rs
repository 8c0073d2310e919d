//! Attributes of an instance: `DescribeInstanceAttribute`, `ModifyInstanceAttribute`.

use serde_json::json;

use super::{Place, done, errors, interfaces, params};
use crate::range::call::{Answer, ApiError};

pub fn describe(place: &mut Place<'_>) -> Answer {
    let id = params::required(place.params, "InstanceId")?;
    let attribute = params::required(place.params, "Attribute")?;
    let instance = place.store.instances.get(id).ok_or_else(|| errors::no_such("i", id))?;
    params::stop_if_dry_run(place.params)?;
    let value = match attribute {
        "disableApiTermination" => json!({"value": instance.termination_protected}),
        "instanceInitiatedShutdownBehavior" => json!({"value": instance.shutdown_behavior}),
        "instanceType" => json!({"value": instance.kind}),
        "rootDeviceName" => json!({"value": instance.root_device}),
        "disableApiStop" => json!({"value": instance.stop_protected}),
        "ebsOptimized" => json!({"value": false}),
        "sourceDestCheck" | "enaSupport" => json!({"value": true}),
        // An instance without user data has an empty element.
        "userData" => place
            .store
            .user_data
            .get(id)
            .map_or_else(|| json!({}), |data| json!({"value": data})),
        "groupSet" => {
            let enis = place.store.interfaces_of(id);
            let groups = enis.first().map_or(&[][..], |eni| eni.groups.as_slice());
            interfaces::show_groups(place.store, groups)
        }
        other => {
            return Err(errors::client(
                "InvalidParameterValue",
                format!("Value ({other}) for parameter attribute is invalid. Unknown attribute."),
            ));
        }
    };
    Ok(json!({"instanceId": id, attribute: value}))
}

/// What one call asks to change.
enum Change {
    TerminationProtection(bool),
    StopProtection(bool),
    ShutdownBehavior(String),
    DeleteOnTermination(Vec<(String, bool)>),
    Groups(Vec<String>),
}

pub fn modify(place: &mut Place<'_>) -> Answer {
    let id = params::required(place.params, "InstanceId")?;
    let mut changes = changes(place, id)?;
    let change = match (changes.pop(), changes.len()) {
        (Some(change), 0) => change,
        (None, _) => {
            return Err(errors::client(
                "InvalidParameterCombination",
                "No attributes specified.",
            ));
        }
        (Some(_), _) => {
            return Err(errors::client(
                "InvalidParameterCombination",
                "Fields for multiple attribute types specified",
            ));
        }
    };
    params::stop_if_dry_run(place.params)?;
    let Some(instance) = place.store.instances.get_mut(id) else {
        return Err(errors::no_such("i", id));
    };
    match change {
        Change::TerminationProtection(on) => instance.termination_protected = on,
        Change::StopProtection(on) => instance.stop_protected = on,
        Change::ShutdownBehavior(behavior) => instance.shutdown_behavior = behavior,
        Change::DeleteOnTermination(devices) => {
            for volume in place.store.volumes.values_mut() {
                let Some(attachment) = volume.attachment.as_mut().filter(|a| a.instance == id) else {
                    continue;
                };
                if let Some((_, on)) = devices.iter().find(|(device, _)| *device == attachment.device) {
                    attachment.delete_on_termination = *on;
                }
            }
        }
        Change::Groups(groups) => {
            for eni in place.store.interfaces.values_mut() {
                if eni.attachment.as_ref().is_some_and(|a| a.instance == id) {
                    eni.groups.clone_from(&groups);
                }
            }
        }
    }
    Ok(done())
}

/// Reads and checks everything before anything changes.
fn changes(place: &Place<'_>, id: &str) -> Result<Vec<Change>, ApiError> {
    let params = place.params;
    let instance = place.store.instances.get(id).ok_or_else(|| errors::no_such("i", id))?;
    let mut changes = Vec::new();
    if let Some(on) = params::attribute_boolean(params, "DisableApiTermination")? {
        if on && instance.spot.is_some() {
            return Err(errors::client(
                "UnsupportedOperation",
                "Termination protection is not supported for Spot Instances.",
            ));
        }
        changes.push(Change::TerminationProtection(on));
    }
    if let Some(on) = params::attribute_boolean(params, "DisableApiStop")? {
        changes.push(Change::StopProtection(on));
    }
    if let Some(behavior) = params
        .get("InstanceInitiatedShutdownBehavior")
        .and_then(|a| params::text(a, "Value"))
    {
        if !matches!(behavior, "stop" | "terminate") {
            return Err(errors::invalid(behavior, "instanceInitiatedShutdownBehavior"));
        }
        changes.push(Change::ShutdownBehavior(behavior.to_owned()));
    }
    let mut devices = Vec::new();
    for mapping in params::items(params, "BlockDeviceMapping") {
        let device = params::required(mapping, "DeviceName")?;
        let on = mapping
            .get("Ebs")
            .map_or(Ok(None), |ebs| params::boolean(ebs, "DeleteOnTermination"))?
            .ok_or_else(|| errors::missing("BlockDeviceMapping.Ebs.DeleteOnTermination"))?;
        let attached = |v: &&super::model::Volume| v.attachment.as_ref().is_some_and(|a| a.device == device);
        if !place.store.volumes_of(id).iter().any(attached) {
            return Err(errors::client(
                "InvalidInstanceAttributeValue",
                format!("No device is currently mapped at {device}"),
            ));
        }
        devices.push((device.to_owned(), on));
    }
    if !devices.is_empty() {
        changes.push(Change::DeleteOnTermination(devices));
    }
    let groups = params::list(params, "GroupId");
    if !groups.is_empty() {
        // AWS refuses to guess which interface is meant.
        if place.store.interfaces_of(id).len() > 1 {
            return Err(errors::client(
                "InvalidInstanceID",
                format!(
                    "There are multiple interfaces attached to instance '{id}'. Please specify an interface ID for the operation instead."
                ),
            ));
        }
        changes.push(Change::Groups(interfaces::check_groups(
            place.store,
            &groups,
            &instance.vpc,
        )?));
    }
    Ok(changes)
}
