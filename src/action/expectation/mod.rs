//! What must be true after a plan was applied, and how it is read back.
//!
//! *Applied* is what AWS answered. *Verified* is what was read back. This room is the second, one file a service.

mod autoscaling;
mod ebs;
mod ec2;
mod elb;
mod iam;
mod instance;
mod kms;
mod lambda;
mod network;
mod organizations;
mod rds;
mod s3;
mod secrets;
mod securityhub;
mod ssm;
mod sso;
mod taken;
mod waf;

pub use autoscaling::AutoScalingState;
pub use ebs::EbsState;
pub use ec2::Ec2State;
pub use elb::ElbState;
pub use iam::{ISSUED_BEFORE, IamState};
pub use kms::KmsState;
pub use lambda::LambdaState;
pub use network::NetworkState;
pub use organizations::OrganizationsState;
pub use rds::RdsState;
pub use s3::S3State;
pub(super) use s3::same_policy;
pub use secrets::{Failing, SecretsState};
pub use securityhub::SecurityHubState;
pub use ssm::SsmState;
pub use sso::SsoState;
pub use taken::{EvidenceOf, TakenSet};
pub use waf::WafState;

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::by_service::by_service;
use super::facts::Facts;
use super::mutation::Made;
use super::query::Query;
use super::refusal::Stop;

/// What every service's list of expectations says about each of them.
trait State: fmt::Display {
    /// What must be read to check it. A result that was never made needs no reading.
    fn queries(&self, made: &Made) -> Vec<Query>;

    /// How long it may stay pending, where there is a limit.
    fn patience(&self) -> Option<Duration>;

    /// Compares what was read with what was expected.
    fn holds(&self, facts: &Facts, made: &Made) -> Result<Verdict, Stop>;

    /// What was read that should be kept beside the verdict, safe to show.
    fn found(&self, _facts: &Facts, _made: &Made) -> Option<String> {
        None
    }
}

/// One thing to read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expectation {
    Ec2(Ec2State),
    Ebs(EbsState),
    Iam(IamState),
    SecurityHub(SecurityHubState),
    AutoScaling(AutoScalingState),
    Elb(ElbState),
    Kms(KmsState),
    Lambda(LambdaState),
    Network(NetworkState),
    Organizations(OrganizationsState),
    Rds(RdsState),
    S3(S3State),
    Secrets(SecretsState),
    Sso(SsoState),
    Ssm(SsmState),
    Waf(WafState),
}

by_service!(Expectation, "expect":
    Ec2(Ec2State),
    Ebs(EbsState),
    Iam(IamState),
    SecurityHub(SecurityHubState),
    AutoScaling(AutoScalingState),
    Elb(ElbState),
    Kms(KmsState),
    Lambda(LambdaState),
    Network(NetworkState),
    Organizations(OrganizationsState),
    Rds(RdsState),
    S3(S3State),
    Secrets(SecretsState),
    Sso(SsoState),
    Ssm(SsmState),
    Waf(WafState),
);

/// What reading back showed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", content = "why", rename_all = "kebab-case")]
pub enum Verdict {
    /// It is as expected.
    Verified,
    /// Not yet: it takes time. Says how far it is.
    Pending(String),
    /// It is not as expected. Says what was found.
    Failed(String),
    /// It could not be read.
    Unreadable(String),
}

/// An expectation with its verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    pub expectation: Expectation,
    pub verdict: Verdict,
    /// What was read that should be kept, safe to show: the hash of an image that is somewhere else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
}

impl Check {
    /// What stands beside the verdict's word: why it is not verified, or what was found; empty where there is nothing to say.
    #[must_use]
    pub fn detail(&self) -> &str {
        match &self.verdict {
            Verdict::Verified => self.found.as_deref().unwrap_or_default(),
            Verdict::Pending(why) | Verdict::Failed(why) | Verdict::Unreadable(why) => why,
        }
    }
}

impl Verdict {
    /// The word beside the line.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Pending(_) => "pending",
            Self::Failed(_) => "failed",
            Self::Unreadable(_) => "unreadable",
        }
    }
}

impl Expectation {
    /// What must be read to check it. A result that was never made needs no reading: the check will fail.
    #[must_use]
    pub fn queries(&self, made: &Made) -> Vec<Query> {
        match self {
            Self::Ec2(state) => state.queries(made),
            Self::Ebs(state) => state.queries(made),
            Self::Iam(state) => state.queries(made),
            Self::SecurityHub(state) => state.queries(made),
            Self::AutoScaling(state) => state.queries(made),
            Self::Elb(state) => state.queries(made),
            Self::Kms(state) => state.queries(made),
            Self::Lambda(state) => state.queries(made),
            Self::Network(state) => state.queries(made),
            Self::Organizations(state) => state.queries(made),
            Self::Rds(state) => state.queries(made),
            Self::S3(state) => state.queries(made),
            Self::Secrets(state) => state.queries(made),
            Self::Sso(state) => state.queries(made),
            Self::Ssm(state) => state.queries(made),
            Self::Waf(state) => state.queries(made),
        }
    }

    /// How long it may stay pending before it counts as failed, where there is a limit: a large snapshot may take a day.
    #[must_use]
    pub fn patience(&self) -> Option<Duration> {
        match self {
            Self::Ec2(state) => state.patience(),
            Self::Ebs(state) => state.patience(),
            Self::Iam(state) => state.patience(),
            Self::SecurityHub(state) => state.patience(),
            Self::AutoScaling(state) => state.patience(),
            Self::Elb(state) => state.patience(),
            Self::Kms(state) => state.patience(),
            Self::Lambda(state) => state.patience(),
            Self::Network(state) => state.patience(),
            Self::Organizations(state) => state.patience(),
            Self::Rds(state) => state.patience(),
            Self::S3(state) => state.patience(),
            Self::Secrets(state) => state.patience(),
            Self::Sso(state) => state.patience(),
            Self::Ssm(state) => state.patience(),
            Self::Waf(state) => state.patience(),
        }
    }

    /// The call that alone brings it about, where it is waited for though that call's answer was lost.
    #[must_use]
    pub fn rests_on(&self) -> Option<usize> {
        match self {
            Self::Ssm(state) => Some(state.call()),
            _ => None,
        }
    }

    /// What was read that should be kept beside the verdict, safe to show.
    #[must_use]
    pub fn found(&self, facts: &Facts, made: &Made) -> Option<String> {
        match self {
            Self::Ec2(state) => state.found(facts, made),
            Self::Ebs(state) => state.found(facts, made),
            Self::Iam(state) => state.found(facts, made),
            Self::SecurityHub(state) => state.found(facts, made),
            Self::AutoScaling(state) => state.found(facts, made),
            Self::Elb(state) => state.found(facts, made),
            Self::Kms(state) => state.found(facts, made),
            Self::Lambda(state) => state.found(facts, made),
            Self::Network(state) => state.found(facts, made),
            Self::Organizations(state) => state.found(facts, made),
            Self::Rds(state) => state.found(facts, made),
            Self::S3(state) => state.found(facts, made),
            Self::Secrets(state) => state.found(facts, made),
            Self::Sso(state) => state.found(facts, made),
            Self::Ssm(state) => state.found(facts, made),
            Self::Waf(state) => state.found(facts, made),
        }
    }

    /// Compares what was read with what was expected.
    #[must_use]
    pub fn check(&self, facts: &Facts, made: &Made) -> Verdict {
        match self.holds(facts, made) {
            Ok(verdict) => verdict,
            Err(Stop::Refuse(refusal)) => Verdict::Unreadable(refusal.why),
            Err(Stop::Ask(_)) => Verdict::Unreadable("It was not read.".to_owned()),
        }
    }

    fn holds(&self, facts: &Facts, made: &Made) -> Result<Verdict, Stop> {
        match self {
            Self::Ec2(state) => state.holds(facts, made),
            Self::Ebs(state) => state.holds(facts, made),
            Self::Iam(state) => state.holds(facts, made),
            Self::SecurityHub(state) => state.holds(facts, made),
            Self::AutoScaling(state) => state.holds(facts, made),
            Self::Elb(state) => state.holds(facts, made),
            Self::Kms(state) => state.holds(facts, made),
            Self::Lambda(state) => state.holds(facts, made),
            Self::Network(state) => state.holds(facts, made),
            Self::Organizations(state) => state.holds(facts, made),
            Self::Rds(state) => state.holds(facts, made),
            Self::S3(state) => state.holds(facts, made),
            Self::Secrets(state) => state.holds(facts, made),
            Self::Sso(state) => state.holds(facts, made),
            Self::Ssm(state) => state.holds(facts, made),
            Self::Waf(state) => state.holds(facts, made),
        }
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ec2(state) => state.fmt(f),
            Self::Ebs(state) => state.fmt(f),
            Self::Iam(state) => state.fmt(f),
            Self::SecurityHub(state) => state.fmt(f),
            Self::AutoScaling(state) => state.fmt(f),
            Self::Elb(state) => state.fmt(f),
            Self::Kms(state) => state.fmt(f),
            Self::Lambda(state) => state.fmt(f),
            Self::Network(state) => state.fmt(f),
            Self::Organizations(state) => state.fmt(f),
            Self::Rds(state) => state.fmt(f),
            Self::S3(state) => state.fmt(f),
            Self::Secrets(state) => state.fmt(f),
            Self::Sso(state) => state.fmt(f),
            Self::Ssm(state) => state.fmt(f),
            Self::Waf(state) => state.fmt(f),
        }
    }
}

fn same(what: &str, wanted: &BTreeSet<String>, found: &BTreeSet<String>) -> Verdict {
    if wanted == found {
        return Verdict::Verified;
    }
    let list = |set: &BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>().join(", ");
    Verdict::Failed(format!("{what} are {}, expected {}.", list(found), list(wanted)))
}
