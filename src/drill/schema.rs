//! The scenario file as it is written. Every table refuses fields that it does not know.
//!
//! Names of other things in the file are kept with their place (`Spanned`), so that a name that leads nowhere can be shown.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::bulk::Bulk;
use super::forensic;
pub use super::schema_center::IdentityCenter;
pub use super::schema_data::{Bucket, Function};
pub use super::schema_events::{Aggregator, Event, Message, Mode, Queue, Rule, TrailEvent};
pub use super::schema_findings::{Control, Finding, Label};
pub use super::schema_keys::{Database, KmsKey, Secret};
pub use super::schema_traffic::{Agent, Endpoint, IpSet, ScalingGroup, TargetGroup};
use super::values::{Age, RuleText};
use crate::domain::{AccountId, Region};

/// A name of something that must exist elsewhere in the file.
pub type Name = Spanned<String>;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    pub name: String,
    /// One line for a list of drills.
    pub title: String,
    /// What happened, as the trainee is told.
    pub description: String,
    /// The same seed gives the same ids.
    pub seed: u64,
    /// The first is the one that a console starts in.
    pub regions: Vec<Region>,
    /// The management account's name.
    pub management: Name,
    /// The delegated administrator's name; the responders' users live there.
    pub security: Name,
    pub quell: Quell,
    /// The name of GuardDuty's delegated administrator. Every other account is its member where it has a detector.
    pub guardduty_administrator: Option<Name>,
    /// The name of Security Hub's delegated administrator. Every other account is its member where its hub is enabled.
    pub securityhub_administrator: Option<Name>,
    /// What flows together in the home region of Security Hub's administrator.
    pub aggregator: Option<Aggregator>,
    /// From 2 on: every so-many-th page of the organisation's accounts is empty and yet has a token.
    #[serde(default)]
    pub empty_account_pages: usize,
    pub account: Vec<Account>,
    #[serde(default)]
    pub queue: Vec<Queue>,
    #[serde(default)]
    pub rule: Vec<Rule>,
    #[serde(default)]
    pub event: Vec<Event>,
    #[serde(default)]
    pub message: Vec<Message>,
    /// What CloudTrail's history shows besides the calls that are made in the drill.
    #[serde(default)]
    pub trail: Vec<TrailEvent>,
    #[serde(default)]
    pub key: Vec<KmsKey>,
    #[serde(default)]
    pub database: Vec<Database>,
    #[serde(default)]
    pub secret: Vec<Secret>,
    #[serde(default)]
    pub vpc: Vec<Vpc>,
    #[serde(default)]
    pub group: Vec<Group>,
    #[serde(default)]
    pub instance: Vec<Instance>,
    #[serde(default)]
    pub endpoint: Vec<Endpoint>,
    #[serde(default)]
    pub target_group: Vec<TargetGroup>,
    #[serde(default)]
    pub scaling_group: Vec<ScalingGroup>,
    #[serde(default)]
    pub ip_set: Vec<IpSet>,
    #[serde(default)]
    pub user: Vec<User>,
    #[serde(default)]
    pub role: Vec<Role>,
    pub identity_center: Option<IdentityCenter>,
    #[serde(default)]
    pub topic: Vec<Topic>,
    #[serde(default)]
    pub bucket: Vec<Bucket>,
    #[serde(default)]
    pub function: Vec<Function>,
    #[serde(default)]
    pub finding: Vec<Finding>,
    #[serde(default)]
    pub control: Vec<Control>,
    /// Many accounts and findings at once, for benchmarks.
    pub bulk: Option<Bulk>,
}

/// The short form for what quell itself needs in every account.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quell {
    #[serde(default = "reader")]
    pub reader: String,
    #[serde(default = "responder")]
    pub responder: String,
    /// May assume both roles everywhere.
    #[serde(default = "on_call")]
    pub on_call_user: String,
    /// May assume the reader role everywhere.
    #[serde(default = "watcher")]
    pub watch_user: String,
    /// The name of the `[[topic]]` for notifications.
    pub topic: Name,
    /// Who gets the evidence.
    pub forensic: Option<forensic::Written>,
}

fn reader() -> String {
    "quell-reader".to_owned()
}

fn responder() -> String {
    "quell-responder".to_owned()
}

fn on_call() -> String {
    "oncall-1".to_owned()
}

fn watcher() -> String {
    "watch-1".to_owned()
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    pub id: AccountId,
    pub name: Name,
    #[serde(default)]
    pub ou: String,
    /// Regions where GuardDuty is not enabled.
    #[serde(default)]
    pub guardduty_off: Vec<Spanned<Region>>,
    /// Regions where GuardDuty is suspended: its detector is there, keeps what it found, and finds nothing new.
    #[serde(default)]
    pub guardduty_suspended: Vec<Spanned<Region>>,
    /// Regions where Security Hub is not enabled.
    #[serde(default)]
    pub securityhub_off: Vec<Spanned<Region>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vpc {
    pub name: Name,
    pub account: Name,
    pub region: Spanned<Region>,
    /// The second number of `10.N.0.0/16`.
    pub net: u8,
    #[serde(default)]
    pub ipv6: bool,
    /// Whether private subnets reach the internet through a NAT gateway.
    #[serde(default)]
    pub nat: bool,
    pub subnet: Vec<Subnet>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subnet {
    pub name: Name,
    /// The letter of the availability zone.
    pub zone: char,
    #[serde(default)]
    pub public: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    pub name: Name,
    pub vpc: Name,
    pub description: String,
    #[serde(default)]
    pub ingress: Vec<Spanned<RuleText>>,
    /// Without it the group has AWS's default: everything out.
    pub egress: Option<Vec<Spanned<RuleText>>>,
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a line that an author may write or leave out"
)]
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instance {
    /// Also its `Name` tag, with a number behind it where `count` is over 1.
    pub name: Name,
    #[serde(default = "one")]
    pub count: Spanned<u16>,
    pub vpc: Name,
    pub subnet: Name,
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default = "image")]
    pub image: String,
    pub groups: Vec<Name>,
    /// An instance profile, by its role's name.
    pub profile: Option<Name>,
    pub key_name: Option<String>,
    pub launched: Age,
    #[serde(default)]
    pub public: bool,
    #[serde(default)]
    pub elastic_ip: bool,
    #[serde(default)]
    pub spot: bool,
    #[serde(default)]
    pub stopped: bool,
    /// Whether Systems Manager knows an agent on it, and whether that answers.
    pub ssm: Option<Agent>,
    /// Whether a shutdown from inside ends it. Without it, it is stopped.
    #[serde(default)]
    pub ends_on_shutdown: bool,
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// Interfaces after the first one.
    #[serde(default)]
    pub eni: Vec<Eni>,
    /// Volumes; without any, one root volume of 8 GiB.
    #[serde(default)]
    pub volume: Vec<Volume>,
}

pub fn one() -> Spanned<u16> {
    Spanned::new(0..0, 1)
}

fn image() -> String {
    "ami-0c9c942bd7bf113a2".to_owned()
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Eni {
    pub subnet: Name,
    pub groups: Vec<Name>,
    #[serde(default)]
    pub description: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Volume {
    pub device: String,
    /// GiB.
    pub size: u32,
    #[serde(default)]
    pub encrypted: bool,
    /// The alias of the key that it is encrypted with.
    pub key: Option<Name>,
    #[serde(default)]
    pub keep: bool,
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    pub name: Name,
    pub account: Name,
    pub created: Age,
    #[serde(default)]
    pub key: Vec<Spanned<Key>>,
    #[serde(default)]
    pub policy: Vec<Policy>,
    /// AWS managed policies by name.
    #[serde(default)]
    pub managed: Vec<Name>,
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    pub created: Age,
    pub last_used: Option<Age>,
    #[serde(default)]
    pub service: String,
    #[serde(default)]
    pub region: String,
    #[serde(default)]
    pub inactive: bool,
}

/// An inline policy that allows some actions.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    pub name: String,
    pub allow: Vec<String>,
    #[serde(default = "everything")]
    pub on: Vec<String>,
}

fn everything() -> Vec<String> {
    vec!["*".to_owned()]
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    pub name: Name,
    pub account: Name,
    pub created: Age,
    #[serde(default)]
    pub description: String,
    /// A service (`ec2.amazonaws.com`) or an account's name.
    pub trust: Name,
    #[serde(default)]
    pub policy: Vec<Policy>,
    #[serde(default)]
    pub managed: Vec<Name>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    pub name: Name,
    pub account: Name,
    pub region: Spanned<Region>,
    /// How many get what is published; one where nothing is said.
    #[serde(default = "one_subscriber")]
    pub subscribers: u32,
    /// How many were invited and have not confirmed.
    #[serde(default)]
    pub pending: u32,
}

fn one_subscriber() -> u32 {
    1
}
