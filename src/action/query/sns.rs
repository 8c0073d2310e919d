//! What may be asked of SNS.

use serde::{Deserialize, Serialize};

use super::Ask;
use crate::domain::Arn;

/// One read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case", deny_unknown_fields)]
pub enum SnsQuery {
    /// `GetTopicAttributes`: whether anybody is subscribed.
    Topic { arn: Arn },
}

impl Ask for SnsQuery {
    fn is_advisory(&self) -> bool {
        match self {
            Self::Topic { .. } => true,
        }
    }

    fn permissions(&self) -> &'static [&'static str] {
        match self {
            Self::Topic { .. } => &["sns:GetTopicAttributes"],
        }
    }
}
