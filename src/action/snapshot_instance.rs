//! `snapshot-instance`: one crash-consistent set of snapshots of all volumes of an instance.
//!
//! One `CreateSnapshots`, never a loop of `CreateSnapshot`: only the former is consistent across volumes (EC2 guide, "Create
//! multi-volume snapshots"). `CreateImage` would reboot the instance and lose its memory.

use crate::action::{EbsQuery, Ec2Call, Ec2Query, Ec2State, EvidenceOf, TakenSet};
use std::collections::BTreeMap;

use super::expectation::Expectation;
use super::facts::Facts;
use super::mutation::{Mutation, Ref};
use super::plan::{Draft, PlannedCall, Request, Undo};
use super::query::Query;
use super::refusal::{Refusal, RefusalKind, Stop};
use super::{Action, ActionName, Choice, Done, Snapshot, Step, Takes, Volume, target};
use crate::domain::{InstanceId, ResourceKind, Time, Untrusted};

/// The tag with the moment of a set.
pub(super) const TAKEN_AT: &str = "quell:taken-at";
/// The tag with the device that a snapshot's volume had.
const DEVICE: &str = "quell:device";
/// Takes a set where there is one.
const AGAIN: &str = "again";

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

    fn choices(&self) -> &'static [Choice] {
        &[Choice {
            name: AGAIN,
            takes: Takes::Flag,
            about: "Take a further set, where one was taken for the incident already.",
        }]
    }

    fn draft(&self, request: &Request, facts: &Facts) -> Result<Draft, Stop> {
        let id = target::instance(request)?;
        let (instance, volumes, before) = (
            Query::Ec2(Ec2Query::Instance { id: id.clone() }),
            Query::Ec2(Ec2Query::Volumes { of: id.clone() }),
            Query::Ebs(EbsQuery::TakenBefore {
                instance: id.clone(),
                incident: request.incident.clone(),
            }),
        );
        facts.want([instance.clone(), volumes.clone(), before.clone()])?;
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
        let of = EvidenceOf {
            instance: id,
            incident: request.incident.clone(),
        };
        let mut draft = Draft::default();
        let before = facts.advisory(facts.snapshots(&before), &mut draft.warnings)?;
        let whole = before.and_then(|found| newest(&of, found, volumes));
        match whole {
            Some((at, set)) if !request.chose(AGAIN) => end_it(of, at, &set, volumes, &mut draft)?,
            _ => take(request, of, (&instance.instance_type, volumes), &mut draft),
        }
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

/// Takes one set of all volumes.
fn take(request: &Request, of: EvidenceOf, (kind, volumes): (&str, &[Volume]), draft: &mut Draft) {
    let tags = [
        ("quell:incident", request.incident.clone()),
        ("quell:instance", of.instance.to_string()),
        (TAKEN_AT, request.at.to_string()),
    ];
    draft.calls.push(PlannedCall {
        mutation: Mutation::Ec2(Ec2Call::CreateSnapshots {
            instance: of.instance.clone(),
            description: description(&request.incident, &of.instance),
            tags: tags.map(|(k, v)| (k.to_owned(), v)).into(),
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
        name_device(resource, volume, draft);
    }
    expect(of, request.at, volumes, draft);
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
        Untrusted::new(kind)
    ));
    draft.warnings.push(
        "When they are complete, hand-over-snapshots lets a forensic account use them; under AWS's own key (aws/ebs) they cannot be shared."
            .to_owned(),
    );
    draft
        .lost
        .push("Snapshots are evidence: quell never deletes them.".to_owned());
}

/// The newest set that has a snapshot of every volume, in the order of the volumes. One whose answer was lost is among them, and is not
/// taken a second time.
fn newest<'f>(of: &EvidenceOf, found: &'f [Snapshot], volumes: &[Volume]) -> Option<(Time, Vec<&'f Snapshot>)> {
    let mut sets: BTreeMap<Time, Vec<&Snapshot>> = BTreeMap::new();
    for snapshot in found.iter().filter(|s| s.state != "error") {
        if let Some(at) = of.taken_at(snapshot) {
            sets.entry(at).or_default().push(snapshot);
        }
    }
    let of_each = |set: &[&'f Snapshot]| -> Option<Vec<&'f Snapshot>> {
        let of = |volume: &Volume| set.iter().find(|s| s.volume.as_ref() == Some(&volume.id)).copied();
        volumes.iter().map(of).collect()
    };
    let mut newest_first = sets.into_iter().rev();
    newest_first.find_map(|(at, set)| Some((at, of_each(&set)?)))
}

/// Adds what a set lacks, where the plan that took it ended early; refuses where it lacks nothing.
fn end_it(of: EvidenceOf, at: Time, set: &[&Snapshot], volumes: &[Volume], draft: &mut Draft) -> Result<(), Stop> {
    for (snapshot, volume) in set.iter().zip(volumes) {
        if !snapshot.tags.contains_key(DEVICE) {
            name_device(Ref::Id(snapshot.id.to_string()), volume, draft);
        }
    }
    if draft.calls.is_empty() {
        let ids: Vec<&str> = set.iter().map(|s| s.id.as_str()).collect();
        return Err(Refusal::new(
            RefusalKind::AlreadyDone,
            format!(
                "Every volume of {} was snapshotted for this incident at {at}: {}.",
                of.instance,
                ids.join(", ")
            ),
            format!("Verify it from the journal. For a further set choose {AGAIN}: --with {AGAIN}=yes."),
        )
        .into());
    }
    expect(of, at, volumes, draft);
    draft.warnings.push(format!(
        "The snapshots were taken at {at}, by a plan that ended early; what they lack is added. For a further set choose {AGAIN}."
    ));
    Ok(())
}

fn name_device(resource: Ref, volume: &Volume, draft: &mut Draft) {
    let tags = [(DEVICE.to_owned(), volume.device.clone())].into();
    draft.calls.push(PlannedCall {
        mutation: Mutation::Ec2(Ec2Call::CreateTags { resource, tags }),
        undo: Undo::Kept,
        was: None,
    });
}

fn expect(of: EvidenceOf, at: Time, volumes: &[Volume], draft: &mut Draft) {
    draft.expectations.push(Expectation::Ec2(Ec2State::Snapshots {
        call: 0,
        volumes: volumes.iter().map(|v| v.id.to_string()).collect(),
        set: Some(TakenSet { of, at }),
    }));
}

/// What stands on every snapshot that it takes. Tags can be put on anything later; this cannot.
pub(super) fn description(incident: &str, instance: &InstanceId) -> String {
    format!("quell {incident} {instance}")
}
