//! The step between a plan and a change: a person read it and typed, or a rule of the configuration allows this one kind of plan.

use crate::action::SnsCall;
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::mutation::Mutation;
use super::plan::{Digest, Plan};
use crate::domain::{IncidentId, Time, Untrusted};

/// A plan that a person has confirmed. It can be made only here, from what was typed and from the digest that was shown.
///
/// ```compile_fail,E0451
/// # use quell::{action::{Confirmed, Digest, Plan}, domain::Time};
/// fn sneak(plan: Plan, digest: Digest, at: Time) -> Confirmed {
///     Confirmed { plan, digest, at, rule: None }
/// }
/// ```
///
/// The same without the fault compiles, so that the one above fails for the reason it names:
///
/// ```
/// # use quell::{action::{Confirmed, Digest, NotConfirmed, Plan}, domain::Time};
/// fn ask(plan: Plan, digest: Digest, typed: &str, at: Time) -> Result<Confirmed, NotConfirmed> {
///     Confirmed::at_screen(plan, &digest, typed, at)
/// }
/// ```
#[derive(Debug)]
pub struct Confirmed {
    plan: Plan,
    digest: Digest,
    at: Time,
    rule: Option<ByRule>,
}

/// The rule of a configuration file that confirmed a plan in a person's place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ByRule {
    /// Which `[[rule]]` of the file, counted from 1.
    pub number: usize,
    /// The file's path.
    pub file: String,
    /// The incidents that it is about: each is told of once, once more where it has become critical since, and
    /// again where it began anew.
    pub incidents: Vec<IncidentId>,
    /// Those of them that were not critical.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub below_critical: Vec<IncidentId>,
    /// Those of them that were told of before, were over, and began anew at these times.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub anew: BTreeMap<IncidentId, Time>,
}

impl ByRule {
    /// Whether an incident that this told of may be told of again, once it is critical.
    #[must_use]
    pub fn may_rise(&self, incident: &str) -> bool {
        self.below_critical.iter().any(|id| id == incident)
    }
}

impl fmt::Display for ByRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rule {} of {}", self.number, Untrusted::new(self.file.as_str()))
    }
}

/// Why a confirmation is not one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotConfirmed {
    #[error("type {expected} to confirm; nothing was changed")]
    WrongWord { expected: String },
    #[error("the plan is not the one that was on the screen (digest {now}, shown {shown}); nothing was changed")]
    OtherPlan { shown: String, now: String },
    #[error("the plan expired at {at}; make it again, so that it rests on fresh facts")]
    Expired { at: Time },
    #[error("give at least 8 hex digits of the digest; this one begins with {begins}")]
    ShortDigest { begins: String },
    #[error(
        "a rule may only send notifications, and this plan is {action} with {calls} calls: a person has to confirm it"
    )]
    NotForRules { action: super::ActionName, calls: usize },
    #[error("the plan has no calls, so there is nothing to confirm; its warnings say what to do")]
    NothingToConfirm,
    #[error("the plan's digest is {digest}, not {given}; read the plan again before applying it")]
    WrongDigest { digest: String, given: String },
}

impl Confirmed {
    /// At the screen: the person typed the word that the plan asks for, while the digest `shown` was before them.
    pub fn at_screen(plan: Plan, shown: &Digest, typed: &str, now: Time) -> Result<Self, NotConfirmed> {
        let expected = plan.typed_confirmation();
        if typed.trim() != expected {
            return Err(NotConfirmed::WrongWord { expected });
        }
        let digest = plan.digest();
        if digest != *shown {
            return Err(NotConfirmed::OtherPlan {
                shown: shown.short(),
                now: digest.short(),
            });
        }
        Self::fresh(plan, digest, now)
    }

    /// On the command line: the person typed the digest, or at least its first eight digits.
    pub fn by_digest(plan: Plan, given: &str, now: Time) -> Result<Self, NotConfirmed> {
        let digest = plan.digest();
        let given = given.trim().replace(' ', "").to_ascii_lowercase();
        if given.len() < 8 {
            return Err(NotConfirmed::ShortDigest { begins: digest.short() });
        }
        if !digest.to_string().starts_with(&given) {
            return Err(NotConfirmed::WrongDigest {
                digest: digest.to_string(),
                given,
            });
        }
        Self::fresh(plan, digest, now)
    }

    /// By a rule of the configuration, without a person. It can send notifications and nothing else: a plan that has any other
    /// call, or none, or that undoes something, is refused.
    pub fn by_rule(plan: Plan, rule: ByRule, now: Time) -> Result<Self, NotConfirmed> {
        let calls = &plan.draft.calls;
        let only_notifies = !calls.is_empty() && calls.iter().all(|call| is_notification(&call.mutation));
        if !only_notifies || plan.request.undoes.is_some() {
            return Err(NotConfirmed::NotForRules {
                action: plan.request.action,
                calls: calls.len(),
            });
        }
        let digest = plan.digest();
        let confirmed = Self::fresh(plan, digest, now)?;
        Ok(Self {
            rule: Some(rule),
            ..confirmed
        })
    }

    fn fresh(plan: Plan, digest: Digest, now: Time) -> Result<Self, NotConfirmed> {
        // To apply nothing would be journaled and shown as if something had been done.
        if plan.draft.calls.is_empty() {
            return Err(NotConfirmed::NothingToConfirm);
        }
        let at = plan.good_until();
        if now > at {
            return Err(NotConfirmed::Expired { at });
        }
        Ok(Self {
            plan,
            digest,
            at: now,
            rule: None,
        })
    }

    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Its digest, as confirmed.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The rule that confirmed it, where no person did.
    #[must_use]
    pub fn rule(&self) -> Option<&ByRule> {
        self.rule.as_ref()
    }

    /// When it was confirmed.
    #[must_use]
    pub fn at(&self) -> Time {
        self.at
    }
}

/// Whether a call only tells somebody something. Every service is named, so that a new one is not let through unseen.
fn is_notification(mutation: &Mutation) -> bool {
    match mutation {
        Mutation::Sns(SnsCall::Publish { .. }) => true,
        Mutation::Ec2(_)
        | Mutation::Ebs(_)
        | Mutation::Iam(_)
        | Mutation::SecurityHub(_)
        | Mutation::AutoScaling(_)
        | Mutation::Elb(_)
        | Mutation::Kms(_)
        | Mutation::Lambda(_)
        | Mutation::Network(_)
        | Mutation::Organizations(_)
        | Mutation::Rds(_)
        | Mutation::S3(_)
        | Mutation::Secrets(_)
        | Mutation::Sso(_)
        | Mutation::Ssm(_)
        | Mutation::Waf(_) => false,
    }
}
