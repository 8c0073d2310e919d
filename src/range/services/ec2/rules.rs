//! Rules of security groups: `AuthorizeSecurityGroup*`, `RevokeSecurityGroup*`, `DescribeSecurityGroupRules`.
//!
//! A request speaks of permissions (one protocol and port range, many peers); the store and `DescribeSecurityGroupRules`
//! of rules (one peer each). This file is where the two meet.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::model::{Peer, Rule, Store};
use super::{Place, errors, listing, params};
use crate::range::call::{Answer, ApiError};

/// Rules in one direction of one group, AWS's default quota.
const MAX_RULES: usize = 60;

pub fn authorize(place: &mut Place<'_>, egress: bool) -> Answer {
    let id = params::required(place.params, "GroupId")?;
    let group = place.store.groups.get(id).ok_or_else(|| errors::no_such("sg", id))?;
    let mut rules = requested(place.params, egress)?;
    if rules.is_empty() {
        return Err(errors::missing("ipPermissions"));
    }
    for (at, rule) in rules.iter().enumerate() {
        check_peer(place.store, rule, &group.vpc)?;
        let twice = rules[..at].iter().any(|other| other.same_traffic(rule));
        if twice || group.rules.iter().any(|other| other.same_traffic(rule)) {
            return Err(errors::client(
                "InvalidPermission.Duplicate",
                format!("the specified rule \"{}\" already exists", phrase(rule)),
            ));
        }
    }
    if group.rules.iter().filter(|r| r.egress == egress).count() + rules.len() > MAX_RULES {
        return Err(errors::client(
            "RulesPerSecurityGroupLimitExceeded",
            "The maximum number of rules per security group has been reached.",
        ));
    }
    params::stop_if_dry_run(place.params)?;
    for rule in &mut rules {
        rule.id = (place.new_id)("sgr");
    }
    let shown: Vec<Value> = rules.iter().map(|r| show(r, id, place.account)).collect();
    if let Some(group) = place.store.groups.get_mut(id) {
        group.rules.extend(rules);
    }
    Ok(json!({"return": true, "securityGroupRuleSet": shown}))
}

pub fn revoke(place: &mut Place<'_>, egress: bool) -> Answer {
    let id = params::required(place.params, "GroupId")?;
    let group = place.store.groups.get(id).ok_or_else(|| errors::no_such("sg", id))?;
    let by_id = params::list(place.params, "SecurityGroupRuleId");
    let requested = requested(place.params, egress)?;
    if by_id.is_empty() && requested.is_empty() {
        return Err(errors::missing("ipPermissions"));
    }
    let mut doomed: Vec<String> = Vec::new();
    for wanted in by_id {
        if !group.rules.iter().any(|r| r.id == wanted && r.egress == egress) {
            return Err(errors::client(
                "InvalidSecurityGroupRuleId.NotFound",
                format!("The security group rule ID '{wanted}' does not exist"),
            ));
        }
        doomed.push(wanted.to_owned());
    }
    for rule in &requested {
        let Some(found) = group.rules.iter().find(|other| other.same_traffic(rule)) else {
            return Err(errors::client(
                "InvalidPermission.NotFound",
                "The specified rule does not exist in this security group.",
            ));
        };
        doomed.push(found.id.clone());
    }
    params::stop_if_dry_run(place.params)?;
    let Some(group) = place.store.groups.get_mut(id) else {
        return Err(errors::no_such("sg", id));
    };
    let mut revoked = Vec::new();
    group.rules.retain(|rule| {
        let goes = doomed.contains(&rule.id);
        if goes {
            revoked.push(show_revoked(rule, id));
        }
        !goes
    });
    Ok(json!({"return": true, "revokedSecurityGroupRuleSet": revoked}))
}

pub fn describe(place: &mut Place<'_>) -> Answer {
    params::stop_if_dry_run(place.params)?;
    let page = params::Page::read(place.params)?;
    let filters = params::filters(place.params)?;
    let ids = params::list(place.params, "SecurityGroupRuleId");
    let mut found = Vec::new();
    for group in place.store.groups.values() {
        for rule in &group.rules {
            let accepted = params::accepts(&filters, |name| match name {
                "group-id" => Some(vec![group.id.clone()]),
                "security-group-rule-id" => Some(vec![rule.id.clone()]),
                _ => None,
            })?;
            if accepted && (ids.is_empty() || ids.contains(&rule.id.as_str())) {
                found.push((rule.id.clone(), show(rule, &group.id, place.account)));
            }
        }
    }
    if let Some(missing) = ids.iter().find(|id| !found.iter().any(|(found, _)| found == *id)) {
        return Err(errors::client(
            "InvalidSecurityGroupRuleId.NotFound",
            format!("The security group rule ID '{missing}' does not exist"),
        ));
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    let (items, token) = page.cut(found, |(id, _)| id);
    Ok(listing(
        "securityGroupRuleSet",
        items.into_iter().map(|(_, item)| item).collect(),
        token.as_deref(),
    ))
}

/// The rules that a request's `IpPermissions` spell out, still without ids.
fn requested(params: &Value, egress: bool) -> Result<Vec<Rule>, ApiError> {
    let mut rules = Vec::new();
    for permission in params::items(params, "IpPermissions") {
        let (protocol, ports) = traffic(permission)?;
        let mut peers: Vec<(Peer, Option<String>)> = Vec::new();
        for (list, key) in [
            ("IpRanges", "CidrIp"),
            ("Ipv6Ranges", "CidrIpv6"),
            ("PrefixListIds", "PrefixListId"),
            ("Groups", "GroupId"),
        ] {
            for item in params::items(permission, list) {
                let value = params::required(item, key)?.to_owned();
                let peer = match list {
                    "IpRanges" => Peer::V4(check_cidr(value, false)?),
                    "Ipv6Ranges" => Peer::V6(check_cidr(value, true)?),
                    "PrefixListIds" => Peer::PrefixList(value),
                    _ => Peer::Group(value),
                };
                peers.push((peer, params::text(item, "Description").map(str::to_owned)));
            }
        }
        if peers.is_empty() {
            return Err(errors::missing("ipRanges"));
        }
        rules.extend(peers.into_iter().map(|(peer, description)| Rule {
            id: String::new(),
            egress,
            protocol: protocol.clone(),
            ports,
            peer,
            description,
        }));
    }
    Ok(rules)
}

/// Protocol and ports of a permission, in the form that AWS gives them back.
fn traffic(permission: &Value) -> Result<(String, Option<(i32, i32)>), ApiError> {
    let protocol = params::required(permission, "IpProtocol")?;
    let protocol = match protocol {
        "6" => "tcp",
        "17" => "udp",
        "1" => "icmp",
        "58" => "icmpv6",
        "all" => "-1",
        other => other,
    };
    if protocol == "-1" {
        return Ok(("-1".to_owned(), None));
    }
    let known = matches!(protocol, "tcp" | "udp" | "icmp" | "icmpv6") || protocol.parse::<u8>().is_ok();
    if !known {
        return Err(errors::client(
            "InvalidPermission.Malformed",
            format!("Unsupported IP protocol \"{protocol}\""),
        ));
    }
    let ports = params::number(permission, "FromPort")?.zip(params::number(permission, "ToPort")?);
    match (protocol, ports) {
        ("tcp" | "udp", Some((from, to))) if (0..=65535).contains(&from) && (from..=65535).contains(&to) => {}
        ("tcp" | "udp", Some((from, to))) => {
            return Err(errors::client(
                "InvalidParameterValue",
                format!("Invalid TCP/UDP port range ({from}:{to})"),
            ));
        }
        ("tcp" | "udp", None) => {
            return Err(errors::client(
                "InvalidParameterValue",
                "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.",
            ));
        }
        _ => {}
    }
    Ok((protocol.to_owned(), ports))
}

fn check_cidr(text: String, v6: bool) -> Result<String, ApiError> {
    let valid = text.split_once('/').is_some_and(|(address, bits)| {
        let Ok(bits) = bits.parse::<u8>() else { return false };
        if v6 {
            bits <= 128 && address.parse::<std::net::Ipv6Addr>().is_ok()
        } else {
            bits <= 32 && address.parse::<std::net::Ipv4Addr>().is_ok()
        }
    });
    if valid {
        Ok(text)
    } else {
        Err(errors::client(
            "InvalidParameterValue",
            format!("CIDR block {text} is malformed"),
        ))
    }
}

/// A group named as a peer must exist in the same network.
fn check_peer(store: &Store, rule: &Rule, vpc: &str) -> Result<(), ApiError> {
    let Peer::Group(id) = &rule.peer else { return Ok(()) };
    let peer = store.groups.get(id).ok_or_else(|| errors::no_such("sg", id))?;
    if peer.vpc == vpc {
        Ok(())
    } else {
        Err(errors::client(
            "InvalidGroup.NotFound",
            "You have specified two resources that belong to different networks.",
        ))
    }
}

/// A rule as the duplicate error names it.
fn phrase(rule: &Rule) -> String {
    let peer = match &rule.peer {
        Peer::V4(text) | Peer::V6(text) | Peer::Group(text) | Peer::PrefixList(text) => text,
    };
    match rule.ports {
        _ if rule.protocol == "-1" => format!("peer: {peer}, ALL, ALLOW"),
        Some((from, to)) => format!(
            "peer: {peer}, {}, from port: {from}, to port: {to}, ALLOW",
            rule.protocol.to_uppercase()
        ),
        None => format!("peer: {peer}, {}, ALLOW", rule.protocol.to_uppercase()),
    }
}

fn put_traffic(item: &mut Value, rule: &Rule) {
    item["ipProtocol"] = rule.protocol.as_str().into();
    if let Some((from, to)) = rule.ports {
        item["fromPort"] = from.into();
        item["toPort"] = to.into();
    }
}

/// Protocol and ports, by which rules are folded.
type Traffic<'a> = (&'a str, Option<(i32, i32)>);

/// Rules folded into permissions as `DescribeSecurityGroups` shows them.
pub fn show_permissions<'a>(rules: impl Iterator<Item = &'a Rule>, account: &str) -> Value {
    let mut permissions: BTreeMap<Traffic<'_>, Value> = BTreeMap::new();
    for rule in rules {
        let permission = permissions.entry((&rule.protocol, rule.ports)).or_insert_with(|| {
            let mut item = json!({"groups": [], "ipRanges": [], "ipv6Ranges": [], "prefixListIds": []});
            put_traffic(&mut item, rule);
            item
        });
        let (list, mut peer) = match &rule.peer {
            Peer::V4(cidr) => ("ipRanges", json!({"cidrIp": cidr})),
            Peer::V6(cidr) => ("ipv6Ranges", json!({"cidrIpv6": cidr})),
            Peer::PrefixList(id) => ("prefixListIds", json!({"prefixListId": id})),
            Peer::Group(id) => ("groups", json!({"groupId": id, "userId": account})),
        };
        if let Some(description) = &rule.description {
            peer["description"] = description.as_str().into();
        }
        if let Some(list) = permission[list].as_array_mut() {
            list.push(peer);
        }
    }
    permissions.into_values().collect()
}

fn show(rule: &Rule, group: &str, account: &str) -> Value {
    let mut item = show_revoked(rule, group);
    item["groupOwnerId"] = account.into();
    if rule.ports.is_none() {
        item["fromPort"] = (-1).into();
        item["toPort"] = (-1).into();
    }
    if let Peer::Group(id) = &rule.peer {
        item["referencedGroupInfo"] = json!({"groupId": id, "userId": account});
        if let Some(fields) = item.as_object_mut() {
            fields.remove("referencedGroupId");
        }
    }
    item
}

fn show_revoked(rule: &Rule, group: &str) -> Value {
    let mut item = json!({"securityGroupRuleId": rule.id, "groupId": group, "isEgress": rule.egress});
    put_traffic(&mut item, rule);
    let (key, peer) = match &rule.peer {
        Peer::V4(cidr) => ("cidrIpv4", cidr),
        Peer::V6(cidr) => ("cidrIpv6", cidr),
        Peer::PrefixList(id) => ("prefixListId", id),
        Peer::Group(id) => ("referencedGroupId", id),
    };
    item[key] = peer.as_str().into();
    if let Some(description) = &rule.description {
        item["description"] = description.as_str().into();
    }
    item
}
