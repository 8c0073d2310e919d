//! The network ACL that cuts at once, tracked or not, and the whole subnet with it: only where it is chosen.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Done;
use super::super::answer::{AclAssociation, Interface, NetworkAcl};
use super::super::expectation::Expectation;
use super::super::facts::Facts;
use super::super::mutation::{Mutation, Ref};
use super::super::plan::{Draft, PlannedCall, Request, Undo};
use super::super::query::Query;
use super::super::refusal::{Refusal, RefusalKind, Stop};
use super::Seen;
use crate::action::{NetworkCall, NetworkQuery, NetworkState};
use crate::domain::{InstanceId, SubnetId, VpcId};

/// The tag that marks what isolation makes. Only the entries that were read say what an ACL does.
const TAG: &str = "quell:containment";
const WORD: &str = "deny-all";
/// As many neighbours are named as fit on a plan; the rest are counted.
const NAMED: usize = 12;

fn before(subnet: &SubnetId) -> Query {
    Query::Network(NetworkQuery::SubnetAcl { subnet: subnet.clone() })
}

fn existing(vpc: &VpcId) -> Query {
    Query::Network(NetworkQuery::ContainmentAcls { vpc: vpc.clone() })
}

fn inside(subnet: &SubnetId) -> Query {
    Query::Network(NetworkQuery::InterfacesIn { subnet: subnet.clone() })
}

/// What must be read: who is in the subnets, and where the choice is made, their ACLs.
pub fn queries(request: &Request, seen: &Seen<'_>) -> Vec<Query> {
    let subnets = seen.subnets();
    let mut all: Vec<Query> = subnets.keys().map(inside).collect();
    if request.chose("subnet-acl") {
        all.extend(subnets.keys().map(before));
        all.extend(seen.vpcs().iter().map(existing));
    }
    all
}

/// Interfaces of others in the subnet.
fn others<'f>(seen: &Seen<'_>, interfaces: &'f [Interface]) -> Vec<&'f Interface> {
    let own = |i: &&Interface| i.attached_to.as_ref() != Some(&seen.id);
    interfaces.iter().filter(own).collect()
}

fn interfaces(number: usize) -> String {
    if number == 1 {
        "1 other interface".to_owned()
    } else {
        format!("{number} other interfaces")
    }
}

/// Says what the choice would hit, for a plan where connections may survive without it.
pub fn offer(seen: &Seen<'_>, facts: &Facts, draft: &mut Draft) -> Result<(), Stop> {
    for subnet in seen.subnets().keys() {
        if let Some(found) = facts.advisory(facts.interfaces(&inside(subnet)), &mut draft.warnings)? {
            draft.warnings.push(format!(
                "subnet-acl would cut them at once, and all of {subnet} with them: {}.",
                interfaces(others(seen, found).len())
            ));
        }
    }
    Ok(())
}

/// Whether every subnet has an ACL that denies everything.
pub fn is_done(seen: &Seen<'_>, facts: &Facts) -> Result<bool, Stop> {
    for subnet in seen.subnets().keys() {
        if !facts.network_acls(&before(subnet))?.iter().all(NetworkAcl::denies_all) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Plans an ACL that denies everything before each of the subnets, in the place of what is there.
pub fn add(request: &Request, seen: &Seen<'_>, facts: &Facts, draft: &mut Draft) -> Result<(), Stop> {
    let mut made: BTreeMap<&VpcId, Ref> = BTreeMap::new();
    for (subnet, vpc) in &seen.subnets() {
        let Some((acl, association)) = standing(facts, subnet)? else {
            continue;
        };
        if let Some(found) = facts.advisory(facts.interfaces(&inside(subnet)), &mut draft.warnings)? {
            neighbours(subnet, &others(seen, found), draft);
        }
        if acl.denies_all() {
            continue;
        }
        let new = match made.get(vpc) {
            Some(new) => new.clone(),
            None => find_or_make(request, vpc, facts, draft)?,
        };
        made.insert(vpc, new.clone());
        draft.expectations.push(Expectation::Network(NetworkState::SubnetAcl {
            subnet: subnet.clone(),
            acl: new.clone(),
            denies_all: true,
        }));
        draft.calls.push(PlannedCall {
            mutation: Mutation::Network(NetworkCall::ReplaceNetworkAclAssociation {
                association: association.id.clone(),
                subnet: subnet.clone(),
                acl: new,
            }),
            undo: Undo::Reversible,
            was: Some(acl.id.to_string()),
        });
    }
    Ok(())
}

/// The ACL that stands before a subnet, and how.
fn standing<'f>(facts: &'f Facts, subnet: &SubnetId) -> Result<Option<(&'f NetworkAcl, &'f AclAssociation)>, Stop> {
    let acl = facts.network_acls(&before(subnet))?.first();
    Ok(acl.and_then(|acl| Some((acl, acl.associations.first()?))))
}

fn find_or_make(request: &Request, vpc: &VpcId, facts: &Facts, draft: &mut Draft) -> Result<Ref, Stop> {
    let marked = |acl: &&NetworkAcl| acl.tags.get(TAG).is_some_and(|tag| tag.raw() == WORD) && acl.denies_all();
    let fitting = facts
        .network_acls(&existing(vpc))?
        .iter()
        .filter(marked)
        .map(|acl| &acl.id)
        .min();
    if let Some(id) = fitting {
        return Ok(Ref::Id(id.to_string()));
    }
    let call = draft.calls.len();
    draft.calls.push(PlannedCall {
        mutation: Mutation::Network(NetworkCall::CreateNetworkAcl {
            vpc: vpc.clone(),
            tags: [(TAG, WORD), ("quell:incident", &request.incident)]
                .map(|(k, v)| (k.to_owned(), v.to_owned()))
                .into(),
        }),
        undo: Undo::Kept,
        was: None,
    });
    Ok(Ref::Made {
        call,
        result: "acl".to_owned(),
        name: "deny-all network ACL".to_owned(),
    })
}

fn neighbours(subnet: &SubnetId, others: &[&Interface], draft: &mut Draft) {
    draft.neighbours.push(format!(
        "The network ACL cuts off all of {subnet}: {}.",
        interfaces(others.len())
    ));
    for interface in others.iter().take(NAMED) {
        let who = match &interface.attached_to {
            Some(instance) => format!("of {instance}"),
            None => format!("{} {}", interface.interface_type, interface.description),
        };
        draft.neighbours.push(format!("  {} {}", interface.id, who.trim_end()));
    }
    if others.len() > NAMED {
        draft.neighbours.push(format!("  and {} more", others.len() - NAMED));
    }
}

/// The subnets whose ACL the plan replaced, each with the ACL that it gave them.
fn replaced(done: &Done) -> impl Iterator<Item = (&SubnetId, &Ref)> {
    done.changes().filter_map(|change| {
        let Mutation::Network(NetworkCall::ReplaceNetworkAclAssociation { subnet, acl, .. }) = change else {
            return None;
        };
        Some((subnet, acl))
    })
}

/// What must be read before the ACLs are put back.
pub fn undo_queries(done: &Done) -> Vec<Query> {
    let subnets: BTreeSet<&SubnetId> = replaced(done).map(|(subnet, _)| subnet).collect();
    subnets.into_iter().map(before).collect()
}

/// Puts back the ACL that stood before each subnet.
pub fn restore(id: &InstanceId, done: &Done, facts: &Facts, draft: &mut Draft) -> Result<(), Stop> {
    for (subnet, ours) in replaced(done) {
        let (Some((was, _)), Some((now, association))) =
            (standing(&done.plan.before, subnet)?, standing(facts, subnet)?)
        else {
            continue;
        };
        if now.id == was.id {
            continue;
        }
        if ours.resolve(&done.made).is_ok_and(|ours| ours != now.id.as_str()) {
            return Err(Refusal::new(
                RefusalKind::Drifted,
                format!("Somebody put {} before {subnet} since the isolation of {id}.", now.id),
                format!(
                    "It had {} before. Settle this one by hand, so that nobody's change is lost.",
                    was.id
                ),
            )
            .into());
        }
        let acl = Ref::Id(was.id.to_string());
        draft.expectations.push(Expectation::Network(NetworkState::SubnetAcl {
            subnet: subnet.clone(),
            acl: acl.clone(),
            denies_all: false,
        }));
        draft.calls.push(PlannedCall {
            mutation: Mutation::Network(NetworkCall::ReplaceNetworkAclAssociation {
                association: association.id.clone(),
                subnet: subnet.clone(),
                acl,
            }),
            undo: Undo::Kept,
            was: Some(now.id.to_string()),
        });
    }
    Ok(())
}
