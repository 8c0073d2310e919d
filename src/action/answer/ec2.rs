//! What EC2 answers, reduced to what plans and screens use.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::{
    Arn, GroupId, InstanceId, InterfaceId, ProfileAssociationId, ProfileName, SnapshotId, SubnetId, Time, Untrusted,
    VolumeId, VpcId,
};

/// Tags by key. Keys and values are text from outside.
pub type Tags = BTreeMap<String, Untrusted>;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instance {
    pub id: InstanceId,
    /// `running`, `stopped`, `terminated`, …
    pub state: String,
    pub instance_type: String,
    pub vpc: Option<VpcId>,
    pub subnet: Option<SubnetId>,
    pub zone: Option<String>,
    pub profile: Option<ProfileName>,
    /// `spot` or `scheduled`; none for an on-demand instance.
    pub lifecycle: Option<String>,
    /// `ebs` or `instance-store`.
    pub root_device_type: Option<String>,
    pub private_ip: Option<String>,
    pub public_ip: Option<String>,
    pub image: Option<String>,
    pub launched_at: Option<Time>,
    pub tags: Tags,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interface {
    pub id: InterfaceId,
    pub device_index: Option<i32>,
    pub attached_to: Option<InstanceId>,
    pub vpc: VpcId,
    pub subnet: Option<SubnetId>,
    /// In the order that AWS gives, which carries no meaning; kept sorted.
    pub groups: Vec<GroupId>,
    /// The groups' names, by id.
    pub group_names: BTreeMap<GroupId, Untrusted>,
    pub private_ips: Vec<String>,
    pub ipv6: Vec<String>,
    pub public_ip: Option<String>,
    /// `interface`, `lambda`, `nat_gateway`, …
    pub interface_type: String,
    pub description: Untrusted,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Volume {
    pub id: VolumeId,
    pub device: String,
    pub size_gib: i32,
    pub encrypted: bool,
    pub state: String,
    /// Whether it goes when the instance is terminated.
    #[serde(default)]
    pub delete_on_termination: bool,
}

/// An instance profile on an instance. AWS allows one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileAssociation {
    pub id: ProfileAssociationId,
    pub profile: ProfileName,
    /// `associating`, `associated`, `disassociating`, `disassociated`.
    pub state: String,
}

/// What is true of every instance of a type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstanceType {
    /// Whether it comes with disks that are gone when the instance stops, and that no snapshot has.
    pub instance_store: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vpc {
    pub id: VpcId,
    /// Whether an IPv6 block is associated. New groups then also get an allow-all IPv6 egress rule.
    pub has_ipv6: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    pub id: GroupId,
    pub name: Untrusted,
    pub vpc: Option<VpcId>,
    pub ingress: Vec<Rule>,
    pub egress: Vec<Rule>,
    pub tags: Tags,
}

/// One rule with one source or destination.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// `tcp`, `udp`, `icmp`, a number, or `-1` for all.
    pub protocol: String,
    pub from_port: Option<i32>,
    pub to_port: Option<i32>,
    /// A CIDR, a group id or a prefix list id.
    pub peer: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Routes {
    /// The NAT gateway that carries the default route, if one does.
    pub nat_gateway: Option<String>,
    /// The egress-only internet gateway that carries the IPv6 default route, if one does.
    pub egress_only_gateway: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    pub id: SnapshotId,
    pub volume: Option<VolumeId>,
    /// `pending`, `completed`, `error`, `recoverable`, `recovering`.
    pub state: String,
    /// As AWS writes it: `45%`.
    pub progress: String,
    /// Why it failed, where it did.
    #[serde(default)]
    pub state_message: Option<Untrusted>,
    #[serde(default)]
    pub encrypted: bool,
    /// The key that it is encrypted with, one of AWS's own too.
    #[serde(default)]
    pub kms_key: Option<Arn>,
    /// The size of the volume that it was taken of.
    #[serde(default)]
    pub size_gib: Option<i32>,
    /// When it was asked for.
    #[serde(default)]
    pub started: Option<Time>,
    /// What whoever asked for it wrote, which nobody can change afterwards.
    #[serde(default)]
    pub description: Option<Untrusted>,
    pub tags: Tags,
}

impl Rule {
    /// All protocols and ports to or from everywhere, in either address family.
    #[must_use]
    pub fn allows_all(&self, cidr: &str) -> bool {
        self.protocol == "-1" && self.peer == cidr
    }
}

impl Group {
    /// Whether nothing at all is allowed, in either direction.
    #[must_use]
    pub fn is_sealed(&self) -> bool {
        self.ingress.is_empty() && self.egress.is_empty()
    }

    /// Whether HTTPS is let out to members of just these groups, and nothing else is allowed.
    #[must_use]
    pub fn only_https_to(&self, groups: &[GroupId]) -> bool {
        let https = |rule: &Rule| rule.protocol == "tcp" && (rule.from_port, rule.to_port) == (Some(443), Some(443));
        self.ingress.is_empty()
            && self.egress.len() == groups.len()
            && self.egress.iter().all(https)
            && groups
                .iter()
                .all(|group| self.egress.iter().any(|rule| rule.peer == group.as_str()))
    }

    /// Whether everything is allowed both ways on IPv4 and on IPv6, which is what makes a flow untracked
    /// (EC2 guide, "Security group connection tracking").
    #[must_use]
    pub fn is_conversion(&self) -> bool {
        ["0.0.0.0/0", "::/0"].iter().all(|cidr| {
            self.ingress.iter().any(|r| r.allows_all(cidr)) && self.egress.iter().any(|r| r.allows_all(cidr))
        })
    }
}
