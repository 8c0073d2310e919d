//! What may be changed through Systems Manager.

use serde::{Deserialize, Serialize};

use super::{Call, Grant, Made, MemoryCapture, NotMade, Place};
use crate::domain::InstanceId;

/// One call that changes something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "call", deny_unknown_fields)]
pub enum SsmCall {
    /// Sends the one script that quell ever sends, which captures memory, to an instance. It makes a `command`.
    SendCommand {
        instance: InstanceId,
        capture: MemoryCapture,
    },
}

impl SsmCall {
    /// The document of AWS's own that runs a shell script.
    pub const DOCUMENT: &str = "AWS-RunShellScript";
}

impl Call for SsmCall {
    fn permission(&self) -> &'static str {
        match self {
            Self::SendCommand { .. } => "ssm:SendCommand",
        }
    }

    fn needs(&self, place: &Place<'_>) -> Vec<Grant> {
        match self {
            // A document of AWS's own belongs to no account.
            Self::SendCommand { instance, .. } => vec![
                Grant::on(self.permission(), place.arn("ec2", &format!("instance/{instance}"))),
                Grant::on(
                    self.permission(),
                    format!(
                        "arn:{}:ssm:{}::document/{}",
                        place.partition,
                        place.region,
                        Self::DOCUMENT
                    ),
                ),
            ],
        }
    }

    fn resolve(&mut self, _made: &Made) -> Result<(), NotMade> {
        match self {
            Self::SendCommand { .. } => Ok(()),
        }
    }

    fn phrase(&self, _was: &str) -> String {
        match self {
            Self::SendCommand { instance, capture } => format!(
                "run {} from {} on {instance} as root, and upload its memory to {}",
                capture.tool.word(),
                capture.source,
                capture.image
            ),
        }
    }
}
