//! The network around an instance: Elastic IPs, network ACLs, VPC endpoints.

use std::sync::Arc;

use aws_sdk_ec2::Client;
use aws_sdk_ec2::operation::RequestId as _;
use aws_sdk_ec2::operation::describe_addresses::builders::DescribeAddressesFluentBuilder;
use aws_sdk_ec2::types::{Filter, NetworkAcl as SdkAcl, NetworkAclEntry, RuleAction, VpcEndpoint};

use super::convert::{missing, must, tags};
use super::{Found, circle, interface, only, own_address};
use crate::action::{AclAssociation, AclEntry, Address, Answer, Endpoint, NetworkAcl, NetworkQuery, ReadFailure};
use crate::cloud::connect::Cloud;
use crate::cloud::errors::CallError;
use crate::cloud::pages::Pages;
use crate::cloud::session::Session;
use crate::domain::{Region, Untrusted, VpcId};

const ADDRESSES: &str = "ec2:DescribeAddresses";
const ENDPOINTS: &str = "ec2:DescribeVpcEndpoints";
const ACLS: &str = "ec2:DescribeNetworkAcls";
/// The tag that marks what isolation makes.
const CONTAINMENT_TAG: &str = "quell:containment";
/// The services that Systems Manager's agent talks to (Systems Manager guide, "VPC endpoints").
const SSM: [&str; 3] = ["ssm", "ssmmessages", "ec2messages"];

pub(super) async fn ask(cloud: &Arc<Cloud>, session: &Session, region: &Region, query: &NetworkQuery) -> Found {
    let client = &session.ec2(region);
    match query {
        NetworkQuery::Addresses { of } => {
            let call = client.describe_addresses().filters(filter("instance-id", of.as_str()));
            addresses(call).await
        }
        NetworkQuery::ElasticIp { allocation } => {
            addresses(client.describe_addresses().allocation_ids(allocation.as_str())).await
        }
        NetworkQuery::Endpoints { vpc } => endpoints(client, vpc, None).await,
        NetworkQuery::SsmEndpoints { vpc } => endpoints(client, vpc, Some(&SSM)).await,
        NetworkQuery::SubnetAcl { subnet } => {
            let (mut found, id) = acls(client, None, vec![filter("association.subnet-id", subnet.as_str())]).await?;
            for acl in &mut found {
                acl.associations.retain(|association| association.subnet == *subnet);
            }
            let one = only(ACLS, &format!("network ACL of {subnet}"), found)?;
            Ok((Answer::NetworkAcls(vec![one]), id))
        }
        NetworkQuery::ContainmentAcls { vpc } => {
            let filters = vec![filter("vpc-id", vpc.as_str()), filter("tag-key", CONTAINMENT_TAG)];
            let (found, id) = acls(client, None, filters).await?;
            Ok((Answer::NetworkAcls(found), id))
        }
        NetworkQuery::Acls {} => {
            let (found, id) = acls(client, None, Vec::new()).await?;
            Ok((Answer::NetworkAcls(found), id))
        }
        NetworkQuery::Acl { id } => {
            let (found, request_id) = acls(client, Some(id.as_str()), Vec::new()).await?;
            let one = only(ACLS, id.as_str(), found)?;
            Ok((Answer::NetworkAcls(vec![one]), request_id))
        }
        NetworkQuery::OwnAddress { address } => own_address::ask(cloud, session, region, *address).await,
        NetworkQuery::InterfacesIn { subnet } => interface::interfaces(client, "subnet-id", subnet.as_str()).await,
    }
}

fn filter(name: &str, value: &str) -> Filter {
    Filter::builder().name(name).values(value).build()
}

/// `DescribeAddresses` has no pages (EC2 API reference).
async fn addresses(call: DescribeAddressesFluentBuilder) -> Found {
    let answer = call.send().await.map_err(|e| CallError::from_sdk(ADDRESSES, &e))?;
    let mut found = Vec::new();
    // One that is on nothing has no association.
    for address in answer.addresses().iter().filter(|a| a.association_id().is_some()) {
        found.push(Address {
            allocation: must(ADDRESSES, "allocationId", address.allocation_id())?,
            association: must(ADDRESSES, "associationId", address.association_id())?,
            interface: must(ADDRESSES, "networkInterfaceId", address.network_interface_id())?,
            public_ip: must(ADDRESSES, "publicIp", address.public_ip())?,
            private_ip: must(ADDRESSES, "privateIpAddress", address.private_ip_address())?,
        });
    }
    found.sort_by(|a, b| a.allocation.cmp(&b.allocation));
    Ok((Answer::Addresses(found), answer.request_id().map(str::to_owned)))
}

/// `DescribeVpcEndpoints` in a VPC; where services are given, those whose name ends with one of them.
async fn endpoints(client: &Client, vpc: &VpcId, services: Option<&[&str]>) -> Found {
    let (mut found, mut pages, mut token) = (Vec::new(), Pages::default(), None);
    loop {
        let page = client
            .describe_vpc_endpoints()
            .filters(filter("vpc-id", vpc.as_str()))
            .set_next_token(token)
            .send()
            .await
            .map_err(|e| CallError::from_sdk(ENDPOINTS, &e))?;
        for endpoint in page.vpc_endpoints() {
            found.push(convert_endpoint(endpoint)?);
        }
        token = pages.next(page.next_token()).map_err(circle(ENDPOINTS))?;
        if token.is_none() {
            if let Some(services) = services {
                let named = |e: &Endpoint| {
                    let last = e.service.raw().rsplit('.').next();
                    e.service.raw().starts_with("com.amazonaws.") && last.is_some_and(|last| services.contains(&last))
                };
                found.retain(named);
            }
            found.sort_by(|a, b| a.id.cmp(&b.id));
            return Ok((Answer::Endpoints(found), page.request_id().map(str::to_owned)));
        }
    }
}

fn convert_endpoint(from: &VpcEndpoint) -> Result<Endpoint, ReadFailure> {
    let mut groups = Vec::new();
    for group in from.groups() {
        groups.push(must(ENDPOINTS, "groupId", group.group_id())?);
    }
    groups.sort();
    let kind = from
        .vpc_endpoint_type()
        .ok_or_else(|| missing(ENDPOINTS, "vpcEndpointType"))?;
    Ok(Endpoint {
        id: must(ENDPOINTS, "vpcEndpointId", from.vpc_endpoint_id())?,
        kind: kind.as_str().to_owned(),
        service: Untrusted::new(from.service_name().unwrap_or_default()),
        // AWS writes `available` and its SDK `Available`.
        state: from
            .state()
            .map(|s| s.as_str().to_ascii_lowercase())
            .unwrap_or_default(),
        groups,
    })
}

async fn acls(
    client: &Client,
    id: Option<&str>,
    filters: Vec<Filter>,
) -> Result<(Vec<NetworkAcl>, Option<String>), ReadFailure> {
    let (mut found, mut pages, mut token) = (Vec::new(), Pages::default(), None);
    loop {
        let page = client
            .describe_network_acls()
            .set_network_acl_ids(id.map(|id| vec![id.to_owned()]))
            .set_filters((!filters.is_empty()).then(|| filters.clone()))
            .set_next_token(token)
            .send()
            .await
            .map_err(|e| CallError::from_sdk(ACLS, &e))?;
        for acl in page.network_acls() {
            found.push(convert_acl(acl)?);
        }
        token = pages.next(page.next_token()).map_err(circle(ACLS))?;
        if token.is_none() {
            found.sort_by(|a, b| a.id.cmp(&b.id));
            return Ok((found, page.request_id().map(str::to_owned)));
        }
    }
}

fn convert_acl(from: &SdkAcl) -> Result<NetworkAcl, ReadFailure> {
    let mut associations = Vec::new();
    for association in from.associations() {
        associations.push(AclAssociation {
            id: must(
                ACLS,
                "networkAclAssociationId",
                association.network_acl_association_id(),
            )?,
            subnet: must(ACLS, "subnetId", association.subnet_id())?,
        });
    }
    associations.sort();
    let entries: Result<Vec<AclEntry>, ReadFailure> = from.entries().iter().map(convert_entry).collect();
    let mut entries = entries?;
    entries.sort();
    Ok(NetworkAcl {
        id: must(ACLS, "networkAclId", from.network_acl_id())?,
        vpc: must(ACLS, "vpcId", from.vpc_id())?,
        is_default: from.is_default().unwrap_or_default(),
        associations,
        entries,
        tags: tags(from.tags()),
    })
}

/// An entry that is not understood must not look like one that denies.
fn convert_entry(from: &NetworkAclEntry) -> Result<AclEntry, ReadFailure> {
    let allow = match from.rule_action() {
        Some(RuleAction::Allow) => true,
        Some(RuleAction::Deny) => false,
        _ => return Err(missing(ACLS, "ruleAction of an entry")),
    };
    let cidr = from.cidr_block().or_else(|| from.ipv6_cidr_block());
    Ok(AclEntry {
        egress: from.egress().ok_or_else(|| missing(ACLS, "egress of an entry"))?,
        number: from
            .rule_number()
            .ok_or_else(|| missing(ACLS, "ruleNumber of an entry"))?,
        allow,
        protocol: from
            .protocol()
            .ok_or_else(|| missing(ACLS, "protocol of an entry"))?
            .to_owned(),
        cidr: cidr.ok_or_else(|| missing(ACLS, "cidrBlock of an entry"))?.to_owned(),
        ports: from.port_range().and_then(|range| Some((range.from()?, range.to()?))),
    })
}
