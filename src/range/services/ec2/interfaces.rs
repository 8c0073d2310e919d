//! Network interfaces: `DescribeNetworkInterfaces`, `ModifyNetworkInterfaceAttribute`.

use serde_json::{Value, json};

use super::model::{Interface, Store};
use super::{Place, describe_all, done, errors, listing, params, tags};
use crate::range::call::{Answer, ApiError};

/// Security groups on one interface, AWS's default quota.
const MAX_GROUPS: usize = 5;

pub fn describe(place: &mut Place<'_>) -> Answer {
    let store = &*place.store;
    let (found, token) = describe_all(
        place.params,
        ("eni", "NetworkInterfaceId"),
        &store.interfaces,
        |eni, name| lookup(store, eni, name),
        |eni| &eni.id,
    )?;
    let items = found
        .into_iter()
        .map(|eni| {
            // Here the tags are called `tagSet` and the instance stands in the attachment; inside an instance neither is shown.
            let mut item = show(store, eni, place.account);
            item["tagSet"] = tags::show(&eni.tags);
            item["availabilityZone"] = eni.zone.as_str().into();
            item["requesterManaged"] = false.into();
            if let Some(attachment) = &eni.attachment {
                item["attachment"]["instanceId"] = attachment.instance.as_str().into();
                item["attachment"]["instanceOwnerId"] = place.account.into();
            }
            item
        })
        .collect();
    Ok(listing("networkInterfaceSet", items, token.as_deref()))
}

pub fn modify(place: &mut Place<'_>) -> Answer {
    let params = place.params;
    let id = params::required(params, "NetworkInterfaceId")?;
    let eni = place
        .store
        .interfaces
        .get(id)
        .ok_or_else(|| errors::no_such("eni", id))?;
    let groups = params::list(params, "SecurityGroupId");
    let description = params.get("Description").and_then(|d| params::text(d, "Value"));
    let delete = match params.get("Attachment") {
        None => None,
        Some(wanted) => {
            let attachment = params::required(wanted, "AttachmentId")?;
            if eni.attachment.as_ref().is_none_or(|a| a.id != attachment) {
                return Err(errors::client(
                    "InvalidAttachmentID.NotFound",
                    format!("The attachment '{attachment}' does not exist"),
                ));
            }
            params::boolean(wanted, "DeleteOnTermination")?
        }
    };
    // AWS takes one attribute a call.
    match usize::from(!groups.is_empty()) + usize::from(description.is_some()) + usize::from(delete.is_some()) {
        1 => {}
        0 => {
            return Err(errors::client(
                "InvalidParameterCombination",
                "No attributes specified.",
            ));
        }
        _ => {
            return Err(errors::client(
                "InvalidParameterCombination",
                "Fields for multiple attribute types specified",
            ));
        }
    }
    let groups = check_groups(place.store, &groups, &eni.vpc)?;
    params::stop_if_dry_run(params)?;
    let Some(eni) = place.store.interfaces.get_mut(id) else {
        return Err(errors::no_such("eni", id));
    };
    if !groups.is_empty() {
        eni.groups = groups;
    }
    if let Some(text) = description {
        text.clone_into(&mut eni.description);
    }
    if let (Some(delete), Some(attachment)) = (delete, &mut eni.attachment) {
        attachment.delete_on_termination = delete;
    }
    Ok(done())
}

/// The groups, once each, if they all exist and are of the network and not more than an interface takes.
pub fn check_groups(store: &Store, groups: &[&str], vpc: &str) -> Result<Vec<String>, ApiError> {
    let mut checked: Vec<String> = Vec::new();
    for id in groups {
        let group = store.groups.get(*id).ok_or_else(|| errors::no_such("sg", id))?;
        if group.vpc != vpc {
            return Err(errors::client(
                "InvalidGroup.NotFound",
                "You have specified two resources that belong to different networks.",
            ));
        }
        if !checked.iter().any(|c| c == id) {
            checked.push((*id).to_owned());
        }
    }
    if checked.len() > MAX_GROUPS {
        return Err(errors::client(
            "SecurityGroupsPerInterfaceLimitExceeded",
            "The maximum number of security groups per interface has been reached.",
        ));
    }
    Ok(checked)
}

fn lookup(store: &Store, eni: &Interface, name: &str) -> Option<Vec<String>> {
    let one = |text: &str| Some(vec![text.to_owned()]);
    let attachment = eni.attachment.as_ref();
    match name {
        "network-interface-id" => one(&eni.id),
        "vpc-id" => one(&eni.vpc),
        "subnet-id" => one(&eni.subnet),
        "availability-zone" => one(&eni.zone),
        "description" => one(&eni.description),
        "mac-address" => one(&eni.mac),
        "private-ip-address" | "addresses.private-ip-address" => one(&eni.private_ip),
        "ipv6-addresses.ipv6-address" => Some(eni.ipv6.clone()),
        "group-id" => Some(eni.groups.clone()),
        "group-name" => Some(
            eni.groups
                .iter()
                .filter_map(|id| store.groups.get(id).map(|g| g.name.clone()))
                .collect(),
        ),
        "status" => one(if attachment.is_some() { "in-use" } else { "available" }),
        "interface-type" => one("interface"),
        "attachment.instance-id" => Some(attachment.map(|a| a.instance.clone()).into_iter().collect()),
        "attachment.attachment-id" => Some(attachment.map(|a| a.id.clone()).into_iter().collect()),
        "attachment.device-index" => Some(attachment.map(|a| a.device_index.to_string()).into_iter().collect()),
        "association.public-ip" => Some(public_ip(store, eni).into_iter().collect()),
        other => params::tag_values(&eni.tags, other),
    }
}

/// The public IPv4 address, Elastic or not.
pub fn public_ip(store: &Store, eni: &Interface) -> Option<String> {
    store
        .address_of(&eni.id)
        .map(|address| address.public_ip.clone())
        .or_else(|| eni.public_ip.clone())
}

/// The DNS name that a VPC gives the primary address.
pub fn private_name(eni: &Interface) -> String {
    format!("ip-{}.ec2.internal", eni.private_ip.replace('.', "-"))
}

/// Group ids with their names.
pub fn show_groups(store: &Store, groups: &[String]) -> Value {
    groups
        .iter()
        .map(|id| {
            let name = store.groups.get(id).map_or("", |group| group.name.as_str());
            json!({"groupId": id, "groupName": name})
        })
        .collect()
}

/// An interface as an instance shows it.
pub fn show(store: &Store, eni: &Interface, account: &str) -> Value {
    let mut primary = json!({
        "privateIpAddress": eni.private_ip, "privateDnsName": private_name(eni), "primary": true,
    });
    let mut item = json!({
        "networkInterfaceId": eni.id,
        "vpcId": eni.vpc,
        "subnetId": eni.subnet,
        "description": eni.description,
        "ownerId": account,
        "macAddress": eni.mac,
        "interfaceType": "interface",
        "sourceDestCheck": true,
        "privateIpAddress": eni.private_ip,
        "privateDnsName": private_name(eni),
        "groupSet": show_groups(store, &eni.groups),
        "ipv6AddressesSet": eni.ipv6.iter().map(|a| json!({"ipv6Address": a, "isPrimaryIpv6": false})).collect::<Vec<_>>(),
        "status": if eni.attachment.is_some() { "in-use" } else { "available" },
    });
    if let Some(public) = public_ip(store, eni) {
        let mut association = json!({"publicIp": public, "ipOwnerId": "amazon", "publicDnsName": ""});
        if let Some(address) = store.address_of(&eni.id) {
            association["ipOwnerId"] = account.into();
            association["allocationId"] = address.allocation.as_str().into();
            if let Some((id, _)) = &address.association {
                association["associationId"] = id.as_str().into();
            }
        }
        primary["association"] = association.clone();
        item["association"] = association;
    }
    item["privateIpAddressesSet"] = json!([primary]);
    if let Some(attachment) = &eni.attachment {
        item["attachment"] = json!({
            "attachmentId": attachment.id, "deviceIndex": attachment.device_index, "networkCardIndex": 0,
            "status": "attached", "attachTime": attachment.since.to_string(),
            "deleteOnTermination": attachment.delete_on_termination,
        });
    }
    item
}
