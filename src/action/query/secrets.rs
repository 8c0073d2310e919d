//! What may be asked of Secrets Manager. A secret's value is never asked for.

use serde::{Deserialize, Serialize};

use super::Ask;
use crate::domain::SecretName;

/// One read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case", deny_unknown_fields)]
pub enum SecretsQuery {
    /// `DescribeSecret`, by name or ARN.
    Secret { name: SecretName },
    /// `ListSecrets`: those that are encrypted with a customer's key, and with which.
    SecretKeys,
}

impl Ask for SecretsQuery {
    fn is_advisory(&self) -> bool {
        match self {
            Self::Secret { .. } => false,
            Self::SecretKeys => true,
        }
    }

    fn permissions(&self) -> &'static [&'static str] {
        match self {
            Self::Secret { .. } => &["secretsmanager:DescribeSecret"],
            Self::SecretKeys => &["secretsmanager:ListSecrets"],
        }
    }
}
