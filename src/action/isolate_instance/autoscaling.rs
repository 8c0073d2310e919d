//! The Auto Scaling group: the instance is taken out of service before its health checks fail, or the group would end it.

use super::super::Done;
use super::super::answer::ScalingMember;
use super::super::expectation::Expectation;
use super::super::facts::Facts;
use super::super::mutation::Mutation;
use super::super::plan::{Draft, PlannedCall, Request, Undo};
use super::super::query::Query;
use super::super::refusal::{RefusalKind, Stop};
use super::Seen;
use crate::action::{AutoScalingCall, AutoScalingQuery, AutoScalingState};
use crate::domain::{InstanceId, Untrusted};

/// What must be read of the group.
pub fn queries(seen: &Seen<'_>) -> Vec<Query> {
    seen.member()
        .map(|member| sizes(member.group.raw()))
        .into_iter()
        .collect()
}

fn sizes(name: &str) -> Query {
    Query::AutoScaling(AutoScalingQuery::ScalingGroup { name: name.to_owned() })
}

fn member(id: &InstanceId) -> Query {
    Query::AutoScaling(AutoScalingQuery::ScalingMember { id: id.clone() })
}

/// Plans standby, or detaching where that is chosen; the group's minimum is lowered first where it would forbid it.
pub fn add(request: &Request, seen: &Seen<'_>, facts: &Facts, draft: &mut Draft) -> Result<(), Stop> {
    let Some(found) = seen.member() else {
        if seen.members.is_none() {
            draft.warnings.push(
                "Whether an Auto Scaling group has it is not known: if one does, its health check may end and replace it. Termination protection does not stop that.".to_owned(),
            );
        }
        return Ok(());
    };
    if found.state != "InService" {
        draft.warnings.push(format!(
            "It is {} in the Auto Scaling group {}; that stays as it is.",
            found.state, found.group
        ));
        return Ok(());
    }
    let name = found.group.raw().to_owned();
    let read = facts.advisory(facts.scaling_group(&sizes(&name)), &mut draft.warnings)?;
    if let Some(group) = read {
        let left = group.desired - 1;
        draft.neighbours.push(format!(
            "The Auto Scaling group {} has {} instances in service and loses this one; it will want {left}, so none takes its place.",
            found.group, group.in_service
        ));
        if left < group.min {
            draft
                .expectations
                .push(Expectation::AutoScaling(AutoScalingState::ScalingMinimum {
                    group: name.clone(),
                    min: left,
                }));
            let group_name = name.clone();
            let lower = AutoScalingCall::UpdateAutoScalingGroup {
                group: group_name,
                min: left,
            };
            plan(draft, lower, Some(group.min.to_string()));
        }
    }
    let instance = seen.id.clone();
    let detach = request.choice("asg") == Some("detach");
    draft
        .expectations
        .push(Expectation::AutoScaling(AutoScalingState::ScalingState {
            instance: instance.clone(),
            group: name.clone(),
            state: (!detach).then(|| "Standby".to_owned()),
        }));
    let leave = if detach {
        AutoScalingCall::DetachInstances { group: name, instance }
    } else {
        AutoScalingCall::EnterStandby { group: name, instance }
    };
    plan(draft, leave, None);
    Ok(())
}

fn plan(draft: &mut Draft, call: AutoScalingCall, was: Option<String>) {
    draft.calls.push(PlannedCall {
        mutation: Mutation::AutoScaling(call),
        undo: Undo::Reversible,
        was,
    });
}

/// The group that the plan took the instance out of.
fn left(done: &Done) -> Option<(&str, bool)> {
    done.changes().find_map(|change| {
        if let Mutation::AutoScaling(AutoScalingCall::EnterStandby { group, .. }) = change {
            Some((group.as_str(), false))
        } else if let Mutation::AutoScaling(AutoScalingCall::DetachInstances { group, .. }) = change {
            Some((group.as_str(), true))
        } else {
            None
        }
    })
}

/// The group whose minimum the plan lowered, and to what.
fn lowered(done: &Done) -> Option<(&str, i32)> {
    done.changes().find_map(|change| {
        let Mutation::AutoScaling(AutoScalingCall::UpdateAutoScalingGroup { group, min }) = change else {
            return None;
        };
        Some((group.as_str(), *min))
    })
}

/// The group that the plan changed, by either call.
fn changed(done: &Done) -> Option<&str> {
    let left = left(done).map(|(group, _)| group);
    left.or(lowered(done).map(|(group, _)| group))
}

/// What must be read before the group is put back.
pub fn undo_queries(id: &InstanceId, done: &Done) -> Vec<Query> {
    let group = changed(done);
    group.map(|group| vec![member(id), sizes(group)]).unwrap_or_default()
}

/// The group that the plan changed, where AWS has it no more.
fn deleted<'d>(done: &'d Done, facts: &Facts) -> Result<Option<&'d str>, Stop> {
    let Some(group) = changed(done) else {
        return Ok(None);
    };
    match facts.scaling_group(&sizes(group)) {
        Err(Stop::Refuse(refusal)) if refusal.kind == RefusalKind::Gone => Ok(Some(group)),
        Err(ask @ Stop::Ask(_)) => Err(ask),
        // Whoever needs its sizes says why they could not be read.
        Ok(_) | Err(Stop::Refuse(_)) => Ok(None),
    }
}

/// Puts the instance back into the group, and then the group's minimum.
pub fn restore(id: &InstanceId, done: &Done, facts: &Facts, draft: &mut Draft) -> Result<(), Stop> {
    let mut more = 0;
    if let Some(group) = deleted(done, facts)? {
        // What else the plan changed is put back all the same.
        draft.lost.push(format!(
            "The Auto Scaling group {} was deleted since: the instance is not put back into it, nor its minimum.",
            Untrusted::new(group)
        ));
        return Ok(());
    }
    if let Some((group, detached)) = left(done) {
        let now = facts.scaling_members(&member(id))?.first();
        match (detached, now) {
            (false, Some(ScalingMember { group: of, state })) if of.raw() == group && state == "Standby" => more = 1,
            (true, None) => more = 1,
            (_, Some(ScalingMember { group: of, state })) if of.raw() == group && state == "InService" => {}
            (_, Some(other)) => draft.lost.push(format!(
                "It is {} in the Auto Scaling group {} now; that stays as it is.",
                other.state, other.group
            )),
            (false, None) => draft
                .lost
                .push("Somebody took it out of its Auto Scaling group since; it is not put back.".to_owned()),
        }
        if more == 1 {
            let (group, instance) = (group.to_owned(), id.clone());
            draft
                .expectations
                .push(Expectation::AutoScaling(AutoScalingState::ScalingState {
                    instance: instance.clone(),
                    group: group.clone(),
                    state: Some("InService".to_owned()),
                }));
            let enter = if detached {
                AutoScalingCall::AttachInstances { group, instance }
            } else {
                AutoScalingCall::ExitStandby { group, instance }
            };
            plan(draft, enter, None);
        }
    }
    let Some((group, ours)) = lowered(done) else {
        return Ok(());
    };
    let before = done.plan.before.scaling_group(&sizes(group))?.min;
    let now = facts.scaling_group(&sizes(group))?;
    if now.min == ours && now.desired + more >= before {
        draft
            .expectations
            .push(Expectation::AutoScaling(AutoScalingState::ScalingMinimum {
                group: group.to_owned(),
                min: before,
            }));
        let back = AutoScalingCall::UpdateAutoScalingGroup {
            group: group.to_owned(),
            min: before,
        };
        plan(draft, back, Some(ours.to_string()));
    } else if now.min != before {
        draft.lost.push(format!(
            "The minimum of the Auto Scaling group {} was {before} before; it is {} now, with {} wanted, and stays so.",
            now.name, now.min, now.desired
        ));
    }
    Ok(())
}
