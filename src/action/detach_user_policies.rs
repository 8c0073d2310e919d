//! `detach-user-policies`: takes away what a user may do, and records it: managed policies are detached, inline ones deleted.
//!
//! Groups are named and stay, unless they are chosen too. Must never: take away the deny by which quell contained the user, nor
//! unasked what only denies: with that gone, the user could do more than before, by its groups and by resource policies.

use super::answer::UserGrants;
use super::expectation::Expectation;
use super::facts::Facts;
use super::iam_policy::{effects, is_awss_denial, is_containment, root};
use super::mutation::Mutation;
use super::oneself::refuse_user;
use super::plan::{Draft, PlannedCall, Request, Undo};
use super::query::{LookupKey, Query};
use super::refusal::{Refusal, RefusalKind, Stop};
use super::same_one::same_user;
use super::{Action, ActionName, Done, Scope, Step, radius, target};
use crate::action::{Choice, IamCall, IamQuery, IamState, Takes};
use crate::domain::{Arn, PolicyName, ResourceKind, Untrusted, UserGroupName, UserName};

/// Takes the user out of its groups too.
const GROUPS: &str = "groups";
/// Takes away what only denies, too.
const DENIALS: &str = "denials";

#[derive(Debug)]
pub struct DetachUserPolicies;

impl Action for DetachUserPolicies {
    fn name(&self) -> ActionName {
        ActionName::DetachUserPolicies
    }

    fn step(&self) -> Step {
        Step::Isolate
    }

    fn targets(&self) -> &'static [ResourceKind] {
        &[ResourceKind::User]
    }

    fn scope(&self) -> Scope {
        Scope::Global
    }

    fn choices(&self) -> &'static [Choice] {
        &[
            Choice {
                name: GROUPS,
                takes: Takes::Flag,
                about: "Take the user out of its groups too. They are recorded and undo puts it back.",
            },
            Choice {
                name: DENIALS,
                takes: Takes::Flag,
                about: "Take away what only denies too, where somebody filled the user's policies with it.",
            },
        ]
    }

    fn summary(&self) -> &'static str {
        "Detach an IAM user's managed policies and delete its inline ones, each recorded for undo."
    }

    fn draft(&self, request: &Request, facts: &Facts) -> Result<Draft, Stop> {
        let user = user(request)?;
        facts.want([
            about(&user),
            grants(&user),
            radius::question(LookupKey::Username, user.as_str()),
        ])?;
        facts.iam_user(&about(&user))?;
        let has = facts.user_grants(&grants(&user))?;
        let mut draft = Draft::default();
        let history = facts.trail(&radius::question(LookupKey::Username, user.as_str())).ok();
        refuse_user(request, &user, history, &mut draft.warnings)?;
        take(&mut draft, request, &user, has);
        if draft.calls.is_empty() {
            return Err(nothing(&user, has));
        }
        draft.warnings.push(format!(
            "Sessions of roles that user {user} assumed keep what the role allows. Its keys still work for whatever resource policies \
             allow: use contain-user or disable-access-key."
        ));
        draft.warnings.push(
            "It takes effect after a delay, a few minutes at most; what is read back is that IAM lists them no more."
                .to_owned(),
        );
        if !has.groups.is_empty() && !request.chose(GROUPS) {
            draft.warnings.push(format!(
                "User {user} keeps what its groups allow: {}. Choose {GROUPS} to take it out of them.",
                listed(&has.groups)
            ));
        }
        draft
            .neighbours
            .push(format!("Whatever runs as user {user} loses these permissions."));
        radius::lately(
            LookupKey::Username,
            user.as_str(),
            &format!("User {user}"),
            facts,
            &mut draft,
        )?;
        Ok(draft)
    }

    fn undo(&self, request: &Request, done: &Done, facts: &Facts) -> Result<Draft, Stop> {
        let user = user(request)?;
        facts.want([about(&user), grants(&user)])?;
        same_user(&user, done, facts)?;
        let now = facts.user_grants(&grants(&user))?;
        let was = done.plan.before.user_grants(&grants(&user))?;
        let mut draft = Draft::default();
        for change in done.changes() {
            if let Mutation::Iam(IamCall::DetachUserPolicy { policy, .. }) = change
                && !now.managed.contains(policy)
            {
                let (user, policy) = (user.clone(), policy.clone());
                draft.calls.push(reversible(IamCall::AttachUserPolicy { user, policy }));
            } else if let Mutation::Iam(IamCall::DeleteUserPolicy { policy, .. }) = change {
                put_back(&mut draft, &user, policy, was, now)?;
            } else if let Mutation::Iam(IamCall::RemoveUserFromGroup { group, .. }) = change
                && !now.groups.contains(group)
            {
                let (user, group) = (user.clone(), group.clone());
                draft.calls.push(reversible(IamCall::AddUserToGroup { user, group }));
            }
        }
        if draft.calls.is_empty() {
            return Err(Refusal::new(
                RefusalKind::NothingToUndo,
                format!("Nothing that record {} took from user {user} is missing.", done.seq),
                "Give the sequence number of the plan that took something away.",
            )
            .into());
        }
        expect(&mut draft);
        draft
            .warnings
            .push(format!("User {user} can again do everything that these allow."));
        Ok(draft)
    }
}

fn user(request: &Request) -> Result<UserName, Stop> {
    if request.target.id.raw().ends_with(":root") {
        return Err(root(
            RefusalKind::WrongTarget,
            "This is the root user, who has no policies.",
        ));
    }
    target::iam_name(request, ResourceKind::User)
}

fn about(user: &UserName) -> Query {
    Query::Iam(IamQuery::IamUser { user: user.clone() })
}

fn grants(user: &UserName) -> Query {
    Query::Iam(IamQuery::UserGrants { user: user.clone() })
}

/// The calls that take everything away, with what is read back.
fn take(draft: &mut Draft, request: &Request, user: &UserName, has: &UserGrants) {
    let (kept, going): (Vec<&Arn>, Vec<&Arn>) = has
        .managed
        .iter()
        .partition(|policy| !request.chose(DENIALS) && is_awss_denial(policy));
    for policy in kept {
        draft.neighbours.push(format!(
            "{} only denies, and stays: without it user {user} could do more.",
            Untrusted::new(policy.as_str())
        ));
    }
    let unread: Vec<String> = going
        .iter()
        .filter(|policy| policy.account() != "aws")
        .map(|policy| Untrusted::new(policy.as_str()).shown())
        .collect();
    if !unread.is_empty() {
        draft.warnings.push(format!(
            "What these policies of the account say was not read: {}. Where one denies something, that denial goes with it.",
            unread.join(", ")
        ));
    }
    for policy in going {
        draft.calls.push(reversible(IamCall::DetachUserPolicy {
            user: user.clone(),
            policy: policy.clone(),
        }));
    }
    for (policy, document) in &has.inline {
        if is_containment(policy, document) {
            draft
                .neighbours
                .push(format!("The inline policy {policy} contains user {user} and stays."));
            continue;
        }
        match effects(document) {
            (false, true) if !request.chose(DENIALS) => {
                draft.neighbours.push(format!(
                    "The inline policy {policy} only denies, and stays: without it user {user} could do more."
                ));
                continue;
            }
            (_, true) => draft.warnings.push(format!(
                "The inline policy {policy} denies something: that denial goes with it."
            )),
            (_, false) => {}
        }
        draft.calls.push(reversible(IamCall::DeleteUserPolicy {
            user: user.clone(),
            policy: policy.clone(),
        }));
    }
    if request.chose(GROUPS) {
        for group in &has.groups {
            draft.calls.push(reversible(IamCall::RemoveUserFromGroup {
                user: user.clone(),
                group: group.clone(),
            }));
        }
    }
    expect(draft);
}

/// An inline policy as it was recorded, unless somebody has written another of that name.
fn put_back(
    draft: &mut Draft,
    user: &UserName,
    policy: &PolicyName,
    was: &UserGrants,
    now: &UserGrants,
) -> Result<(), Stop> {
    let Some(document) = was.inline.get(policy) else {
        draft.lost.push(format!(
            "The inline policy {policy} is not in the record, so it cannot be written again."
        ));
        return Ok(());
    };
    match now.inline.get(policy) {
        Some(found) if found == document => Ok(()),
        Some(_) => Err(Refusal::new(
            RefusalKind::Drifted,
            format!("User {user} has another inline policy {policy} by now."),
            "Read both; delete the new one by hand if the recorded one is to come back.",
        )
        .into()),
        None => {
            draft.calls.push(reversible(IamCall::PutUserPolicy {
                user: user.clone(),
                policy: policy.clone(),
                document: document.clone(),
            }));
            Ok(())
        }
    }
}

/// What each call must have brought about.
fn expect(draft: &mut Draft) {
    let states = draft.calls.iter().filter_map(|call| {
        let Mutation::Iam(call) = &call.mutation else {
            return None;
        };
        Some(match call.clone() {
            IamCall::AttachUserPolicy { user, policy } => IamState::UserAttached {
                user,
                policy,
                attached: true,
            },
            IamCall::DetachUserPolicy { user, policy } => IamState::UserAttached {
                user,
                policy,
                attached: false,
            },
            IamCall::PutUserPolicy { user, policy, document } => IamState::UserPolicy {
                user,
                policy,
                document: Some(document),
            },
            IamCall::DeleteUserPolicy { user, policy } => IamState::UserPolicy {
                user,
                policy,
                document: None,
            },
            IamCall::AddUserToGroup { user, group } => IamState::GroupMember {
                user,
                group,
                member: true,
            },
            IamCall::RemoveUserFromGroup { user, group } => IamState::GroupMember {
                user,
                group,
                member: false,
            },
            IamCall::UpdateAccessKey { .. }
            | IamCall::DeleteLoginProfile { .. }
            | IamCall::PutRolePolicy { .. }
            | IamCall::DenyOlderSessions { .. }
            | IamCall::DeleteRolePolicy { .. }
            | IamCall::UpdateAssumeRolePolicy { .. } => return None,
        })
    });
    draft.expectations = states.map(Expectation::Iam).collect();
}

fn nothing(user: &UserName, has: &UserGrants) -> Stop {
    let (left, instead) = if has.groups.is_empty() {
        (
            String::new(),
            "Look for roles that it may assume and resource policies that name it.",
        )
    } else {
        (
            format!(" What it may do comes from its groups: {}.", listed(&has.groups)),
            "Choose groups to take it out of them, or deny it everything with contain-user.",
        )
    };
    Refusal::new(
        RefusalKind::AlreadyDone,
        format!("User {user} has no policy of its own to take away.{left}"),
        instead,
    )
    .into()
}

fn listed(groups: &[UserGroupName]) -> String {
    let names: Vec<&str> = groups.iter().map(UserGroupName::as_str).collect();
    names.join(", ")
}

fn reversible(call: IamCall) -> PlannedCall {
    PlannedCall {
        mutation: Mutation::Iam(call),
        undo: Undo::Reversible,
        was: None,
    }
}
