//! The network around instances, to be read only: VPCs, subnets, route tables, NAT gateways, regions.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::model::{RouteTable, Subnet, Vpc};
use super::{Place, describe_all, errors, listing, params, tags};
use crate::range::call::Answer;

pub fn describe_vpcs(place: &mut Place<'_>) -> Answer {
    let (found, token) = describe_all(place.params, ("vpc", "VpcId"), &place.store.vpcs, vpc_lookup, |v| &v.id)?;
    let account = place.account;
    let items = found
        .into_iter()
        .map(|vpc| {
            json!({
                "vpcId": vpc.id, "ownerId": account, "state": "available", "cidrBlock": vpc.cidr, "isDefault": false,
                "instanceTenancy": "default", "dhcpOptionsId": "default",
                "cidrBlockAssociationSet": [{
                    "associationId": vpc.id.replace("vpc-", "vpc-cidr-assoc-"), "cidrBlock": vpc.cidr,
                    "cidrBlockState": {"state": "associated"},
                }],
                "ipv6CidrBlockAssociationSet": ipv6(vpc.ipv6_cidr.as_deref(), &vpc.id.replace("vpc-", "vpc-cidr-assoc-")),
                "tagSet": tags::show(&vpc.tags),
            })
        })
        .collect();
    Ok(listing("vpcSet", items, token.as_deref()))
}

pub fn describe_subnets(place: &mut Place<'_>) -> Answer {
    let (found, token) = describe_all(
        place.params,
        ("subnet", "SubnetId"),
        &place.store.subnets,
        subnet_lookup,
        |s| &s.id,
    )?;
    let account = place.account;
    let items = found
        .into_iter()
        .map(|subnet| {
            json!({
                "subnetId": subnet.id, "vpcId": subnet.vpc, "ownerId": account, "state": "available",
                "cidrBlock": subnet.cidr, "availabilityZone": subnet.zone, "mapPublicIpOnLaunch": subnet.public,
                "availableIpAddressCount": 240, "defaultForAz": false, "ipv6Native": false,
                "assignIpv6AddressOnCreation": subnet.ipv6_cidr.is_some(),
                "ipv6CidrBlockAssociationSet": ipv6(subnet.ipv6_cidr.as_deref(), &subnet.id.replace("subnet-", "subnet-cidr-assoc-")),
                "tagSet": tags::show(&subnet.tags),
            })
        })
        .collect();
    Ok(listing("subnetSet", items, token.as_deref()))
}

pub fn describe_route_tables(place: &mut Place<'_>) -> Answer {
    let (found, token) = describe_all(
        place.params,
        ("rtb", "RouteTableId"),
        &place.store.route_tables,
        table_lookup,
        |t| &t.id,
    )?;
    let account = place.account;
    let items = found.into_iter().map(|table| show_table(table, account)).collect();
    Ok(listing("routeTableSet", items, token.as_deref()))
}

/// NAT gateways are known from the routes that lead to them; that is all a responder's warning needs.
pub fn describe_nat_gateways(place: &mut Place<'_>) -> Answer {
    params::stop_if_dry_run(place.params)?;
    let mut gateways: BTreeMap<&str, &RouteTable> = BTreeMap::new();
    for table in place.store.route_tables.values() {
        for (_, target) in &table.routes {
            if target.starts_with("nat-") {
                gateways.insert(target, table);
            }
        }
    }
    let wanted = params::list(place.params, "NatGatewayId");
    if let Some(missing) = wanted.iter().find(|id| !gateways.contains_key(*id)) {
        return Err(errors::client(
            "NatGatewayNotFound",
            format!("NAT gateway {missing} was not found"),
        ));
    }
    let page = params::Page::read(place.params)?;
    let filters = params::filters(place.params)?;
    let mut found = Vec::new();
    for (id, table) in gateways {
        let accepted = params::accepts(&filters, |name| match name {
            "nat-gateway-id" => Some(vec![id.to_owned()]),
            "vpc-id" => Some(vec![table.vpc.clone()]),
            "state" => Some(vec!["available".to_owned()]),
            _ => None,
        })?;
        if accepted && (wanted.is_empty() || wanted.contains(&id)) {
            found.push((
                id.to_owned(),
                json!({"natGatewayId": id, "vpcId": table.vpc, "state": "available", "connectivityType": "public"}),
            ));
        }
    }
    let (items, token) = page.cut(found, |(id, _)| id);
    Ok(listing(
        "natGatewaySet",
        items.into_iter().map(|(_, item)| item).collect(),
        token.as_deref(),
    ))
}

/// The regions that are enabled in every account from the start; the others are opted into (AWS Account Management reference,
/// "Enable or disable AWS Regions in your account").
const DEFAULT: [&str; 17] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

pub fn describe_regions(place: &mut Place<'_>) -> Answer {
    params::stop_if_dry_run(place.params)?;
    let wanted = params::list(place.params, "RegionName");
    if let Some(unknown) = wanted
        .iter()
        .find(|name| !place.store.region_names.iter().any(|r| r == *name))
    {
        return Err(errors::client(
            "InvalidParameterValue",
            format!("Invalid region provided {unknown}"),
        ));
    }
    let items: Vec<Value> = place
        .store
        .region_names
        .iter()
        .filter(|name| wanted.is_empty() || wanted.contains(&name.as_str()))
        .map(|name| {
            json!({
                "regionName": name, "regionEndpoint": format!("ec2.{name}.amazonaws.com"),
                "optInStatus": if DEFAULT.contains(&name.as_str()) { "opt-in-not-required" } else { "opted-in" },
            })
        })
        .collect();
    Ok(json!({"regionInfo": items}))
}

fn ipv6(cidr: Option<&str>, association: &str) -> Vec<Value> {
    cidr.map(|cidr| {
        json!({
            "associationId": association, "ipv6CidrBlock": cidr,
            "ipv6CidrBlockState": {"state": "associated"},
        })
    })
    .into_iter()
    .collect()
}

fn vpc_lookup(vpc: &Vpc, name: &str) -> Option<Vec<String>> {
    match name {
        "vpc-id" => Some(vec![vpc.id.clone()]),
        "cidr" => Some(vec![vpc.cidr.clone()]),
        "ipv6-cidr-block-association.ipv6-cidr-block" => Some(vpc.ipv6_cidr.clone().into_iter().collect()),
        other => params::tag_values(&vpc.tags, other),
    }
}

fn subnet_lookup(subnet: &Subnet, name: &str) -> Option<Vec<String>> {
    match name {
        "subnet-id" => Some(vec![subnet.id.clone()]),
        "vpc-id" => Some(vec![subnet.vpc.clone()]),
        "availability-zone" => Some(vec![subnet.zone.clone()]),
        other => params::tag_values(&subnet.tags, other),
    }
}

fn table_lookup(table: &RouteTable, name: &str) -> Option<Vec<String>> {
    match name {
        "route-table-id" => Some(vec![table.id.clone()]),
        "vpc-id" => Some(vec![table.vpc.clone()]),
        "association.main" => Some(vec![table.main.to_string()]),
        "association.subnet-id" => Some(table.subnets.clone()),
        "route.nat-gateway-id" => Some(
            table
                .routes
                .iter()
                .filter(|(_, target)| target.starts_with("nat-"))
                .map(|(_, target)| target.clone())
                .collect(),
        ),
        other => params::tag_values(&table.tags, other),
    }
}

fn show_table(table: &RouteTable, account: &str) -> Value {
    let association = |subnet: Option<&str>, number: usize| {
        let id = format!("{}{number:x}", table.id.replace("rtb-", "rtbassoc-"));
        let mut item = json!({
            "routeTableAssociationId": id, "routeTableId": table.id, "main": subnet.is_none(),
            "associationState": {"state": "associated"},
        });
        if let Some(subnet) = subnet {
            item["subnetId"] = subnet.into();
        }
        item
    };
    let mut associations: Vec<Value> = Vec::new();
    if table.main {
        associations.push(association(None, 0));
    }
    for (at, subnet) in table.subnets.iter().enumerate() {
        associations.push(association(Some(subnet), at + 1));
    }
    let routes: Vec<Value> = table
        .routes
        .iter()
        .map(|(destination, target)| {
            let destination_key = if destination.contains(':') {
                "destinationIpv6CidrBlock"
            } else {
                "destinationCidrBlock"
            };
            let target_key = if target.starts_with("nat-") {
                "natGatewayId"
            } else if target.starts_with("eigw-") {
                "egressOnlyInternetGatewayId"
            } else {
                "gatewayId"
            };
            let origin = if target == "local" {
                "CreateRouteTable"
            } else {
                "CreateRoute"
            };
            json!({destination_key: destination, target_key: target, "state": "active", "origin": origin})
        })
        .collect();
    json!({
        "routeTableId": table.id, "vpcId": table.vpc, "ownerId": account,
        "associationSet": associations, "routeSet": routes, "propagatingVgwSet": [], "tagSet": tags::show(&table.tags),
    })
}
