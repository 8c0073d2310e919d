//! VPC endpoints, to be read only: `DescribeVpcEndpoints`.

use serde_json::{Value, json};

use super::model::Endpoint;
use super::{Place, describe_all, interfaces, listing, params, tags};
use crate::range::call::Answer;

pub fn describe(place: &mut Place<'_>) -> Answer {
    let store = &*place.store;
    let (found, token) = describe_all(place.params, ("vpce", "VpcEndpointId"), &store.endpoints, lookup, |e| {
        &e.id
    })?;
    let account = place.account;
    let items: Vec<Value> = found
        .into_iter()
        .map(|endpoint| {
            json!({
                "vpcEndpointId": endpoint.id, "vpcEndpointType": endpoint.kind, "vpcId": endpoint.vpc,
                "serviceName": endpoint.service, "state": "available", "ownerId": account,
                "subnetIdSet": endpoint.subnets, "routeTableIdSet": [], "requesterManaged": false,
                "groupSet": interfaces::show_groups(store, &endpoint.groups),
                "privateDnsEnabled": endpoint.kind == "Interface", "tagSet": tags::show(&endpoint.tags),
            })
        })
        .collect();
    Ok(listing("vpcEndpointSet", items, token.as_deref()))
}

fn lookup(endpoint: &Endpoint, name: &str) -> Option<Vec<String>> {
    match name {
        "vpc-endpoint-id" => Some(vec![endpoint.id.clone()]),
        "vpc-id" => Some(vec![endpoint.vpc.clone()]),
        "service-name" => Some(vec![endpoint.service.clone()]),
        "vpc-endpoint-type" => Some(vec![endpoint.kind.clone()]),
        "vpc-endpoint-state" => Some(vec!["available".to_owned()]),
        other => params::tag_values(&endpoint.tags, other),
    }
}
