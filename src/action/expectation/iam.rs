//! What must be true afterwards of what IAM holds.
//!
//! A policy that stands is not yet in force: a change takes a few minutes to be so everywhere (IAM guide, "Disabling permissions for
//! temporary security credentials"). So a denial is *pending* until IAM's own evaluation of a request denies it.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{State, Verdict};
use crate::action::answer::KeyStatus;
use crate::action::facts::Facts;
use crate::action::iam_policy::{ends_sessions, same_policy, written};
use crate::action::mutation::Made;
use crate::action::query::{IamQuery, Query};
use crate::action::refusal::Stop;
use crate::domain::{AccessKeyId, Arn, PolicyName, RoleName, Time, Untrusted, UserGroupName, UserName};

/// How long a denial may take to be in force before it counts as failed: longer than the few minutes that AWS speaks of.
const SPREADS: Duration = Duration::from_mins(15);
const SECOND: jiff::SignedDuration = jiff::SignedDuration::from_secs(1);
/// Under this name a call that ends sessions says before when they were issued.
pub const ISSUED_BEFORE: &str = "issued-before";

/// One thing to read back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "expect", rename_all = "kebab-case", deny_unknown_fields)]
pub enum IamState {
    /// The key's status is as said.
    KeyStatus {
        user: UserName,
        key: AccessKeyId,
        status: KeyStatus,
    },
    /// The user's inline policy says this, and IAM's evaluation denies what the user asks.
    UserDenied {
        user: UserName,
        arn: Arn,
        policy: PolicyName,
        document: String,
    },
    /// The role's inline policy says this, and IAM's evaluation denies what a session with these condition keys asks.
    RoleDenied {
        role: RoleName,
        arn: Arn,
        policy: PolicyName,
        document: String,
        session: BTreeMap<String, String>,
    },
    /// The role's inline policy ends the sessions that were issued before the moment that call `call` (from 0) set, which is later
    /// than `since`; and IAM's evaluation denies what such a session asks.
    OlderSessionsDenied {
        role: RoleName,
        arn: Arn,
        policy: PolicyName,
        call: usize,
        since: Time,
    },
    /// The user's inline policy is this, or there is none of that name.
    UserPolicy {
        user: UserName,
        policy: PolicyName,
        document: Option<String>,
    },
    /// The role has no inline policy of that name.
    RolePolicyGone { role: RoleName, policy: PolicyName },
    /// The trust policy is this.
    RoleTrust { role: RoleName, document: String },
    /// The user has no password for the console.
    NoPassword { user: UserName },
    /// The managed policy is attached, or it is not.
    UserAttached {
        user: UserName,
        policy: Arn,
        attached: bool,
    },
    /// The user is in the group, or is not.
    GroupMember {
        user: UserName,
        group: UserGroupName,
        member: bool,
    },
}

fn user_inline(user: &UserName, policy: &PolicyName) -> Query {
    let (user, policy) = (user.clone(), policy.clone());
    Query::Iam(IamQuery::UserInlinePolicy { user, policy })
}

fn role_inline(role: &RoleName, policy: &PolicyName) -> Query {
    let (role, policy) = (role.clone(), policy.clone());
    Query::Iam(IamQuery::RoleInlinePolicy { role, policy })
}

fn probe(principal: &Arn, context: BTreeMap<String, String>) -> Query {
    let principal = principal.clone();
    Query::Iam(IamQuery::PolicyProbe { principal, context })
}

/// The moment that the call set; nothing where its outcome is not known.
fn cut(made: &Made, call: usize) -> Option<Time> {
    made.get(&call)?.get(ISSUED_BEFORE)?.parse().ok()
}

/// What a session that must be ended is asked by: the youngest one.
fn older(arn: &Arn, made: &Made, call: usize, since: Time) -> Query {
    let youngest = cut(made, call).map_or(since, |cut| cut.checked_sub(SECOND).unwrap_or(cut));
    let context = [("aws:TokenIssueTime".to_owned(), written(youngest))];
    probe(arn, context.into())
}

fn grants(user: &UserName) -> Query {
    Query::Iam(IamQuery::UserGrants { user: user.clone() })
}

fn keys(user: &UserName) -> Query {
    Query::Iam(IamQuery::AccessKeys { user: user.clone() })
}

fn role(role: &RoleName) -> Query {
    Query::Iam(IamQuery::IamRole { role: role.clone() })
}

fn login(user: &UserName) -> Query {
    Query::Iam(IamQuery::LoginProfile { user: user.clone() })
}

impl State for IamState {
    fn queries(&self, made: &Made) -> Vec<Query> {
        match self {
            Self::KeyStatus { user, .. } => vec![keys(user)],
            Self::UserDenied { user, arn, policy, .. } => {
                vec![user_inline(user, policy), probe(arn, BTreeMap::new())]
            }
            Self::RoleDenied {
                role,
                arn,
                policy,
                session,
                ..
            } => vec![role_inline(role, policy), probe(arn, session.clone())],
            Self::OlderSessionsDenied {
                role,
                arn,
                policy,
                call,
                since,
            } => vec![role_inline(role, policy), older(arn, made, *call, *since)],
            Self::UserPolicy { user, policy, .. } => vec![user_inline(user, policy)],
            Self::RolePolicyGone { role, policy } => vec![role_inline(role, policy)],
            Self::RoleTrust { role: name, .. } => vec![role(name)],
            Self::NoPassword { user } => vec![login(user)],
            Self::UserAttached { user, .. } | Self::GroupMember { user, .. } => vec![grants(user)],
        }
    }

    fn patience(&self) -> Option<Duration> {
        match self {
            Self::UserDenied { .. } | Self::RoleDenied { .. } | Self::OlderSessionsDenied { .. } => Some(SPREADS),
            Self::KeyStatus { .. }
            | Self::UserPolicy { .. }
            | Self::RolePolicyGone { .. }
            | Self::RoleTrust { .. }
            | Self::NoPassword { .. }
            | Self::UserAttached { .. }
            | Self::GroupMember { .. } => None,
        }
    }

    fn holds(&self, facts: &Facts, made: &Made) -> Result<Verdict, Stop> {
        let verdict = match self {
            Self::KeyStatus { user, key, status } => {
                let keys = facts.access_keys(&keys(user))?;
                match keys.iter().find(|k| k.id == *key) {
                    None => Verdict::Failed(format!("{key} no longer exists.")),
                    Some(found) if found.status == *status => Verdict::Verified,
                    Some(found) => Verdict::Failed(format!("{key} is {}.", found.status.as_str())),
                }
            }
            Self::UserDenied {
                user,
                arn,
                policy,
                document,
            } => {
                let found = facts.inline_policy(&user_inline(user, policy))?;
                denied(found.as_deref(), policy, document, facts, &probe(arn, BTreeMap::new()))?
            }
            Self::RoleDenied {
                role,
                arn,
                policy,
                document,
                session,
            } => {
                let found = facts.inline_policy(&role_inline(role, policy))?;
                denied(found.as_deref(), policy, document, facts, &probe(arn, session.clone()))?
            }
            Self::OlderSessionsDenied {
                role,
                arn,
                policy,
                call,
                since,
            } => {
                let found = facts.inline_policy(&role_inline(role, policy))?;
                match found {
                    None => Verdict::Failed(format!("There is no inline policy {policy}.")),
                    Some(found) if ends_sessions(found, cut(made, *call), *since) => {
                        in_force(facts, &older(arn, made, *call, *since))?
                    }
                    Some(_) => Verdict::Failed(format!("The inline policy {policy} says something else.")),
                }
            }
            Self::UserPolicy { user, policy, document } => {
                let found = facts.inline_policy(&user_inline(user, policy))?;
                match (found, document) {
                    (None, None) => Verdict::Verified,
                    (Some(found), Some(document)) if found == document => Verdict::Verified,
                    (None, Some(_)) => Verdict::Failed(format!("There is no inline policy {policy}.")),
                    (Some(_), None) => Verdict::Failed(format!("The inline policy {policy} is still there.")),
                    (Some(_), Some(_)) => Verdict::Failed(format!("The inline policy {policy} says something else.")),
                }
            }
            Self::RolePolicyGone { role, policy } => match facts.inline_policy(&role_inline(role, policy))? {
                None => Verdict::Verified,
                Some(_) => Verdict::Failed(format!("The inline policy {policy} is still there.")),
            },
            Self::RoleTrust { role: name, document } => {
                if same_policy(&facts.iam_role(&role(name))?.trust, document) {
                    Verdict::Verified
                } else {
                    Verdict::Failed(format!("The trust policy of {name} says something else."))
                }
            }
            Self::NoPassword { user } => {
                if *facts.login_profile(&login(user))? {
                    Verdict::Failed(format!("User {user} has a console password."))
                } else {
                    Verdict::Verified
                }
            }
            Self::UserAttached { user, policy, attached } => {
                let found = facts.user_grants(&grants(user))?.managed.contains(policy);
                as_wanted(
                    found,
                    *attached,
                    &format!("{} is", Untrusted::new(policy.as_str())),
                    "attached",
                )
            }
            Self::GroupMember { user, group, member } => {
                let found = facts.user_grants(&grants(user))?.groups.contains(group);
                as_wanted(found, *member, &format!("User {user} is"), &format!("in group {group}"))
            }
        };
        Ok(verdict)
    }
}

fn as_wanted(found: bool, wanted: bool, who: &str, what: &str) -> Verdict {
    match (found, wanted) {
        (true, true) | (false, false) => Verdict::Verified,
        (true, false) => Verdict::Failed(format!("{who} still {what}.")),
        (false, true) => Verdict::Failed(format!("{who} not {what}.")),
    }
}

/// The policy must stand, and then IAM's evaluation must deny every action that it was asked about, in so many words: an action
/// that is merely not allowed says nothing about the policy.
fn denied(
    found: Option<&str>,
    policy: &PolicyName,
    document: &str,
    facts: &Facts,
    probe: &Query,
) -> Result<Verdict, Stop> {
    match found {
        None => return Ok(Verdict::Failed(format!("There is no inline policy {policy}."))),
        Some(found) if !same_policy(found, document) => {
            return Ok(Verdict::Failed(format!(
                "The inline policy {policy} says something else."
            )));
        }
        Some(_) => {}
    }
    in_force(facts, probe)
}

/// Whether IAM's evaluation denies all that it was asked about.
fn in_force(facts: &Facts, probe: &Query) -> Result<Verdict, Stop> {
    let simulated = facts.simulated(probe)?;
    if simulated.is_empty() {
        return Ok(Verdict::Unreadable("IAM's evaluation named no action.".to_owned()));
    }
    let open = simulated.iter().find(|s| s.decision.raw() != "explicitDeny");
    Ok(match open {
        None => Verdict::Verified,
        Some(open) => Verdict::Pending(format!(
            "the policy stands, but IAM's evaluation does not apply it yet: {} is {}",
            open.action, open.decision
        )),
    })
}

impl fmt::Display for IamState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyStatus { key, status, .. } => write!(f, "{key} is {}", status.as_str()),
            Self::UserDenied { user, policy, .. } => {
                write!(f, "{policy} is in force: IAM denies user {user} everything")
            }
            Self::RoleDenied {
                role, policy, session, ..
            } if session.is_empty() => write!(f, "{policy} is in force: IAM denies role {role} everything"),
            Self::RoleDenied { role, policy, .. } => {
                write!(f, "{policy} is in force: IAM denies the sessions of role {role}")
            }
            Self::OlderSessionsDenied { role, policy, .. } => {
                write!(
                    f,
                    "{policy} is in force: IAM denies the sessions of role {role} from before it"
                )
            }
            Self::UserPolicy {
                user,
                policy,
                document: Some(_),
            } => write!(f, "user {user} has the inline policy {policy} as recorded"),
            Self::UserPolicy { user, policy, .. } => write!(f, "user {user} has no inline policy {policy}"),
            Self::RolePolicyGone { role, policy } => write!(f, "role {role} has no inline policy {policy}"),
            Self::RoleTrust { role, .. } => write!(f, "the trust policy of role {role} is as planned"),
            Self::NoPassword { user } => write!(f, "user {user} has no console password"),
            Self::UserAttached { user, policy, attached } => {
                let not = if *attached { "" } else { "not " };
                write!(f, "{} is {not}attached to user {user}", Untrusted::new(policy.as_str()))
            }
            Self::GroupMember { user, group, member } => {
                let not = if *member { "" } else { "not " };
                write!(f, "user {user} is {not}in group {group}")
            }
        }
    }
}
