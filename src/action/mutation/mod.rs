//! Every change that quell can make to an account. Closed: what is not a variant here cannot be done.
//!
//! Owns: one file a service, the references between calls. Variants carry the names of AWS's API operations; each knows its IAM
//! permissions, on which resources, and how to say itself in one line.

mod autoscaling;
mod capture;
mod ebs;
mod ec2;
mod elb;
mod grant;
mod iam;
mod kms;
mod lambda;
mod network;
mod organizations;
mod rds;
mod s3;
mod secrets;
mod securityhub;
mod sns;
mod ssm;
mod sso;
mod waf;

pub use autoscaling::AutoScalingCall;
pub use capture::{CaptureTool, MemoryCapture};
pub use ebs::EbsCall;
pub use ec2::{Direction, Ec2Call};
pub use elb::ElbCall;
pub(super) use elb::name as target_group_name;
pub use grant::{Grant, Place, blurred, literal};
pub use iam::IamCall;
pub use kms::KmsCall;
pub use lambda::LambdaCall;
pub use network::NetworkCall;
pub use organizations::OrganizationsCall;
pub use rds::{NewPassword, RdsCall};
pub use s3::S3Call;
pub use secrets::SecretsCall;
pub use securityhub::SecurityHubCall;
pub use sns::SnsCall;
pub use ssm::SsmCall;
pub use sso::SsoCall;
pub use waf::WafCall;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::by_service::by_service;
use super::plan::Request;
use crate::domain::Time;

/// One API call that changes something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mutation {
    Ec2(Ec2Call),
    Ebs(EbsCall),
    Iam(IamCall),
    SecurityHub(SecurityHubCall),
    AutoScaling(AutoScalingCall),
    Elb(ElbCall),
    Kms(KmsCall),
    Lambda(LambdaCall),
    Network(NetworkCall),
    Organizations(OrganizationsCall),
    Rds(RdsCall),
    S3(S3Call),
    Secrets(SecretsCall),
    Sso(SsoCall),
    Ssm(SsmCall),
    Waf(WafCall),
    Sns(SnsCall),
}

by_service!(Mutation, "call":
    Ec2(Ec2Call),
    Ebs(EbsCall),
    Iam(IamCall),
    SecurityHub(SecurityHubCall),
    AutoScaling(AutoScalingCall),
    Elb(ElbCall),
    Kms(KmsCall),
    Lambda(LambdaCall),
    Network(NetworkCall),
    Organizations(OrganizationsCall),
    Rds(RdsCall),
    S3(S3Call),
    Secrets(SecretsCall),
    Sso(SsoCall),
    Ssm(SsmCall),
    Waf(WafCall),
    Sns(SnsCall),
);

/// A resource id: known now, or the result of an earlier call of the same plan.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Ref {
    Id(String),
    /// What call number `call` (from 0) made under the name `result`: `group`, or a volume id for its snapshot. `name` says it
    /// to people.
    Made {
        call: usize,
        result: String,
        name: String,
    },
}

/// What the calls of a plan have made so far: by call, then by name.
pub type Made = BTreeMap<usize, BTreeMap<String, String>>;

/// A later call needs the result of an earlier one that is not there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("call {} did not say which {result} it made", call + 1)]
pub struct NotMade {
    pub call: usize,
    pub result: String,
}

impl Ref {
    /// The id, looked up among the results where it is one.
    pub fn resolve(&self, made: &Made) -> Result<String, NotMade> {
        match self {
            Self::Id(id) => Ok(id.clone()),
            Self::Made { call, result, .. } => made
                .get(call)
                .and_then(|results| results.get(result))
                .cloned()
                .ok_or_else(|| NotMade {
                    call: *call,
                    result: result.clone(),
                }),
        }
    }
}

impl fmt::Display for Ref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => f.write_str(id),
            Self::Made { call, name, .. } => write!(f, "{name} (call {})", call + 1),
        }
    }
}

impl From<String> for Ref {
    fn from(id: String) -> Self {
        Self::Id(id)
    }
}

/// What every service's list of calls says about each of them.
trait Call {
    /// The IAM action that must be allowed, as policies write it.
    fn permission(&self) -> &'static str;

    /// Everything that must be allowed, the action on its own resource first.
    fn needs(&self, place: &Place<'_>) -> Vec<Grant>;

    /// Replaces references to earlier results by the ids that were made.
    fn resolve(&mut self, made: &Made) -> Result<(), NotMade>;

    /// What it does, in one line, safe to show; `was` is what it replaces, where that is known.
    fn phrase(&self, was: &str) -> String;
}

impl Request {
    /// Where its calls go.
    #[must_use]
    pub fn place(&self) -> Place<'_> {
        Place {
            partition: self.partition(),
            region: &self.region,
            account: &self.account,
        }
    }
}

impl Mutation {
    /// The IAM action that must be allowed, as policies write it.
    #[must_use]
    pub fn permission(&self) -> &'static str {
        match self {
            Self::Ec2(call) => call.permission(),
            Self::Ebs(call) => call.permission(),
            Self::Iam(call) => call.permission(),
            Self::SecurityHub(call) => call.permission(),
            Self::AutoScaling(call) => call.permission(),
            Self::Elb(call) => call.permission(),
            Self::Kms(call) => call.permission(),
            Self::Lambda(call) => call.permission(),
            Self::Network(call) => call.permission(),
            Self::Organizations(call) => call.permission(),
            Self::Rds(call) => call.permission(),
            Self::S3(call) => call.permission(),
            Self::Secrets(call) => call.permission(),
            Self::Sso(call) => call.permission(),
            Self::Ssm(call) => call.permission(),
            Self::Waf(call) => call.permission(),
            Self::Sns(call) => call.permission(),
        }
    }

    /// Everything that must be allowed, the action on its own resource first.
    #[must_use]
    pub fn needs(&self, place: &Place<'_>) -> Vec<Grant> {
        match self {
            Self::Ec2(call) => call.needs(place),
            Self::Ebs(call) => call.needs(place),
            Self::Iam(call) => call.needs(place),
            Self::SecurityHub(call) => call.needs(place),
            Self::AutoScaling(call) => call.needs(place),
            Self::Elb(call) => call.needs(place),
            Self::Kms(call) => call.needs(place),
            Self::Lambda(call) => call.needs(place),
            Self::Network(call) => call.needs(place),
            Self::Organizations(call) => call.needs(place),
            Self::Rds(call) => call.needs(place),
            Self::S3(call) => call.needs(place),
            Self::Secrets(call) => call.needs(place),
            Self::Sso(call) => call.needs(place),
            Self::Ssm(call) => call.needs(place),
            Self::Waf(call) => call.needs(place),
            Self::Sns(call) => call.needs(place),
        }
    }

    /// The same call with every reference to an earlier result replaced by the id that was made.
    pub fn resolved(&self, made: &Made) -> Result<Self, NotMade> {
        let mut resolved = self.clone();
        match &mut resolved {
            Self::Ec2(call) => call.resolve(made)?,
            Self::Ebs(call) => call.resolve(made)?,
            Self::Iam(call) => call.resolve(made)?,
            Self::SecurityHub(call) => call.resolve(made)?,
            Self::AutoScaling(call) => call.resolve(made)?,
            Self::Elb(call) => call.resolve(made)?,
            Self::Kms(call) => call.resolve(made)?,
            Self::Lambda(call) => call.resolve(made)?,
            Self::Network(call) => call.resolve(made)?,
            Self::Organizations(call) => call.resolve(made)?,
            Self::Rds(call) => call.resolve(made)?,
            Self::S3(call) => call.resolve(made)?,
            Self::Secrets(call) => call.resolve(made)?,
            Self::Sso(call) => call.resolve(made)?,
            Self::Ssm(call) => call.resolve(made)?,
            Self::Waf(call) => call.resolve(made)?,
            Self::Sns(call) => call.resolve(made)?,
        }
        Ok(resolved)
    }

    /// The same call with what only the moment of sending decides, by AWS's clock: the journal asks for it when it writes the intent.
    #[must_use]
    pub fn dated(mut self, at_aws: Time) -> Self {
        if let Self::Iam(call) = &mut self {
            call.date(at_aws);
        }
        self
    }

    /// The ARN of what the call changes where the request says, for the journal. A result of an earlier call stands as `*`.
    #[must_use]
    pub fn target_arn(&self, request: &Request) -> String {
        let first = self.needs(&request.place()).into_iter().next();
        first.map_or_else(|| "*".to_owned(), |grant| grant.shown())
    }

    /// What it does, in one line, safe to show.
    #[must_use]
    pub fn phrase(&self) -> String {
        self.phrase_from("")
    }

    /// The same, where it is known what it replaces. `was` must be safe to show.
    #[must_use]
    pub fn phrase_from(&self, was: &str) -> String {
        match self {
            Self::Ec2(call) => call.phrase(was),
            Self::Ebs(call) => call.phrase(was),
            Self::Iam(call) => call.phrase(was),
            Self::SecurityHub(call) => call.phrase(was),
            Self::AutoScaling(call) => call.phrase(was),
            Self::Elb(call) => call.phrase(was),
            Self::Kms(call) => call.phrase(was),
            Self::Lambda(call) => call.phrase(was),
            Self::Network(call) => call.phrase(was),
            Self::Organizations(call) => call.phrase(was),
            Self::Rds(call) => call.phrase(was),
            Self::S3(call) => call.phrase(was),
            Self::Secrets(call) => call.phrase(was),
            Self::Sso(call) => call.phrase(was),
            Self::Ssm(call) => call.phrase(was),
            Self::Waf(call) => call.phrase(was),
            Self::Sns(call) => call.phrase(was),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::{ActionName, KeyStatus};
    use crate::domain::{Resource, ResourceKind};

    #[test]
    fn a_target_is_in_the_partition_of_who_asks() {
        let key = "AKIAIOSFODNN7EXAMPLE";
        let request = |by: &str| Request {
            action: ActionName::DisableAccessKey,
            account: "111122223333".parse().unwrap(),
            region: "cn-north-1".parse().unwrap(),
            target: Resource::new(ResourceKind::AccessKey, key),
            incident: "q-1a2b3c4d".to_owned(),
            by: by.to_owned(),
            at: Time::UNIX_EPOCH,
            undoes: None,
            notice: None,
            others: Vec::new(),
            choices: crate::action::Choices::new(),
        };
        let disable = Mutation::Iam(IamCall::UpdateAccessKey {
            user: "deploy-bot".parse().unwrap(),
            key: key.parse().unwrap(),
            status: KeyStatus::Inactive,
        });
        let protect = Mutation::Ec2(Ec2Call::SetTerminationProtection {
            instance: "i-0ab12cd34ef567890".parse().unwrap(),
            on: true,
        });
        for (by, partition) in [
            ("arn:aws:iam::111122223333:user/oncall-1", "aws"),
            ("arn:aws-cn:iam::111122223333:user/oncall-1", "aws-cn"),
            ("arn:aws-us-gov:sts::111122223333:assumed-role/r/oncall-1", "aws-us-gov"),
            ("", "aws"),
        ] {
            let request = request(by);
            assert_eq!(
                disable.target_arn(&request),
                format!("arn:{partition}:iam::111122223333:user/deploy-bot")
            );
            assert_eq!(
                protect.target_arn(&request),
                format!("arn:{partition}:ec2:cn-north-1:111122223333:instance/i-0ab12cd34ef567890")
            );
        }
    }
}
