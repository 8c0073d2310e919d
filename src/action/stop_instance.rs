//! `stop-instance`: ends what runs on an EC2 instance, and its memory with it.
//!
//! What was in memory and on an instance store is evidence that is gone for good. The plan says so before it is confirmed. Must never:
//! stop an instance that its Auto Scaling group would end for it, disk and all.

use super::expectation::Expectation;
use super::facts::Facts;
use super::mutation::Mutation;
use super::plan::{Draft, PlannedCall, Request, Undo};
use super::query::{LookupKey, Query};
use super::refusal::{Refusal, RefusalKind, Stop};
use super::{Action, ActionName, Done, Step, capture_underway, radius, target};
use crate::action::{AutoScalingQuery, Ec2Call, Ec2Query, Ec2State, Instance, ScalingMember};
use crate::domain::{InstanceId, ResourceKind, Untrusted};

#[derive(Debug)]
pub struct StopInstance;

impl Action for StopInstance {
    fn name(&self) -> ActionName {
        ActionName::StopInstance
    }

    fn step(&self) -> Step {
        Step::Isolate
    }

    fn targets(&self) -> &'static [ResourceKind] {
        &[ResourceKind::Instance]
    }

    fn summary(&self) -> &'static str {
        "Stop an EC2 instance. Its memory is lost for good, and so is what an instance store holds."
    }

    fn draft(&self, request: &Request, facts: &Facts) -> Result<Draft, Stop> {
        let id = target::instance(request)?;
        let (read, member) = (instance(&id), scaling(&id));
        let protection = Query::Ec2(Ec2Query::StopProtection { id: id.clone() });
        facts.want([
            read.clone(),
            member.clone(),
            protection.clone(),
            radius::question(LookupKey::ResourceName, id.as_str()),
            capture_underway::nearby(request, &id),
        ])?;
        let found = facts.instance(&read)?;
        stoppable(&id, found)?;
        let mut doubts = Vec::new();
        if facts.advisory(facts.stop_protection(&protection), &mut doubts)? == Some(&true) {
            return Err(protected(&id).into());
        }
        let members = facts.advisory(facts.scaling_members(&member), &mut doubts)?;
        if let Some(member) = members.and_then(|m| m.first()).filter(|m| m.state == "InService") {
            return Err(serving(&id, member).into());
        }
        let kind = Query::Ec2(Ec2Query::InstanceType {
            name: found.instance_type.clone(),
        });
        let is_spot = found.lifecycle.as_deref() == Some("spot");
        let spot = Query::Ec2(Ec2Query::SpotRequests { of: id.clone() });
        facts.want([kind.clone()].into_iter().chain(is_spot.then(|| spot.clone())))?;
        if is_spot {
            match facts.advisory(facts.spot_requests(&spot), &mut doubts)? {
                Some(requests) if requests.iter().any(|kind| kind == "one-time") => return Err(once(&id).into()),
                Some(requests) if !requests.is_empty() => {}
                // No request tells, or it could not be read.
                _ => doubts.push(format!(
                    "{id} is a Spot instance: AWS stops one only where its request is persistent, which is not known."
                )),
            }
        }

        let mut draft = switch(&id, false);
        capture_underway::warn(request, &id, "stop it", facts, &mut draft)?;
        draft.warnings.push(format!(
            "What is in the memory of {id} is lost for good: keys, processes, connections. Capture memory before, or isolate instead."
        ));
        draft.warnings.push(
            "Whoever is on it may have prepared for a restart: it is not clean because it was stopped.".to_owned(),
        );
        let kind = facts.advisory(facts.instance_type(&kind), &mut draft.warnings)?;
        if kind.is_none_or(|kind| kind.instance_store) {
            draft.warnings.push(format!(
                "{} may come with an instance store: what is on it is lost, too.",
                Untrusted::new(found.instance_type.as_str())
            ));
            draft.lost.push("What was on instance store volumes.".to_owned());
        }
        draft.lost.insert(0, "What was in memory.".to_owned());
        if let Some(public) = &found.public_ip {
            draft.lost.push(format!(
                "The public address {public}, unless it is an Elastic IP: a start gives another."
            ));
        }
        if is_spot {
            draft
                .warnings
                .push("It is a Spot instance: it starts again only when EC2 has Spot capacity for it.".to_owned());
        }
        if members.is_none() {
            draft.warnings.push(
                "Whether an Auto Scaling group has it is not known: one that does ends it once it is stopped, and its volumes with it."
                    .to_owned(),
            );
        }
        draft.warnings.extend(doubts);
        radius::lately(LookupKey::ResourceName, id.as_str(), id.as_str(), facts, &mut draft)?;
        Ok(draft)
    }

    fn undo(&self, request: &Request, done: &Done, facts: &Facts) -> Result<Draft, Stop> {
        let id = target::instance(request)?;
        let found = facts.instance(&instance(&id))?;
        let nothing = |why: String, instead: &str| Stop::from(Refusal::new(RefusalKind::NothingToUndo, why, instead));
        if done.changes().next().is_none() {
            return Err(nothing(
                format!("Record {} did not stop {id}.", done.seq),
                "Nothing needs to be done.",
            ));
        }
        match found.state.as_str() {
            "stopped" => {}
            "stopping" => {
                return Err(Refusal::new(
                    RefusalKind::Drifted,
                    format!("{id} is still stopping."),
                    "It can be started once it is stopped; try again in a minute.",
                )
                .into());
            }
            "running" | "pending" => {
                return Err(nothing(
                    format!("{id} is {} already.", found.state),
                    "Nothing needs to be done.",
                ));
            }
            _ => {
                return Err(nothing(
                    format!("{id} is {}.", found.state),
                    "It cannot be started again; launch another from a snapshot.",
                ));
            }
        }
        let mut draft = switch(&id, true);
        draft
            .warnings
            .push("Whatever starts with the system starts again, the attacker's own included.".to_owned());
        draft.lost.clone_from(&done.plan.lost);
        Ok(draft)
    }
}

fn instance(id: &InstanceId) -> Query {
    Query::Ec2(Ec2Query::Instance { id: id.clone() })
}

fn scaling(id: &InstanceId) -> Query {
    Query::AutoScaling(AutoScalingQuery::ScalingMember { id: id.clone() })
}

fn stoppable(id: &InstanceId, found: &Instance) -> Result<(), Refusal> {
    match found.state.as_str() {
        "terminated" | "shutting-down" => Err(Refusal::new(
            RefusalKind::Gone,
            format!("{id} is {}.", found.state),
            "There is nothing left to stop; look at its snapshots and at CloudTrail.",
        )),
        "stopped" | "stopping" => Err(Refusal::new(
            RefusalKind::AlreadyDone,
            format!("{id} is {} already.", found.state),
            "Verify it from the journal, or look in CloudTrail for who stopped it.",
        )),
        _ if found.root_device_type.as_deref() == Some("instance-store") => Err(Refusal::new(
            RefusalKind::Unsafe,
            format!("{id} runs from an instance store: it cannot be stopped, only ended, and its disk with it."),
            "Isolate it instead, and copy what matters from it while it runs.",
        )),
        _ => Ok(()),
    }
}

/// EC2 refuses to stop it (`UnsupportedOperation`; EC2 guide, "Stop a Spot Instance").
fn once(id: &InstanceId) -> Refusal {
    Refusal::new(
        RefusalKind::WrongTarget,
        format!("{id} is a Spot instance whose request is for one time: EC2 stops none of these, it only ends them."),
        "Isolate it and take snapshots of its disks while it runs; AWS may take it away with two minutes' notice.",
    )
}

/// EC2 refuses to stop it (`OperationNotPermitted`; EC2 guide, "Enable stop protection for your EC2 instances").
fn protected(id: &InstanceId) -> Refusal {
    Refusal::new(
        RefusalKind::Unsafe,
        format!("{id} has stop protection (disableApiStop): EC2 would refuse to stop it."),
        "Somebody wanted it to stay up: ask who. Isolate it instead, or take the protection off by hand and plan it again.",
    )
}

/// Its group takes a stopped instance for an unhealthy one, which termination protection does not stop (Auto Scaling guide, "Health
/// checks for instances in an Auto Scaling group").
fn serving(id: &InstanceId, member: &ScalingMember) -> Refusal {
    Refusal::new(
        RefusalKind::Unsafe,
        format!(
            "The Auto Scaling group {} has {id} in service: it finds it unhealthy once it is stopped, ends it, with the volumes that go \
             with it, and puts another in its place.",
            member.group
        ),
        "Run isolate-instance first, which takes it out of the group and keeps its volumes; then stop it.",
    )
}

fn switch(id: &InstanceId, on: bool) -> Draft {
    let instance = id.clone();
    let (call, undo, state) = if on {
        (Ec2Call::StartInstances { instance }, Undo::Kept, "running")
    } else {
        (Ec2Call::StopInstances { instance }, Undo::Reversible, "stopped")
    };
    Draft {
        calls: vec![PlannedCall {
            mutation: Mutation::Ec2(call),
            undo,
            was: None,
        }],
        expectations: vec![Expectation::Ec2(Ec2State::InstanceState {
            call: 0,
            instance: id.clone(),
            state: state.to_owned(),
        })],
        ..Draft::default()
    }
}
