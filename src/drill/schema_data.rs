//! Buckets and functions, as a scenario file writes them.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::schema::Name;
use super::values::Age;
use crate::domain::Region;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bucket {
    pub name: Spanned<String>,
    pub account: Name,
    pub region: Spanned<Region>,
    pub created: Age,
    /// The bucket's policy as JSON text.
    pub policy: Option<Spanned<String>>,
    /// Which of the four settings of the public access block are on; without it there is no such block.
    pub block: Option<Vec<Setting>>,
    /// Whether its ACL lets everybody read.
    #[serde(default)]
    pub public_acl: bool,
    /// Whether it serves a website.
    #[serde(default)]
    pub website: bool,
    /// Whether it keeps versions.
    #[serde(default)]
    pub versioned: bool,
    /// The name of the role by which it is replicated, and the bucket that it is replicated to.
    pub replicated: Option<Replicated>,
    /// The bucket that its access log goes to.
    pub logged_to: Option<String>,
    /// Contents by key.
    #[serde(default)]
    pub objects: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replicated {
    pub role: String,
    pub to: String,
}

/// A setting of the public access block, by S3's own name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Setting {
    BlockPublicAcls,
    IgnorePublicAcls,
    BlockPublicPolicy,
    RestrictPublicBuckets,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    pub name: String,
    pub account: Name,
    pub region: Spanned<Region>,
    pub modified: Age,
    pub runtime: String,
    /// The name of its execution role.
    pub role: String,
    /// How many may run at once, where that is set.
    pub reserved: Option<u32>,
    /// The main function's name, where this is a replica of Lambda@Edge.
    pub edge_of: Option<String>,
    /// Its resource policy as JSON text.
    pub policy: Option<String>,
    /// How many versions of it were published.
    #[serde(default)]
    pub versions: u32,
    /// The version that each alias stands for.
    #[serde(default)]
    pub aliases: BTreeMap<String, u32>,
    /// The resource policies of aliases and versions as JSON text.
    #[serde(default)]
    pub qualified_policies: BTreeMap<String, String>,
    /// The ARNs of what wakes it.
    #[serde(default)]
    pub sources: Vec<String>,
    /// The sign-in of its URLs (`NONE`, `AWS_IAM`), by alias; the empty alias is the function itself.
    #[serde(default)]
    pub urls: BTreeMap<String, String>,
    /// Provisioned concurrency, by alias.
    #[serde(default)]
    pub provisioned: BTreeMap<String, u32>,
}
