//! VPCs, security groups and routes.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::operation::RequestId as _;
use aws_sdk_ec2::types::{Filter, IpPermission, Route, RouteTable, SecurityGroup};

use super::convert::{may, missing, must, tags};
use super::{Found, circle, only};
use crate::action::{Answer, Group, ReadFailure, Routes, Rule, Vpc};
use crate::cloud::errors::CallError;
use crate::cloud::pages::Pages;
use crate::domain::{GroupId, SubnetId, Untrusted, VpcId};

const VPCS: &str = "ec2:DescribeVpcs";
const GROUPS: &str = "ec2:DescribeSecurityGroups";
const ROUTES: &str = "ec2:DescribeRouteTables";

/// The tag that marks the groups which isolation makes.
const CONTAINMENT_TAG: &str = "quell:containment";

fn filter(name: &str, value: &str) -> Filter {
    Filter::builder().name(name).values(value).build()
}

/// `DescribeVpcs` for one id.
pub(super) async fn vpc(client: &Client, id: &VpcId) -> Found {
    let page = client
        .describe_vpcs()
        .vpc_ids(id.as_str())
        .send()
        .await
        .map_err(|e| CallError::from_sdk(VPCS, &e))?;
    let one = only(VPCS, id.as_str(), page.vpcs().to_vec())?;
    // A block that is being taken away still counts until it is gone: new groups then get the IPv6 rule all the same.
    let has_ipv6 = one.ipv6_cidr_block_association_set().iter().any(|block| {
        let state = block.ipv6_cidr_block_state().and_then(|s| s.state());
        state.is_none_or(|s| s.as_str() != "disassociated" && s.as_str() != "failed")
    });
    let vpc = Vpc {
        id: must(VPCS, "vpcId", one.vpc_id())?,
        has_ipv6,
    };
    Ok((Answer::Vpc(vpc), page.request_id().map(str::to_owned)))
}

/// `DescribeSecurityGroups` in a VPC, those with the tag `quell:containment`, in the order of their ids.
pub(super) async fn containment_groups(client: &Client, vpc: &VpcId) -> Found {
    let filters = vec![filter("vpc-id", vpc.as_str()), filter("tag-key", CONTAINMENT_TAG)];
    describe_groups(client, &[], filters).await
}

/// `DescribeSecurityGroups` by ids, in the order of the ids.
pub(super) async fn groups(client: &Client, ids: &[GroupId]) -> Found {
    // Without an id AWS would answer with every group there is.
    if ids.is_empty() {
        return Ok((Answer::Groups(Vec::new()), None));
    }
    describe_groups(client, ids, Vec::new()).await
}

async fn describe_groups(client: &Client, ids: &[GroupId], filters: Vec<Filter>) -> Found {
    let (mut found, mut pages, mut token) = (Vec::new(), Pages::default(), None);
    loop {
        let mut request = client.describe_security_groups().set_next_token(token);
        if ids.is_empty() {
            request = request.set_filters(Some(filters.clone()));
        } else {
            request = request.set_group_ids(Some(ids.iter().map(ToString::to_string).collect()));
        }
        let page = request.send().await.map_err(|e| CallError::from_sdk(GROUPS, &e))?;
        for group in page.security_groups() {
            found.push(convert(group)?);
        }
        token = pages.next(page.next_token()).map_err(circle(GROUPS))?;
        if token.is_none() {
            if let Some(lost) = ids.iter().find(|id| !found.iter().any(|g| g.id == **id)) {
                return Err(missing(GROUPS, lost.as_str()));
            }
            found.sort_by(|a, b| a.id.cmp(&b.id));
            return Ok((Answer::Groups(found), page.request_id().map(str::to_owned)));
        }
    }
}

fn convert(from: &SecurityGroup) -> Result<Group, ReadFailure> {
    let rules = |permissions: &[IpPermission]| -> Result<Vec<Rule>, ReadFailure> {
        let mut all = Vec::new();
        for permission in permissions {
            all.extend(rules(permission)?);
        }
        all.sort();
        Ok(all)
    };
    Ok(Group {
        id: must(GROUPS, "groupId", from.group_id())?,
        name: Untrusted::new(from.group_name().unwrap_or_default()),
        vpc: may(GROUPS, "vpcId", from.vpc_id())?,
        ingress: rules(from.ip_permissions())?,
        egress: rules(from.ip_permissions_egress())?,
        tags: tags(from.tags()),
    })
}

/// One rule for each peer. A permission without any peer is not something that AWS sends, so it must not look like no rule.
fn rules(from: &IpPermission) -> Result<Vec<Rule>, ReadFailure> {
    let protocol = from
        .ip_protocol()
        .ok_or_else(|| missing(GROUPS, "ipProtocol of a rule"))?;
    let peers = (from.ip_ranges().iter().map(|r| r.cidr_ip()))
        .chain(from.ipv6_ranges().iter().map(|r| r.cidr_ipv6()))
        .chain(from.user_id_group_pairs().iter().map(|p| p.group_id()))
        .chain(from.prefix_list_ids().iter().map(|p| p.prefix_list_id()));
    let mut all = Vec::new();
    for peer in peers {
        all.push(Rule {
            protocol: protocol.to_owned(),
            from_port: from.from_port(),
            to_port: from.to_port(),
            peer: peer.ok_or_else(|| missing(GROUPS, "peer of a rule"))?.to_owned(),
        });
    }
    if all.is_empty() {
        return Err(missing(GROUPS, "peer of a rule"));
    }
    Ok(all)
}

/// `DescribeRouteTables` for a subnet, or for the VPC's main table where the subnet has none of its own.
pub(super) async fn routes(client: &Client, subnet: &SubnetId, vpc: &VpcId) -> Found {
    let own = vec![filter("association.subnet-id", subnet.as_str())];
    let main = vec![filter("vpc-id", vpc.as_str()), filter("association.main", "true")];
    // Which of the two counts, only the first one's answer tells; both are asked at once, so that nobody waits twice.
    let (own, main) = tokio::try_join!(Box::pin(tables(client, own)), Box::pin(tables(client, main)))?;
    let (tables, request_id) = if own.0.is_empty() { main } else { own };
    let table = only(ROUTES, &format!("route table of {subnet}"), tables)?;
    // A gateway may carry only some destinations, and keeps those connections all the same. That of the default route is named first.
    let default =
        |r: &&Route| r.destination_cidr_block() == Some("0.0.0.0/0") || r.destination_ipv6_cidr_block() == Some("::/0");
    let (first, then): (Vec<&Route>, Vec<&Route>) = table.routes().iter().partition(default);
    let routes = || first.iter().chain(&then);
    let found = Routes {
        nat_gateway: routes().find_map(|r| r.nat_gateway_id().map(str::to_owned)),
        egress_only_gateway: routes().find_map(|r| r.egress_only_internet_gateway_id().map(str::to_owned)),
    };
    Ok((Answer::Routes(found), request_id))
}

async fn tables(client: &Client, filters: Vec<Filter>) -> Result<(Vec<RouteTable>, Option<String>), ReadFailure> {
    let (mut found, mut pages, mut token) = (Vec::new(), Pages::default(), None);
    loop {
        let page = client
            .describe_route_tables()
            .set_filters(Some(filters.clone()))
            .set_next_token(token)
            .send()
            .await
            .map_err(|e| CallError::from_sdk(ROUTES, &e))?;
        found.extend(page.route_tables().iter().cloned());
        token = pages.next(page.next_token()).map_err(circle(ROUTES))?;
        if token.is_none() {
            return Ok((found, page.request_id().map(str::to_owned)));
        }
    }
}
