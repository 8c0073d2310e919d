//! The part of a scenario file that tells how traffic comes to instances and goes from them.

use serde::Deserialize;
use toml::Spanned;

use super::schema::Name;
use crate::domain::Region;

/// An interface endpoint of a VPC for a service of AWS, in every subnet of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// The last word of the service's name: `ssm`.
    pub service: Name,
    pub vpc: Name,
    pub groups: Vec<Name>,
}

/// A target group, and the load balancer before it, of which nothing is there but its ARN.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetGroup {
    pub name: Name,
    pub vpc: Name,
    /// `HTTP`, `HTTPS`: an Application Load Balancer. `TCP`, `TLS`, `UDP`: a Network Load Balancer.
    pub protocol: Spanned<String>,
    pub port: u16,
    /// Targets are the instances' first addresses and not the instances.
    #[serde(default)]
    pub by_address: bool,
    /// Instances by name, all of each name.
    #[serde(default)]
    pub instances: Vec<Name>,
}

/// An Auto Scaling group.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScalingGroup {
    pub name: Name,
    /// Instances by name, all of each name; as many are wanted.
    pub instances: Vec<Name>,
    pub min: u16,
    pub max: Spanned<u16>,
    /// Target groups by name.
    #[serde(default)]
    pub target_groups: Vec<Name>,
}

/// A regional IP set of AWS WAF.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IpSet {
    pub name: Name,
    pub account: Name,
    pub region: Spanned<Region>,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub ipv6: bool,
    #[serde(default)]
    pub addresses: Vec<String>,
}

/// What Systems Manager knows of the agent on an instance.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Agent {
    /// It answers.
    Online,
    /// It once registered, and is silent now.
    Lost,
}
