//! What the responder should know before confirming an isolation, and who else uses what it touches.

use crate::action::{Ec2Query, NetworkQuery};
use std::collections::BTreeSet;

use super::super::facts::Facts;
use super::super::plan::{Draft, Request};
use super::super::query::Query;
use super::super::refusal::Stop;
use super::{Seen, acl, groups};
use crate::domain::Untrusted;

/// What must be read of the surroundings.
pub fn queries(seen: &Seen<'_>) -> Vec<Query> {
    let mut all = routes(seen);
    all.extend(used(seen));
    all.extend(
        seen.vpcs()
            .into_iter()
            .map(|vpc| Query::Network(NetworkQuery::Endpoints { vpc })),
    );
    all.insert(instance_type(seen));
    all.into_iter().collect()
}

fn instance_type(seen: &Seen<'_>) -> Query {
    let name = seen.instance.instance_type.clone();
    Query::Ec2(Ec2Query::InstanceType { name })
}

fn routes(seen: &Seen<'_>) -> BTreeSet<Query> {
    seen.interfaces
        .iter()
        .filter_map(|i| {
            Some(Query::Ec2(Ec2Query::Routes {
                subnet: i.subnet.clone()?,
                vpc: i.vpc.clone(),
            }))
        })
        .collect()
}

fn used(seen: &Seen<'_>) -> BTreeSet<Query> {
    seen.interfaces
        .iter()
        .flat_map(|i| {
            i.groups
                .iter()
                .map(|group| Query::Ec2(Ec2Query::InterfacesUsing { group: group.clone() }))
        })
        .collect()
}

/// Adds one sentence for each thing that matters.
pub fn add(request: &Request, seen: &Seen<'_>, facts: &Facts, draft: &mut Draft) -> Result<(), Stop> {
    draft.warnings.push(
        "Evidence first: neither disk nor memory is captured by this. Take snapshot-instance before, if it is not done."
            .to_owned(),
    );
    draft
        .warnings
        .push("Between its two steps each interface is open to everyone, for the time of two calls.".to_owned());
    let mut tracked = false;
    for query in &routes(seen) {
        let Some(found) = facts.advisory(facts.routes(query), &mut draft.warnings)? else {
            continue;
        };
        for (what, gateway) in [
            ("NAT gateway", &found.nat_gateway),
            ("egress-only internet gateway", &found.egress_only_gateway),
        ] {
            if let Some(id) = gateway {
                tracked = true;
                draft.warnings.push(format!(
                    "The {what} {id} carries its egress: connections through it are always tracked, so those already open may survive."
                ));
            }
        }
    }
    tracked |= endpoints(seen, facts, draft)?;
    if tracked && !request.chose("subnet-acl") {
        acl::offer(seen, facts, draft)?;
    }
    let kind = facts.advisory(facts.instance_type(&instance_type(seen)), &mut draft.warnings)?;
    if kind.is_some_and(|kind| kind.instance_store) {
        draft.warnings.push(format!(
            "{} comes with an instance store: what is on it is in no snapshot, and is gone when the instance stops.",
            Untrusted::new(seen.instance.instance_type.as_str())
        ));
    }
    draft
        .warnings
        .push("Names still resolve through the VPC's own resolver, which security groups do not filter.".to_owned());
    let vpcs = seen.vpcs();
    if vpcs.len() > 1 {
        draft.warnings.push(format!(
            "Its interfaces are in {} VPCs; each gets groups of its own.",
            vpcs.len()
        ));
    }
    for query in &used(seen) {
        let Query::Ec2(Ec2Query::InterfacesUsing { group }) = query else {
            continue;
        };
        let Some(users) = facts.advisory(facts.interfaces(query), &mut draft.warnings)? else {
            continue;
        };
        let others = users
            .iter()
            .filter(|i| i.attached_to.as_ref() != Some(&seen.id))
            .count();
        if others == 1 {
            draft
                .neighbours
                .push(format!("{group} is used by 1 other interface; it keeps it, unchanged."));
        } else if others > 1 {
            draft.neighbours.push(format!(
                "{group} is used by {others} other interfaces; they keep it, unchanged."
            ));
        }
    }
    Ok(())
}

/// Says which interfaces an earlier isolation left open. What they had before it, this plan cannot know.
pub fn half_done(seen: &Seen<'_>, facts: &Facts, draft: &mut Draft) -> Result<(), Stop> {
    for interface in seen.interfaces {
        if let Some(group) = groups::left_open(interface, facts)? {
            draft.warnings.push(format!(
                "{} has the conversion group {group}, which allows everything: an isolation before this one stopped half way.",
                interface.id
            ));
            draft.lost.push(format!(
                "The groups that {} had before that isolation: undo its record too, after this one.",
                interface.id
            ));
        }
    }
    Ok(())
}

/// Connections through `PrivateLink`, and those to `DynamoDB` through its gateway endpoint, are always tracked (EC2 guide, "Security group
/// connection tracking").
fn endpoints(seen: &Seen<'_>, facts: &Facts, draft: &mut Draft) -> Result<bool, Stop> {
    let mut any = false;
    for vpc in seen.vpcs() {
        let query = Query::Network(NetworkQuery::Endpoints { vpc: vpc.clone() });
        let Some(found) = facts.advisory(facts.endpoints(&query), &mut draft.warnings)? else {
            continue;
        };
        let tracked = found
            .iter()
            .filter(|e| e.kind != "Gateway" || e.service.raw().ends_with(".dynamodb"));
        let named: Vec<String> = tracked.map(|e| format!("{} ({})", e.id, e.service)).collect();
        if !named.is_empty() {
            any = true;
            draft.warnings.push(format!(
                "{vpc} has endpoints, through which connections are always tracked, so those already open may survive: {}.",
                named.join(", ")
            ));
        }
    }
    Ok(any)
}
