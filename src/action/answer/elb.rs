//! What Elastic Load Balancing answers, reduced to what plans and screens use.

use serde::{Deserialize, Serialize};

use crate::domain::{Arn, Untrusted, VpcId};

/// Where load balancers send traffic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetGroup {
    pub arn: Arn,
    pub name: Untrusted,
    pub vpc: Option<VpcId>,
    /// `instance`, `ip`, `lambda`, `alb`.
    pub target_type: String,
    /// `HTTP`, `HTTPS`, `TCP`, `TLS`, `UDP`, `TCP_UDP`, `GENEVE`, …
    pub protocol: String,
    /// The ARNs of the load balancers that use it.
    pub load_balancers: Vec<String>,
}

/// A target that is registered. One that drains is not any more.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registered {
    /// An instance id or an address.
    pub id: String,
    pub port: Option<i32>,
    /// `all`, or a zone, for an address outside of the VPC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

impl TargetGroup {
    /// Whether a Network Load Balancer is before it, by its protocol (Elastic Load Balancing API reference, `CreateTargetGroup`).
    #[must_use]
    pub fn is_network(&self) -> bool {
        matches!(
            self.protocol.as_str(),
            "TCP" | "TLS" | "UDP" | "TCP_UDP" | "QUIC" | "TCP_QUIC"
        )
    }
}
