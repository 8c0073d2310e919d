//! What must be true afterwards of what IAM holds.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{State, Verdict};
use crate::action::answer::KeyStatus;
use crate::action::facts::Facts;
use crate::action::mutation::Made;
use crate::action::query::{IamQuery, Query};
use crate::action::refusal::Stop;
use crate::domain::{AccessKeyId, UserName};

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
}

impl State for IamState {
    fn queries(&self, _made: &Made) -> Vec<Query> {
        match self {
            Self::KeyStatus { user, .. } => vec![Query::Iam(IamQuery::AccessKeys { user: user.clone() })],
        }
    }

    fn patience(&self) -> Option<Duration> {
        match self {
            Self::KeyStatus { .. } => None,
        }
    }

    fn holds(&self, facts: &Facts, _made: &Made) -> Result<Verdict, Stop> {
        let verdict = match self {
            Self::KeyStatus { user, key, status } => {
                let keys = facts.access_keys(&Query::Iam(IamQuery::AccessKeys { user: user.clone() }))?;
                match keys.iter().find(|k| k.id == *key) {
                    None => Verdict::Failed(format!("{key} no longer exists.")),
                    Some(found) if found.status == *status => Verdict::Verified,
                    Some(found) => Verdict::Failed(format!("{key} is {}.", found.status.as_str())),
                }
            }
        };
        Ok(verdict)
    }
}

impl fmt::Display for IamState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyStatus { key, status, .. } => write!(f, "{key} is {}", status.as_str()),
        }
    }
}
