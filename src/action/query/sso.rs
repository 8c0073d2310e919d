//! What may be asked of IAM Identity Center and its identity store.

use serde::{Deserialize, Serialize};

use super::Ask;
use crate::domain::{Arn, IdentityStoreId, StoreEntryId, StoreUserName};

/// One read. It is answered in the instance's home region, in the management account or the delegated one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case", deny_unknown_fields)]
pub enum SsoQuery {
    /// `ListInstances`.
    IdentityCenters {},
    /// `GetUserId` by the user's name.
    IdentityUserId {
        store: IdentityStoreId,
        name: StoreUserName,
    },
    /// `DescribeUser`.
    IdentityUser { store: IdentityStoreId, user: StoreEntryId },
    /// `ListGroupMembershipsForMember`.
    Memberships { store: IdentityStoreId, user: StoreEntryId },
    /// `ListAccountAssignmentsForPrincipal`: the user's own, and those through groups.
    Assignments { instance: Arn, user: StoreEntryId },
    /// `DescribePermissionSet`, for its name.
    PermissionSetName { instance: Arn, permission_set: Arn },
    /// `DescribeGroup`, for its name.
    GroupName {
        store: IdentityStoreId,
        group: StoreEntryId,
    },
}

impl Ask for SsoQuery {
    /// Names change, and nothing rests on them; the words of the calls hold them, so a plan with other names is made anew.
    fn is_advisory(&self) -> bool {
        match self {
            Self::PermissionSetName { .. } | Self::GroupName { .. } => true,
            Self::IdentityCenters {}
            | Self::IdentityUserId { .. }
            | Self::IdentityUser { .. }
            | Self::Memberships { .. }
            | Self::Assignments { .. } => false,
        }
    }

    fn permissions(&self) -> &'static [&'static str] {
        match self {
            Self::IdentityCenters {} => &["sso:ListInstances"],
            Self::IdentityUserId { .. } => &["identitystore:GetUserId"],
            Self::IdentityUser { .. } => &["identitystore:DescribeUser"],
            Self::Memberships { .. } => &["identitystore:ListGroupMembershipsForMember"],
            Self::PermissionSetName { .. } => &["sso:DescribePermissionSet"],
            Self::GroupName { .. } => &["identitystore:DescribeGroup"],
            Self::Assignments { .. } => &["sso:ListAccountAssignmentsForPrincipal"],
        }
    }
}
