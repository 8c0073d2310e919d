//! What EC2 holds in one account and region.
//!
//! Owns: the resources as plain data and the sentences that are true of them. Never: parses a request or writes an answer.

use std::collections::{BTreeMap, BTreeSet};

use super::SnapshotLock;
use crate::domain::Time;

/// Tags by key. AWS allows 50 on a resource.
pub type Tags = BTreeMap<String, String>;

/// Everything EC2 knows in one account and region.
#[derive(Clone, Debug, Default)]
pub struct Store {
    pub instances: BTreeMap<String, Instance>,
    pub interfaces: BTreeMap<String, Interface>,
    pub groups: BTreeMap<String, Group>,
    pub volumes: BTreeMap<String, Volume>,
    pub snapshots: BTreeMap<String, Snapshot>,
    pub vpcs: BTreeMap<String, Vpc>,
    pub subnets: BTreeMap<String, Subnet>,
    pub route_tables: BTreeMap<String, RouteTable>,
    pub addresses: BTreeMap<String, Address>,
    pub acls: BTreeMap<String, NetworkAcl>,
    pub endpoints: BTreeMap<String, Endpoint>,
    /// What an instance printed, by its id, in base64.
    pub console: BTreeMap<String, String>,
    /// What an instance was started with, by its id, in base64.
    pub user_data: BTreeMap<String, String>,
    /// The regions that `DescribeRegions` names.
    pub region_names: Vec<String>,
}

/// What kind of Spot request an instance comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    OneTime,
    Persistent,
}

impl Spot {
    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OneTime => "one-time",
            Self::Persistent => "persistent",
        }
    }
}

/// An instance. Its network interfaces and volumes point at it, not it at them.
#[derive(Clone, Debug)]
pub struct Instance {
    pub id: String,
    pub reservation: String,
    pub image: String,
    pub kind: String,
    pub key_name: Option<String>,
    pub launched: Time,
    pub state: State,
    pub zone: String,
    pub vpc: String,
    pub subnet: String,
    /// ARN and `AIPA…` id of the instance profile.
    pub profile: Option<(String, String)>,
    /// `iip-assoc-…`, where it has a profile.
    pub profile_association: Option<String>,
    /// The Spot request behind it, where there is one.
    pub spot: Option<Spot>,
    pub termination_protected: bool,
    pub stop_protected: bool,
    /// `stop` or `terminate`.
    pub shutdown_behavior: String,
    pub root_device: String,
    pub tags: Tags,
}

/// The life of an instance, as far as the range plays it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Running,
    Stopped,
    Terminated,
}

impl State {
    /// AWS's code and name.
    pub fn parts(self) -> (u8, &'static str) {
        match self {
            Self::Running => (16, "running"),
            Self::Stopped => (80, "stopped"),
            Self::Terminated => (48, "terminated"),
        }
    }
}

/// A network interface.
#[derive(Clone, Debug)]
pub struct Interface {
    pub id: String,
    pub vpc: String,
    pub subnet: String,
    pub zone: String,
    pub description: String,
    pub mac: String,
    pub private_ip: String,
    pub ipv6: Vec<String>,
    /// A public IPv4 address that is not an Elastic IP. It goes when the instance stops.
    pub public_ip: Option<String>,
    /// Whether it gets such an address whenever the instance starts.
    pub auto_public: bool,
    pub groups: Vec<String>,
    pub attachment: Option<Attachment>,
    pub tags: Tags,
}

/// How an interface hangs on an instance.
#[derive(Clone, Debug)]
pub struct Attachment {
    pub id: String,
    pub instance: String,
    pub device_index: u32,
    pub delete_on_termination: bool,
    pub since: Time,
}

/// A security group.
#[derive(Clone, Debug)]
pub struct Group {
    pub id: String,
    pub name: String,
    pub description: String,
    pub vpc: String,
    pub rules: Vec<Rule>,
    pub tags: Tags,
}

/// One rule: one direction, one protocol and port range, one peer.
#[derive(Clone, Debug)]
pub struct Rule {
    /// `sgr-…`
    pub id: String,
    pub egress: bool,
    /// `tcp`, `udp`, `icmp`, `icmpv6`, a number, or `-1` for all.
    pub protocol: String,
    /// Absent when the protocol is `-1`.
    pub ports: Option<(i32, i32)>,
    pub peer: Peer,
    pub description: Option<String>,
}

impl Rule {
    /// Whether both let through the same traffic; the description does not count, as in AWS.
    pub fn same_traffic(&self, other: &Self) -> bool {
        self.egress == other.egress
            && self.protocol == other.protocol
            && self.ports == other.ports
            && self.peer == other.peer
    }
}

/// The other end of a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Peer {
    V4(String),
    V6(String),
    /// A group of the same network, by id.
    Group(String),
    PrefixList(String),
}

/// An EBS volume, attached to one instance.
#[derive(Clone, Debug)]
pub struct Volume {
    pub id: String,
    /// GiB.
    pub size: u32,
    pub kind: String,
    pub zone: String,
    pub encrypted: bool,
    /// The ARN of the customer's key that it is encrypted with.
    pub kms_key: Option<String>,
    pub created: Time,
    pub attachment: Option<VolumeAttachment>,
    pub tags: Tags,
}

/// How a volume hangs on an instance.
#[derive(Clone, Debug)]
pub struct VolumeAttachment {
    pub instance: String,
    pub device: String,
    pub delete_on_termination: bool,
    pub since: Time,
}

/// An EBS snapshot. Its progress is a matter of the clock alone.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub id: String,
    pub volume: String,
    /// GiB.
    pub size: u32,
    pub encrypted: bool,
    /// The ARN of the customer's key that it is encrypted with.
    pub kms_key: Option<String>,
    pub description: String,
    pub started: Time,
    /// Why it came to nothing: the key that a copy was to be encrypted with could not be used.
    pub fault: Option<String>,
    /// Accounts that may make volumes of it.
    pub shared: BTreeSet<String>,
    pub lock: Option<SnapshotLock>,
    pub tags: Tags,
}

impl Snapshot {
    /// How long it takes: 90 seconds for 100 GiB, never under 30 or over 180.
    fn seconds(&self) -> i64 {
        (i64::from(self.size) * 9 / 10).clamp(30, 180)
    }

    /// Whole percent done at `now`.
    pub fn progress(&self, now: Time) -> i64 {
        let elapsed = (now.as_second() - self.started.as_second()).max(0);
        (elapsed * 100 / self.seconds()).min(100)
    }

    /// When it is or will be done.
    pub fn completes(&self) -> Time {
        Time::from_second(self.started.as_second() + self.seconds()).unwrap_or(self.started)
    }
}

/// A VPC.
#[derive(Clone, Debug)]
pub struct Vpc {
    pub id: String,
    pub cidr: String,
    pub ipv6_cidr: Option<String>,
    pub tags: Tags,
}

/// A subnet.
#[derive(Clone, Debug)]
pub struct Subnet {
    pub id: String,
    pub vpc: String,
    pub zone: String,
    pub cidr: String,
    pub ipv6_cidr: Option<String>,
    /// Whether instances get a public IPv4 address at launch.
    pub public: bool,
    pub tags: Tags,
}

/// A route table.
#[derive(Clone, Debug)]
pub struct RouteTable {
    pub id: String,
    pub vpc: String,
    pub main: bool,
    pub subnets: Vec<String>,
    /// Destination and target; the target's prefix says what it is (`local`, `igw-`, `nat-`, `eigw-`).
    pub routes: Vec<(String, String)>,
    pub tags: Tags,
}

/// An Elastic IP address.
#[derive(Clone, Debug)]
pub struct Address {
    /// `eipalloc-…`
    pub allocation: String,
    pub public_ip: String,
    /// `eipassoc-…` and the interface.
    pub association: Option<(String, String)>,
    pub tags: Tags,
}

/// A network ACL.
#[derive(Clone, Debug)]
pub struct NetworkAcl {
    pub id: String,
    pub vpc: String,
    pub is_default: bool,
    /// `aclassoc-…` and the subnet.
    pub associations: BTreeMap<String, String>,
    /// By direction (egress is true) and number, without the last ones, which nobody can change.
    pub entries: BTreeMap<(bool, i32), AclEntry>,
    pub tags: Tags,
}

/// One entry of a network ACL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AclEntry {
    pub allow: bool,
    /// A number of IANA, `-1` for all.
    pub protocol: String,
    pub cidr: String,
    pub ports: Option<(i32, i32)>,
}

/// A VPC endpoint.
#[derive(Clone, Debug)]
pub struct Endpoint {
    pub id: String,
    pub vpc: String,
    /// `Interface` or `Gateway`.
    pub kind: String,
    pub service: String,
    pub groups: Vec<String>,
    pub subnets: Vec<String>,
    pub tags: Tags,
}

impl Store {
    /// The instance's interfaces in order of their device index.
    pub fn interfaces_of<'a>(&'a self, instance: &str) -> Vec<&'a Interface> {
        let mut found: Vec<(u32, &Interface)> = self
            .interfaces
            .values()
            .filter_map(|eni| {
                let attachment = eni.attachment.as_ref()?;
                (attachment.instance == instance).then_some((attachment.device_index, eni))
            })
            .collect();
        found.sort_by_key(|(index, eni)| (*index, eni.id.as_str()));
        found.into_iter().map(|(_, eni)| eni).collect()
    }

    /// The instance's volumes in order of their device name.
    pub fn volumes_of<'a>(&'a self, instance: &str) -> Vec<&'a Volume> {
        let mut found: Vec<(&str, &Volume)> = self
            .volumes
            .values()
            .filter_map(|volume| {
                let attachment = volume.attachment.as_ref()?;
                (attachment.instance == instance).then_some((attachment.device.as_str(), volume))
            })
            .collect();
        found.sort_by_key(|(device, _)| *device);
        found.into_iter().map(|(_, volume)| volume).collect()
    }

    /// The Elastic IP on an interface.
    pub fn address_of(&self, interface: &str) -> Option<&Address> {
        self.addresses
            .values()
            .find(|address| address.association.as_ref().is_some_and(|(_, eni)| eni == interface))
    }

    /// The tags of any resource that can carry them, by its id.
    pub fn tags_mut(&mut self, id: &str) -> Option<&mut Tags> {
        match id.rsplit_once('-').map_or("", |(prefix, _)| prefix) {
            "i" => self.instances.get_mut(id).map(|r| &mut r.tags),
            "eni" => self.interfaces.get_mut(id).map(|r| &mut r.tags),
            "sg" => self.groups.get_mut(id).map(|r| &mut r.tags),
            "vol" => self.volumes.get_mut(id).map(|r| &mut r.tags),
            "snap" => self.snapshots.get_mut(id).map(|r| &mut r.tags),
            "vpc" => self.vpcs.get_mut(id).map(|r| &mut r.tags),
            "subnet" => self.subnets.get_mut(id).map(|r| &mut r.tags),
            "rtb" => self.route_tables.get_mut(id).map(|r| &mut r.tags),
            "acl" => self.acls.get_mut(id).map(|r| &mut r.tags),
            "vpce" => self.endpoints.get_mut(id).map(|r| &mut r.tags),
            "eipalloc" => self.addresses.get_mut(id).map(|r| &mut r.tags),
            _ => None,
        }
    }
}
