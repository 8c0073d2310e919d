//! What must be true afterwards of the network around an instance.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{State, Verdict};
use crate::action::facts::Facts;
use crate::action::mutation::{Made, Ref};
use crate::action::query::{Ec2Query, NetworkQuery, Query};
use crate::action::refusal::Stop;
use crate::domain::{AclId, AllocationId, GroupId, InterfaceId, SubnetId};

/// One thing to read back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "expect", rename_all = "kebab-case", deny_unknown_fields)]
pub enum NetworkState {
    /// The Elastic IP is on this interface, or is not.
    ElasticIp {
        allocation: AllocationId,
        public_ip: String,
        interface: InterfaceId,
        on: bool,
    },
    /// The group lets HTTPS out to members of these groups, and nothing else in or out.
    OnlyHttpsTo { group: Ref, to: Vec<GroupId> },
    /// This network ACL stands before the subnet. Where it must deny everything, it has no entry that allows.
    SubnetAcl {
        subnet: SubnetId,
        acl: Ref,
        denies_all: bool,
    },
    /// The network ACL has this entry, which denies every protocol, or has none of this number.
    AclEntry {
        acl: AclId,
        number: i32,
        egress: bool,
        cidr: String,
        on: bool,
    },
}

impl State for NetworkState {
    fn queries(&self, made: &Made) -> Vec<Query> {
        match self {
            Self::ElasticIp { allocation, .. } => vec![address(allocation)],
            Self::OnlyHttpsTo { group, .. } => group_query(group, made).into_iter().collect(),
            Self::SubnetAcl { subnet, .. } => vec![before(subnet)],
            Self::AclEntry { acl, .. } => vec![entries(acl)],
        }
    }

    fn patience(&self) -> Option<Duration> {
        match self {
            Self::ElasticIp { .. } | Self::OnlyHttpsTo { .. } | Self::SubnetAcl { .. } | Self::AclEntry { .. } => None,
        }
    }

    fn holds(&self, facts: &Facts, made: &Made) -> Result<Verdict, Stop> {
        match self {
            Self::ElasticIp {
                allocation,
                interface,
                on,
                ..
            } => {
                let now = facts.addresses(&address(allocation))?.first().map(|a| &a.interface);
                Ok(match (now, on) {
                    (Some(now), true) if now == interface => Verdict::Verified,
                    (Some(now), false) if now == interface => Verdict::Failed("it still is.".to_owned()),
                    (_, false) => Verdict::Verified,
                    (Some(now), true) => Verdict::Failed(format!("it is on {now}.")),
                    (None, true) => Verdict::Failed("it is on no interface.".to_owned()),
                })
            }
            Self::OnlyHttpsTo { group, to } => {
                let Some(query) = group_query(group, made) else {
                    return Ok(Verdict::Failed(format!("{group} was not made.")));
                };
                Ok(match facts.groups(&query)?.first() {
                    None => Verdict::Failed(format!("{group} does not exist.")),
                    Some(found) if found.only_https_to(to) => Verdict::Verified,
                    Some(found) => Verdict::Failed(format!(
                        "{} has {} ingress and {} egress rules, and not just these.",
                        found.id,
                        found.ingress.len(),
                        found.egress.len()
                    )),
                })
            }
            Self::SubnetAcl {
                subnet,
                acl,
                denies_all,
            } => {
                let wanted = acl.resolve(made);
                let found = facts.network_acls(&before(subnet))?;
                Ok(match (wanted, found.first()) {
                    (Err(not_made), _) => Verdict::Failed(format!("{not_made}.")),
                    (_, None) => Verdict::Failed("no network ACL stands before it.".to_owned()),
                    (Ok(wanted), Some(found)) if found.id.as_str() != wanted => {
                        Verdict::Failed(format!("{} stands before it.", found.id))
                    }
                    (Ok(_), Some(found)) if *denies_all && !found.denies_all() => {
                        Verdict::Failed(format!("{} has entries that allow.", found.id))
                    }
                    (Ok(_), Some(_)) => Verdict::Verified,
                })
            }
            Self::AclEntry {
                acl,
                number,
                egress,
                cidr,
                on,
            } => {
                let found = facts.network_acls(&entries(acl))?;
                let entry = found
                    .iter()
                    .flat_map(|acl| &acl.entries)
                    .find(|e| e.number == *number && e.egress == *egress);
                let ours = entry.is_some_and(|e| e.denies(cidr));
                Ok(match (on, entry) {
                    (true, Some(_)) if ours => Verdict::Verified,
                    (true, Some(_)) => Verdict::Failed("the entry of that number says something else.".to_owned()),
                    (true, None) => Verdict::Failed("there is no entry of that number.".to_owned()),
                    (false, _) if ours => Verdict::Failed("the entry is still there.".to_owned()),
                    (false, _) => Verdict::Verified,
                })
            }
        }
    }
}

fn address(allocation: &AllocationId) -> Query {
    Query::Network(NetworkQuery::ElasticIp {
        allocation: allocation.clone(),
    })
}

fn before(subnet: &SubnetId) -> Query {
    Query::Network(NetworkQuery::SubnetAcl { subnet: subnet.clone() })
}

fn entries(acl: &AclId) -> Query {
    Query::Network(NetworkQuery::Acl { id: acl.clone() })
}

fn group_query(group: &Ref, made: &Made) -> Option<Query> {
    let id = group.resolve(made).ok()?.parse().ok()?;
    Some(Query::Ec2(Ec2Query::Groups { ids: vec![id] }))
}

impl fmt::Display for NetworkState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ElasticIp {
                public_ip,
                interface,
                on,
                ..
            } => {
                let verb = if *on { "is" } else { "is no longer" };
                write!(f, "the Elastic IP {public_ip} {verb} on {interface}")
            }
            Self::OnlyHttpsTo { group, .. } => write!(f, "{group} allows HTTPS to the SSM endpoints and nothing else"),
            Self::SubnetAcl { subnet, acl, .. } => write!(f, "{acl} stands before {subnet}"),
            Self::AclEntry {
                acl,
                number,
                egress,
                cidr,
                on,
            } => {
                let side = if *egress { "egress" } else { "ingress" };
                let verb = if *on { "has" } else { "no longer has" };
                write!(f, "{acl} {verb} the {side} entry {number} that denies {cidr}")
            }
        }
    }
}
