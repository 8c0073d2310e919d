//! What AWS answers to a `Query`, reduced to what plans and screens use.

mod cloudtrail;
mod ec2;
mod iam;
mod organizations;

pub use cloudtrail::{Trail, TrailEvent};
pub use ec2::{Group, Instance, Interface, Routes, Rule, Snapshot, Tags, Volume, Vpc};
pub use iam::{AccessKey, AccessKeyUse, KeyStatus, Policies};
pub use organizations::{Member, Organization, Root, Scp, ScpText};

use serde::{Deserialize, Serialize};

use super::hub::HubFinding;
use crate::domain::PolicyTargetId;

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
    Organization(Organization),
    Roots(Vec<Root>),
    Member(Member),
    /// Service control policies, sorted by id.
    Scps(Vec<Scp>),
    /// The policy of a name, where there is one.
    ScpText(Option<ScpText>),
    /// What a policy is attached to, sorted.
    PolicyTargets(Vec<PolicyTargetId>),
}
