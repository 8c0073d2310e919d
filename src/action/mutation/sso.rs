//! What may be changed through IAM Identity Center and its identity store.

use serde::{Deserialize, Serialize};

use super::{Call, Grant, Made, NotMade, Place};
use crate::domain::{AccountId, Arn, IdentityStoreId, StoreEntryId};

/// One call that changes something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "call", deny_unknown_fields)]
pub enum SsoCall {
    DeleteAccountAssignment {
        instance: Arn,
        account: AccountId,
        permission_set: Arn,
        user: StoreEntryId,
    },
    CreateAccountAssignment {
        instance: Arn,
        account: AccountId,
        permission_set: Arn,
        user: StoreEntryId,
    },
    DeleteGroupMembership {
        store: IdentityStoreId,
        membership: StoreEntryId,
        group: StoreEntryId,
    },
    CreateGroupMembership {
        store: IdentityStoreId,
        group: StoreEntryId,
        user: StoreEntryId,
    },
}

impl Call for SsoCall {
    fn permission(&self) -> &'static str {
        match self {
            Self::DeleteAccountAssignment { .. } => "sso:DeleteAccountAssignment",
            Self::CreateAccountAssignment { .. } => "sso:CreateAccountAssignment",
            Self::DeleteGroupMembership { .. } => "identitystore:DeleteGroupMembership",
            Self::CreateGroupMembership { .. } => "identitystore:CreateGroupMembership",
        }
    }

    /// Service Authorization Reference, "AWS IAM Identity Center" and "AWS Identity Store": these ARNs have no region, and mostly no
    /// account.
    fn needs(&self, place: &Place<'_>) -> Vec<Grant> {
        let on = |arn: String| Grant::on(self.permission(), arn);
        let partition = place.partition;
        let store_arn = |id: &IdentityStoreId| on(format!("arn:{partition}:identitystore::*:identitystore/{id}"));
        let entry = |kind: &str, id: &StoreEntryId| on(format!("arn:{partition}:identitystore:::{kind}/{id}"));
        match self {
            Self::DeleteAccountAssignment {
                instance,
                account,
                permission_set,
                ..
            }
            | Self::CreateAccountAssignment {
                instance,
                account,
                permission_set,
                ..
            } => vec![
                on(format!("arn:{partition}:sso:::account/{account}")),
                on(permission_set.to_string()),
                on(instance.to_string()),
            ],
            Self::DeleteGroupMembership {
                store,
                membership,
                group,
            } => vec![
                entry("membership", membership),
                entry("group", group),
                store_arn(store),
                // The reference names the user's ARN for this call, too; the membership, which is its own user's, narrows it.
                on(format!("arn:{partition}:identitystore:::user/*")),
            ],
            Self::CreateGroupMembership { store, group, user } => {
                vec![entry("group", group), entry("user", user), store_arn(store)]
            }
        }
    }

    fn resolve(&mut self, _made: &Made) -> Result<(), NotMade> {
        Ok(())
    }

    /// `was` says it with the names of whom and what it is about, where these are known.
    fn phrase(&self, was: &str) -> String {
        match self {
            Self::DeleteAccountAssignment {
                account,
                permission_set,
                user,
                ..
            } if was.is_empty() => format!("{user}: no longer {} in account {account}", permission_set.name()),
            Self::DeleteAccountAssignment {
                account,
                permission_set,
                ..
            } => format!("take {was} (account {account}, {})", permission_set.name()),
            Self::CreateAccountAssignment {
                account,
                permission_set,
                user,
                ..
            } if was.is_empty() => format!("{user}: {} in account {account} again", permission_set.name()),
            Self::CreateAccountAssignment {
                account,
                permission_set,
                ..
            } => format!("give {was} again (account {account}, {})", permission_set.name()),
            Self::DeleteGroupMembership { membership, group, .. } if was.is_empty() => {
                format!("out of group {group} (membership {membership})")
            }
            Self::DeleteGroupMembership { membership, group, .. } => {
                format!("take {was} (group {group}, membership {membership})")
            }
            Self::CreateGroupMembership { group, user, .. } if was.is_empty() => {
                format!("{user}: into group {group} again")
            }
            Self::CreateGroupMembership { group, .. } => format!("put {was} again (group {group})"),
        }
    }
}
