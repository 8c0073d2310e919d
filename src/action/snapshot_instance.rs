//! `snapshot-instance`: one crash-consistent set of snapshots of all volumes of an instance.
//!
//! One `CreateSnapshots`, never a loop of `CreateSnapshot`: only the former is consistent across volumes (EC2 guide, "Create
//! multi-volume snapshots"). `CreateImage` would reboot the instance and lose its memory.

use crate::action::{Ec2Call, Ec2Query, Ec2State};
use std::collections::BTreeMap;

use super::expectation::Expectation;
use super::facts::Facts;
use super::mutation::{Mutation, Ref};
use super::plan::{Draft, PlannedCall, Request, Undo};
use super::query::Query;
use super::refusal::{Refusal, RefusalKind, Stop};
use super::{Action, ActionName, Done, Step, target};
use crate::domain::{InstanceId, ResourceKind, Untrusted};

#[derive(Debug)]
pub struct SnapshotInstance;

impl Action for SnapshotInstance {
    fn name(&self) -> ActionName {
        ActionName::SnapshotInstance
    }

    fn step(&self) -> Step {
        Step::Snapshot
    }

    fn targets(&self) -> &'static [ResourceKind] {
        &[ResourceKind::Instance]
    }

    fn summary(&self) -> &'static str {
        "Snapshot every EBS volume of an EC2 instance in one crash-consistent set, boot volume too."
    }

    fn draft(&self, request: &Request, facts: &Facts) -> Result<Draft, Stop> {
        let id = target::instance(request)?;
        let (instance, volumes) = (
            Query::Ec2(Ec2Query::Instance { id: id.clone() }),
            Query::Ec2(Ec2Query::Volumes { of: id.clone() }),
        );
        facts.want([instance.clone(), volumes.clone()])?;
        let instance = facts.instance(&instance)?;
        let volumes = facts.volumes(&volumes)?;
        if volumes.is_empty() {
            return Err(Refusal::new(
                RefusalKind::Gone,
                format!("{id} is {} and has no EBS volume attached.", instance.state),
                "An instance store cannot be snapshotted: copy what matters from the running instance.",
            )
            .into());
        }

        let tags = |device: Option<&str>| {
            let mut tags: BTreeMap<String, String> = [
                ("quell:incident", request.incident.clone()),
                ("quell:instance", id.to_string()),
                ("quell:taken-at", request.at.to_string()),
            ]
            .map(|(k, v)| (k.to_owned(), v))
            .into();
            if let Some(device) = device {
                tags = [("quell:device".to_owned(), device.to_owned())].into();
            }
            tags
        };
        let mut draft = Draft::default();
        draft.calls.push(PlannedCall {
            mutation: Mutation::Ec2(Ec2Call::CreateSnapshots {
                instance: id.clone(),
                description: description(&request.incident, &id),
                tags: tags(None),
            }),
            undo: Undo::Kept,
            was: None,
        });
        // CreateSnapshots gives all snapshots the same tags, so each one's device is added afterwards.
        for volume in volumes {
            let resource = Ref::Made {
                call: 0,
                result: volume.id.to_string(),
                name: format!("snapshot of {}", volume.id),
            };
            let tags = tags(Some(&volume.device));
            draft.calls.push(PlannedCall {
                mutation: Mutation::Ec2(Ec2Call::CreateTags { resource, tags }),
                undo: Undo::Kept,
                was: None,
            });
        }
        draft.expectations.push(Expectation::Ec2(Ec2State::Snapshots {
            call: 0,
            volumes: volumes.iter().map(|v| v.id.to_string()).collect(),
        }));
        let gib: i32 = volumes.iter().map(|v| v.size_gib).sum();
        let many = match volumes.len() {
            1 => "1 volume".to_owned(),
            many => format!("{many} volumes"),
        };
        draft.warnings.push(format!(
            "{many}, {gib} GiB in all. The set is crash-consistent: what the system still holds in memory is not in it."
        ));
        draft.warnings.push(format!(
            "Instance store volumes are not captured, where {} has any: they are gone when it stops.",
            Untrusted::new(instance.instance_type.as_str())
        ));
        draft.warnings.push(
            "When they are complete, hand-over-snapshots lets a forensic account use them; under AWS's own key (aws/ebs) they cannot be shared."
                .to_owned(),
        );
        draft
            .lost
            .push("Snapshots are evidence: quell never deletes them.".to_owned());
        Ok(draft)
    }

    fn undo(&self, _request: &Request, done: &Done, _facts: &Facts) -> Result<Draft, Stop> {
        Err(Refusal::new(
            RefusalKind::NothingToUndo,
            format!(
                "Record {} took snapshots, which changed nothing and are evidence.",
                done.seq
            ),
            "If they must go, delete them by hand when the case is closed.",
        )
        .into())
    }
}

/// What stands on every snapshot that it takes. Tags can be put on anything later; this cannot.
pub(super) fn description(incident: &str, instance: &InstanceId) -> String {
    format!("quell {incident} {instance}")
}
