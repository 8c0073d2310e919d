//! What may be asked of Organizations.

use serde::{Deserialize, Serialize};

use super::Ask;
use crate::domain::{AccountId, PolicyId, PolicyTargetId};

/// One read. It is answered in the management account, or in one that Organizations is delegated to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case", deny_unknown_fields)]
pub enum OrganizationsQuery {
    /// `DescribeOrganization`, with the names of the roles that quell works with.
    Organization {},
    /// `ListRoots`.
    Roots {},
    /// `DescribeAccount`.
    Member { account: AccountId },
    /// The same, asked where the console signs in, whatever account the plan is for: a member account is told nothing of another.
    Known { account: AccountId },
    /// `ListPoliciesForTarget`: the service control policies that are attached there directly.
    ScpsOn { target: PolicyTargetId },
    /// `ListPolicies`, and `DescribePolicy` of the service control policy with this name.
    ScpNamed { name: String },
    /// `ListTargetsForPolicy`.
    PolicyTargets { policy: PolicyId },
}

impl Ask for OrganizationsQuery {
    fn is_advisory(&self) -> bool {
        match self {
            Self::Known { .. } => true,
            Self::Organization {}
            | Self::Roots {}
            | Self::Member { .. }
            | Self::ScpsOn { .. }
            | Self::ScpNamed { .. }
            | Self::PolicyTargets { .. } => false,
        }
    }

    fn permissions(&self) -> &'static [&'static str] {
        match self {
            Self::Organization {} => &["organizations:DescribeOrganization"],
            Self::Roots {} => &["organizations:ListRoots"],
            Self::Member { .. } | Self::Known { .. } => &["organizations:DescribeAccount"],
            Self::ScpsOn { .. } => &["organizations:ListPoliciesForTarget"],
            Self::ScpNamed { .. } => &["organizations:ListPolicies", "organizations:DescribePolicy"],
            Self::PolicyTargets { .. } => &["organizations:ListTargetsForPolicy"],
        }
    }
}
