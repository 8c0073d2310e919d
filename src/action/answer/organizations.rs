//! What Organizations answers, reduced to what plans and screens use.

use serde::{Deserialize, Serialize};

use crate::domain::{AccountId, PolicyId, PolicyTargetId, RoleName, Untrusted};

/// The organisation, and how quell enters its accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organization {
    /// Service control policies do not bind this account.
    pub management: AccountId,
    pub reader_role: RoleName,
    pub responder_role: RoleName,
}

/// A root of the organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Root {
    pub id: PolicyTargetId,
    /// Whether service control policies are enabled in it.
    pub scps: bool,
}

/// An account of the organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    pub id: AccountId,
    pub name: Untrusted,
    /// `ACTIVE`, or what AWS says else: `SUSPENDED`, `PENDING_CLOSURE`, `CLOSED`.
    pub state: Untrusted,
}

/// A service control policy, without its text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scp {
    pub id: PolicyId,
    pub name: Untrusted,
}

/// A service control policy with its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScpText {
    pub id: PolicyId,
    pub content: Untrusted,
}
