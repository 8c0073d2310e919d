//! What may be asked of Auto Scaling.

use serde::{Deserialize, Serialize};

use super::Ask;
use crate::domain::InstanceId;

/// One read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case", deny_unknown_fields)]
pub enum AutoScalingQuery {
    /// `DescribeAutoScalingInstances` for one id: the group that it is in, if any.
    ScalingMember { id: InstanceId },
    /// `DescribeAutoScalingGroups` for one name.
    ScalingGroup { name: String },
}

impl Ask for AutoScalingQuery {
    fn is_advisory(&self) -> bool {
        match self {
            Self::ScalingMember { .. } => false,
            // A group's sizes move all day. Where that changes the plan, its calls differ.
            Self::ScalingGroup { .. } => true,
        }
    }

    fn permissions(&self) -> &'static [&'static str] {
        match self {
            Self::ScalingMember { .. } => &["autoscaling:DescribeAutoScalingInstances"],
            Self::ScalingGroup { .. } => &["autoscaling:DescribeAutoScalingGroups"],
        }
    }
}
