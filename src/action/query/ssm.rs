//! What may be asked of Systems Manager.

use serde::{Deserialize, Serialize};

use super::Ask;
use crate::domain::{InstanceId, Time};

/// One read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case", deny_unknown_fields)]
pub enum SsmQuery {
    /// `DescribeInstanceInformation`: the agent on an instance.
    Agent { of: InstanceId },
    /// `ListCommandInvocations`: captures of memory that quell sent to an instance since then.
    Captures { of: InstanceId, since: Time },
    /// The same, for a plan that does not rest on them.
    CapturesNearby { of: InstanceId, since: Time },
    /// `GetCommandInvocation`: what became of one command on an instance.
    CommandInvocation { command: String, instance: InstanceId },
}

impl Ask for SsmQuery {
    fn is_advisory(&self) -> bool {
        match self {
            Self::CapturesNearby { .. } => true,
            Self::Agent { .. } | Self::Captures { .. } | Self::CommandInvocation { .. } => false,
        }
    }

    fn permissions(&self) -> &'static [&'static str] {
        match self {
            Self::Agent { .. } => &["ssm:DescribeInstanceInformation"],
            Self::Captures { .. } | Self::CapturesNearby { .. } => &["ssm:ListCommandInvocations"],
            Self::CommandInvocation { .. } => &["ssm:GetCommandInvocation"],
        }
    }
}
