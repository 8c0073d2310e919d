//! The part of a scenario file that tells what GuardDuty and Security Hub have found.

use serde::Deserialize;
use toml::Spanned;

use super::schema::Name;
use super::values::{Age, Moment, Target};
use crate::domain::Region;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// A GuardDuty finding type.
    #[serde(rename = "type")]
    pub kind: Name,
    pub account: Name,
    pub region: Spanned<Region>,
    pub resource: Spanned<Target>,
    /// Without it the type's own severity.
    pub severity: Option<Spanned<f64>>,
    /// How long ago it was last seen. Without it and `at`, now.
    pub age: Option<Age>,
    /// When it appears, if not at the start.
    pub at: Option<Moment>,
    /// How often the activity was seen.
    #[serde(default = "once")]
    pub count: u32,
    /// One finding for each of the first so many instances of that name.
    #[serde(default = "super::schema::one")]
    pub copies: Spanned<u16>,
    pub title: Option<String>,
    pub remote_ip: Option<String>,
    pub domain: Option<String>,
    pub api: Option<String>,
    /// The database's or cluster's user who acted, where the finding is about one.
    pub user: Option<String>,
    #[serde(default)]
    pub archived: bool,
}

fn once() -> u32 {
    1
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// A Security Hub control, such as `S3.8`.
    pub id: String,
    pub title: String,
    pub severity: Label,
    pub account: Name,
    pub region: Spanned<Region>,
    pub resource: Spanned<Target>,
    pub age: Age,
    #[serde(default)]
    pub passed: bool,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Label {
    Critical,
    High,
    Medium,
    Low,
    Informational,
}
