//! What the responder should know before confirming an isolation, and who else uses what it touches.

use crate::action::Ec2Query;
use std::collections::BTreeSet;

use super::super::facts::Facts;
use super::super::plan::Draft;
use super::super::query::Query;
use super::super::refusal::Stop;
use super::{Seen, groups};

/// Reads the surroundings, side by side, and adds one sentence for each thing that matters.
pub fn add(seen: &Seen<'_>, facts: &Facts, draft: &mut Draft) -> Result<(), Stop> {
    let routes: BTreeSet<Query> = seen
        .interfaces
        .iter()
        .filter_map(|i| {
            Some(Query::Ec2(Ec2Query::Routes {
                subnet: i.subnet.clone()?,
                vpc: i.vpc.clone(),
            }))
        })
        .collect();
    let used: BTreeSet<Query> = seen
        .interfaces
        .iter()
        .flat_map(|i| {
            i.groups
                .iter()
                .map(|group| Query::Ec2(Ec2Query::InterfacesUsing { group: group.clone() }))
        })
        .collect();
    facts.want(routes.iter().chain(&used).cloned())?;

    draft.warnings.push(
        "Evidence first: neither disk nor memory is captured by this. Take snapshot-instance before, if it is not done."
            .to_owned(),
    );
    draft
        .warnings
        .push("Between its two steps each interface is open to everyone, for the time of two calls.".to_owned());
    for query in &routes {
        let Some(found) = facts.advisory(facts.routes(query), &mut draft.warnings)? else {
            continue;
        };
        for (what, gateway) in [
            ("NAT gateway", &found.nat_gateway),
            ("egress-only internet gateway", &found.egress_only_gateway),
        ] {
            if let Some(id) = gateway {
                draft.warnings.push(format!(
                    "The {what} {id} carries its egress: connections through it are always tracked, so those already open may survive."
                ));
            }
        }
    }
    draft
        .warnings
        .push("Names still resolve through the VPC's own resolver, which security groups do not filter.".to_owned());
    surroundings(seen, draft);
    for query in &used {
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
                "The groups that {} had before that isolation: undo its record, not this one.",
                interface.id
            ));
        }
    }
    Ok(())
}

fn surroundings(seen: &Seen<'_>, draft: &mut Draft) {
    if let Some(group) = seen.instance.tags.get("aws:autoscaling:groupName") {
        draft.warnings.push(format!(
            "It is in the Auto Scaling group {group}: a failed health check may terminate and replace it. Termination protection does not stop that; put it in standby by hand."
        ));
        draft
            .neighbours
            .push(format!("The Auto Scaling group {group} loses one healthy instance."));
    }
    for interface in seen.interfaces {
        if let Some(address) = &interface.public_ip {
            draft.warnings.push(format!(
                "{} keeps its public address {address}; nothing can reach it.",
                interface.id
            ));
        }
    }
    let vpcs = seen.vpcs();
    if vpcs.len() > 1 {
        draft.warnings.push(format!(
            "Its interfaces are in {} VPCs; each gets groups of its own.",
            vpcs.len()
        ));
    }
}
