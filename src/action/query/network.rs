//! What may be asked of EC2 about the network around an instance.

use core::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::Ask;
use crate::domain::{AclId, AllocationId, InstanceId, SubnetId, VpcId};

/// One read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case", deny_unknown_fields)]
pub enum NetworkQuery {
    /// `DescribeAddresses` by `instance-id`: the Elastic IPs on its interfaces.
    Addresses { of: InstanceId },
    /// `DescribeAddresses` for one id: where it is now, or nothing where it is on no interface.
    ElasticIp { allocation: AllocationId },
    /// `DescribeVpcEndpoints` in a VPC, for what may keep connections open.
    Endpoints { vpc: VpcId },
    /// The same for the endpoints that Systems Manager's agent needs, which a plan rests on.
    SsmEndpoints { vpc: VpcId },
    /// `DescribeNetworkAcls` by `association.subnet-id`, of whose associations only this one is told.
    SubnetAcl { subnet: SubnetId },
    /// `DescribeNetworkAcls` in a VPC, those that carry the tag `quell:containment`.
    ContainmentAcls { vpc: VpcId },
    /// `DescribeNetworkAcls`, every one of the region: where something could be blocked.
    Acls {},
    /// `DescribeNetworkAcls` for one id.
    Acl { id: AclId },
    /// `DescribeNetworkInterfaces` by `association.public-ip` or `ipv6-addresses.ipv6-address`: whether a public address is one's
    /// own, of an instance, a NAT gateway or a load balancer. It is asked in the accounts and regions that quell looks at; of many,
    /// in sixty, and the answer says in which.
    OwnAddress { address: IpAddr },
    /// `DescribeNetworkInterfaces` by `subnet-id`: who is in a subnet.
    InterfacesIn { subnet: SubnetId },
}

impl Ask for NetworkQuery {
    fn is_advisory(&self) -> bool {
        match self {
            Self::Acls {} | Self::Endpoints { .. } | Self::OwnAddress { .. } | Self::InterfacesIn { .. } => true,
            Self::Addresses { .. }
            | Self::ElasticIp { .. }
            | Self::SsmEndpoints { .. }
            | Self::SubnetAcl { .. }
            | Self::ContainmentAcls { .. }
            | Self::Acl { .. } => false,
        }
    }

    fn permissions(&self) -> &'static [&'static str] {
        match self {
            Self::Addresses { .. } | Self::ElasticIp { .. } => &["ec2:DescribeAddresses"],
            Self::Endpoints { .. } | Self::SsmEndpoints { .. } => &["ec2:DescribeVpcEndpoints"],
            Self::SubnetAcl { .. } | Self::ContainmentAcls { .. } | Self::Acls {} | Self::Acl { .. } => {
                &["ec2:DescribeNetworkAcls"]
            }
            Self::OwnAddress { .. } | Self::InterfacesIn { .. } => &["ec2:DescribeNetworkInterfaces"],
        }
    }
}
