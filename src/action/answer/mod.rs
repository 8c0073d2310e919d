//! What AWS answers to a `Query`, reduced to what plans and screens use.

mod cloudtrail;
mod ec2;
mod iam;

pub use cloudtrail::{Trail, TrailEvent};
pub use ec2::{Group, Instance, Interface, Routes, Rule, Snapshot, Tags, Volume, Vpc};
pub use iam::{AccessKey, AccessKeyUse, IamRole, IamUser, KeyStatus, Policies, RoleUse, Simulated, UserGrants};

use serde::{Deserialize, Serialize};

use super::hub::HubFinding;
use crate::domain::UserGroupName;

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
    IamUser(IamUser),
    IamRole(IamRole),
    RoleUse(RoleUse),
    /// Names of instance profiles, sorted.
    RoleProfiles(Vec<String>),
    UserGrants(UserGrants),
    /// Names of groups, sorted.
    UserGroups(Vec<UserGroupName>),
    /// The inline policy as it is written, where there is one of that name.
    InlinePolicy(Option<String>),
    /// Characters of all inline policies together, white space aside.
    InlineSize(usize),
    /// Whether there is a password for the console.
    LoginProfile(bool),
    /// Sorted by action.
    Simulated(Vec<Simulated>),
}
