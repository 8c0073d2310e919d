//! EC2 network interfaces.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::operation::RequestId as _;
use aws_sdk_ec2::types::{Filter, NetworkInterface, NetworkInterfaceAttachment};

use super::convert::{may, must};
use super::{Found, circle};
use crate::action::{Answer, Interface, ReadFailure};
use crate::cloud::errors::CallError;
use crate::cloud::pages::Pages;
use crate::domain::{GroupId, Untrusted};

const CALL: &str = "ec2:DescribeNetworkInterfaces";

/// `DescribeNetworkInterfaces` by one filter, in the order of the device index.
pub(super) async fn interfaces(client: &Client, filter: &str, value: &str) -> Found {
    let (found, request_id) = list(client, filter, value).await?;
    Ok((Answer::Interfaces(found), request_id))
}

/// The same, not yet as an answer.
pub(super) async fn list(
    client: &Client,
    filter: &str,
    value: &str,
) -> Result<(Vec<Interface>, Option<String>), ReadFailure> {
    let (mut found, mut pages, mut token) = (Vec::new(), Pages::default(), None);
    loop {
        let page = client
            .describe_network_interfaces()
            .filters(Filter::builder().name(filter).values(value).build())
            .set_next_token(token)
            .send()
            .await
            .map_err(|e| CallError::from_sdk(CALL, &e))?;
        for interface in page.network_interfaces() {
            found.push(convert(interface)?);
        }
        token = pages.next(page.next_token()).map_err(circle(CALL))?;
        if token.is_none() {
            found.sort_by(|a, b| (a.device_index, &a.id).cmp(&(b.device_index, &b.id)));
            return Ok((found, page.request_id().map(str::to_owned)));
        }
    }
}

fn convert(from: &NetworkInterface) -> Result<Interface, ReadFailure> {
    let attachment = from.attachment();
    let mut groups = Vec::new();
    let mut group_names = std::collections::BTreeMap::new();
    for group in from.groups() {
        let id: GroupId = must(CALL, "groupId", group.group_id())?;
        group_names.insert(id.clone(), Untrusted::new(group.group_name().unwrap_or_default()));
        groups.push(id);
    }
    groups.sort();
    let private_ips = from.private_ip_addresses().iter();
    let mut private_ips: Vec<String> = private_ips
        .filter_map(|a| a.private_ip_address())
        .map(str::to_owned)
        .collect();
    if let Some(first) = from
        .private_ip_address()
        .filter(|ip| !private_ips.iter().any(|p| p == ip))
    {
        private_ips.insert(0, first.to_owned());
    }
    let mut ipv6: Vec<String> = from
        .ipv6_addresses()
        .iter()
        .filter_map(|a| a.ipv6_address())
        .map(str::to_owned)
        .collect();
    ipv6.sort();
    Ok(Interface {
        id: must(CALL, "networkInterfaceId", from.network_interface_id())?,
        device_index: attachment.and_then(NetworkInterfaceAttachment::device_index),
        attached_to: may(CALL, "attachment.instanceId", attachment.and_then(|a| a.instance_id()))?,
        vpc: must(CALL, "vpcId", from.vpc_id())?,
        subnet: may(CALL, "subnetId", from.subnet_id())?,
        groups,
        group_names,
        private_ips,
        ipv6,
        public_ip: from.association().and_then(|a| a.public_ip()).map(str::to_owned),
        interface_type: from.interface_type().map_or("interface", |t| t.as_str()).to_owned(),
        description: Untrusted::new(from.description().unwrap_or_default()),
    })
}
