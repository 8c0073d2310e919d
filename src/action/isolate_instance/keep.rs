//! Undoing what kept the instance: what a shutdown from inside does, and which volumes go with the instance.

use super::super::Done;
use super::super::expectation::Expectation;
use super::super::facts::Facts;
use super::super::mutation::Mutation;
use super::super::plan::{Draft, PlannedCall, Undo};
use super::super::query::Query;
use super::super::refusal::Stop;
use crate::action::{Ec2Call, Ec2Query, Ec2State};
use crate::domain::InstanceId;

fn shutdown(id: &InstanceId) -> Query {
    Query::Ec2(Ec2Query::ShutdownBehavior { id: id.clone() })
}

fn attached(id: &InstanceId) -> Query {
    Query::Ec2(Ec2Query::Volumes { of: id.clone() })
}

fn set_shutdown(done: &Done) -> bool {
    done.changes()
        .any(|change| matches!(change, Mutation::Ec2(Ec2Call::SetShutdownBehavior { .. })))
}

fn kept_volumes(done: &Done) -> bool {
    done.changes()
        .any(|change| matches!(change, Mutation::Ec2(Ec2Call::SetDeleteOnTermination { .. })))
}

/// What must be read before they are put back.
pub fn queries(id: &InstanceId, done: &Done) -> Vec<Query> {
    let behavior = set_shutdown(done).then(|| shutdown(id));
    behavior
        .into_iter()
        .chain(kept_volumes(done).then(|| attached(id)))
        .collect()
}

/// Puts both back as they were recorded.
pub fn restore(id: &InstanceId, done: &Done, facts: &Facts, draft: &mut Draft) -> Result<(), Stop> {
    let mut plan = |call: Ec2Call, state: Ec2State| {
        draft.expectations.push(Expectation::Ec2(state));
        draft.calls.push(PlannedCall {
            mutation: Mutation::Ec2(call),
            undo: Undo::Kept,
            was: None,
        });
    };
    let instance = || id.clone();
    if kept_volumes(done) {
        let recorded = done.plan.before.volumes(&attached(id))?;
        let now = facts.volumes(&attached(id))?;
        // A volume that was detached since has no such attribute any more.
        let kept = |id| now.iter().any(|v| v.id == id && !v.delete_on_termination);
        let back = recorded
            .iter()
            .filter(|v| v.delete_on_termination && kept(v.id.clone()));
        let volumes: std::collections::BTreeMap<_, _> = back.map(|v| (v.device.clone(), v.id.clone())).collect();
        if !volumes.is_empty() {
            let state = Ec2State::DeleteOnTermination {
                instance: instance(),
                volumes: volumes.values().cloned().collect(),
                on: true,
            };
            let call = Ec2Call::SetDeleteOnTermination {
                instance: instance(),
                volumes,
                on: true,
            };
            plan(call, state);
        }
    }
    if set_shutdown(done) {
        let before = done.plan.before.shutdown_behavior(&shutdown(id))?;
        if facts.shutdown_behavior(&shutdown(id))? != before {
            let behavior = before.clone();
            let state = Ec2State::ShutdownBehavior {
                instance: instance(),
                behavior: behavior.clone(),
            };
            let call = Ec2Call::SetShutdownBehavior {
                instance: instance(),
                behavior,
            };
            plan(call, state);
        }
    }
    Ok(())
}
