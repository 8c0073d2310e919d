//! What must be true afterwards of what KMS holds.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{State, Verdict};
use crate::action::answer::KeyGrant;
use crate::action::facts::Facts;
use crate::action::mutation::Made;
use crate::action::query::{KmsQuery, Query};
use crate::action::refusal::Stop;
use crate::domain::{Arn, KeyId};

/// One thing to read back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "expect", rename_all = "kebab-case", deny_unknown_fields)]
pub enum KmsState {
    /// The key is enabled, or disabled.
    KeyEnabled { key: KeyId, on: bool },
    /// The grant of this name to this principal, which the call made, is listed.
    Granted {
        call: usize,
        key: KeyId,
        grantee: Arn,
        name: String,
    },
    /// The grant of this id, which the call took back, is no longer listed.
    Revoked {
        call: usize,
        key: KeyId,
        grantee: Arn,
        grant: String,
    },
}

impl KmsState {
    fn query(&self) -> Query {
        match self {
            Self::KeyEnabled { key, .. } => Query::Kms(KmsQuery::KmsKey { key: key.to_string() }),
            Self::Granted { key, grantee, .. } | Self::Revoked { key, grantee, .. } => Query::Kms(KmsQuery::GrantsTo {
                key: key.clone(),
                grantee: grantee.clone(),
            }),
        }
    }
}

fn switched(on: bool) -> &'static str {
    if on { "Enabled" } else { "Disabled" }
}

impl State for KmsState {
    fn queries(&self, _made: &Made) -> Vec<Query> {
        vec![self.query()]
    }

    fn patience(&self) -> Option<Duration> {
        match self {
            Self::KeyEnabled { .. } => None,
            // A grant is eventually consistent, "usually less than five minutes" (API reference, `CreateGrant`).
            Self::Granted { .. } | Self::Revoked { .. } => Some(Duration::from_mins(10)),
        }
    }

    fn holds(&self, facts: &Facts, made: &Made) -> Result<Verdict, Stop> {
        Ok(match self {
            Self::KeyEnabled { on, .. } => {
                let found = facts.kms_key(&self.query())?;
                if found.state == switched(*on) {
                    Verdict::Verified
                } else {
                    Verdict::Failed(format!("{} is {}.", found.id, found.state))
                }
            }
            Self::Granted { call, name, .. } => {
                let grants = facts.key_grants(&self.query())?;
                let ours = |grant: &KeyGrant| grant.name.as_ref().is_some_and(|found| found.raw() == name);
                match (grants.iter().any(ours), made.contains_key(call)) {
                    (true, _) => Verdict::Verified,
                    (false, true) => Verdict::Pending("it is not listed yet".to_owned()),
                    (false, false) => Verdict::Failed("it is not listed.".to_owned()),
                }
            }
            Self::Revoked { call, grant, .. } => {
                let grants = facts.key_grants(&self.query())?;
                match (grants.iter().any(|g| g.id == *grant), made.contains_key(call)) {
                    (false, _) => Verdict::Verified,
                    (true, true) => Verdict::Pending("it is still listed".to_owned()),
                    (true, false) => Verdict::Failed("it is still listed.".to_owned()),
                }
            }
        })
    }
}

impl fmt::Display for KmsState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyEnabled { key, on } => write!(f, "key {key} is {}", switched(*on)),
            Self::Granted { key, grantee, .. } => write!(f, "{grantee} has quell's grant on key {key}"),
            Self::Revoked { key, grantee, .. } => write!(f, "{grantee} no longer has quell's grant on key {key}"),
        }
    }
}
