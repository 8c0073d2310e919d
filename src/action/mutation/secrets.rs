//! What may be changed through Secrets Manager.

use serde::{Deserialize, Serialize};

use super::{Call, Grant, Made, NotMade, Place};
use crate::domain::Arn;

/// One call that changes something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "call", deny_unknown_fields)]
pub enum SecretsCall {
    /// has the secret's function, or the service that manages it, make a new version. `function` only says what may be invoked.
    RotateSecret { secret: Arn, function: Option<Arn> },
}

impl Call for SecretsCall {
    fn permission(&self) -> &'static str {
        match self {
            Self::RotateSecret { .. } => "secretsmanager:RotateSecret",
        }
    }

    fn needs(&self, _place: &Place<'_>) -> Vec<Grant> {
        match self {
            // API reference, RotateSecret: the caller must be allowed to invoke the function, too.
            Self::RotateSecret { secret, function } => {
                let own = Grant::exactly(self.permission(), secret.as_str());
                let invoke = function
                    .iter()
                    .map(|f| Grant::exactly("lambda:InvokeFunction", f.as_str()));
                std::iter::once(own).chain(invoke).collect()
            }
        }
    }

    fn resolve(&mut self, _made: &Made) -> Result<(), NotMade> {
        match self {
            Self::RotateSecret { .. } => Ok(()),
        }
    }

    fn phrase(&self, _was: &str) -> String {
        match self {
            Self::RotateSecret { secret, .. } => {
                let name = secret.resource();
                format!("rotate {}", name.strip_prefix("secret:").unwrap_or(name))
            }
        }
    }
}
