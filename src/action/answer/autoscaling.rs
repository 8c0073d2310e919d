//! What Auto Scaling answers, reduced to what plans and screens use.

use serde::{Deserialize, Serialize};

use crate::domain::Untrusted;

/// An instance as its Auto Scaling group sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScalingMember {
    pub group: Untrusted,
    /// `InService`, `Standby`, `EnteringStandby`, `Pending`, `Terminating`, `Detaching`, …
    pub state: String,
}

/// An Auto Scaling group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScalingGroup {
    pub name: Untrusted,
    pub min: i32,
    pub max: i32,
    pub desired: i32,
    /// How many of its instances are `InService`.
    pub in_service: usize,
    /// `EC2`, `ELB`, …: what tells it that an instance is not healthy.
    pub health_check: String,
}
