//! The part of a scenario file that tells of administrators across accounts, queues, rules and events.

use serde::Deserialize;
use toml::Spanned;

use super::schema::Name;
use super::values::{Age, Moment};
use crate::domain::Region;

/// Security Hub's finding aggregator.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aggregator {
    /// The home region.
    pub region: Spanned<Region>,
    #[serde(default)]
    pub mode: Mode,
    /// The regions that the mode speaks of.
    #[serde(default)]
    pub regions: Vec<Spanned<Region>>,
}

/// `RegionLinkingMode`.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Mode {
    #[default]
    AllRegions,
    AllRegionsExceptSpecified,
    SpecifiedRegions,
}

/// A queue that the reader and responder roles of its account may empty.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Queue {
    pub name: Name,
    pub account: Name,
    pub region: Spanned<Region>,
}

/// An EventBridge rule of a default bus, with one target: a queue, or the default bus of another account.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub name: Name,
    pub account: Name,
    pub region: Spanned<Region>,
    /// As EventBridge has it.
    pub pattern: Spanned<serde_json::Value>,
    /// A queue's name.
    pub queue: Option<Name>,
    /// An account's name.
    pub bus: Option<Name>,
    /// The region of that account's bus; without it the rule's own.
    pub bus_region: Option<Spanned<Region>>,
}

/// Something that happens besides findings, put on the default bus of its account and region.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    pub account: Name,
    pub region: Spanned<Region>,
    /// How long ago. Without it and `at`, now.
    pub age: Option<Age>,
    /// When it happens, if not before the start.
    pub at: Option<Moment>,
    pub source: String,
    pub detail_type: String,
    #[serde(default)]
    pub resources: Vec<String>,
    pub detail: serde_json::Value,
}

/// A text that somebody puts into a queue by hand.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    pub queue: Name,
    pub body: String,
    /// How long ago. Without it and `at`, now.
    pub age: Option<Age>,
    pub at: Option<Moment>,
}

/// An event of CloudTrail's history.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrailEvent {
    pub account: Name,
    pub region: Spanned<Region>,
    /// The operation: `GetSecretValue`.
    pub name: String,
    /// The service's prefix: `secretsmanager`.
    pub source: String,
    /// A user of the account, whose first key was used, or `root`.
    pub user: Option<Name>,
    /// A role of the account.
    pub role: Option<Name>,
    /// A user of Identity Center, in the account's role of its permission set.
    pub person: Option<Name>,
    /// The session's name; an instance's name stands for its id.
    pub session: Option<String>,
    /// How long ago. Without it and `at`, now.
    pub age: Option<Age>,
    pub at: Option<Moment>,
    /// So many, a minute apart.
    #[serde(default = "super::schema::one")]
    pub count: Spanned<u16>,
    pub ip: Option<String>,
    #[serde(default = "agent")]
    pub agent: String,
    /// The error's code, as CloudTrail has it.
    pub error: Option<String>,
    /// Without it, what the name says.
    pub read_only: Option<bool>,
    #[serde(default)]
    pub parameters: serde_json::Value,
    #[serde(default)]
    pub resource: Vec<TrailResource>,
}

/// What an event names.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrailResource {
    /// `AWS::SecretsManager::Secret`
    #[serde(rename = "type")]
    pub kind: String,
    pub name: String,
}

fn agent() -> String {
    "aws-cli/2.22.0 md/awscrt#0.23.1 ua/2.0 os/linux".to_owned()
}
