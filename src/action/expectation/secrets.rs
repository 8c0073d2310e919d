//! What must be true afterwards of what Secrets Manager holds.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{State, Verdict};
use crate::action::facts::Facts;
use crate::action::mutation::Made;
use crate::action::query::{Query, SecretsQuery};
use crate::action::refusal::Stop;
use crate::domain::SecretName;

/// One thing to read back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "expect", rename_all = "kebab-case", deny_unknown_fields)]
pub enum SecretsState {
    /// The current version is the one that call number `call` made; at least another one than before.
    SecretRotated {
        secret: SecretName,
        call: usize,
        before: Option<String>,
    },
}

impl SecretsState {
    fn query(&self) -> Query {
        match self {
            Self::SecretRotated { secret, .. } => Query::Secrets(SecretsQuery::Secret { name: secret.clone() }),
        }
    }
}

impl State for SecretsState {
    fn queries(&self, _made: &Made) -> Vec<Query> {
        vec![self.query()]
    }

    /// A rotation function may be retried for a day; after an hour somebody should look at it.
    fn patience(&self) -> Option<Duration> {
        match self {
            Self::SecretRotated { .. } => Some(Duration::from_hours(1)),
        }
    }

    fn holds(&self, facts: &Facts, made: &Made) -> Result<Verdict, Stop> {
        let Self::SecretRotated { secret, call, before } = self;
        let found = facts.secret(&self.query())?;
        let version = made.get(call).and_then(|results| results.get("version"));
        let current = found.current.as_ref();
        let done = match version {
            Some(version) => current == Some(version),
            None => current.is_some() && current != before.as_ref(),
        };
        Ok(match (done, &found.pending) {
            (true, _) => Verdict::Verified,
            (false, Some(pending)) => Verdict::Pending(format!("version {pending} is not in use yet.")),
            (false, None) => Verdict::Failed(format!(
                "{secret} still has the version {}, and no rotation is under way.",
                current.map_or("none", String::as_str)
            )),
        })
    }
}

impl fmt::Display for SecretsState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SecretRotated { secret, .. } => write!(f, "secret {secret} has a new version in use"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::answer::{Answer, Secret};
    use crate::action::facts::Reading;
    use crate::domain::Time;

    #[test]
    fn only_a_version_in_use_is_a_rotation() {
        let state = SecretsState::SecretRotated {
            secret: "payments/db".parse().unwrap(),
            call: 0,
            before: Some("v1".to_owned()),
        };
        let made: Made = [(0, [("version".to_owned(), "v2".to_owned())].into())].into();
        for (current, pending, made, word) in [
            ("v1", Some("v2"), &made, "pending"),
            ("v2", None, &made, "verified"),
            ("v1", None, &made, "failed"),
            ("v3", None, &made, "failed"),
            // The answer was lost, so the version that it named is not known.
            ("v2", None, &Made::new(), "verified"),
            ("v1", None, &Made::new(), "failed"),
        ] {
            let arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:payments/db-a1b2c3";
            let secret = Secret {
                name: "payments/db".parse().unwrap(),
                arn: arn.parse().unwrap(),
                rotates: true,
                function: None,
                last_rotated: None,
                deleted: false,
                current: Some(current.to_owned()),
                pending: pending.map(str::to_owned),
            };
            let facts = Facts::from(vec![Reading {
                query: state.query(),
                at: Time::UNIX_EPOCH,
                request_id: None,
                result: Ok(Answer::Secret(Box::new(secret))),
            }]);
            let verdict = state.holds(&facts, made).unwrap();
            assert_eq!(verdict.word(), word, "{current} {pending:?} {verdict:?}");
        }
    }
}
