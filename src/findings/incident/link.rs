//! What a finding can share with another.
//!
//! Owns: which parts of a finding join it to others, and the words for that. Must never: give an account as such a part.

use std::fmt;

use crate::domain::{AccountId, ResourceKind, Untrusted};
use crate::findings::{Finding, pages};

/// What kind of thing findings share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// A person said so; the journal says who and when.
    Hand,
    /// One is an attack sequence that names the other as its signal.
    Sequence,
    AccessKey,
    User,
    Role,
    Instance,
    Bucket,
    Function,
    Database,
    Cluster,
    Topic,
    Secret,
    Key,
    /// A long event of AWS Health comes in pages, each a finding.
    HealthEvent,
    /// Something else that has an ARN.
    Other,
}

impl Why {
    fn word(self) -> &'static str {
        match self {
            Self::Hand => "joined by hand",
            Self::Sequence => "same attack sequence",
            Self::AccessKey => "same access key",
            Self::User => "same user",
            Self::Role => "same role",
            Self::Instance => "same instance",
            Self::Bucket => "same bucket",
            Self::Function => "same function",
            Self::Database => "same database",
            Self::Cluster => "same cluster",
            Self::Topic => "same topic",
            Self::Secret => "same secret",
            Self::Key => "same KMS key",
            Self::HealthEvent => "same AWS Health event",
            Self::Other => "same resource",
        }
    }
}

/// Why findings are one incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    pub why: Why,
    /// The id of what they share.
    pub what: Untrusted,
    /// How many of the incident's findings share it.
    pub findings: usize,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.why {
            // An event's ARN takes a line and says nothing that its pages do not.
            Why::Hand | Why::Sequence | Why::HealthEvent => f.write_str(self.why.word()),
            why => write!(f, "{} {}", why.word(), self.what),
        }
    }
}

/// One thing that a finding can share. Access keys are unique in all of AWS, everything else in its account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Link {
    pub why: Why,
    account: Option<AccountId>,
    /// Findings that were split off by hand share only among themselves.
    cell: u16,
    pub what: Untrusted,
}

/// Calls back with everything that a finding shares with others, if they have it too. May name a thing twice.
pub fn each(finding: &Finding, cell: u16, mut found: impl FnMut(Link)) {
    if finding.archived {
        return;
    }
    let mut add = |why: Why, what: &Untrusted| {
        if !what.is_empty() {
            found(Link {
                why,
                account: (why != Why::AccessKey).then_some(finding.account),
                cell,
                what: what.clone(),
            });
        }
    };
    if let Some(event) = pages::event(finding) {
        add(Why::HealthEvent, &Untrusted::new(event));
    }
    let principal = &finding.principal;
    if let Some(key) = &principal.access_key {
        add(Why::AccessKey, key);
    }
    if let (Some(name), Some(kind)) = (&principal.name, &principal.kind) {
        match kind.raw() {
            "IAMUser" => add(Why::User, name),
            "AssumedRole" | "Role" if is_somebody(name) => add(Why::Role, name),
            // Root, services, federated users and other accounts: their names say too little about who it was.
            _ => {}
        }
    }
    let all = std::iter::once((true, &finding.resource)).chain(finding.others.iter().map(|r| (false, r)));
    for (main, resource) in all {
        match resource.kind {
            ResourceKind::Instance => add(Why::Instance, &resource.id),
            ResourceKind::AccessKey => add(Why::AccessKey, &resource.id),
            ResourceKind::User => add(Why::User, &resource.id),
            ResourceKind::Role if is_somebody(&resource.id) => add(Why::Role, &resource.id),
            ResourceKind::Bucket => add(Why::Bucket, &resource.id),
            ResourceKind::Function => add(Why::Function, &regional(finding, &resource.id)),
            ResourceKind::Database => add(Why::Database, &regional(finding, &resource.id)),
            ResourceKind::Cluster => add(Why::Cluster, &regional(finding, &resource.id)),
            ResourceKind::Topic => add(Why::Topic, &resource.id),
            ResourceKind::Other if main && resource.id.raw().starts_with("arn:") => add(Why::Other, &resource.id),
            // A KMS key is shared by many victims, so only what is about the key itself is the same.
            ResourceKind::Secret if main => add(Why::Secret, &regional(finding, &resource.id)),
            ResourceKind::Key if main => add(Why::Key, &regional(finding, &resource.id)),
            // An address is shared by many attackers.
            ResourceKind::Role
            | ResourceKind::Account
            | ResourceKind::Secret
            | ResourceKind::Key
            | ResourceKind::Address
            | ResourceKind::IdentityUser
            | ResourceKind::Finding
            | ResourceKind::Other => {}
        }
    }
}

/// These names are unique only in their region.
fn regional(finding: &Finding, name: &Untrusted) -> Untrusted {
    Untrusted::new(format!("{} in {}", name.raw(), finding.region))
}

/// Whether a role is not one that AWS itself or many people use.
fn is_somebody(role: &Untrusted) -> bool {
    !role.raw().starts_with("AWSServiceRoleFor") && !role.raw().starts_with(crate::domain::IDENTITY_CENTER_ROLE)
}

/// When a finding was active, in seconds since 1970: what has no time at all has no activity. Clocks may disagree, so the earlier
/// of its two times is the beginning.
pub fn activity(finding: &Finding) -> Option<(u32, u32)> {
    let seconds = |time: crate::domain::Time| u32::try_from(time.as_second().max(0)).unwrap_or(u32::MAX);
    let first = finding.first_seen.or(finding.updated_at).map(seconds)?;
    let last = finding.updated_at.or(finding.first_seen).map(seconds)?;
    Some((first.min(last), first.max(last)))
}
