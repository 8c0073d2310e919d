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
