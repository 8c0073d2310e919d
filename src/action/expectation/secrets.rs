//! What must be true afterwards of what Secrets Manager holds.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{State, Verdict};
use crate::action::facts::Facts;
use crate::action::mutation::Made;
use crate::action::query::{CloudTrailQuery, Query, SecretsQuery};
use crate::action::refusal::Stop;
use crate::domain::{Arn, SecretName, Time, Untrusted};

/// One thing to read back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "expect", rename_all = "kebab-case", deny_unknown_fields)]
pub enum SecretsState {
    /// The current version is the one that call number `call` made; at least another one than before.
    SecretRotated {
        secret: SecretName,
        call: usize,
        before: Option<String>,
        /// What CloudTrail knows of failed rotations is looked for from the plan's time on. A plan is refused while one is under
        /// way, so what fails later is its own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<Failing>,
    },
}

/// How a rotation that fails is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failing {
    /// The secret, as CloudTrail names it.
    pub arn: Arn,
    pub since: Time,
}

impl Failing {
    /// What failed it, in AWS's words, where CloudTrail has it. A history that cannot be read says nothing: then only time tells.
    fn told(&self, facts: &Facts) -> Option<String> {
        let trail = facts.trail(&failures()).ok()?;
        let event = trail.events.iter().find(|event| {
            // CloudTrail's times are whole seconds.
            event.at.is_some_and(|at| at.as_second() >= self.since.as_second())
                && event.resources.iter().any(|secret| secret.raw() == self.arn.as_str())
        })?;
        let said = event
            .error
            .as_ref()
            .map_or_else(|| "no reason is given".to_owned(), Untrusted::shown);
        Some(said)
    }
}

fn failures() -> Query {
    Query::CloudTrail(CloudTrailQuery::FailedRotations)
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
        let Self::SecretRotated { since, .. } = self;
        let mut all = vec![self.query()];
        all.extend(since.as_ref().map(|_| failures()));
        all
    }

    /// A rotation function may be retried for a day; after an hour somebody should look at it.
    fn patience(&self) -> Option<Duration> {
        match self {
            Self::SecretRotated { .. } => Some(Duration::from_hours(1)),
        }
    }

    fn holds(&self, facts: &Facts, made: &Made) -> Result<Verdict, Stop> {
        let Self::SecretRotated {
            secret,
            call,
            before,
            since,
        } = self;
        let found = facts.secret(&self.query())?;
        let version = made.get(call).and_then(|results| results.get("version"));
        let current = found.current.as_ref();
        let done = match version {
            Some(version) => current == Some(version),
            None => current.is_some() && current != before.as_ref(),
        };
        Ok(match (done, &found.pending) {
            (true, _) => Verdict::Verified,
            (false, Some(pending)) => match since.as_ref().and_then(|failing| failing.told(facts)) {
                Some(why) => Verdict::Failed(format!(
                    "the rotation failed, says AWS: {why} Version {pending} is not in use, and the old value goes on working. Secrets \
                     Manager tries again by itself: see the log of the rotation function, and verify again."
                )),
                None => Verdict::Pending(format!("version {pending} is not in use yet.")),
            },
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
    use crate::action::answer::{Answer, Secret, Trail, TrailEvent};
    use crate::action::facts::Reading;

    const ARN: &str = "arn:aws:secretsmanager:us-east-1:111122223333:secret:payments/db-a1b2c3";

    fn state() -> SecretsState {
        SecretsState::SecretRotated {
            secret: "payments/db".parse().unwrap(),
            call: 0,
            before: Some("v1".to_owned()),
            since: Some(Failing {
                arn: ARN.parse().unwrap(),
                since: "2026-03-01T02:10:00.5Z".parse().unwrap(),
            }),
        }
    }

    fn reading(query: Query, answer: Answer) -> Reading {
        Reading {
            query,
            at: Time::UNIX_EPOCH,
            request_id: None,
            result: Ok(answer),
        }
    }

    fn secret(current: &str, pending: Option<&str>) -> Answer {
        Answer::Secret(Box::new(Secret {
            name: "payments/db".parse().unwrap(),
            arn: ARN.parse().unwrap(),
            rotates: true,
            function: None,
            last_rotated: None,
            deleted: false,
            current: Some(current.to_owned()),
            pending: pending.map(str::to_owned),
        }))
    }

    #[test]
    fn only_a_version_in_use_is_a_rotation() {
        let state = state();
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
            let facts = Facts::from(vec![reading(state.query(), secret(current, pending))]);
            let verdict = state.holds(&facts, made).unwrap();
            assert_eq!(verdict.word(), word, "{current} {pending:?} {verdict:?}");
        }
    }

    /// Only this secret's failure since the plan is its own; without CloudTrail it is waited for.
    #[test]
    fn a_failure_that_cloudtrail_knows_ends_the_waiting() {
        let state = state();
        for (arn, at, word) in [
            (ARN, "2026-03-01T02:10:00Z", "failed"),
            (ARN, "2026-03-01T02:12:00Z", "failed"),
            (ARN, "2026-03-01T02:09:59Z", "pending"),
            (
                "arn:aws:secretsmanager:us-east-1:111122223333:secret:other-a1b2c3",
                "2026-03-01T02:12:00Z",
                "pending",
            ),
        ] {
            let event = TrailEvent {
                at: Some(at.parse().unwrap()),
                error: Some(Untrusted::new("no login\u{202e}.")),
                resources: vec![Untrusted::new(arn)],
                ..TrailEvent::default()
            };
            let trail = Trail {
                events: vec![event],
                ..Trail::default()
            };
            let facts = Facts::from(vec![
                reading(state.query(), secret("v1", Some("v2"))),
                reading(failures(), Answer::Trail(trail)),
            ]);
            let verdict = state.holds(&facts, &Made::new()).unwrap();
            assert_eq!(verdict.word(), word, "{arn} {at} {verdict:?}");
            if let Verdict::Failed(why) = verdict {
                assert!(why.contains("says AWS: no login") && !why.contains('\u{202e}'), "{why}");
            }
        }
    }
}
