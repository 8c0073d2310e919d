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
    /// A Secrets Manager secret, by its name or ARN.
    Secret,
    /// A KMS key, by its id.
    Key,
    /// An IP address or CIDR that traffic comes from or goes to.
    Address,
    /// A user of IAM Identity Center, by the id in the identity store.
    IdentityUser,
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
    /// The kind that an id or ARN shows by its shape; none where it could be several.
    #[must_use]
    pub fn of_id(text: &str) -> Option<Self> {
        if let Ok(arn) = text.parse::<super::Arn>() {
            let resource = arn.resource();
            return Some(
                match (arn.service(), resource.split(['/', ':']).next().unwrap_or_default()) {
                    ("ec2", "instance") => Self::Instance,
                    ("iam", "user") => Self::User,
                    ("iam", "role") | ("sts", "assumed-role") => Self::Role,
                    ("s3", _) => Self::Bucket,
                    ("lambda", "function") => Self::Function,
                    ("rds", "db" | "cluster") => Self::Database,
                    ("eks", "cluster") => Self::Cluster,
                    ("sns", _) => Self::Topic,
                    ("secretsmanager", "secret") => Self::Secret,
                    ("kms", "key") => Self::Key,
                    ("organizations", "account") => Self::Account,
                    ("identitystore", "user") => Self::IdentityUser,
                    ("securityhub", _) => Self::Finding,
                    _ => return None,
                },
            );
        }
        let starts = |prefix: &str| text.starts_with(prefix);
        if starts("i-") {
            Some(Self::Instance)
        } else if starts("AKIA") || starts("ASIA") {
            Some(Self::AccessKey)
        } else if is_address(text) {
            Some(Self::Address)
        } else if text.parse::<super::AccountId>().is_ok() {
            Some(Self::Account)
        } else {
            None
        }
    }

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
            Self::Secret => "secret",
            Self::Key => "KMS key",
            Self::Address => "address",
            Self::IdentityUser => "Identity Center user",
            Self::Finding => "finding",
            Self::Other => "resource",
        }
    }
}

/// An address, or a range of them.
fn is_address(text: &str) -> bool {
    let (address, bits) = text.split_once('/').unwrap_or((text, "0"));
    address.parse::<core::net::IpAddr>().is_ok() && bits.parse::<u8>().is_ok_and(|bits| bits <= 128)
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.id)
    }
}
