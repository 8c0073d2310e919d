//! What IAM Identity Center and its identity store answer, reduced to what plans and screens use.

use serde::{Deserialize, Serialize};

use crate::domain::{AccountId, Arn, IdentityStoreId, StoreEntryId, Untrusted};

/// An instance of IAM Identity Center.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityCenter {
    pub arn: Arn,
    pub store: IdentityStoreId,
    pub owner: AccountId,
}

/// A user in the identity store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityUser {
    pub name: Untrusted,
    /// Who issued the user's ids outside, where an identity provider keeps the user.
    pub issuers: Vec<Untrusted>,
    /// `ENABLED` or `DISABLED`, where AWS says it.
    pub status: Option<Untrusted>,
}

/// That a user is in a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Membership {
    pub group: StoreEntryId,
    pub id: StoreEntryId,
}

/// That a user may enter an account with a permission set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    pub account: AccountId,
    pub permission_set: Arn,
    /// The group that has it; none where it is the user's own.
    pub through: Option<StoreEntryId>,
}
