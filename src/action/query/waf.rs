//! What may be asked of AWS WAF, of what is regional.

use serde::{Deserialize, Serialize};

use super::Ask;

/// One read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case", deny_unknown_fields)]
pub enum WafQuery {
    /// `ListIPSets` of the scope `REGIONAL`, every page.
    IpSets {},
    /// `GetIPSet` of the scope `REGIONAL`.
    IpSet { id: String, name: String },
}

impl Ask for WafQuery {
    fn is_advisory(&self) -> bool {
        match self {
            Self::IpSets {} => true,
            Self::IpSet { .. } => false,
        }
    }

    fn permissions(&self) -> &'static [&'static str] {
        match self {
            Self::IpSets {} => &["wafv2:ListIPSets"],
            Self::IpSet { .. } => &["wafv2:GetIPSet"],
        }
    }
}
