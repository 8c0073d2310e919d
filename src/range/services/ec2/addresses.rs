//! Elastic IP addresses: `DescribeAddresses`, `AssociateAddress`, `DisassociateAddress`.

use serde_json::json;

use super::model::Address;
use super::{Place, describe_all, done, errors, listing, params, tags};
use crate::range::call::Answer;

/// This operation has no pages.
pub fn describe(place: &mut Place<'_>) -> Answer {
    let store = &*place.store;
    let lookup = |address: &Address, name: &str| {
        let eni = address.association.as_ref().map(|(_, eni)| eni.clone());
        match name {
            "allocation-id" => Some(vec![address.allocation.clone()]),
            "public-ip" => Some(vec![address.public_ip.clone()]),
            "association-id" => Some(address.association.iter().map(|(id, _)| id.clone()).collect()),
            "network-interface-id" => Some(eni.into_iter().collect()),
            "instance-id" => Some(
                eni.and_then(|eni| store.interfaces.get(&eni)?.attachment.as_ref())
                    .map(|a| a.instance.clone())
                    .into_iter()
                    .collect(),
            ),
            other => params::tag_values(&address.tags, other),
        }
    };
    let (found, _) = describe_all(
        place.params,
        ("eipalloc", "AllocationId"),
        &store.addresses,
        lookup,
        |a| &a.allocation,
    )?;
    let account = place.account;
    let items = found
        .into_iter()
        .map(|address| {
            let mut item = json!({
                "allocationId": address.allocation, "publicIp": address.public_ip, "domain": "vpc",
                "tagSet": tags::show(&address.tags),
            });
            if let Some((association, eni)) = &address.association {
                item["associationId"] = association.as_str().into();
                item["networkInterfaceId"] = eni.as_str().into();
                item["networkInterfaceOwnerId"] = account.into();
                if let Some(interface) = store.interfaces.get(eni) {
                    item["privateIpAddress"] = interface.private_ip.as_str().into();
                    if let Some(attachment) = &interface.attachment {
                        item["instanceId"] = attachment.instance.as_str().into();
                    }
                }
            }
            item
        })
        .collect();
    Ok(listing("addressesSet", items, None))
}

/// By allocation and interface; what the classic network knew is not there.
pub fn associate(place: &mut Place<'_>) -> Answer {
    let allocation = params::required(place.params, "AllocationId")?;
    let eni = params::required(place.params, "NetworkInterfaceId")?;
    let address = place
        .store
        .addresses
        .get(allocation)
        .ok_or_else(|| errors::no_such("eipalloc", allocation))?;
    let interface = place
        .store
        .interfaces
        .get(eni)
        .ok_or_else(|| errors::no_such("eni", eni))?;
    let may_move = params::boolean(place.params, "AllowReassociation")?.unwrap_or(true);
    let elsewhere = address.association.as_ref().is_some_and(|(_, on)| on != eni);
    if elsewhere && !may_move {
        return Err(errors::client(
            "Resource.AlreadyAssociated",
            format!("resource {allocation} is already associated with associate-id"),
        ));
    }
    if let Some(ip) = params::text(place.params, "PrivateIpAddress")
        && ip != interface.private_ip
    {
        return Err(errors::client(
            "InvalidParameterValue",
            format!("Private IP address {ip} is not assigned to interface {eni}"),
        ));
    }
    params::stop_if_dry_run(place.params)?;
    let id = (place.new_id)("eipassoc");
    if let Some(interface) = place.store.interfaces.get_mut(eni) {
        interface.public_ip = None;
    }
    if let Some(address) = place.store.addresses.get_mut(allocation) {
        address.association = Some((id.clone(), eni.to_owned()));
    }
    Ok(json!({"return": true, "associationId": id}))
}

pub fn disassociate(place: &mut Place<'_>) -> Answer {
    let id = params::required(place.params, "AssociationId")?;
    let on = |address: &Address| {
        address
            .association
            .as_ref()
            .is_some_and(|(association, _)| association == id)
    };
    if !place.store.addresses.values().any(on) {
        return Err(errors::client(
            "InvalidAssociationID.NotFound",
            format!("The association ID '{id}' does not exist"),
        ));
    }
    params::stop_if_dry_run(place.params)?;
    for address in place.store.addresses.values_mut() {
        address.association.take_if(|(association, _)| association == id);
    }
    Ok(done())
}
