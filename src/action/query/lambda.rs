//! What may be asked of Lambda.

use serde::{Deserialize, Serialize};

use super::Ask;
use crate::domain::FunctionName;

/// One read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case", deny_unknown_fields)]
pub enum LambdaQuery {
    /// `GetFunctionConfiguration`.
    Function { name: FunctionName },
    /// `GetFunctionConcurrency`.
    ReservedConcurrency { name: FunctionName },
    /// `ListProvisionedConcurrencyConfigs`.
    ProvisionedConcurrency { name: FunctionName },
    /// `ListEventSourceMappings` of the function.
    EventSources { name: FunctionName },
    /// `ListFunctionUrlConfigs` of the function and its aliases.
    FunctionUrls { name: FunctionName },
    /// `GetPolicy`: who else may call it.
    FunctionPolicy { name: FunctionName },
    /// `ListAliases`, `ListVersionsByFunction`, and `GetPolicy` of each: who else may call it by them. Aliases come first, then the
    /// newest versions; fifty at most.
    QualifiedPolicies { name: FunctionName },
}

impl Ask for LambdaQuery {
    fn is_advisory(&self) -> bool {
        match self {
            Self::Function { .. } | Self::ReservedConcurrency { .. } => false,
            Self::ProvisionedConcurrency { .. }
            | Self::EventSources { .. }
            | Self::FunctionUrls { .. }
            | Self::FunctionPolicy { .. }
            | Self::QualifiedPolicies { .. } => true,
        }
    }

    fn permissions(&self) -> &'static [&'static str] {
        match self {
            Self::Function { .. } => &["lambda:GetFunctionConfiguration"],
            Self::ReservedConcurrency { .. } => &["lambda:GetFunctionConcurrency"],
            Self::ProvisionedConcurrency { .. } => &["lambda:ListProvisionedConcurrencyConfigs"],
            Self::EventSources { .. } => &["lambda:ListEventSourceMappings"],
            Self::FunctionUrls { .. } => &["lambda:ListFunctionUrlConfigs"],
            Self::FunctionPolicy { .. } => &["lambda:GetPolicy"],
            Self::QualifiedPolicies { .. } => &[
                "lambda:ListAliases",
                "lambda:ListVersionsByFunction",
                "lambda:GetPolicy",
            ],
        }
    }
}
