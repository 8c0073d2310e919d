//! What may be asked of Security Hub.

use serde::{Deserialize, Serialize};

use super::Ask;

/// One read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case", deny_unknown_fields)]
pub enum SecurityHubQuery {
    /// Security Hub `GetFindings` by `Id`: workflow status and note.
    HubFindings { ids: Vec<String> },
}

impl Ask for SecurityHubQuery {
    fn is_advisory(&self) -> bool {
        match self {
            Self::HubFindings { .. } => false,
        }
    }

    fn permissions(&self) -> &'static [&'static str] {
        match self {
            Self::HubFindings { .. } => &["securityhub:GetFindings"],
        }
    }
}
