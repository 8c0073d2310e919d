//! The questions an action may ask of an account. Closed, so that every one of them is known to be a read.

mod autoscaling;
mod cloudtrail;
mod ebs;
mod ec2;
mod elb;
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

pub use autoscaling::AutoScalingQuery;
pub use cloudtrail::{CloudTrailQuery, LookupKey};
pub use ebs::EbsQuery;
pub use ec2::Ec2Query;
pub use elb::ElbQuery;
pub use iam::IamQuery;
pub use kms::KmsQuery;
pub use lambda::LambdaQuery;
pub use network::NetworkQuery;
pub use organizations::OrganizationsQuery;
pub use rds::RdsQuery;
pub use s3::S3Query;
pub use secrets::SecretsQuery;
pub use securityhub::SecurityHubQuery;
pub use sns::SnsQuery;
pub use ssm::SsmQuery;
pub use sso::SsoQuery;
pub use waf::WafQuery;

use super::by_service::by_service;

/// What every service's list of questions says about each of them.
trait Ask {
    /// Whether the answer only informs.
    fn is_advisory(&self) -> bool;

    /// The IAM permissions that the read needs.
    fn permissions(&self) -> &'static [&'static str];
}

/// One read. The account and region are those of the target.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Query {
    Ec2(Ec2Query),
    Ebs(EbsQuery),
    Iam(IamQuery),
    SecurityHub(SecurityHubQuery),
    AutoScaling(AutoScalingQuery),
    CloudTrail(CloudTrailQuery),
    Elb(ElbQuery),
    Kms(KmsQuery),
    Lambda(LambdaQuery),
    Network(NetworkQuery),
    Organizations(OrganizationsQuery),
    Rds(RdsQuery),
    S3(S3Query),
    Secrets(SecretsQuery),
    Sns(SnsQuery),
    Sso(SsoQuery),
    Ssm(SsmQuery),
    Waf(WafQuery),
}

by_service!(Query, "ask":
    Ec2(Ec2Query),
    Ebs(EbsQuery),
    Iam(IamQuery),
    SecurityHub(SecurityHubQuery),
    AutoScaling(AutoScalingQuery),
    CloudTrail(CloudTrailQuery),
    Elb(ElbQuery),
    Kms(KmsQuery),
    Lambda(LambdaQuery),
    Network(NetworkQuery),
    Organizations(OrganizationsQuery),
    Rds(RdsQuery),
    S3(S3Query),
    Secrets(SecretsQuery),
    Sns(SnsQuery),
    Sso(SsoQuery),
    Ssm(SsmQuery),
    Waf(WafQuery),
);

impl Query {
    /// Whether the answer only informs: who else is near, when a key was last used. Such answers may change between plan and
    /// apply without making the plan wrong; every other answer may not.
    #[must_use]
    pub fn is_advisory(&self) -> bool {
        match self {
            Self::Ec2(query) => query.is_advisory(),
            Self::Ebs(query) => query.is_advisory(),
            Self::Iam(query) => query.is_advisory(),
            Self::SecurityHub(query) => query.is_advisory(),
            Self::AutoScaling(query) => query.is_advisory(),
            Self::CloudTrail(query) => query.is_advisory(),
            Self::Elb(query) => query.is_advisory(),
            Self::Kms(query) => query.is_advisory(),
            Self::Lambda(query) => query.is_advisory(),
            Self::Network(query) => query.is_advisory(),
            Self::Organizations(query) => query.is_advisory(),
            Self::Rds(query) => query.is_advisory(),
            Self::S3(query) => query.is_advisory(),
            Self::Secrets(query) => query.is_advisory(),
            Self::Sns(query) => query.is_advisory(),
            Self::Sso(query) => query.is_advisory(),
            Self::Ssm(query) => query.is_advisory(),
            Self::Waf(query) => query.is_advisory(),
        }
    }

    /// The IAM permissions that the read needs.
    #[must_use]
    pub fn permissions(&self) -> &'static [&'static str] {
        match self {
            Self::Ec2(query) => query.permissions(),
            Self::Ebs(query) => query.permissions(),
            Self::Iam(query) => query.permissions(),
            Self::SecurityHub(query) => query.permissions(),
            Self::AutoScaling(query) => query.permissions(),
            Self::CloudTrail(query) => query.permissions(),
            Self::Elb(query) => query.permissions(),
            Self::Kms(query) => query.permissions(),
            Self::Lambda(query) => query.permissions(),
            Self::Network(query) => query.permissions(),
            Self::Organizations(query) => query.permissions(),
            Self::Rds(query) => query.permissions(),
            Self::S3(query) => query.permissions(),
            Self::Secrets(query) => query.permissions(),
            Self::Sns(query) => query.permissions(),
            Self::Sso(query) => query.permissions(),
            Self::Ssm(query) => query.permissions(),
            Self::Waf(query) => query.permissions(),
        }
    }
}
