//! `replace-instance-profile`: takes an EC2 instance's role away, or gives it another.
//!
//! It comes before the role's sessions are revoked: the other way round the instance fetches fresh ones at once. Credentials that it
//! was given already live on until that is done; the plan says so.

use super::answer::ProfileAssociation;
use super::expectation::Expectation;
use super::facts::Facts;
use super::mutation::Mutation;
use super::plan::{Draft, PlannedCall, Request, Undo};
use super::query::{LookupKey, Query};
use super::refusal::{Refusal, RefusalKind, Stop};
use super::{Action, ActionName, Choice, Done, Step, Takes, capture_underway, radius, target};
use crate::action::{Ec2Call, Ec2Query, Ec2State, IamQuery};
use crate::domain::{InstanceId, ProfileName, ResourceKind, RoleName, Untrusted};

const CHOICES: &[Choice] = &[Choice {
    name: "with",
    takes: Takes::Text("the name of an instance profile"),
    about: "The instance profile to put in its place; without it the instance has none.",
}];

#[derive(Debug)]
pub struct ReplaceInstanceProfile;

impl Action for ReplaceInstanceProfile {
    fn name(&self) -> ActionName {
        ActionName::ReplaceInstanceProfile
    }

    fn step(&self) -> Step {
        Step::Revoke
    }

    fn targets(&self) -> &'static [ResourceKind] {
        &[ResourceKind::Instance]
    }

    fn choices(&self) -> &'static [Choice] {
        CHOICES
    }

    fn summary(&self) -> &'static str {
        "Take an EC2 instance's profile away, or put another in its place, before its role's sessions are revoked."
    }

    fn draft(&self, request: &Request, facts: &Facts) -> Result<Draft, Stop> {
        let id = target::instance(request)?;
        let with = wanted(request)?;
        let mut first = vec![
            instance(&id),
            associations(&id),
            radius::question(LookupKey::ResourceName, id.as_str()),
            capture_underway::nearby(request, &id),
        ];
        first.extend(with.as_ref().map(profile));
        facts.want(first)?;
        let found = facts.instance(&instance(&id))?;
        if matches!(found.state.as_str(), "terminated" | "shutting-down") {
            return Err(Refusal::new(
                RefusalKind::Gone,
                format!("{id} is {}.", found.state),
                "It has no profile any more; revoke the sessions of the role that it had.",
            )
            .into());
        }
        let now = settled(&id, facts.profile_associations(&associations(&id))?)?;
        if let Some(now) = now {
            facts.want([profile(&now.profile)])?;
        }
        if now.map(|n| &n.profile) == with.as_ref() {
            let has = with.map_or_else(
                || "no instance profile".to_owned(),
                |name| format!("the profile {name}"),
            );
            return Err(Refusal::new(
                RefusalKind::AlreadyDone,
                format!("{id} has {has} already."),
                "Verify it from the journal. Credentials from before live on until the role's sessions are revoked.",
            )
            .into());
        }
        let roles = with.as_ref().map_or(Ok(Vec::new()), |name| roles(name, facts))?;
        let mut draft = change(&id, now, with.as_ref(), roles, Undo::Reversible);
        capture_underway::warn(request, &id, "change its profile", facts, &mut draft)?;
        warn(&id, now, facts, &mut draft)?;
        radius::lately(LookupKey::ResourceName, id.as_str(), id.as_str(), facts, &mut draft)?;
        Ok(draft)
    }

    fn undo(&self, request: &Request, done: &Done, facts: &Facts) -> Result<Draft, Stop> {
        let id = target::instance(request)?;
        let before = settled(&id, done.plan.before.profile_associations(&associations(&id))?)?;
        let before = before.map(|b| &b.profile);
        let mut first = vec![associations(&id)];
        first.extend(before.map(profile));
        facts.want(first)?;
        let now = settled(&id, facts.profile_associations(&associations(&id))?)?;
        let name = |profile: Option<&ProfileName>| profile.map_or_else(|| "none".to_owned(), ToString::to_string);
        if now.map(|n| &n.profile) == before {
            return Err(Refusal::new(
                RefusalKind::NothingToUndo,
                format!("{id} has the instance profile that it had before: {}.", name(before)),
                "Nothing needs to be done.",
            )
            .into());
        }
        let ours = wanted(&done.plan.request)?;
        if now.map(|n| &n.profile) != ours.as_ref() {
            return Err(Refusal::new(
                RefusalKind::Drifted,
                format!(
                    "Somebody gave {id} the instance profile {} since.",
                    name(now.map(|n| &n.profile))
                ),
                format!("It had {} before. Settle this one by hand.", name(before)),
            )
            .into());
        }
        let roles = before.map_or(Ok(Vec::new()), |name| roles(name, facts))?;
        let mut draft = change(&id, now, before, roles, Undo::Kept);
        if before.is_some() {
            draft
                .warnings
                .push("Whoever is on the instance has the role's credentials again.".to_owned());
        }
        Ok(draft)
    }
}

fn instance(id: &InstanceId) -> Query {
    Query::Ec2(Ec2Query::Instance { id: id.clone() })
}

fn associations(id: &InstanceId) -> Query {
    Query::Ec2(Ec2Query::ProfileAssociations { of: id.clone() })
}

fn profile(name: &ProfileName) -> Query {
    Query::Iam(IamQuery::InstanceProfile { name: name.clone() })
}

fn wanted(request: &Request) -> Result<Option<ProfileName>, Stop> {
    let parse = |name: &str| {
        name.parse::<ProfileName>().map_err(|bad| {
            let why = format!("{}.", Untrusted::new(bad.to_string()));
            Refusal::new(RefusalKind::BadChoice, why, "Give the profile's name, not its ARN.").into()
        })
    };
    request.choice("with").map(parse).transpose()
}

/// The association, where none is on its way in or out.
fn settled<'f>(id: &InstanceId, found: &'f [ProfileAssociation]) -> Result<Option<&'f ProfileAssociation>, Stop> {
    match found {
        [] => Ok(None),
        [one] if one.state == "associated" => Ok(Some(one)),
        [first, ..] => Err(Refusal::new(
            RefusalKind::Drifted,
            format!(
                "AWS is changing the instance profile of {id} at this moment: {} is {}.",
                first.profile, first.state
            ),
            "Try again in a minute.",
        )
        .into()),
    }
}

/// The roles of a profile, which the caller must be allowed to pass.
fn roles(name: &ProfileName, facts: &Facts) -> Result<Vec<RoleName>, Stop> {
    let names = facts.profile_roles(&profile(name))?;
    let parse = |role: &String| {
        role.parse::<RoleName>().map_err(|bad| {
            let why = format!(
                "The profile {name} has a role with a name that is none: {}.",
                Untrusted::new(bad.to_string())
            );
            Refusal::new(RefusalKind::Unreadable, why, "Choose another profile.").into()
        })
    };
    names.iter().map(parse).collect()
}

fn change(
    id: &InstanceId,
    now: Option<&ProfileAssociation>,
    with: Option<&ProfileName>,
    roles: Vec<RoleName>,
    undo: Undo,
) -> Draft {
    let instance = id.clone();
    let call = match (now, with.cloned()) {
        (None, None) => None,
        (None, Some(profile)) => Some(Ec2Call::AssociateIamInstanceProfile {
            instance,
            profile,
            roles,
        }),
        (Some(now), Some(profile)) => Some(Ec2Call::ReplaceIamInstanceProfileAssociation {
            instance,
            association: now.id.clone(),
            profile,
            roles,
        }),
        (Some(now), None) => Some(Ec2Call::DisassociateIamInstanceProfile {
            instance,
            association: now.id.clone(),
        }),
    };
    let was = now.map(|now| now.profile.to_string());
    let call = call.map(|call| PlannedCall {
        mutation: Mutation::Ec2(call),
        undo,
        was,
    });
    Draft {
        calls: call.into_iter().collect(),
        expectations: vec![Expectation::Ec2(Ec2State::InstanceProfile {
            instance: id.clone(),
            profile: with.cloned(),
        })],
        ..Draft::default()
    }
}

fn warn(id: &InstanceId, now: Option<&ProfileAssociation>, facts: &Facts, draft: &mut Draft) -> Result<(), Stop> {
    let Some(now) = now else { return Ok(()) };
    let roles = facts.advisory(facts.profile_roles(&profile(&now.profile)), &mut draft.warnings)?;
    let names: Vec<String> = roles
        .into_iter()
        .flatten()
        .map(|r| Untrusted::new(r.as_str()).shown())
        .collect();
    let whose = if names.is_empty() {
        "its role".to_owned()
    } else {
        format!("the role {}", names.join(", "))
    };
    draft.warnings.push(format!(
        "Credentials that the instance was given already live on, for up to six hours: revoke the sessions of {whose} after this (revoke-role-sessions)."
    ));
    draft.warnings.push(
        "Systems Manager's agent works with these credentials, too: capture memory before, or choose a profile that it can work with.".to_owned(),
    );
    draft.neighbours.push(format!(
        "Whatever runs on {id} loses {whose}. Other instances with the profile {} keep it.",
        now.profile
    ));
    Ok(())
}
