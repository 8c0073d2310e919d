//! What may be asked of Elastic Load Balancing.

use serde::{Deserialize, Serialize};

use super::Ask;
use crate::domain::Arn;

/// One read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case", deny_unknown_fields)]
pub enum ElbQuery {
    /// `DescribeTargetGroups`, every page. Which of them an instance is in, only each one's targets tell.
    TargetGroups {},
    /// `DescribeTargetHealth` of one target group: those of these ids (instances or addresses) that are registered.
    Targets { group: Arn, ids: Vec<String> },
}

impl Ask for ElbQuery {
    fn is_advisory(&self) -> bool {
        match self {
            Self::TargetGroups {} => true,
            Self::Targets { .. } => false,
        }
    }

    fn permissions(&self) -> &'static [&'static str] {
        match self {
            Self::TargetGroups {} => &["elasticloadbalancing:DescribeTargetGroups"],
            Self::Targets { .. } => &["elasticloadbalancing:DescribeTargetHealth"],
        }
    }
}
