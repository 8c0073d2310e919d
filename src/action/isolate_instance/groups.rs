//! The two groups that isolation needs in each VPC: found by reading their rules, or made.

use crate::action::{Ec2Call, Ec2Query, NetworkCall};
use std::collections::{BTreeMap, BTreeSet};

use super::super::Done;
use super::super::answer::{Group, Interface, Rule};
use super::super::facts::Facts;
use super::super::mutation::{Direction, Mutation, Ref};
use super::super::plan::{Draft, PlannedCall, Request, Undo};
use super::super::query::Query;
use super::super::refusal::Stop;
use crate::domain::{GroupId, VpcId};

/// The tag that marks the groups. Its value only says which one it means to be; the rules decide what it is.
const TAG: &str = "quell:containment";
const EVERYWHERE: [&str; 2] = ["0.0.0.0/0", "::/0"];

/// What a containment group is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Allows everything both ways, so that tracked flows become untracked.
    Conversion,
    /// Allows nothing.
    Sealed,
    /// Allows HTTPS to the endpoints of Systems Manager, while a memory capture is pending.
    Ssm,
}

impl Role {
    pub fn word(self) -> &'static str {
        match self {
            Self::Conversion => "conversion",
            Self::Sealed => "sealed",
            Self::Ssm => "ssm",
        }
    }

    /// A name or a tag can be set by anyone; only the rules that were read say what a group does.
    fn fits(self, group: &Group, endpoints: &Endpoints) -> bool {
        group.tags.get(TAG).is_some_and(|tag| tag.raw() == self.word())
            && match self {
                Self::Conversion => group.is_conversion(),
                Self::Sealed => group.is_sealed(),
                Self::Ssm => {
                    let to = group.vpc.as_ref().and_then(|vpc| endpoints.get(vpc));
                    to.is_some_and(|to| group.only_https_to(to))
                }
            }
    }
}

/// The security groups of the endpoints of Systems Manager, by VPC, where they are to stay in reach.
pub type Endpoints = BTreeMap<VpcId, Vec<GroupId>>;

/// The groups by VPC and role: those that exist, later also those that the plan makes.
pub struct ContainmentGroups(BTreeMap<(VpcId, Role), Ref>);

/// The group among the interface's own that was made to allow everything, if it has one. That is what an isolation leaves behind
/// that stopped between its two steps: no state that anyone should ever be put back into.
pub fn left_open(interface: &Interface, facts: &Facts) -> Result<Option<GroupId>, Stop> {
    let vpc = interface.vpc.clone();
    let groups = facts.groups(&Query::Ec2(Ec2Query::ContainmentGroups { vpc }))?;
    let none = Endpoints::new();
    let open = |id: &&GroupId| groups.iter().any(|g| g.id == **id && Role::Conversion.fits(g, &none));
    Ok(interface.groups.iter().find(open).cloned())
}

/// The groups for containment in the interface's VPC that the plan found or made.
pub fn of_containment(interface: &Interface, done: &Done) -> Result<BTreeSet<String>, Stop> {
    let vpc = interface.vpc.clone();
    let found = done
        .plan
        .before
        .groups(&Query::Ec2(Ec2Query::ContainmentGroups { vpc }))?;
    let made = done.made.values().filter_map(|made| made.get("group").cloned());
    Ok(found.iter().map(|group| group.id.to_string()).chain(made).collect())
}

/// Whether nothing comes in, and nothing goes out but HTTPS to members of a group: then there is nothing to convert either.
pub fn is_closed(interface: &Interface, facts: &Facts) -> Result<bool, Stop> {
    let vpc = interface.vpc.clone();
    let groups = facts.groups(&Query::Ec2(Ec2Query::ContainmentGroups { vpc }))?;
    let https = |group: &Group| {
        let narrow = |rule: &Rule| {
            rule.protocol == "tcp"
                && (rule.from_port, rule.to_port) == (Some(443), Some(443))
                && rule.peer.starts_with("sg-")
        };
        group.ingress.is_empty() && group.egress.iter().all(narrow)
    };
    let closed = |id: &GroupId| groups.iter().any(|g| g.id == *id && https(g));
    Ok(interface.groups.iter().all(closed))
}

/// What must be read of the VPCs.
pub fn queries(vpcs: &BTreeSet<VpcId>) -> impl Iterator<Item = Query> + use<'_> {
    let both = |vpc: &VpcId| {
        [
            Query::Ec2(Ec2Query::ContainmentGroups { vpc: vpc.clone() }),
            Query::Ec2(Ec2Query::Vpc { id: vpc.clone() }),
        ]
    };
    vpcs.iter().flat_map(both)
}

/// What there is.
pub fn existing(vpcs: &BTreeSet<VpcId>, endpoints: &Endpoints, facts: &Facts) -> Result<ContainmentGroups, Stop> {
    let query = |vpc: &VpcId| Query::Ec2(Ec2Query::ContainmentGroups { vpc: vpc.clone() });
    let mut found = BTreeMap::new();
    for vpc in vpcs {
        let groups = facts.groups(&query(vpc))?;
        for role in [Role::Conversion, Role::Sealed, Role::Ssm] {
            // The lowest id, so that the same world gives the same plan.
            let fitting = groups
                .iter()
                .filter(|g| g.vpc.as_ref() == Some(vpc) && role.fits(g, endpoints))
                .map(|g| &g.id)
                .min();
            if let Some(id) = fitting {
                found.insert((vpc.clone(), role), Ref::Id(id.to_string()));
            }
        }
    }
    Ok(ContainmentGroups(found))
}

impl ContainmentGroups {
    /// The group for a role in a VPC.
    pub fn get(&self, vpc: &VpcId, role: Role) -> Option<&Ref> {
        self.0.get(&(vpc.clone(), role))
    }

    /// Whether the interface has the group of this role and no other.
    pub fn has(&self, interface: &Interface, role: Role) -> bool {
        match (self.get(&interface.vpc, role), interface.groups.as_slice()) {
            (Some(Ref::Id(own)), [only]) => only.as_str() == own,
            _ => false,
        }
    }

    /// Plans the calls that make what is missing in a VPC.
    pub fn make_missing(
        &mut self,
        request: &Request,
        (vpc, roles): (&VpcId, &[Role]),
        (endpoints, facts): (&Endpoints, &Facts),
        draft: &mut Draft,
    ) -> Result<(), Stop> {
        let has_ipv6 = facts.vpc(&Query::Ec2(Ec2Query::Vpc { id: vpc.clone() }))?.has_ipv6;
        for role in roles.iter().copied() {
            if self.get(vpc, role).is_some() {
                continue;
            }
            let group = create(request, vpc, role, facts, draft)?;
            let keep = |mutation| PlannedCall {
                mutation,
                undo: Undo::Kept,
                was: None,
            };
            match role {
                Role::Conversion => {
                    let cidrs = EVERYWHERE.map(str::to_owned).to_vec();
                    draft.calls.push(keep(Mutation::Ec2(Ec2Call::AuthorizeSecurityGroup {
                        group: group.clone(),
                        direction: Direction::Ingress,
                        cidrs,
                    })));
                    // AWS gives a new group egress to 0.0.0.0/0, and to ::/0 only where the VPC has an IPv6 block.
                    if !has_ipv6 {
                        draft.calls.push(keep(Mutation::Ec2(Ec2Call::AuthorizeSecurityGroup {
                            group: group.clone(),
                            direction: Direction::Egress,
                            cidrs: vec!["::/0".to_owned()],
                        })));
                    }
                }
                Role::Sealed | Role::Ssm => {
                    for cidr in EVERYWHERE.iter().take(if has_ipv6 { 2 } else { 1 }) {
                        let cidr = (*cidr).to_owned();
                        draft.calls.push(keep(Mutation::Ec2(Ec2Call::RevokeSecurityGroupEgress {
                            group: group.clone(),
                            cidr,
                        })));
                    }
                }
            }
            if role == Role::Ssm {
                let to = endpoints.get(vpc).cloned().unwrap_or_default();
                let group = group.clone();
                draft
                    .calls
                    .push(keep(Mutation::Network(NetworkCall::AllowHttpsTo { group, to })));
            }
            self.0.insert((vpc.clone(), role), group);
        }
        Ok(())
    }
}

fn create(request: &Request, vpc: &VpcId, role: Role, facts: &Facts, draft: &mut Draft) -> Result<Ref, Stop> {
    let call = draft.calls.len();
    let there = facts.groups(&Query::Ec2(Ec2Query::ContainmentGroups { vpc: vpc.clone() }))?;
    draft.calls.push(PlannedCall {
        mutation: Mutation::Ec2(Ec2Call::CreateSecurityGroup {
            vpc: vpc.clone(),
            name: new_name(request, role, there),
            description: format!("quell {} group, incident {}", role.word(), request.incident),
            tags: [(TAG, role.word()), ("quell:incident", &request.incident)]
                .map(|(k, v)| (k.to_owned(), v.to_owned()))
                .into(),
        }),
        undo: Undo::Kept,
        was: None,
    });
    Ok(Ref::Made {
        call,
        result: "group".to_owned(),
        name: format!("{} group", role.word()),
    })
}

/// A name that no group of the VPC has: AWS refuses a second one (`InvalidGroup.Duplicate`). The second in it keeps it apart from a
/// group of the same incident that someone has altered since or that was left half made; of the same second it is numbered.
fn new_name(request: &Request, role: Role, there: &[Group]) -> String {
    let name = format!("quell-{}-{}-{}", role.word(), request.incident, request.at.as_second());
    let taken = |name: &str| there.iter().any(|group| group.name.raw() == name);
    let numbered = (2..=there.len() + 2).map(|number| format!("{name}-{number}"));
    let mut names = std::iter::once(name.clone()).chain(numbered);
    // There are more names than groups, so one is free.
    names.find(|name| !taken(name)).unwrap_or(name)
}
