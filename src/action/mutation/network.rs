//! What may be changed about the network around an instance.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ec2::kind_and_id;
use super::{Call, Grant, Made, NotMade, Place, Ref};
use crate::domain::{
    AclAssociationId, AclId, AddressAssociationId, AllocationId, GroupId, InterfaceId, SubnetId, VpcId,
};

/// One call that changes something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "call", deny_unknown_fields)]
pub enum NetworkCall {
    /// takes an Elastic IP off an interface. The account keeps it.
    DisassociateAddress {
        allocation: AllocationId,
        association: AddressAssociationId,
        interface: InterfaceId,
        public_ip: String,
    },
    /// puts an Elastic IP on a private address of an interface. It refuses to take it from another.
    AssociateAddress {
        allocation: AllocationId,
        interface: InterfaceId,
        private_ip: String,
        public_ip: String,
    },
    /// `AuthorizeSecurityGroupEgress` of TCP 443 to members of these groups, and nowhere else.
    AllowHttpsTo { group: Ref, to: Vec<GroupId> },
    /// makes a network ACL. AWS gives it no entry but the last, which denies everything.
    CreateNetworkAcl { vpc: VpcId, tags: BTreeMap<String, String> },
    /// puts this network ACL before a subnet, in the place of the one that it has. The association gets another id.
    ReplaceNetworkAclAssociation {
        association: AclAssociationId,
        subnet: SubnetId,
        acl: Ref,
    },
    /// adds an entry that denies every protocol from (ingress) or to (egress) a CIDR.
    CreateNetworkAclEntry {
        acl: AclId,
        number: i32,
        egress: bool,
        cidr: String,
    },
    /// takes an entry out.
    DeleteNetworkAclEntry { acl: AclId, number: i32, egress: bool },
}

impl Call for NetworkCall {
    fn permission(&self) -> &'static str {
        match self {
            Self::DisassociateAddress { .. } => "ec2:DisassociateAddress",
            Self::AssociateAddress { .. } => "ec2:AssociateAddress",
            Self::AllowHttpsTo { .. } => "ec2:AuthorizeSecurityGroupEgress",
            Self::CreateNetworkAcl { .. } => "ec2:CreateNetworkAcl",
            Self::ReplaceNetworkAclAssociation { .. } => "ec2:ReplaceNetworkAclAssociation",
            Self::CreateNetworkAclEntry { .. } => "ec2:CreateNetworkAclEntry",
            Self::DeleteNetworkAclEntry { .. } => "ec2:DeleteNetworkAclEntry",
        }
    }

    fn needs(&self, place: &Place<'_>) -> Vec<Grant> {
        let action = self.permission();
        let on = |kind: &str, id: &str| Grant::on(action, place.arn("ec2", &format!("{kind}/{id}")));
        match self {
            Self::DisassociateAddress {
                allocation, interface, ..
            }
            | Self::AssociateAddress {
                allocation, interface, ..
            } => vec![
                on("elastic-ip", allocation.as_str()),
                on("network-interface", interface.as_str()),
            ],
            Self::AllowHttpsTo { group, .. } => {
                let (kind, id) = kind_and_id(group);
                vec![on(kind, &id), on("security-group-rule", "*")]
            }
            Self::CreateNetworkAcl { vpc, .. } => vec![
                on("vpc", vpc.as_str()),
                on("network-acl", "*"),
                Grant::on("ec2:CreateTags", place.arn("ec2", "network-acl/*")),
            ],
            Self::ReplaceNetworkAclAssociation { subnet, acl, .. } => {
                let (kind, id) = kind_and_id(acl);
                vec![on(kind, &id), on("subnet", subnet.as_str())]
            }
            Self::CreateNetworkAclEntry { acl, .. } | Self::DeleteNetworkAclEntry { acl, .. } => {
                vec![on("network-acl", acl.as_str())]
            }
        }
    }

    fn resolve(&mut self, made: &Made) -> Result<(), NotMade> {
        match self {
            Self::AllowHttpsTo { group: own, .. } | Self::ReplaceNetworkAclAssociation { acl: own, .. } => {
                *own = Ref::Id(own.resolve(made)?);
            }
            Self::DisassociateAddress { .. }
            | Self::AssociateAddress { .. }
            | Self::CreateNetworkAcl { .. }
            | Self::CreateNetworkAclEntry { .. }
            | Self::DeleteNetworkAclEntry { .. } => {}
        }
        Ok(())
    }

    fn phrase(&self, was: &str) -> String {
        let way = |egress: bool| if egress { "to" } else { "from" };
        match self {
            Self::DisassociateAddress {
                interface, public_ip, ..
            } => format!("take the Elastic IP {public_ip} off {interface}"),
            Self::AssociateAddress {
                interface,
                private_ip,
                public_ip,
                ..
            } => format!("put the Elastic IP {public_ip} on {interface} ({private_ip})"),
            Self::AllowHttpsTo { group, to } => {
                let to: Vec<&str> = to.iter().map(GroupId::as_str).collect();
                format!("{group}: allow HTTPS to members of {}", to.join(", "))
            }
            Self::CreateNetworkAcl { vpc, .. } => format!("create a network ACL in {vpc} that denies everything"),
            Self::ReplaceNetworkAclAssociation { subnet, acl, .. } => {
                let was = if was.is_empty() {
                    String::new()
                } else {
                    format!("{was} ")
                };
                format!("{subnet}: network ACL {was}→ {acl}")
            }
            Self::CreateNetworkAclEntry {
                acl,
                number,
                egress,
                cidr,
            } => format!("{acl}: entry {number}, deny everything {} {cidr}", way(*egress)),
            Self::DeleteNetworkAclEntry { acl, number, egress } => {
                let side = if *egress { "egress" } else { "ingress" };
                format!("{acl}: take out the {side} entry {number}")
            }
        }
    }
}
