//! The two groups that isolation needs in each VPC: found by reading their rules, or made.

use crate::action::{Ec2Call, Ec2Query};
use std::collections::{BTreeMap, BTreeSet};

use super::super::answer::{Group, Interface};
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
}

impl Role {
    fn word(self) -> &'static str {
        match self {
            Self::Conversion => "conversion",
            Self::Sealed => "sealed",
        }
    }

    /// A name or a tag can be set by anyone; only the rules that were read say what a group does.
    fn fits(self, group: &Group) -> bool {
        group.tags.get(TAG).is_some_and(|tag| tag.raw() == self.word())
            && match self {
                Self::Conversion => group.is_conversion(),
                Self::Sealed => group.is_sealed(),
            }
    }
}

/// The groups by VPC and role: those that exist, later also those that the plan makes.
pub struct ContainmentGroups(BTreeMap<(VpcId, Role), Ref>);

/// The group among the interface's own that was made to allow everything, if it has one. That is what an isolation leaves behind
/// that stopped between its two steps: no state that anyone should ever be put back into.
pub fn left_open(interface: &Interface, facts: &Facts) -> Result<Option<GroupId>, Stop> {
    let vpc = interface.vpc.clone();
    let groups = facts.groups(&Query::Ec2(Ec2Query::ContainmentGroups { vpc }))?;
    let open = |id: &&GroupId| groups.iter().any(|g| g.id == **id && Role::Conversion.fits(g));
    Ok(interface.groups.iter().find(open).cloned())
}

/// Reads what there is, for all VPCs at once.
pub fn existing(vpcs: &BTreeSet<VpcId>, facts: &Facts) -> Result<ContainmentGroups, Stop> {
    let query = |vpc: &VpcId| Query::Ec2(Ec2Query::ContainmentGroups { vpc: vpc.clone() });
    let both = vpcs
        .iter()
        .flat_map(|vpc| [query(vpc), Query::Ec2(Ec2Query::Vpc { id: vpc.clone() })]);
    facts.want(both)?;
    let mut found = BTreeMap::new();
    for vpc in vpcs {
        let groups = facts.groups(&query(vpc))?;
        for role in [Role::Conversion, Role::Sealed] {
            // The lowest id, so that the same world gives the same plan.
            let fitting = groups
                .iter()
                .filter(|g| g.vpc.as_ref() == Some(vpc) && role.fits(g))
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

    /// Whether the interface has the sealed group and no other.
    pub fn seals(&self, interface: &Interface) -> bool {
        match (self.get(&interface.vpc, Role::Sealed), interface.groups.as_slice()) {
            (Some(Ref::Id(sealed)), [only]) => only.as_str() == sealed,
            _ => false,
        }
    }

    /// Plans the calls that make what is missing in a VPC.
    pub fn make_missing(
        &mut self,
        request: &Request,
        vpc: &VpcId,
        facts: &Facts,
        draft: &mut Draft,
    ) -> Result<(), Stop> {
        self.make(&[Role::Conversion, Role::Sealed], request, vpc, facts, draft)
    }

    /// The same, for some of the roles alone.
    pub fn make(
        &mut self,
        roles: &[Role],
        request: &Request,
        vpc: &VpcId,
        facts: &Facts,
        draft: &mut Draft,
    ) -> Result<(), Stop> {
        let has_ipv6 = facts.vpc(&Query::Ec2(Ec2Query::Vpc { id: vpc.clone() }))?.has_ipv6;
        for role in roles.iter().copied() {
            if self.get(vpc, role).is_some() {
                continue;
            }
            let group = create(request, vpc, role, draft);
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
                Role::Sealed => {
                    for cidr in EVERYWHERE.iter().take(if has_ipv6 { 2 } else { 1 }) {
                        let cidr = (*cidr).to_owned();
                        draft.calls.push(keep(Mutation::Ec2(Ec2Call::RevokeSecurityGroupEgress {
                            group: group.clone(),
                            cidr,
                        })));
                    }
                }
            }
            self.0.insert((vpc.clone(), role), group);
        }
        Ok(())
    }
}

fn create(request: &Request, vpc: &VpcId, role: Role, draft: &mut Draft) -> Ref {
    let call = draft.calls.len();
    // The second in the name keeps it apart from a group of the same incident that someone has altered since.
    let name = format!("quell-{}-{}-{}", role.word(), request.incident, request.at.as_second());
    draft.calls.push(PlannedCall {
        mutation: Mutation::Ec2(Ec2Call::CreateSecurityGroup {
            vpc: vpc.clone(),
            name,
            description: format!("quell {} group, incident {}", role.word(), request.incident),
            tags: [(TAG, role.word()), ("quell:incident", &request.incident)]
                .map(|(k, v)| (k.to_owned(), v.to_owned()))
                .into(),
        }),
        undo: Undo::Kept,
        was: None,
    });
    Ref::Made {
        call,
        result: "group".to_owned(),
        name: format!("{} group", role.word()),
    }
}
