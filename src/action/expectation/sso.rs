//! What must be true afterwards of what IAM Identity Center and its identity store hold.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{State, Verdict};
use crate::action::facts::Facts;
use crate::action::mutation::Made;
use crate::action::query::{Query, SsoQuery};
use crate::action::refusal::Stop;
use crate::domain::{AccountId, Arn, IdentityStoreId, StoreEntryId};

/// Assignments are made and taken away in the background (API reference, `DeleteAccountAssignment`).
const PATIENCE: Duration = Duration::from_mins(10);

/// One thing to read back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "expect", rename_all = "kebab-case", deny_unknown_fields)]
pub enum SsoState {
    /// The user has the permission set in the account by an assignment of its own, or has not.
    Assigned {
        /// The number of the call, from 0; while it is accepted and not done, that is pending.
        call: usize,
        instance: Arn,
        account: AccountId,
        permission_set: Arn,
        user: StoreEntryId,
        assigned: bool,
    },
    /// The user is in the group, or is not.
    InGroup {
        store: IdentityStoreId,
        group: StoreEntryId,
        user: StoreEntryId,
        member: bool,
    },
}

impl State for SsoState {
    fn queries(&self, _made: &Made) -> Vec<Query> {
        vec![Query::Sso(match self {
            Self::Assigned { instance, user, .. } => SsoQuery::Assignments {
                instance: instance.clone(),
                user: user.clone(),
            },
            Self::InGroup { store, user, .. } => SsoQuery::Memberships {
                store: store.clone(),
                user: user.clone(),
            },
        })]
    }

    fn patience(&self) -> Option<Duration> {
        match self {
            Self::Assigned { .. } => Some(PATIENCE),
            Self::InGroup { .. } => None,
        }
    }

    fn holds(&self, facts: &Facts, made: &Made) -> Result<Verdict, Stop> {
        let queries = self.queries(made);
        let [query] = queries.as_slice() else {
            return Ok(Verdict::Failed("Nothing was read.".to_owned()));
        };
        Ok(match self {
            Self::Assigned {
                call,
                account,
                permission_set,
                assigned,
                ..
            } => {
                let found = facts
                    .assignments(query)?
                    .iter()
                    .any(|a| a.through.is_none() && a.account == *account && a.permission_set == *permission_set);
                let far = format!(
                    "the assignment in account {account} is {} there",
                    if found { "still" } else { "not yet" }
                );
                if found == *assigned {
                    Verdict::Verified
                } else if made.contains_key(call) {
                    Verdict::Pending(far)
                } else {
                    Verdict::Failed(format!("{far}."))
                }
            }
            Self::InGroup { group, member, .. } => {
                let found = facts.memberships(query)?.iter().any(|m| m.group == *group);
                match (found, member) {
                    (true, true) | (false, false) => Verdict::Verified,
                    (true, false) => Verdict::Failed(format!("the user is still in group {group}.")),
                    (false, true) => Verdict::Failed(format!("the user is not in group {group}.")),
                }
            }
        })
    }
}

impl fmt::Display for SsoState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Assigned {
                account,
                permission_set,
                user,
                assigned,
                ..
            } => {
                let has = if *assigned { "has" } else { "has not" };
                write!(f, "{user} {has} {} in account {account}", permission_set.name())
            }
            Self::InGroup {
                group, user, member, ..
            } => write!(f, "{user} is {}in group {group}", if *member { "" } else { "not " }),
        }
    }
}
