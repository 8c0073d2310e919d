//! `revoke-role-sessions`: ends the sessions of a role that were issued before now, or one of them alone.
//!
//! The deny on `aws:TokenIssueTime` reaches 30 seconds beyond the sending of the call, as the AWS console's does, for what is issued
//! while it spreads. A plan may wait to be confirmed for as long as it is good, so it leaves the moment open, and the intent in the
//! journal says it. Whoever may assume the role may do so again; closing it is `contain-role`.

use std::collections::BTreeMap;

use serde_json::json;

use super::answer::IamRole;
use super::expectation::Expectation;
use super::facts::Facts;
use super::iam_policy::{changeable, deny_where, ends_sessions, fits_role, revoke_name, same_policy, sessions_before};
use super::mutation::Mutation;
use super::plan::{Draft, PlannedCall, Request, Undo};
use super::query::{LookupKey, Query};
use super::refusal::{Refusal, RefusalKind, Stop};
use super::same_one::same_role;
use super::{Action, ActionName, Done, Scope, Step, radius, target};
use crate::action::{Choice, ISSUED_BEFORE, IamCall, IamQuery, IamState, Takes};
use crate::domain::{PolicyName, ResourceKind, RoleName, Untrusted};

const SESSION: &str = "session";
const SOURCE_IDENTITY: &str = "source-identity";

#[derive(Debug)]
pub struct RevokeRoleSessions;

/// Which sessions are denied.
#[derive(Clone, Debug)]
enum Whom {
    /// Those issued before the call is sent, and a little after.
    Before,
    /// The one of this name, whenever it was issued.
    Named(String),
    /// Those of this person, as `aws:SourceIdentity` has it, which goes along from role to role.
    Of(String),
}

impl Whom {
    fn chosen(request: &Request) -> Result<Self, Stop> {
        match (request.choice(SESSION), request.choice(SOURCE_IDENTITY)) {
            (None, None) => Ok(Self::Before),
            (Some(name), None) => word(name, SESSION).map(Self::Named),
            (None, Some(name)) => word(name, SOURCE_IDENTITY).map(Self::Of),
            (Some(_), Some(_)) => Err(bad(
                format!("Both {SESSION} and {SOURCE_IDENTITY} are given."),
                "Choose one of them.",
            )),
        }
    }

    /// The condition key and value of the sessions that are denied; none where it is their age.
    fn marked(&self, role: &IamRole) -> Option<(&'static str, String)> {
        match self {
            Self::Before => None,
            Self::Named(name) => Some(("aws:userid", format!("{}:{name}", role.id))),
            Self::Of(person) => Some(("aws:SourceIdentity", person.clone())),
        }
    }

    /// What the policy says; where it is about their age, of the age that they have now.
    fn document(&self, role: &IamRole, request: &Request) -> String {
        match self.marked(role) {
            None => sessions_before(request.at),
            Some((key, value)) => deny_where(&json!({"StringEquals": {key: value}})),
        }
    }

    /// The call, and what is read back.
    fn put(&self, name: &RoleName, role: &IamRole, policy: PolicyName, request: &Request) -> (IamCall, IamState) {
        let (role_name, arn) = (name.clone(), role.arn.clone());
        match self.marked(role) {
            None => (
                IamCall::DenyOlderSessions {
                    role: role_name.clone(),
                    policy: policy.clone(),
                    issued_before: None,
                },
                IamState::OlderSessionsDenied {
                    role: role_name,
                    arn,
                    policy,
                    call: 0,
                    since: request.at,
                },
            ),
            Some((key, value)) => {
                let document = self.document(role, request);
                (
                    IamCall::PutRolePolicy {
                        role: role_name.clone(),
                        policy: policy.clone(),
                        document: document.clone(),
                    },
                    IamState::RoleDenied {
                        role: role_name,
                        arn,
                        policy,
                        document,
                        session: BTreeMap::from([(key.to_owned(), value)]),
                    },
                )
            }
        }
    }

    /// What a responder must know about this choice.
    fn warning(&self) -> String {
        match self {
            Self::Before => "Sessions issued until 30 seconds after the call is sent end, however long this plan waits; later ones do \
                             not. Whoever may assume the role can do so again: contain-role closes it."
                .to_owned(),
            Self::Named(name) => format!(
                "Only the session {name} is denied, and every later one of that name until this is undone. Whoever chooses another \
                 name is not."
            ),
            Self::Of(person) => format!(
                "Only sessions with the source identity {person} are denied, until this is undone. A session without a source \
                 identity is not."
            ),
        }
    }
}

impl Action for RevokeRoleSessions {
    fn name(&self) -> ActionName {
        ActionName::RevokeRoleSessions
    }

    fn step(&self) -> Step {
        Step::Revoke
    }

    fn targets(&self) -> &'static [ResourceKind] {
        &[ResourceKind::Role]
    }

    fn scope(&self) -> Scope {
        Scope::Global
    }

    fn choices(&self) -> &'static [Choice] {
        &[
            Choice {
                name: SESSION,
                takes: Takes::Text("the session's name, as it stands after the role's in its ARN"),
                about: "End this one session only, by aws:userid.",
            },
            Choice {
                name: SOURCE_IDENTITY,
                takes: Takes::Text("the source identity, as CloudTrail names it"),
                about: "End the sessions of this person only, by aws:SourceIdentity.",
            },
        ]
    }

    fn summary(&self) -> &'static str {
        "Deny everything to a role's sessions that were issued before now, or to one of them. Pending until IAM denies."
    }

    fn draft(&self, request: &Request, facts: &Facts) -> Result<Draft, Stop> {
        let role: RoleName = target::iam_name(request, ResourceKind::Role)?;
        let whom = Whom::chosen(request)?;
        let policy = revoke_name(request);
        let size = Query::Iam(IamQuery::RoleInlineSize { role: role.clone() });
        let (about, used, profiles, inline) = (
            Query::Iam(IamQuery::IamRole { role: role.clone() }),
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
        let document = whom.document(found, request);
        let is_ours = |text: &str| match whom {
            Whom::Before => ends_sessions(text, None, request.at),
            Whom::Named(_) | Whom::Of(_) => same_policy(text, &document),
        };
        match facts.inline_policy(&inline)? {
            None => {}
            Some(now) if is_ours(now) => {
                return Err(Refusal::new(
                    RefusalKind::AlreadyDone,
                    format!("Role {role} has the policy {policy} already."),
                    "Verify it from the journal.",
                )
                .into());
            }
            Some(_) => return Err(changed(&role, &policy)),
        }
        // The role's ARN, which its path is part of, must be known before anybody can be asked who used it.
        facts.want([radius::question(LookupKey::ResourceName, found.arn.as_str())])?;

        let mut draft = Draft::default();
        if let Some(size) = facts.advisory(facts.inline_size(&size), &mut draft.warnings)? {
            fits_role(&role, *size, &document)?;
        }
        let (call, state) = whom.put(&role, found, policy, request);
        draft.calls.push(reversible(call));
        draft.expectations.push(Expectation::Iam(state));
        draft.warnings.push(whom.warning());
        draft.warnings.push(
            "It takes effect after a delay, a few minutes at most: it is pending until IAM's own evaluation denies such a session."
                .to_owned(),
        );
        who_else(&mut draft, &role, found, facts, &used, &profiles)?;
        Ok(draft)
    }

    fn undo(&self, request: &Request, done: &Done, facts: &Facts) -> Result<Draft, Stop> {
        let role: RoleName = target::iam_name(request, ResourceKind::Role)?;
        let put = done.changes().find_map(|change| {
            if let Mutation::Iam(IamCall::PutRolePolicy { policy, document, .. }) = change {
                Some((policy, Some(document)))
            } else if let Mutation::Iam(IamCall::DenyOlderSessions { policy, .. }) = change {
                Some((policy, None))
            } else {
                None
            }
        });
        let cut = done.made.get(&0).and_then(|made| made.get(ISSUED_BEFORE)?.parse().ok());
        let is_ours = |now: &str, document: Option<&String>| {
            document.map_or_else(
                || ends_sessions(now, cut, done.plan.request.at),
                |document| same_policy(now, document),
            )
        };
        let nothing = |why: String| {
            let instead = "Give the sequence number of the plan that revoked them.";
            Refusal::new(RefusalKind::NothingToUndo, why, instead)
        };
        let Some((policy, document)) = put else {
            return Err(nothing(format!("Record {} revoked no sessions.", done.seq)).into());
        };
        let about = Query::Iam(IamQuery::IamRole { role: role.clone() });
        facts.want([about, standing(&role, policy)])?;
        same_role(&role, done, facts)?;
        match facts.inline_policy(&standing(&role, policy))? {
            None => Err(nothing(format!("Role {role} has no policy {policy} any more.")).into()),
            Some(now) if !is_ours(now, document) => Err(changed(&role, policy)),
            Some(_) => {
                let mut draft = Draft::default();
                draft.calls.push(reversible(IamCall::DeleteRolePolicy {
                    role: role.clone(),
                    policy: policy.clone(),
                }));
                draft.expectations.push(Expectation::Iam(IamState::RolePolicyGone {
                    role,
                    policy: policy.clone(),
                }));
                draft
                    .warnings
                    .push("Sessions that were ended and have not expired work again.".to_owned());
                Ok(draft)
            }
        }
    }
}

/// Who else uses the role: instances by its profiles, and whoever assumed it lately.
pub(super) fn who_else(
    draft: &mut Draft,
    role: &RoleName,
    found: &IamRole,
    facts: &Facts,
    used: &Query,
    profiles: &Query,
) -> Result<(), Stop> {
    if let Some(profiles) = facts.advisory(facts.role_profiles(profiles), &mut draft.warnings)? {
        let shown: Vec<String> = profiles.iter().map(|p| Untrusted::new(p.as_str()).shown()).collect();
        if !shown.is_empty() {
            draft.neighbours.push(format!(
                "Role {role} is in the instance profiles {}: every instance that has one of them is hit.",
                shown.join(", ")
            ));
            draft.warnings.push(
                "An instance fetches new credentials of the role by itself: replace its instance profile first, then revoke.".to_owned(),
            );
            draft.warnings.push(
                "A memory capture is uploaded with the instance's role: where one is under way on such an instance this ends it. Wait until \
                 it is verified."
                    .to_owned(),
            );
        }
    }
    if let Some(used) = facts.advisory(facts.role_use(used), &mut draft.warnings)? {
        draft.neighbours.push(match used.last_used {
            Some(at) => format!("Role {role} was last used {at} in {}, as IAM tracks it.", used.region),
            None => format!("IAM has no record that role {role} was used in the last 400 days."),
        });
    }
    let arn = found.arn.as_str();
    radius::lately(LookupKey::ResourceName, arn, &format!("Role {role}"), facts, draft)
}

/// Whether a role has the inline policy of this name.
pub(super) fn standing(role: &RoleName, policy: &PolicyName) -> Query {
    Query::Iam(IamQuery::RoleInlinePolicy {
        role: role.clone(),
        policy: policy.clone(),
    })
}

pub(super) fn reversible(call: IamCall) -> PlannedCall {
    PlannedCall {
        mutation: Mutation::Iam(call),
        undo: Undo::Reversible,
        was: None,
    }
}

pub(super) fn changed(role: &RoleName, policy: &PolicyName) -> Stop {
    Refusal::new(
        RefusalKind::Drifted,
        format!("The inline policy {policy} of role {role} does not say what quell wrote."),
        "Read it in IAM and ask who wrote it; delete it by hand when you know.",
    )
    .into()
}

/// A session's name or source identity: 2 to 64 characters of `[\w+=,.@-]` (STS API reference, `AssumeRole`).
fn word(text: &str, choice: &str) -> Result<String, Stop> {
    let legal = (2..=64).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b));
    if legal {
        Ok(text.to_owned())
    } else {
        Err(bad(
            format!("{choice} cannot be {:?}.", Untrusted::new(text).shown()),
            "It has 2 to 64 letters, digits or characters of _+=,.@-, as CloudTrail shows it.",
        ))
    }
}

fn bad(why: String, instead: &str) -> Stop {
    Refusal::new(RefusalKind::BadChoice, why, instead).into()
}
