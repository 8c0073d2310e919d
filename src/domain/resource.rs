//! What a finding is about.

use serde::{Deserialize, Serialize};
use std::fmt;

use super::Untrusted;

/// The kinds of resource that quell knows how to look into; everything else is `Other`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResourceKind {
    Instance,
    AccessKey,
    User,
    Role,
    Bucket,
    Function,
    Database,
    Cluster,
    Account,
    /// An SNS topic, by its ARN.
    Topic,
    /// A Security Hub finding, by its id, which is mostly an ARN.
    Finding,
    Other,
}

/// A resource as a finding names it. The id is what AWS calls it (`i-…`, `AKIA…`, a bucket name); attackers choose some
/// of these, so it is `Untrusted`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    pub kind: ResourceKind,
    pub id: Untrusted,
}

impl Resource {
    /// A resource of a kind, by its AWS id.
    pub fn new(kind: ResourceKind, id: impl Into<String>) -> Self {
        Self {
            kind,
            id: Untrusted::new(id),
        }
    }
}

impl ResourceKind {
    /// The word shown beside an id.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Instance => "instance",
            Self::AccessKey => "access key",
            Self::User => "user",
            Self::Role => "role",
            Self::Bucket => "bucket",
            Self::Function => "function",
            Self::Database => "database",
            Self::Cluster => "cluster",
            Self::Account => "account",
            Self::Topic => "topic",
            Self::Finding => "finding",
            Self::Other => "resource",
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.id)
    }
}
