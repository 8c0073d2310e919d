//! What AWS answers to a `Query`, reduced to what plans and screens use.

mod cloudtrail;
mod ec2;
mod iam;
mod kms;
mod rds;
mod secrets;

pub use cloudtrail::{Trail, TrailEvent};
pub use ec2::{Group, Instance, Interface, Routes, Rule, Snapshot, Tags, Volume, Vpc};
pub use iam::{AccessKey, AccessKeyUse, KeyStatus, Policies};
pub use kms::{Disks, Evidence, KeyGrant, KeyUse, KmsKey};
pub use rds::{Database, DatabaseSnapshot};
pub use secrets::Secret;

use serde::{Deserialize, Serialize};

use super::hub::HubFinding;
use crate::domain::Untrusted;

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
    KmsKey(Box<KmsKey>),
    KeyGrants(Vec<KeyGrant>),
    KeyTags(Tags),
    Disks(Disks),
    Evidence(Vec<Evidence>),
    Database(Box<Database>),
    Databases(Vec<Database>),
    DatabaseSnapshot(DatabaseSnapshot),
    Secret(Box<Secret>),
    /// Things that name the key which they are encrypted with.
    KeyUses(Vec<KeyUse>),
    /// Names of things, chosen by whoever made them.
    Names(Vec<Untrusted>),
}
