//! What AWS answers to a `Query`, reduced to what plans and screens use.

mod cloudtrail;
mod ec2;
mod iam;
mod lambda;
mod s3;

pub use cloudtrail::{Trail, TrailEvent};
pub use ec2::{Group, Instance, Interface, Routes, Rule, Snapshot, Tags, Volume, Vpc};
pub use iam::{AccessKey, AccessKeyUse, KeyStatus, Policies};
pub use lambda::{EventSource, Function, FunctionUrl, Provisioned};
pub use s3::{AclGrant, BucketHome, PublicBlock, QuellRoles, Replication};

use serde::{Deserialize, Serialize};

use super::hub::HubFinding;

/// The answer to one query, of the same name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", content = "value", rename_all = "kebab-case")]
pub enum Answer {
    Instance(Box<Instance>),
    TerminationProtection(bool),
    Interfaces(Vec<Interface>),
    Volumes(Vec<Volume>),
    Vpc(Vpc),
    Groups(Vec<Group>),
    Routes(Routes),
    Snapshots(Vec<Snapshot>),
    /// The names of the profile's roles; in practice one.
    ProfileRoles(Vec<String>),
    /// Names of managed (by ARN) and inline policies.
    Policies(Policies),
    AccessKeyUse(AccessKeyUse),
    AccessKeys(Vec<AccessKey>),
    /// Those of the findings that Security Hub has, sorted.
    HubFindings(Vec<HubFinding>),
    Trail(Trail),
    BucketHome(BucketHome),
    /// None where there is no such setting.
    PublicBlock(Option<PublicBlock>),
    /// The text, byte for byte; none where there is no policy.
    BucketPolicy(Option<String>),
    /// None where there is no policy.
    PolicyIsPublic(Option<bool>),
    BucketAcl(Vec<AclGrant>),
    /// Whether the bucket serves a website.
    BucketWebsite(bool),
    BucketReplication(Option<Replication>),
    QuellRoles(QuellRoles),
    Function(Function),
    /// None where nothing is reserved, which is no limit but the account's.
    ReservedConcurrency(Option<i32>),
    EventSources(Vec<EventSource>),
    FunctionUrls(Vec<FunctionUrl>),
    /// The resource policy's text; none where there is none.
    FunctionPolicy(Option<String>),
    Provisioned(Vec<Provisioned>),
}
