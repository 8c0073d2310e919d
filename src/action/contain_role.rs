//! `contain-role`: denies a role everything, or closes its trust policy so that nobody can assume it, or both.
//!
//! A deny ends what its sessions can do; a closed trust keeps new ones from being made and leaves the old ones alone.

use std::collections::BTreeMap;

use super::answer::IamRole;
use super::expectation::Expectation;
use super::facts::Facts;
use super::iam_policy::{changeable, closed_trust, contain_name, deny_all, fits_role, same_policy, trusted};
use super::mutation::Mutation;
use super::plan::{Draft, PlannedCall, Request, Undo};
use super::query::{LookupKey, Query};
use super::refusal::{Refusal, RefusalKind, Stop};
use super::revoke_role_sessions::{changed, reversible, standing, who_else};
use super::same_one::same_role;
use super::{Action, ActionName, Done, Scope, Step, radius, target};
use crate::action::{Choice, IamCall, IamQuery, IamState, Takes};
use crate::domain::{ResourceKind, RoleName};

const HOW: &str = "how";
const DENY: &str = "deny";
const TRUST: &str = "trust";
const BOTH: &str = "both";

#[derive(Debug)]
pub struct ContainRole;

impl Action for ContainRole {
    fn name(&self) -> ActionName {
        ActionName::ContainRole
    }

    fn step(&self) -> Step {
        Step::Isolate
    }

    fn targets(&self) -> &'static [ResourceKind] {
        &[ResourceKind::Role]
    }

    fn scope(&self) -> Scope {
        Scope::Global
    }

    fn choices(&self) -> &'static [Choice] {
        &[Choice {
            name: HOW,
            takes: Takes::OneOf(&[DENY, TRUST, BOTH]),
            about: "deny everything by an inline policy (that is done unless chosen otherwise), close the trust policy, or both.",
        }]
    }

    fn summary(&self) -> &'static str {
        "Deny a role everything by an inline policy, or close its trust policy, or both."
    }

    fn draft(&self, request: &Request, facts: &Facts) -> Result<Draft, Stop> {
        let role: RoleName = target::iam_name(request, ResourceKind::Role)?;
        let how = request.choice(HOW).unwrap_or(DENY);
        let policy = contain_name(request);
        let size = Query::Iam(IamQuery::RoleInlineSize { role: role.clone() });
        let (about, used, profiles, inline) = (
            about(&role),
            Query::Iam(IamQuery::RoleUse { role: role.clone() }),
            Query::Iam(IamQuery::RoleProfiles { role: role.clone() }),
            standing(&role, &policy),
        );
        facts.want([
            about.clone(),
            used.clone(),
            profiles.clone(),
            inline.clone(),
            size.clone(),
        ])?;
        let found = facts.iam_role(&about)?;
        changeable(request, found)?;
        let standing = facts.inline_policy(&inline)?;
        if standing.as_ref().is_some_and(|now| !same_policy(now, &deny_all())) {
            return Err(changed(&role, &policy));
        }
        facts.want([radius::question(LookupKey::ResourceName, found.arn.as_str())])?;

        let mut draft = Draft::default();
        if how != TRUST {
            if standing.is_none() {
                if let Some(size) = facts.advisory(facts.inline_size(&size), &mut draft.warnings)? {
                    fits_role(&role, *size, &deny_all())?;
                }
                draft.calls.push(reversible(IamCall::PutRolePolicy {
                    role: role.clone(),
                    policy: policy.clone(),
                    document: deny_all(),
                }));
            }
            draft.expectations.push(Expectation::Iam(IamState::RoleDenied {
                role: role.clone(),
                arn: found.arn.clone(),
                policy,
                document: deny_all(),
                session: BTreeMap::new(),
            }));
            draft.warnings.push(
                "The deny takes effect after a delay, a few minutes at most: it is pending until IAM's own evaluation denies."
                    .to_owned(),
            );
        }
        if how != DENY {
            close(&mut draft, &role, found);
        }
        if draft.calls.is_empty() {
            return Err(Refusal::new(
                RefusalKind::AlreadyDone,
                format!("Role {role} is contained in this way already."),
                "Verify it from the journal; revoke-role-sessions ends sessions where only the trust was closed.",
            )
            .into());
        }
        if how == TRUST {
            draft.warnings.push(format!(
                "Sessions of role {role} that are there go on until they expire: end them with revoke-role-sessions."
            ));
        }
        services(&mut draft, &role, found, how);
        who_else(&mut draft, &role, found, facts, &used, &profiles)?;
        Ok(draft)
    }

    fn undo(&self, request: &Request, done: &Done, facts: &Facts) -> Result<Draft, Stop> {
        let role: RoleName = target::iam_name(request, ResourceKind::Role)?;
        facts.want([about(&role), standing(&role, &contain_name(request))])?;
        let now = facts.iam_role(&about(&role))?;
        let was = done.plan.before.iam_role(&about(&role))?;
        same_role(&role, done, facts)?;
        let mut draft = Draft::default();
        for change in done.changes() {
            if let Mutation::Iam(IamCall::PutRolePolicy { policy, document, .. }) = change {
                match facts.inline_policy(&standing(&role, policy))? {
                    None => {}
                    Some(now) if !same_policy(now, document) => return Err(changed(&role, policy)),
                    Some(_) => {
                        let (role, policy) = (role.clone(), policy.clone());
                        draft.expectations.push(Expectation::Iam(IamState::RolePolicyGone {
                            role: role.clone(),
                            policy: policy.clone(),
                        }));
                        draft.calls.push(reversible(IamCall::DeleteRolePolicy { role, policy }));
                    }
                }
            } else if let Mutation::Iam(IamCall::UpdateAssumeRolePolicy { document, .. }) = change {
                reopen(&mut draft, &role, document, now, was)?;
            }
        }
        if draft.calls.is_empty() {
            return Err(Refusal::new(
                RefusalKind::NothingToUndo,
                format!("Nothing that record {} did to role {role} is there to undo.", done.seq),
                "Give the sequence number of the plan that contained it.",
            )
            .into());
        }
        draft
            .warnings
            .push("Whoever could use the role can do so again, with sessions that have not expired too.".to_owned());
        Ok(draft)
    }
}

fn about(role: &RoleName) -> Query {
    Query::Iam(IamQuery::IamRole { role: role.clone() })
}

/// Closes the trust policy, unless it is closed.
fn close(draft: &mut Draft, role: &RoleName, found: &IamRole) {
    let document = closed_trust();
    if !same_policy(&found.trust, &document) {
        draft.calls.push(PlannedCall {
            mutation: Mutation::Iam(IamCall::UpdateAssumeRolePolicy {
                role: role.clone(),
                document: document.clone(),
            }),
            undo: Undo::Reversible,
            was: trusted(&found.trust).map(|who| format!("open to {}", who.join(", "))),
        });
    }
    draft.expectations.push(Expectation::Iam(IamState::RoleTrust {
        role: role.clone(),
        document,
    }));
}

/// The recorded trust policy, byte for byte, where what stands there is what the plan wrote.
fn reopen(draft: &mut Draft, role: &RoleName, wrote: &str, now: &IamRole, was: &IamRole) -> Result<(), Stop> {
    if same_policy(&now.trust, &was.trust) {
        return Ok(());
    }
    if !same_policy(&now.trust, wrote) {
        return Err(Refusal::new(
            RefusalKind::Drifted,
            format!("Somebody changed the trust policy of role {role} since it was closed."),
            "Read it in IAM and the recorded one in the journal; write the right one by hand.",
        )
        .into());
    }
    draft.calls.push(reversible(IamCall::UpdateAssumeRolePolicy {
        role: role.clone(),
        document: was.trust.clone(),
    }));
    draft.expectations.push(Expectation::Iam(IamState::RoleTrust {
        role: role.clone(),
        document: was.trust.clone(),
    }));
    Ok(())
}

/// Services of AWS that work with the role: what runs on it fails.
fn services(draft: &mut Draft, role: &RoleName, found: &IamRole, how: &str) {
    let Some(who) = trusted(&found.trust) else {
        draft.warnings.push(format!(
            "The trust policy of role {role} could not be read, so who uses it is not known."
        ));
        return;
    };
    let services: Vec<&str> = who.iter().filter_map(|w| w.strip_prefix("service ")).collect();
    if !services.is_empty() {
        let what = if how == DENY {
            "what they do with it is denied"
        } else {
            "they can no longer assume it"
        };
        draft.warnings.push(format!(
            "Services of AWS work with role {role} ({}): {what}, so instances, functions or pipelines that run on it fail.",
            services.join(", ")
        ));
    }
    if !who.is_empty() {
        draft
            .neighbours
            .push(format!("Role {role} is open to {}.", who.join(", ")));
    }
}
