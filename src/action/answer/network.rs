//! What EC2 answers about the network around an instance.

use serde::{Deserialize, Serialize};

use super::ec2::Tags;
use crate::domain::{
    AccountId, AclAssociationId, AclId, AddressAssociationId, AllocationId, EndpointId, GroupId, InstanceId,
    InterfaceId, Region, SubnetId, Untrusted, VpcId,
};

/// An Elastic IP address on an interface of an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    pub allocation: AllocationId,
    pub association: AddressAssociationId,
    pub interface: InterfaceId,
    pub public_ip: String,
    /// The private address of the interface that it stands for.
    pub private_ip: String,
}

/// A way out of a VPC to a service of AWS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    pub id: EndpointId,
    /// `Interface`, `Gateway`, `GatewayLoadBalancer`, `Resource`, `ServiceNetwork`.
    pub kind: String,
    /// `com.amazonaws.ap-northeast-2.ssm`, or a name that another account chose.
    pub service: Untrusted,
    /// `available`, `pending`, `deleting`, …
    pub state: String,
    /// The security groups of its interfaces, sorted.
    pub groups: Vec<GroupId>,
}

/// A network ACL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkAcl {
    pub id: AclId,
    pub vpc: VpcId,
    /// Whether it is the one that a VPC's new subnets get.
    pub is_default: bool,
    pub associations: Vec<AclAssociation>,
    /// By direction and number; the last of each, `*`, denies what no other said anything of.
    pub entries: Vec<AclEntry>,
    pub tags: Tags,
}

/// A subnet that a network ACL stands before.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AclAssociation {
    pub id: AclAssociationId,
    pub subnet: SubnetId,
}

/// One rule of a network ACL. The lowest number that fits decides.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AclEntry {
    pub egress: bool,
    /// 1 to 32766; 32767 and 32768 are the last rules, which cannot be changed.
    pub number: i32,
    pub allow: bool,
    /// A number of IANA, `-1` for all.
    pub protocol: String,
    pub cidr: String,
    pub ports: Option<(i32, i32)>,
}

/// The number from which on an entry is AWS's own last word (VPC guide, "Network ACL rules").
pub const LAST_ENTRIES: i32 = 32767;

impl AclEntry {
    /// Whether it denies every protocol from or to just this CIDR.
    #[must_use]
    pub fn denies(&self, cidr: &str) -> bool {
        !self.allow && self.protocol == "-1" && self.cidr == cidr
    }
}

impl NetworkAcl {
    /// Whether it lets nothing through: nobody has added an entry that allows.
    #[must_use]
    pub fn denies_all(&self) -> bool {
        self.entries.iter().all(|entry| !entry.allow)
    }
}

/// Whether a public address is one's own, and where it was looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnAddress {
    /// Whoever has it.
    pub holders: Vec<AddressHolder>,
    /// The accounts and regions that answered.
    pub looked: Vec<(AccountId, Region)>,
    /// Those that did not, and why not.
    pub unread: Vec<(AccountId, Region, Untrusted)>,
    /// How many more pairs of account and region there are, which were not asked.
    pub left_out: usize,
    /// Why it is not known which accounts there are, where it is not.
    pub unlisted: Option<Untrusted>,
}

/// An interface that has an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddressHolder {
    pub account: AccountId,
    pub region: Region,
    pub interface: InterfaceId,
    /// `interface`, `lambda`, `nat_gateway`, …
    pub interface_type: String,
    pub attached_to: Option<InstanceId>,
    /// What AWS or its owner wrote on it: the name of a NAT gateway or load balancer.
    pub description: Untrusted,
}
