//! Keeping the instance: tags for whoever finds it, protection from termination, volumes that outlive it.

use std::collections::{BTreeMap, BTreeSet};

use super::super::answer::Volume;
use super::super::expectation::Expectation;
use super::super::mutation::{Mutation, Ref};
use super::super::plan::{Draft, PlannedCall, Request, Undo};
use super::Seen;
use crate::action::{Ec2Call, Ec2State};
use crate::domain::VolumeId;

/// AWS allows this many tags on a resource, its own `aws:` tags not counted (EC2 guide, "Tag restrictions").
const MAX_TAGS: usize = 50;
/// AWS's limit for a tag's value, in characters.
const MAX_TAG_VALUE: usize = 256;

/// The tags that say what happened, for whoever finds the instance without quell.
pub fn isolation_tags(request: &Request) -> BTreeMap<String, String> {
    let by: String = request.by.chars().take(MAX_TAG_VALUE).collect();
    [
        ("quell:incident", request.incident.clone()),
        ("quell:isolated-at", request.at.to_string()),
        ("quell:isolated-by", by),
        ("quell:state", "isolated".to_owned()),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value))
    .collect()
}

/// Plans tags and protections.
pub fn add(request: &Request, seen: &Seen<'_>, draft: &mut Draft) {
    tag(request, seen, draft);
    if seen.is_spot() {
        draft.warnings.push(format!(
            "{} is a Spot instance: AWS cannot protect it from termination. Take the snapshot first.",
            seen.id
        ));
    } else {
        terminate(seen, draft);
        shut_down(seen, draft);
    }
    volumes(seen, draft);
}

fn plan(draft: &mut Draft, call: Ec2Call, was: Option<String>) {
    draft.calls.push(PlannedCall {
        mutation: Mutation::Ec2(call),
        undo: Undo::Reversible,
        was,
    });
}

fn tag(request: &Request, seen: &Seen<'_>, draft: &mut Draft) {
    let tags = isolation_tags(request);
    let mut keys: BTreeSet<&str> = seen.instance.tags.keys().map(String::as_str).collect();
    keys.retain(|key| !key.starts_with("aws:"));
    keys.extend(tags.keys().map(String::as_str));
    if keys.len() > MAX_TAGS {
        draft.warnings.push(format!(
            "{} has too many tags already, so it will not be tagged.",
            seen.id
        ));
        return;
    }
    let resource = Ref::Id(seen.id.to_string());
    draft.expectations.push(Expectation::Ec2(Ec2State::InstanceTags {
        instance: seen.id.clone(),
        tags: tags.iter().map(|(k, v)| (k.clone(), Some(v.clone()))).collect(),
    }));
    plan(draft, Ec2Call::CreateTags { resource, tags }, None);
}

fn terminate(seen: &Seen<'_>, draft: &mut Draft) {
    let instance = seen.id.clone();
    draft
        .expectations
        .push(Expectation::Ec2(Ec2State::TerminationProtection {
            instance: instance.clone(),
            on: true,
        }));
    if !seen.protected {
        plan(draft, Ec2Call::SetTerminationProtection { instance, on: true }, None);
    }
}

/// Termination protection does not stop a shutdown from inside, which may be set to end the instance (EC2 guide, "Change the
/// instance initiated shutdown behavior").
fn shut_down(seen: &Seen<'_>, draft: &mut Draft) {
    if seen.shutdown == "stop" {
        return;
    }
    let instance = seen.id.clone();
    if seen.instance.root_device_type.as_deref() == Some("instance-store") {
        draft.warnings.push(format!(
            "{instance} runs from an instance store, which cannot be stopped: a shutdown from inside ends it for good."
        ));
        return;
    }
    draft.expectations.push(Expectation::Ec2(Ec2State::ShutdownBehavior {
        instance: instance.clone(),
        behavior: "stop".to_owned(),
    }));
    let behavior = "stop".to_owned();
    plan(
        draft,
        Ec2Call::SetShutdownBehavior { instance, behavior },
        Some("terminate".to_owned()),
    );
}

fn volumes(seen: &Seen<'_>, draft: &mut Draft) {
    let going: Vec<&Volume> = seen.volumes.iter().filter(|v| v.delete_on_termination).collect();
    if going.is_empty() {
        return;
    }
    let volumes: BTreeMap<String, VolumeId> = going.iter().map(|v| (v.device.clone(), v.id.clone())).collect();
    draft.expectations.push(Expectation::Ec2(Ec2State::DeleteOnTermination {
        instance: seen.id.clone(),
        volumes: volumes.values().cloned().collect(),
        on: false,
    }));
    let instance = seen.id.clone();
    plan(
        draft,
        Ec2Call::SetDeleteOnTermination {
            instance,
            volumes,
            on: false,
        },
        None,
    );
}
