//! The part of a scenario file that tells of KMS keys, databases and secrets.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::schema::Name;
use super::values::{Age, Moment};
use crate::domain::Region;

/// A KMS key with one alias.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KmsKey {
    /// Its alias, without `alias/`. One that begins with `aws/` is AWS's own.
    pub name: Name,
    /// Its id, where an event of the scenario names it.
    pub id: Option<String>,
    pub account: Name,
    pub region: Spanned<Region>,
    pub created: Age,
    #[serde(default)]
    pub description: String,
    /// Roles of the account that hold a grant.
    #[serde(default)]
    pub grants: Vec<Name>,
    /// Where its replicas are, for a multi-Region key.
    #[serde(default)]
    pub replicas: Vec<Spanned<Region>>,
    #[serde(default)]
    pub disabled: bool,
    /// From when on it waits for its deletion.
    pub deletion_at: Option<Moment>,
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// An RDS instance, or a cluster of Aurora or `DocumentDB` where it has members.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    pub name: Name,
    pub vpc: Name,
    pub groups: Vec<Name>,
    pub created: Age,
    /// Without it `postgres`, or `aurora-postgresql` for a cluster.
    pub engine: Option<String>,
    /// Instances of a cluster, the first of them the writer. Without it there is no cluster.
    #[serde(default)]
    pub members: u8,
    #[serde(default)]
    pub public: bool,
    #[serde(default)]
    pub stopped: bool,
    /// The alias of the key that it is encrypted with.
    pub key: Option<Name>,
    /// Whether Secrets Manager has the master user's password.
    #[serde(default)]
    pub managed_password: bool,
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// A secret.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    pub name: Name,
    /// The six characters at the end of its ARN, where an event of the scenario names it.
    pub suffix: Option<String>,
    pub account: Name,
    pub region: Spanned<Region>,
    pub created: Age,
    #[serde(default)]
    pub description: String,
    pub key: Option<Name>,
    /// The name of the function that rotates it. Without it, it is not rotated.
    pub rotation: Option<String>,
    /// Whether that function fails.
    #[serde(default)]
    pub broken: bool,
    /// When it was rotated last.
    pub rotated: Option<Age>,
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}
