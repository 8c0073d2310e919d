//! Undoing an isolation: what the confirmed plan recorded is put back, interface by interface.
//!
//! What somebody changed since is shown and never overwritten silently.

use crate::action::{Ec2Call, Ec2Query, Ec2State, NetworkCall};
use std::collections::{BTreeMap, BTreeSet};

use super::super::answer::{Instance, Interface};
use super::super::expectation::Expectation;
use super::super::facts::Facts;
use super::super::mutation::{Mutation, Ref};
use super::super::plan::{Draft, PlannedCall, Request, Undo};
use super::super::query::Query;
use super::super::refusal::{Refusal, RefusalKind, Stop};
use super::super::{Done, target};
use super::protect::isolation_tags;
use super::{acl, addresses, autoscaling, groups, keep, targets};
use crate::domain::{GroupId, InstanceId};

/// The calls that put back what `done` changed.
pub fn draft(request: &Request, done: &Done, facts: &Facts) -> Result<Draft, Stop> {
    let id = target::instance(request)?;
    let before = Recorded::of(&id, done)?;
    let (instance, interfaces, protection) = (
        Query::Ec2(Ec2Query::Instance { id: id.clone() }),
        Query::Ec2(Ec2Query::Interfaces { of: id.clone() }),
        Query::Ec2(Ec2Query::TerminationProtection { id: id.clone() }),
    );
    let recorded_groups: BTreeSet<GroupId> = before.interfaces.iter().flat_map(|i| i.groups.clone()).collect();
    let groups = Query::Ec2(Ec2Query::Groups {
        ids: recorded_groups.into_iter().collect(),
    });
    let others = (keep::queries(&id, done).into_iter())
        .chain(autoscaling::undo_queries(&id, done))
        .chain(targets::undo_queries(done))
        .chain(addresses::undo_queries(done))
        .chain(acl::undo_queries(done));
    let own = [instance.clone(), interfaces.clone(), protection.clone(), groups.clone()];
    facts.want(own.into_iter().chain(others).collect::<BTreeSet<Query>>())?;
    // A recorded group that was deleted since makes this read fail, and the refusal names it.
    facts.groups(&groups)?;

    let mut draft = Draft::default();
    acl::restore(&id, done, facts, &mut draft)?;
    addresses::restore(&id, done, facts, &mut draft)?;
    restore_groups(&id, &before, done, facts.interfaces(&interfaces)?, &mut draft)?;
    autoscaling::restore(&id, done, facts, &mut draft)?;
    targets::restore(done, facts, &mut draft)?;
    keep::restore(&id, done, facts, &mut draft)?;
    if before.switched_protection && !before.protected && *facts.protection(&protection)? {
        draft
            .expectations
            .push(Expectation::Ec2(Ec2State::TerminationProtection {
                instance: id.clone(),
                on: false,
            }));
        draft.calls.push(back(Mutation::Ec2(Ec2Call::SetTerminationProtection {
            instance: id.clone(),
            on: false,
        })));
    }
    restore_tags(&before, done, facts.instance(&instance)?, &mut draft);
    if draft.calls.is_empty() {
        let lost = draft.lost.join(" ");
        return Err(Refusal::new(
            RefusalKind::NothingToUndo,
            format!("{id} is already as it was before, as far as it can be put back. {lost}").trim_end(),
            "Nothing needs to be done.",
        )
        .into());
    }
    if draft.calls.iter().any(|call| opens(&call.mutation)) {
        draft
            .warnings
            .push("The instance can be reached and can reach out again as soon as this is applied.".to_owned());
    }
    draft
        .neighbours
        .push("The conversion and sealed groups stay: they harm nobody, and others may use them.".to_owned());
    Ok(draft)
}

fn back(mutation: Mutation) -> PlannedCall {
    PlannedCall {
        mutation,
        undo: Undo::Kept,
        was: None,
    }
}

/// Whether a call lets traffic to the instance again.
fn opens(mutation: &Mutation) -> bool {
    matches!(
        mutation,
        Mutation::Ec2(Ec2Call::SetInterfaceGroups { .. })
            | Mutation::Network(
                NetworkCall::AssociateAddress { .. } | NetworkCall::ReplaceNetworkAclAssociation { .. }
            )
    )
}

/// What the confirmed plan says was there before.
struct Recorded<'d> {
    instance: &'d Instance,
    interfaces: &'d [Interface],
    protected: bool,
    switched_protection: bool,
}

impl<'d> Recorded<'d> {
    fn of(id: &InstanceId, done: &'d Done) -> Result<Self, Stop> {
        let facts = &done.plan.before;
        let switched = |change: &Mutation| {
            matches!(
                change,
                Mutation::Ec2(Ec2Call::SetTerminationProtection { on: true, .. })
            )
        };
        Ok(Self {
            instance: facts.instance(&Query::Ec2(Ec2Query::Instance { id: id.clone() }))?,
            interfaces: facts.interfaces(&Query::Ec2(Ec2Query::Interfaces { of: id.clone() }))?,
            protected: *facts.protection(&Query::Ec2(Ec2Query::TerminationProtection { id: id.clone() }))?,
            switched_protection: done.changes().any(switched),
        })
    }
}

/// The group ids that the plan gave to an interface, at either of its two steps.
fn given(done: &Done, interface: &Interface) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for change in done.changes() {
        if let Mutation::Ec2(Ec2Call::SetInterfaceGroups { interface: of, groups }) = change
            && *of == interface.id
        {
            ids.extend(groups.iter().filter_map(|group| group.resolve(&done.made).ok()));
        }
    }
    ids
}

fn restore_groups(
    id: &InstanceId,
    before: &Recorded<'_>,
    done: &Done,
    now: &[Interface],
    draft: &mut Draft,
) -> Result<(), Stop> {
    for recorded in before.interfaces {
        let Some(current) = now.iter().find(|i| i.id == recorded.id) else {
            draft.lost.push(format!(
                "{} is no longer attached to {id}; its groups cannot be put back.",
                recorded.id
            ));
            continue;
        };
        if current.groups == recorded.groups {
            continue;
        }
        let ours = given(done, recorded);
        if ours.is_empty() {
            // None of its calls on this interface took effect: what it has by now is another's doing.
            draft.warnings.push(format!(
                "{} has other groups than before, and record {} did not give it them: they stay.",
                recorded.id, done.seq
            ));
            continue;
        }
        if let Some(open) = groups::left_open(recorded, &done.plan.before)? {
            draft.lost.push(format!(
                "{} had the conversion group {open} before, left by an isolation that had stopped half way: putting it back would open the interface to everyone, so it stays as it is. Undo the record of that earlier isolation after this one: it knows the groups from before. quell journal show lists it.",
                recorded.id
            ));
            continue;
        }
        // One that it left at the first of the two steps may have been sealed since, by the plan that was made again.
        let contained = groups::of_containment(recorded, done)?;
        let known = |group: &GroupId| ours.contains(group.as_str()) || contained.contains(group.as_str());
        if !current.groups.iter().all(known) {
            let list = |groups: &[GroupId]| groups.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            return Err(Refusal::new(
                RefusalKind::Drifted,
                format!(
                    "Somebody changed {} since: it has {}, and the isolation gave it {}.",
                    recorded.id,
                    list(&current.groups),
                    ours.into_iter().collect::<Vec<_>>().join(", ")
                ),
                format!(
                    "It had {} before. Settle this one by hand, so that nobody's change is lost.",
                    list(&recorded.groups)
                ),
            )
            .into());
        }
        let groups: Vec<Ref> = recorded.groups.iter().map(|g| Ref::Id(g.to_string())).collect();
        draft.expectations.push(Expectation::Ec2(Ec2State::InterfaceGroups {
            instance: id.clone(),
            interface: recorded.id.clone(),
            groups: groups.clone(),
        }));
        draft.calls.push(back(Mutation::Ec2(Ec2Call::SetInterfaceGroups {
            interface: recorded.id.clone(),
            groups,
        })));
    }
    Ok(())
}

fn restore_tags(before: &Recorded<'_>, done: &Done, now: &Instance, draft: &mut Draft) {
    if !done
        .changes()
        .any(|c| matches!(c, Mutation::Ec2(Ec2Call::CreateTags { .. })))
    {
        return;
    }
    let (mut set, mut delete) = (BTreeMap::new(), Vec::new());
    for (key, ours) in isolation_tags(&done.plan.request) {
        match (before.instance.tags.get(&key), now.tags.get(&key)) {
            (was, is) if was == is => {}
            (_, Some(is)) if is.raw() != ours => {
                draft
                    .lost
                    .push(format!("The tag {key} was changed since; it stays as it is."));
            }
            (Some(was), _) => {
                set.insert(key, was.raw().to_owned());
            }
            (None, _) => delete.push(key),
        }
    }
    let mut expected: BTreeMap<String, Option<String>> = delete.iter().map(|key| (key.clone(), None)).collect();
    expected.extend(set.iter().map(|(key, value)| (key.clone(), Some(value.clone()))));
    let resource = Ref::Id(now.id.to_string());
    if !set.is_empty() {
        draft.calls.push(back(Mutation::Ec2(Ec2Call::CreateTags {
            resource: resource.clone(),
            tags: set,
        })));
    }
    if !delete.is_empty() {
        draft
            .calls
            .push(back(Mutation::Ec2(Ec2Call::DeleteTags { resource, keys: delete })));
    }
    if !expected.is_empty() {
        draft.expectations.push(Expectation::Ec2(Ec2State::InstanceTags {
            instance: now.id.clone(),
            tags: expected,
        }));
    }
}
