//! The two steps of each interface: everything is let through for a moment, so that nothing is tracked; then nothing is.

use std::collections::BTreeSet;

use super::super::answer::Interface;
use super::super::expectation::Expectation;
use super::super::facts::Facts;
use super::super::mutation::Mutation;
use super::super::plan::{Draft, PlannedCall, Request, Undo};
use super::super::refusal::Stop;
use super::Seen;
use super::groups::{self, ContainmentGroups, Endpoints, Role};
use crate::action::{Ec2Call, Ec2State, NetworkState};
use crate::domain::VpcId;

/// Plans what is missing of the groups, and the steps of each interface to the group of `role`.
pub fn add(
    request: &Request,
    seen: &Seen<'_>,
    (mut containment, role): (ContainmentGroups, Role),
    (endpoints, facts): (&Endpoints, &Facts),
    draft: &mut Draft,
) -> Result<(), Stop> {
    let mut steps: Vec<(&Interface, &[Role])> = Vec::new();
    let (both, last) = ([Role::Conversion, role], [role]);
    let mut open: BTreeSet<&VpcId> = BTreeSet::new();
    for interface in seen.interfaces {
        if containment.has(interface, role) {
            steps.push((interface, &[]));
        } else if groups::is_closed(interface, facts)? {
            // To open it to everyone for a moment would undo what an earlier isolation did.
            steps.push((interface, &last));
        } else {
            open.insert(&interface.vpc);
            steps.push((interface, &both));
        }
    }
    for vpc in seen.vpcs() {
        let roles = if open.contains(&vpc) { &both[..] } else { &last[..] };
        containment.make_missing(request, (&vpc, roles), (endpoints, facts), draft)?;
    }
    for (interface, roles) in steps {
        for step in roles {
            let Some(group) = containment.get(&interface.vpc, *step) else {
                continue;
            };
            draft.calls.push(PlannedCall {
                mutation: Mutation::Ec2(Ec2Call::SetInterfaceGroups {
                    interface: interface.id.clone(),
                    groups: vec![group.clone()],
                }),
                undo: Undo::Reversible,
                was: (Some(step) == roles.first()).then(|| group_list(interface)),
            });
        }
        let Some(group) = containment.get(&interface.vpc, role) else {
            continue;
        };
        let closed = match role {
            Role::Conversion | Role::Sealed => Expectation::Ec2(Ec2State::Sealed { group: group.clone() }),
            Role::Ssm => Expectation::Network(NetworkState::OnlyHttpsTo {
                group: group.clone(),
                to: endpoints.get(&interface.vpc).cloned().unwrap_or_default(),
            }),
        };
        if !draft.expectations.contains(&closed) {
            draft.expectations.push(closed);
        }
        draft.expectations.push(Expectation::Ec2(Ec2State::InterfaceGroups {
            instance: seen.id.clone(),
            interface: interface.id.clone(),
            groups: vec![group.clone()],
        }));
    }
    Ok(())
}

/// An interface's groups, by name and id.
fn group_list(interface: &Interface) -> String {
    let say = |id| match interface.group_names.get(id) {
        Some(name) if !name.is_empty() => format!("{name} ({id})"),
        _ => id.to_string(),
    };
    interface.groups.iter().map(say).collect::<Vec<_>>().join(", ")
}
