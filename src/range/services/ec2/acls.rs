//! Network ACLs: `DescribeNetworkAcls`, and what makes them, fills them and puts them before a subnet.

use serde_json::{Value, json};

use super::model::{AclEntry, NetworkAcl};
use super::{Place, describe_all, done, errors, listing, params, tags};
use crate::range::call::{Answer, ApiError};

/// Entries a direction, AWS's default quota (VPC guide, "Amazon VPC quotas").
const MAX_ENTRIES: usize = 20;

pub fn describe(place: &mut Place<'_>) -> Answer {
    let (found, token) = describe_all(place.params, ("acl", "NetworkAclId"), &place.store.acls, lookup, |a| {
        &a.id
    })?;
    let store = &*place.store;
    let ipv6 = |acl: &NetworkAcl| store.vpcs.get(&acl.vpc).is_some_and(|vpc| vpc.ipv6_cidr.is_some());
    let items = found
        .into_iter()
        .map(|acl| show(acl, ipv6(acl), place.account))
        .collect();
    Ok(listing("networkAclSet", items, token.as_deref()))
}

pub fn create(place: &mut Place<'_>) -> Answer {
    let vpc = params::required(place.params, "VpcId")?;
    let found = place.store.vpcs.get(vpc).ok_or_else(|| errors::no_such("vpc", vpc))?;
    let ipv6 = found.ipv6_cidr.is_some();
    let tags = tags::specified(place.params, "network-acl")?;
    params::stop_if_dry_run(place.params)?;
    let acl = NetworkAcl {
        id: (place.new_id)("acl"),
        vpc: vpc.to_owned(),
        is_default: false,
        associations: std::collections::BTreeMap::new(),
        entries: std::collections::BTreeMap::new(),
        tags,
    };
    let answer = json!({"networkAcl": show(&acl, ipv6, place.account)});
    place.store.acls.insert(acl.id.clone(), acl);
    Ok(answer)
}

pub fn create_entry(place: &mut Place<'_>) -> Answer {
    let params = place.params;
    let (id, key) = entry_key(place)?;
    let allow = match params::required(params, "RuleAction")? {
        "allow" => true,
        "deny" => false,
        other => return Err(errors::invalid(other, "ruleAction")),
    };
    let four = params::text(params, "CidrBlock");
    let (Some(cidr), true) = (
        four.or_else(|| params::text(params, "Ipv6CidrBlock")),
        four.is_none() || params::text(params, "Ipv6CidrBlock").is_none(),
    ) else {
        return Err(errors::missing("cidrBlock"));
    };
    let protocol = params::required(params, "Protocol")?.to_owned();
    let ports = match params.get("PortRange") {
        None => None,
        Some(range) => params::number(range, "From")?.zip(params::number(range, "To")?),
    };
    if matches!(protocol.as_str(), "6" | "17") && ports.is_none() {
        return Err(errors::missing("portRange"));
    }
    let entry = AclEntry {
        allow,
        protocol,
        cidr: cidr.to_owned(),
        ports,
    };
    let acl = place.store.acls.get_mut(id).ok_or_else(|| errors::no_such("acl", id))?;
    if acl.entries.contains_key(&key) {
        return Err(errors::client(
            "NetworkAclEntryAlreadyExists",
            format!("The network acl entry identified by {} already exists.", key.1),
        ));
    }
    if acl.entries.keys().filter(|(egress, _)| *egress == key.0).count() >= MAX_ENTRIES {
        return Err(errors::client(
            "NetworkAclEntryLimitExceeded",
            "The maximum number of network acl entries has been reached.",
        ));
    }
    params::stop_if_dry_run(params)?;
    acl.entries.insert(key, entry);
    Ok(done())
}

pub fn delete_entry(place: &mut Place<'_>) -> Answer {
    let (id, key) = entry_key(place)?;
    let acl = place.store.acls.get_mut(id).ok_or_else(|| errors::no_such("acl", id))?;
    if !acl.entries.contains_key(&key) {
        return Err(errors::client(
            "InvalidNetworkAclEntry.NotFound",
            format!("The network acl entry identified by {} does not exist", key.1),
        ));
    }
    params::stop_if_dry_run(place.params)?;
    acl.entries.remove(&key);
    Ok(done())
}

/// The association gets another id, as on AWS.
pub fn replace_association(place: &mut Place<'_>) -> Answer {
    let old = params::required(place.params, "AssociationId")?;
    let id = params::required(place.params, "NetworkAclId")?;
    let acl = place.store.acls.get(id).ok_or_else(|| errors::no_such("acl", id))?;
    let now = place
        .store
        .acls
        .values()
        .find_map(|acl| Some((acl, acl.associations.get(old)?)));
    let Some((before, subnet)) = now else {
        return Err(errors::client(
            "InvalidAssociationID.NotFound",
            format!("The association ID '{old}' does not exist"),
        ));
    };
    if before.vpc != acl.vpc {
        return Err(errors::client(
            "InvalidParameterValue",
            format!("{id} and subnet {subnet} belong to different networks."),
        ));
    }
    let subnet = subnet.clone();
    params::stop_if_dry_run(place.params)?;
    let new = (place.new_id)("aclassoc");
    for acl in place.store.acls.values_mut() {
        acl.associations.remove(old);
    }
    if let Some(acl) = place.store.acls.get_mut(id) {
        acl.associations.insert(new.clone(), subnet);
    }
    Ok(json!({"newAssociationId": new}))
}

fn entry_key<'p>(place: &Place<'p>) -> Result<(&'p str, (bool, i32)), ApiError> {
    let id = params::required(place.params, "NetworkAclId")?;
    let number = params::number(place.params, "RuleNumber")?.ok_or_else(|| errors::missing("ruleNumber"))?;
    let egress = params::boolean(place.params, "Egress")?.ok_or_else(|| errors::missing("egress"))?;
    if !(1..=32766).contains(&number) {
        return Err(errors::invalid(&number.to_string(), "ruleNumber"));
    }
    Ok((id, (egress, number)))
}

fn lookup(acl: &NetworkAcl, name: &str) -> Option<Vec<String>> {
    match name {
        "network-acl-id" => Some(vec![acl.id.clone()]),
        "vpc-id" => Some(vec![acl.vpc.clone()]),
        "default" => Some(vec![acl.is_default.to_string()]),
        "association.subnet-id" => Some(acl.associations.values().cloned().collect()),
        "association.association-id" => Some(acl.associations.keys().cloned().collect()),
        other => params::tag_values(&acl.tags, other),
    }
}

fn show(acl: &NetworkAcl, ipv6: bool, account: &str) -> Value {
    let item = |number: i32, egress: bool, entry: &AclEntry| {
        let key = if entry.cidr.contains(':') {
            "ipv6CidrBlock"
        } else {
            "cidrBlock"
        };
        let mut item = json!({
            "ruleNumber": number, "egress": egress, "protocol": entry.protocol,
            "ruleAction": if entry.allow { "allow" } else { "deny" }, key: entry.cidr,
        });
        if let Some((from, to)) = entry.ports {
            item["portRange"] = json!({"from": from, "to": to});
        }
        item
    };
    let mut entries: Vec<Value> = acl
        .entries
        .iter()
        .map(|((egress, number), e)| item(*number, *egress, e))
        .collect();
    for egress in [false, true] {
        for (number, cidr) in [(32767, "0.0.0.0/0"), (32768, "::/0")]
            .into_iter()
            .take(1 + usize::from(ipv6))
        {
            let last = AclEntry {
                allow: false,
                protocol: "-1".to_owned(),
                cidr: cidr.to_owned(),
                ports: None,
            };
            entries.push(item(number, egress, &last));
        }
    }
    let associations: Vec<Value> = acl
        .associations
        .iter()
        .map(|(id, subnet)| json!({"networkAclAssociationId": id, "networkAclId": acl.id, "subnetId": subnet}))
        .collect();
    json!({
        "networkAclId": acl.id, "vpcId": acl.vpc, "ownerId": account, "default": acl.is_default,
        "entrySet": entries, "associationSet": associations, "tagSet": tags::show(&acl.tags),
    })
}
