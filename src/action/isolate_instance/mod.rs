//! `isolate-instance`: cuts an EC2 instance off the network, interface by interface, and keeps it as evidence.
//!
//! Each interface takes two steps: first a *conversion* group that allows everything both ways on IPv4 and IPv6, so that tracked
//! flows become untracked; then the *sealed* group that allows nothing. A single swap would leave tracked connections
//! open for up to five days (EC2 guide, "Security group connection tracking").

pub(super) mod groups;
mod restore;
mod warnings;

use crate::action::{Ec2Call, Ec2Query, Ec2State};
use std::collections::{BTreeMap, BTreeSet};

use super::answer::{Instance, Interface};
use super::expectation::Expectation;
use super::facts::Facts;
use super::mutation::{Mutation, Ref};
use super::plan::{Draft, PlannedCall, Request, Undo};
use super::query::Query;
use super::refusal::{Refusal, RefusalKind, Stop};
use super::{Action, ActionName, Done, Step, target};
use crate::domain::{InstanceId, ResourceKind, VpcId};
use groups::{ContainmentGroups, Role};

/// AWS allows this many tags on a resource, its own `aws:` tags not counted (EC2 guide, "Tag restrictions").
const MAX_TAGS: usize = 50;
/// AWS's limit for a tag's value, in characters.
const MAX_TAG_VALUE: usize = 256;

#[derive(Debug)]
pub struct IsolateInstance;

impl Action for IsolateInstance {
    fn name(&self) -> ActionName {
        ActionName::IsolateInstance
    }

    fn step(&self) -> Step {
        Step::Isolate
    }

    fn targets(&self) -> &'static [ResourceKind] {
        &[ResourceKind::Instance]
    }

    fn summary(&self) -> &'static str {
        "Cut an EC2 instance off the network, interface by interface, in two steps; tag it and protect it from termination."
    }

    fn draft(&self, request: &Request, facts: &Facts) -> Result<Draft, Stop> {
        let id = target::instance(request)?;
        let seen = Seen::read(&id, facts)?;
        let containment = groups::existing(&seen.vpcs(), facts)?;
        if seen.interfaces.iter().all(|i| containment.seals(i)) {
            return Err(Refusal::new(
                RefusalKind::AlreadyDone,
                format!("Every interface of {id} already has the sealed group alone."),
                "Verify it from the journal, or undo the isolation first.",
            )
            .into());
        }

        let mut draft = Draft::default();
        warnings::add(&seen, facts, &mut draft)?;
        warnings::half_done(&seen, facts, &mut draft)?;
        tag(request, &seen, &mut draft);
        protect(&seen, &mut draft);
        swap(request, &seen, containment, facts, &mut draft)?;
        Ok(draft)
    }

    fn undo(&self, request: &Request, done: &Done, facts: &Facts) -> Result<Draft, Stop> {
        restore::draft(request, done, facts)
    }
}

/// What every part of the plan looks at.
struct Seen<'f> {
    id: InstanceId,
    instance: &'f Instance,
    interfaces: &'f [Interface],
    protected: bool,
}

impl<'f> Seen<'f> {
    fn read(id: &InstanceId, facts: &'f Facts) -> Result<Self, Stop> {
        let (instance, interfaces, protection) = (
            Query::Ec2(Ec2Query::Instance { id: id.clone() }),
            Query::Ec2(Ec2Query::Interfaces { of: id.clone() }),
            Query::Ec2(Ec2Query::TerminationProtection { id: id.clone() }),
        );
        facts.want([instance.clone(), interfaces.clone(), protection.clone()])?;
        let instance = facts.instance(&instance)?;
        let interfaces = facts.interfaces(&interfaces)?;
        if matches!(instance.state.as_str(), "terminated" | "shutting-down") || interfaces.is_empty() {
            return Err(Refusal::new(
                RefusalKind::Gone,
                format!(
                    "{id} is {} and has {} network interfaces.",
                    instance.state,
                    interfaces.len()
                ),
                "There is nothing left to isolate; look at its snapshots and at CloudTrail.",
            )
            .into());
        }
        Ok(Self {
            id: id.clone(),
            instance,
            interfaces,
            protected: *facts.protection(&protection)?,
        })
    }

    /// The VPCs that the interfaces are in: one, unless interfaces of several VPCs are attached.
    fn vpcs(&self) -> BTreeSet<VpcId> {
        self.interfaces.iter().map(|i| i.vpc.clone()).collect()
    }

    fn is_spot(&self) -> bool {
        self.instance.lifecycle.as_deref() == Some("spot")
    }
}

/// The tags that say what happened, for whoever finds the instance without quell.
fn isolation_tags(request: &Request) -> BTreeMap<String, String> {
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
    draft.calls.push(PlannedCall {
        mutation: Mutation::Ec2(Ec2Call::CreateTags { resource, tags }),
        undo: Undo::Reversible,
        was: None,
    });
}

fn protect(seen: &Seen<'_>, draft: &mut Draft) {
    if seen.is_spot() {
        draft.warnings.push(format!(
            "{} is a Spot instance: AWS cannot protect it from termination. Take the snapshot first.",
            seen.id
        ));
        return;
    }
    let instance = seen.id.clone();
    draft
        .expectations
        .push(Expectation::Ec2(Ec2State::TerminationProtection {
            instance: instance.clone(),
            on: true,
        }));
    if !seen.protected {
        let mutation = Mutation::Ec2(Ec2Call::SetTerminationProtection { instance, on: true });
        draft.calls.push(PlannedCall {
            mutation,
            undo: Undo::Reversible,
            was: None,
        });
    }
}

/// An interface's groups, by name and id.
fn group_list(interface: &Interface) -> String {
    let say = |id| match interface.group_names.get(id) {
        Some(name) if !name.is_empty() => format!("{name} ({id})"),
        _ => id.to_string(),
    };
    interface.groups.iter().map(say).collect::<Vec<_>>().join(", ")
}

fn swap(
    request: &Request,
    seen: &Seen<'_>,
    mut containment: ContainmentGroups,
    facts: &Facts,
    draft: &mut Draft,
) -> Result<(), Stop> {
    for vpc in seen.vpcs() {
        containment.make_missing(request, &vpc, facts, draft)?;
    }
    for interface in seen.interfaces {
        for role in [Role::Conversion, Role::Sealed] {
            let Some(group) = containment.get(&interface.vpc, role) else {
                continue;
            };
            let groups = vec![group.clone()];
            if role == Role::Sealed {
                let sealed = Expectation::Ec2(Ec2State::Sealed { group: group.clone() });
                if !draft.expectations.contains(&sealed) {
                    draft.expectations.push(sealed);
                }
                draft.expectations.push(Expectation::Ec2(Ec2State::InterfaceGroups {
                    instance: seen.id.clone(),
                    interface: interface.id.clone(),
                    groups: groups.clone(),
                }));
            }
            draft.calls.push(PlannedCall {
                mutation: Mutation::Ec2(Ec2Call::SetInterfaceGroups {
                    interface: interface.id.clone(),
                    groups,
                }),
                undo: Undo::Reversible,
                was: (role == Role::Conversion).then(|| group_list(interface)),
            });
        }
    }
    Ok(())
}
