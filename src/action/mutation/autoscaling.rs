//! What may be changed through Auto Scaling.

use serde::{Deserialize, Serialize};

use super::{Call, Grant, Made, NotMade, Place, literal};
use crate::domain::{InstanceId, Untrusted};

/// One call that changes something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "call", deny_unknown_fields)]
pub enum AutoScalingCall {
    /// `UpdateAutoScalingGroup` of `MinSize`.
    UpdateAutoScalingGroup { group: String, min: i32 },
    /// takes an instance out of service without ending it, and wants one instance less.
    EnterStandby { group: String, instance: InstanceId },
    /// puts it back into service, and wants one instance more.
    ExitStandby { group: String, instance: InstanceId },
    /// takes an instance out of the group for good, and wants one instance less.
    DetachInstances { group: String, instance: InstanceId },
    /// puts an instance into the group, which wants one instance more.
    AttachInstances { group: String, instance: InstanceId },
}

impl AutoScalingCall {
    fn group(&self) -> &str {
        match self {
            Self::UpdateAutoScalingGroup { group, .. }
            | Self::EnterStandby { group, .. }
            | Self::ExitStandby { group, .. }
            | Self::DetachInstances { group, .. }
            | Self::AttachInstances { group, .. } => group,
        }
    }
}

impl Call for AutoScalingCall {
    fn permission(&self) -> &'static str {
        match self {
            Self::UpdateAutoScalingGroup { .. } => "autoscaling:UpdateAutoScalingGroup",
            Self::EnterStandby { .. } => "autoscaling:EnterStandby",
            Self::ExitStandby { .. } => "autoscaling:ExitStandby",
            Self::DetachInstances { .. } => "autoscaling:DetachInstances",
            Self::AttachInstances { .. } => "autoscaling:AttachInstances",
        }
    }

    fn needs(&self, place: &Place<'_>) -> Vec<Grant> {
        // The id in the middle of the ARN says nothing that the name does not. A name may have any printable character but a colon.
        let rest = format!("autoScalingGroup:*:autoScalingGroupName/{}", literal(self.group()));
        vec![Grant::on(self.permission(), place.arn("autoscaling", &rest))]
    }

    fn resolve(&mut self, _made: &Made) -> Result<(), NotMade> {
        Ok(())
    }

    fn phrase(&self, was: &str) -> String {
        let name = Untrusted::new(self.group()).shown();
        match self {
            Self::UpdateAutoScalingGroup { min, .. } => {
                let was = if was.is_empty() {
                    String::new()
                } else {
                    format!("{was} ")
                };
                format!("Auto Scaling group {name}: minimum {was}→ {min}")
            }
            Self::EnterStandby { instance, .. } => format!("Auto Scaling group {name}: {instance} into standby"),
            Self::ExitStandby { instance, .. } => format!("Auto Scaling group {name}: {instance} out of standby"),
            Self::DetachInstances { instance, .. } => format!("Auto Scaling group {name}: detach {instance}"),
            Self::AttachInstances { instance, .. } => format!("Auto Scaling group {name}: attach {instance}"),
        }
    }
}
