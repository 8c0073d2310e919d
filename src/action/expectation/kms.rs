//! What must be true afterwards of what KMS holds.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{State, Verdict};
use crate::action::facts::Facts;
use crate::action::mutation::Made;
use crate::action::query::{KmsQuery, Query};
use crate::action::refusal::Stop;
use crate::domain::KeyId;

/// One thing to read back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "expect", rename_all = "kebab-case", deny_unknown_fields)]
pub enum KmsState {
    /// The key is enabled, or disabled.
    KeyEnabled { key: KeyId, on: bool },
}

impl KmsState {
    fn query(&self) -> Query {
        match self {
            Self::KeyEnabled { key, .. } => Query::Kms(KmsQuery::KmsKey { key: key.to_string() }),
        }
    }

    fn wanted(&self) -> &'static str {
        match self {
            Self::KeyEnabled { on: true, .. } => "Enabled",
            Self::KeyEnabled { on: false, .. } => "Disabled",
        }
    }
}

impl State for KmsState {
    fn queries(&self, _made: &Made) -> Vec<Query> {
        vec![self.query()]
    }

    fn patience(&self) -> Option<Duration> {
        match self {
            Self::KeyEnabled { .. } => None,
        }
    }

    fn holds(&self, facts: &Facts, _made: &Made) -> Result<Verdict, Stop> {
        let found = facts.kms_key(&self.query())?;
        Ok(if found.state == self.wanted() {
            Verdict::Verified
        } else {
            Verdict::Failed(format!("{} is {}.", found.id, found.state))
        })
    }
}

impl fmt::Display for KmsState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyEnabled { key, .. } => write!(f, "key {key} is {}", self.wanted()),
        }
    }
}
