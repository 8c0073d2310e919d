//! `DescribeInstances` and `TerminateInstances`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::model::{Instance, State, Store};
use super::{Place, describe_all, errors, interfaces, listing, params, tags};
use crate::range::call::Answer;

pub fn describe(place: &mut Place<'_>) -> Answer {
    let params = place.params;
    if params.get("MaxResults").is_some() && params.get("InstanceId").is_some() {
        return Err(errors::client(
            "InvalidParameterCombination",
            "The parameter instancesSet cannot be used with the parameter maxResults",
        ));
    }
    let store = &*place.store;
    let (found, token) = describe_all(
        params,
        ("i", "InstanceId"),
        &store.instances,
        |instance, name| lookup(store, instance, name),
        |instance| &instance.id,
    )?;
    let mut reservations: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for instance in found {
        reservations
            .entry(&instance.reservation)
            .or_default()
            .push(show(store, instance, place.account));
    }
    let items = reservations
        .into_iter()
        .map(|(id, instances)| {
            json!({"reservationId": id, "ownerId": place.account, "groupSet": [], "instancesSet": instances})
        })
        .collect();
    Ok(listing("reservationSet", items, token.as_deref()))
}

pub fn terminate(place: &mut Place<'_>) -> Answer {
    let ids = params::list(place.params, "InstanceId");
    if ids.is_empty() {
        return Err(errors::missing("InstanceId"));
    }
    for id in &ids {
        let instance = place.store.instances.get(*id).ok_or_else(|| errors::no_such("i", id))?;
        if instance.termination_protected {
            return Err(errors::client(
                "OperationNotPermitted",
                format!(
                    "The instance '{id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again."
                ),
            ));
        }
    }
    params::stop_if_dry_run(place.params)?;
    let mut items = Vec::new();
    for id in ids {
        let Some(instance) = place.store.instances.get_mut(id) else {
            continue;
        };
        let (code, name) = instance.state.parts();
        instance.state = State::Terminated;
        items.push(json!({
            "instanceId": id,
            "currentState": {"code": 32, "name": "shutting-down"},
            "previousState": {"code": code, "name": name},
        }));
        release(place.store, id);
    }
    Ok(json!({"instancesSet": items}))
}

/// What hung on a terminated instance goes with it or is set free, as its attachment says.
fn release(store: &mut Store, instance: &str) {
    store.interfaces.retain(|_, eni| {
        eni.attachment
            .as_ref()
            .is_none_or(|a| a.instance != instance || !a.delete_on_termination)
    });
    for eni in store.interfaces.values_mut() {
        eni.attachment.take_if(|a| a.instance == instance);
    }
    store.volumes.retain(|_, volume| {
        volume
            .attachment
            .as_ref()
            .is_none_or(|a| a.instance != instance || !a.delete_on_termination)
    });
    for volume in store.volumes.values_mut() {
        volume.attachment.take_if(|a| a.instance == instance);
    }
    let interfaces = &store.interfaces;
    for address in store.addresses.values_mut() {
        address.association.take_if(|(_, eni)| !interfaces.contains_key(eni));
    }
}

/// The filters of `DescribeInstances` that the range knows.
fn lookup(store: &Store, instance: &Instance, name: &str) -> Option<Vec<String>> {
    let enis = || store.interfaces_of(&instance.id);
    let one = |text: &str| Some(vec![text.to_owned()]);
    match name {
        "instance-id" => one(&instance.id),
        "image-id" => one(&instance.image),
        "instance-type" => one(&instance.kind),
        "reservation-id" => one(&instance.reservation),
        "vpc-id" => one(&instance.vpc),
        "subnet-id" => one(&instance.subnet),
        "availability-zone" => one(&instance.zone),
        "instance-state-name" => one(instance.state.parts().1),
        "instance-state-code" => one(&instance.state.parts().0.to_string()),
        "instance-lifecycle" => Some(instance.spot.map(|_| "spot".to_owned()).into_iter().collect()),
        "key-name" => Some(instance.key_name.clone().into_iter().collect()),
        "iam-instance-profile.arn" => Some(instance.profile.iter().map(|(arn, _)| arn.clone()).collect()),
        "private-ip-address" => Some(enis().first().map(|e| e.private_ip.clone()).into_iter().collect()),
        "ip-address" => Some(enis().iter().filter_map(|e| interfaces::public_ip(store, e)).collect()),
        "network-interface.network-interface-id" => Some(enis().iter().map(|e| e.id.clone()).collect()),
        "network-interface.subnet-id" => Some(enis().iter().map(|e| e.subnet.clone()).collect()),
        "network-interface.vpc-id" => Some(enis().iter().map(|e| e.vpc.clone()).collect()),
        "network-interface.addresses.private-ip-address" => Some(enis().iter().map(|e| e.private_ip.clone()).collect()),
        "instance.group-id" | "network-interface.group-id" => {
            Some(enis().iter().flat_map(|e| e.groups.clone()).collect())
        }
        other => params::tag_values(&instance.tags, other),
    }
}

/// An instance as `DescribeInstances` shows it. Elements that AWS leaves out are left out.
fn show(store: &Store, instance: &Instance, account: &str) -> Value {
    let (code, state) = instance.state.parts();
    let enis = store.interfaces_of(&instance.id);
    let mut item = json!({
        "instanceId": instance.id,
        "imageId": instance.image,
        "instanceState": {"code": code, "name": state},
        "instanceType": instance.kind,
        "launchTime": instance.launched.to_string(),
        "placement": {"availabilityZone": instance.zone, "tenancy": "default", "groupName": ""},
        "monitoring": {"state": "disabled"},
        "architecture": "x86_64",
        "rootDeviceType": "ebs",
        "rootDeviceName": instance.root_device,
        "virtualizationType": "hvm",
        "hypervisor": "xen",
        "enaSupport": true,
        "ebsOptimized": false,
        "platformDetails": "Linux/UNIX",
        "amiLaunchIndex": 0,
        "metadataOptions": {
            "state": "applied", "httpTokens": "optional", "httpPutResponseHopLimit": 1,
            "httpEndpoint": "enabled", "httpProtocolIpv6": "disabled", "instanceMetadataTags": "disabled",
        },
        "tagSet": tags::show(&instance.tags),
        "networkInterfaceSet": enis.iter().map(|e| interfaces::show(store, e, account)).collect::<Vec<_>>(),
        "blockDeviceMapping": store.volumes_of(&instance.id).iter().filter_map(|volume| {
            let attachment = volume.attachment.as_ref()?;
            Some(json!({"deviceName": attachment.device, "ebs": {
                "volumeId": volume.id, "status": "attached", "attachTime": attachment.since.to_string(),
                "deleteOnTermination": attachment.delete_on_termination,
            }}))
        }).collect::<Vec<_>>(),
    });
    if let Some(key) = &instance.key_name {
        item["keyName"] = key.as_str().into();
    }
    if let Some((arn, id)) = &instance.profile {
        item["iamInstanceProfile"] = json!({"arn": arn, "id": id});
    }
    if instance.spot.is_some() {
        item["instanceLifecycle"] = "spot".into();
    }
    if instance.state == State::Terminated {
        item["stateReason"] = json!({"code": "Client.UserInitiatedShutdown", "message": "Client.UserInitiatedShutdown: User initiated shutdown"});
    }
    if let Some(primary) = enis.first() {
        item["vpcId"] = instance.vpc.as_str().into();
        item["subnetId"] = instance.subnet.as_str().into();
        item["sourceDestCheck"] = true.into();
        item["privateIpAddress"] = primary.private_ip.as_str().into();
        item["privateDnsName"] = interfaces::private_name(primary).into();
        item["groupSet"] = interfaces::show_groups(store, &primary.groups);
        if let Some(public) = interfaces::public_ip(store, primary) {
            item["ipAddress"] = public.into();
        }
        if let Some(address) = primary.ipv6.first() {
            item["ipv6Address"] = address.as_str().into();
        }
    }
    item
}
