//! `contain-identity-user`: shuts a user of IAM Identity Center out, in the order in which nothing slips by.
//!
//! 1. A service control policy on the root denies everything where `identitystore:UserId` is the user's: open role sessions end there and
//!    then (Identity Center guide, "Revoke active user permissions by using a deny policy").
//! 2. The user's own assignments and group memberships go, so that there are no new sessions.
//! 3. By hand: the identity provider, then the portal sessions, and only then the user itself. There is no public API for ending portal
//!    sessions, and `UpdateUser` cannot disable; a user disabled first has sessions that can no longer be ended. The plan says so.

mod names;
mod who;

use self::names::Names;
use self::who::{Asked, Named, home, not_oneself};
use super::answer::{Assignment, IdentityCenter, IdentityUser, Membership, Organization};
use super::choice::{Choice, Takes};
use super::expectation::Expectation;
use super::facts::Facts;
use super::mutation::Mutation;
use super::plan::{Draft, PlannedCall, Request, Undo};
use super::query::{OrganizationsQuery, Query, SsoQuery};
use super::refusal::{Refusal, RefusalKind, Stop};
use super::scp::{self, Denial};
use super::{Action, ActionName, Done, Scope, SsoCall, SsoState, Step};
use crate::domain::{AccountId, Arn, ResourceKind, StoreEntryId};

#[derive(Debug)]
pub struct ContainIdentityUser;

impl Action for ContainIdentityUser {
    fn name(&self) -> ActionName {
        ActionName::ContainIdentityUser
    }

    fn step(&self) -> Step {
        Step::Revoke
    }

    fn targets(&self) -> &'static [ResourceKind] {
        &[ResourceKind::IdentityUser]
    }

    fn scope(&self) -> Scope {
        Scope::Organization
    }

    fn choices(&self) -> &'static [Choice] {
        &[Choice {
            name: super::HOME_REGION,
            takes: Takes::Text("a region"),
            about: "The home region of IAM Identity Center.",
        }]
    }

    fn summary(&self) -> &'static str {
        "Deny an Identity Center user everything in every member account, and take its assignments and groups away."
    }

    fn draft(&self, request: &Request, facts: &Facts) -> Result<Draft, Stop> {
        let named = Named::of(request)?;
        let (organization, roots, centers) = (
            Query::Organizations(OrganizationsQuery::Organization {}),
            Query::Organizations(OrganizationsQuery::Roots {}),
            Query::Sso(SsoQuery::IdentityCenters {}),
        );
        let known = named.id().map(|user| denial(user).query());
        facts.want(
            [organization.clone(), roots.clone(), centers.clone()]
                .into_iter()
                .chain(known),
        )?;
        let organization = facts.organization(&organization)?;
        let roots = facts.roots(&roots)?;
        scp::enabled(roots)?;
        let center = home(request, facts.identity_centers(&centers)?, organization)?;
        let on = || roots.iter().map(|root| scp::on(&root.id));
        // Where only the name is known, what does not need the id is read beside it.
        facts.want(named.query(center).into_iter().chain(on()))?;
        let user = named.user(center, facts)?;
        let denial = denial(&user);
        let asked = Asked::of(center, &user);
        facts.want(asked.all().into_iter().chain(on()).chain([denial.query()]))?;
        let person = facts.identity_user(&asked.user)?;
        not_oneself(request, &user, person)?;
        let (memberships, assignments) = (
            facts.memberships(&asked.memberships)?,
            facts.assignments(&asked.assignments)?,
        );
        facts.want(names::queries(center, memberships, assignments))?;

        let mut draft = Draft::default();
        for root in roots {
            let beside = facts.scps(&scp::on(&root.id))?;
            if !denial.stands(beside, facts)? {
                denial.attach(request, &root.id, beside, facts, &mut draft)?;
            }
        }
        let delegated = organization.management != request.account;
        let beyond = delegated.then_some(organization.management);
        let names = Names::of(&person.name, facts);
        take_away((center, beyond), &user, memberships, assignments, &names, &mut draft);
        if draft.calls.is_empty() {
            return Err(Refusal::new(
                RefusalKind::AlreadyDone,
                format!("{} ({user}) is denied, and has no assignment and no group.", person.name),
                "Verify it from the journal; then end its portal sessions and disable it in the Identity Center console.",
            )
            .into());
        }
        warn(&user, person, assignments, organization, &mut draft);
        Ok(draft)
    }

    fn undo(&self, request: &Request, done: &Done, facts: &Facts) -> Result<Draft, Stop> {
        let before = &done.plan.before;
        let organization = before.organization(&Query::Organizations(OrganizationsQuery::Organization {}))?;
        let centers = before.identity_centers(&Query::Sso(SsoQuery::IdentityCenters {}))?;
        let center = home(&done.plan.request, centers, organization)?;
        let user = Named::of(request)?.user(center, before)?;
        let asked = Asked::of(center, &user);
        let first = [asked.memberships.clone(), asked.assignments.clone()];
        facts.want(first.into_iter().chain(scp::undo_queries(done)))?;
        let (memberships, assignments) = (
            facts.memberships(&asked.memberships)?,
            facts.assignments(&asked.assignments)?,
        );
        let names = Names::of(&before.identity_user(&asked.user)?.name, before);
        let mut draft = Draft::default();
        for change in done.changes() {
            if let Mutation::Sso(call) = change {
                give_back(call, &user, memberships, assignments, &names, &mut draft);
            }
        }
        // The denial goes last, so that nothing opens while assignments are still being made.
        scp::undo(done, facts, &mut draft)?;
        if draft.calls.is_empty() {
            return Err(Refusal::new(
                RefusalKind::NothingToUndo,
                format!("{user} has again what record {} took away.", done.seq),
                "Nothing needs to be done.",
            )
            .into());
        }
        draft.warnings.extend([
            format!(
                "Role sessions live up to 12 hours: one that was open at {} works again if it is younger than that.",
                done.plan.request.at
            ),
            "A user that was disabled by hand stays so until somebody enables it in the Identity Center console."
                .to_owned(),
        ]);
        Ok(draft)
    }
}

/// The key is lasting where `aws:userid` is not: names and addresses change.
fn denial(user: &StoreEntryId) -> Denial {
    Denial::new(
        "deny-user",
        &serde_json::json!({
            "Sid": "QuellDenyUser",
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"StringEquals": {"identitystore:UserId": user.as_str()}},
        }),
    )
}

/// Adds the calls. `beyond` is the management account where the plan works from a delegated one, which may not change assignments there:
/// those go last, so that a refusal keeps nothing else from being taken away.
fn take_away(
    (center, beyond): (&IdentityCenter, Option<AccountId>),
    user: &StoreEntryId,
    memberships: &[Membership],
    assignments: &[Assignment],
    names: &Names<'_>,
    draft: &mut Draft,
) {
    let own = assignments.iter().filter(|a| a.through.is_none());
    let (last, first): (Vec<_>, Vec<_>) = own.partition(|a| Some(a.account) == beyond);
    unassign(center, user, &first, names, draft);
    for membership in memberships {
        push(
            draft,
            Undo::Reversible,
            names.membership(&center.store, &membership.group, "out of"),
            SsoCall::DeleteGroupMembership {
                store: center.store.clone(),
                membership: membership.id.clone(),
                group: membership.group.clone(),
            },
        );
        draft.expectations.push(Expectation::Sso(SsoState::InGroup {
            store: center.store.clone(),
            group: membership.group.clone(),
            user: user.clone(),
            member: false,
        }));
    }
    unassign(center, user, &last, names, draft);
    if let (Some(management), false) = (beyond, last.is_empty()) {
        draft.warnings.push(format!(
            "Only the management account {management} may take away assignments in itself: those come last, and may be refused from here."
        ));
    }
}

fn unassign(
    center: &IdentityCenter,
    user: &StoreEntryId,
    assignments: &[&Assignment],
    names: &Names<'_>,
    draft: &mut Draft,
) {
    for own in assignments {
        push(
            draft,
            Undo::Reversible,
            names.assignment(&center.arn, own, "from"),
            SsoCall::DeleteAccountAssignment {
                instance: center.arn.clone(),
                account: own.account,
                permission_set: own.permission_set.clone(),
                user: user.clone(),
            },
        );
        let gone = assigned(draft, &center.arn, own, user, false);
        draft.expectations.push(gone);
    }
}

/// What the last call of the draft brings about.
fn assigned(draft: &Draft, instance: &Arn, own: &Assignment, user: &StoreEntryId, assigned: bool) -> Expectation {
    Expectation::Sso(SsoState::Assigned {
        call: draft.calls.len().saturating_sub(1),
        instance: instance.clone(),
        account: own.account,
        permission_set: own.permission_set.clone(),
        user: user.clone(),
        assigned,
    })
}

fn push(draft: &mut Draft, undo: Undo, named: Option<String>, call: SsoCall) {
    draft.calls.push(PlannedCall {
        mutation: Mutation::Sso(call),
        undo,
        was: named,
    });
}

/// The call that makes again what this one took away, unless it is there.
fn give_back(
    call: &SsoCall,
    user: &StoreEntryId,
    memberships: &[Membership],
    assignments: &[Assignment],
    names: &Names<'_>,
    draft: &mut Draft,
) {
    match call {
        SsoCall::DeleteAccountAssignment {
            instance,
            account,
            permission_set,
            ..
        } => {
            let own = Assignment {
                account: *account,
                permission_set: permission_set.clone(),
                through: None,
            };
            if assignments.contains(&own) {
                return;
            }
            push(
                draft,
                Undo::Kept,
                names.assignment(instance, &own, "to"),
                SsoCall::CreateAccountAssignment {
                    instance: instance.clone(),
                    account: *account,
                    permission_set: permission_set.clone(),
                    user: user.clone(),
                },
            );
            let back = assigned(draft, instance, &own, user, true);
            draft.expectations.push(back);
        }
        SsoCall::DeleteGroupMembership { store, group, .. } => {
            if memberships.iter().any(|m| m.group == *group) {
                return;
            }
            push(
                draft,
                Undo::Kept,
                names.membership(store, group, "into"),
                SsoCall::CreateGroupMembership {
                    store: store.clone(),
                    group: group.clone(),
                    user: user.clone(),
                },
            );
            draft.expectations.push(Expectation::Sso(SsoState::InGroup {
                store: store.clone(),
                group: group.clone(),
                user: user.clone(),
                member: true,
            }));
        }
        SsoCall::CreateAccountAssignment { .. } | SsoCall::CreateGroupMembership { .. } => {}
    }
}

fn warn(
    user: &StoreEntryId,
    person: &IdentityUser,
    assignments: &[Assignment],
    organization: &Organization,
    draft: &mut Draft,
) {
    let name = &person.name;
    draft
        .warnings
        .push("Keep the denial for 12 hours: role sessions that are open now live so long.".to_owned());
    if assignments.iter().any(|a| a.account == organization.management) {
        draft.warnings.push(format!(
            "The denial does not bind the management account {}, where {name} has access: revoke the sessions of its roles there.",
            organization.management
        ));
    }
    if !person.issuers.is_empty() {
        let issuers: Vec<String> = person.issuers.iter().map(ToString::to_string).collect();
        draft.warnings.push(format!(
            "By hand, at once: disable {name} at the identity provider {}; it would make the user and its groups again.",
            issuers.join(", ")
        ));
    }
    draft.warnings.extend([
        format!("By hand, then: end the portal sessions of {name} in the Identity Center console (Users, Active sessions); there is no API."),
        format!("By hand, last: disable {name} there. Disabled before, its portal sessions could no longer be ended."),
    ]);
    if person.status.as_ref().is_some_and(|status| status.raw() == "DISABLED") {
        draft.warnings.push(format!(
            "{name} is disabled already: its portal sessions cannot be ended any more and run out by themselves."
        ));
    }
    draft.warnings.push(format!(
        "Applications that {name} was given by itself are not taken away: look at them in the Identity Center console."
    ));
    let through = assignments.iter().filter(|a| a.through.is_some()).count();
    let own = assignments.len() - through;
    draft.neighbours.push(format!(
        "{name} ({user}) loses assignments: {own} of its own and {through} through groups; nobody else is hit."
    ));
}
