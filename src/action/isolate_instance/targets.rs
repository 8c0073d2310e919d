//! Target groups: load balancers send the instance no more requests.

use std::collections::BTreeSet;

use super::super::Done;
use super::super::answer::{Registered, TargetGroup};
use super::super::expectation::Expectation;
use super::super::facts::Facts;
use super::super::mutation::Mutation;
use super::super::plan::{Draft, PlannedCall, Undo};
use super::super::query::Query;
use super::super::refusal::Stop;
use super::Seen;
use crate::action::{ElbCall, ElbQuery, ElbState};
use crate::domain::Arn;

/// The target groups that may have the instance, each with the ids that it would have there. Which of them do, only each one's
/// own list tells.
fn candidates<'f>(seen: &Seen<'f>) -> Vec<(&'f TargetGroup, Query)> {
    let vpcs = seen.vpcs();
    let addresses: BTreeSet<String> = seen
        .interfaces
        .iter()
        .flat_map(|i| i.private_ips.iter().chain(&i.ipv6).cloned())
        .collect();
    let mut found = Vec::new();
    for group in seen.target_groups.into_iter().flatten() {
        let ids = match group.target_type.as_str() {
            // An address may be registered from a VPC that is peered with the group's own; an instance may not.
            "ip" => addresses.iter().cloned().collect(),
            "instance" if group.vpc.as_ref().is_none_or(|vpc| vpcs.contains(vpc)) => vec![seen.id.to_string()],
            _ => continue,
        };
        let arn = group.arn.clone();
        found.push((group, Query::Elb(ElbQuery::Targets { group: arn, ids })));
    }
    found
}

/// What must be read of the target groups.
pub fn queries(seen: &Seen<'_>) -> Vec<Query> {
    candidates(seen).into_iter().map(|(_, query)| query).collect()
}

/// Plans the deregistration wherever it is registered.
pub fn add(seen: &Seen<'_>, facts: &Facts, draft: &mut Draft) -> Result<(), Stop> {
    if seen.target_groups.is_none() {
        draft.warnings.push(
            "Which load balancers send it requests is not known; they find it unhealthy once it is sealed.".to_owned(),
        );
    }
    for (group, query) in candidates(seen) {
        let Some(targets) = facts.advisory(facts.targets(&query), &mut draft.warnings)? else {
            continue;
        };
        if targets.is_empty() {
            continue;
        }
        if group.is_network() {
            draft.warnings.push(format!(
                "A Network Load Balancer reaches it through the target group {}: connections through one are always tracked, so those already open may survive.",
                group.name
            ));
        }
        draft.neighbours.push(format!(
            "The target group {} ({}) loses {} of its targets; behind {}.",
            group.name,
            group.protocol,
            targets.len(),
            match group.load_balancers.len() {
                1 => "a load balancer".to_owned(),
                many => format!("{many} load balancers"),
            }
        ));
        plan(&group.arn, targets.clone(), false, draft);
    }
    Ok(())
}

fn plan(group: &Arn, targets: Vec<Registered>, on: bool, draft: &mut Draft) {
    draft.expectations.push(Expectation::Elb(ElbState::TargetsRegistered {
        group: group.clone(),
        targets: targets.clone(),
        on,
    }));
    let group = group.clone();
    let call = if on {
        ElbCall::RegisterTargets { group, targets }
    } else {
        ElbCall::DeregisterTargets { group, targets }
    };
    draft.calls.push(PlannedCall {
        mutation: Mutation::Elb(call),
        undo: if on { Undo::Kept } else { Undo::Reversible },
        was: None,
    });
}

/// What the plan deregistered.
fn deregistered(done: &Done) -> impl Iterator<Item = (&Arn, &Vec<Registered>)> {
    done.changes().filter_map(|change| {
        let Mutation::Elb(ElbCall::DeregisterTargets { group, targets }) = change else {
            return None;
        };
        Some((group, targets))
    })
}

fn registered(group: &Arn, targets: &[Registered]) -> Query {
    let ids: BTreeSet<String> = targets.iter().map(|t| t.id.clone()).collect();
    Query::Elb(ElbQuery::Targets {
        group: group.clone(),
        ids: ids.into_iter().collect(),
    })
}

/// What must be read before the targets are registered again.
pub fn undo_queries(done: &Done) -> Vec<Query> {
    deregistered(done)
        .map(|(group, targets)| registered(group, targets))
        .collect()
}

/// Registers again what was registered, but for what is so already.
pub fn restore(done: &Done, facts: &Facts, draft: &mut Draft) -> Result<(), Stop> {
    for (group, targets) in deregistered(done) {
        let Some(now) = facts.advisory(facts.targets(&registered(group, targets)), &mut draft.lost)? else {
            continue;
        };
        let missing: Vec<Registered> = targets.iter().filter(|t| !now.contains(t)).cloned().collect();
        if !missing.is_empty() {
            plan(group, missing, true, draft);
        }
    }
    Ok(())
}
