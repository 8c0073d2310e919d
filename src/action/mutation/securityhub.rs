//! What may be changed through Security Hub.

use serde::{Deserialize, Serialize};

use super::{Call, Grant, Made, NotMade, Place};
use crate::action::hub::{HubId, HubNote, Workflow};
use crate::domain::Untrusted;

/// One call that changes something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "call", deny_unknown_fields)]
pub enum SecurityHubCall {
    /// Gives these findings, a hundred at most, this note in place of theirs, and this workflow status.
    BatchUpdateFindings {
        findings: Vec<HubId>,
        note: HubNote,
        status: Workflow,
    },
}

impl Call for SecurityHubCall {
    fn permission(&self) -> &'static str {
        match self {
            Self::BatchUpdateFindings { .. } => "securityhub:BatchUpdateFindings",
        }
    }

    fn needs(&self, place: &Place<'_>) -> Vec<Grant> {
        match self {
            Self::BatchUpdateFindings { .. } => {
                vec![Grant::on(self.permission(), place.arn("securityhub", "hub/default"))]
            }
        }
    }

    fn resolve(&mut self, _made: &Made) -> Result<(), NotMade> {
        match self {
            Self::BatchUpdateFindings { .. } => Ok(()),
        }
    }

    fn phrase(&self, was: &str) -> String {
        match self {
            Self::BatchUpdateFindings { findings, note, status } => {
                let was = if was.is_empty() {
                    String::new()
                } else {
                    format!("{was} ")
                };
                let (which, plural) = match findings.as_slice() {
                    [one] => (Untrusted::new(one.id.as_str()).shown(), ""),
                    many => (many.len().to_string(), " findings"),
                };
                format!("{which}{plural}: {was}→ {}, note {}", status.as_str(), note.shown())
            }
        }
    }
}
