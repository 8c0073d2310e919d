//! The part of a scenario file that tells of IAM Identity Center: who enters which account, and with what.

use serde::Deserialize;
use toml::Spanned;

use super::schema::Name;
use crate::domain::Region;

/// The organisation's instance, which belongs to the management account.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityCenter {
    /// Its home.
    pub region: Spanned<Region>,
    #[serde(default)]
    pub user: Vec<CenterUser>,
    #[serde(default)]
    pub permission_set: Vec<PermissionSet>,
    #[serde(default)]
    pub assignment: Vec<CenterAssignment>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CenterUser {
    pub name: Name,
    /// Groups by name; each is there because somebody is in it.
    #[serde(default)]
    pub groups: Vec<String>,
    /// The identity provider that the user comes from.
    pub issuer: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PermissionSet {
    pub name: Name,
    /// AWS managed policies by name.
    #[serde(default)]
    pub managed: Vec<Name>,
}

/// A permission set in an account, for a user or a group. It makes the role of that set in the account.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CenterAssignment {
    pub account: Name,
    pub permission_set: Name,
    pub user: Option<Name>,
    pub group: Option<Name>,
}
