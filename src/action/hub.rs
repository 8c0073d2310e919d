//! Security Hub findings as plans see them: the two fields that a customer works with, the workflow status and the note.

use serde::{Deserialize, Serialize};

use crate::domain::Untrusted;

/// Identifiers that one `BatchUpdateFindings` takes (Security Hub API reference).
pub const MAX_BATCH: usize = 100;
/// Characters of a note's text (Security Hub API reference, `Note`).
pub const MAX_NOTE: usize = 512;

/// What names a finding to Security Hub (API reference, `AwsSecurityFindingIdentifier`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HubId {
    pub id: String,
    pub product_arn: String,
}

/// The status of the investigation into a finding (API reference, `Workflow`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Workflow {
    New,
    Notified,
    Resolved,
    Suppressed,
}

/// A note on a finding. There is one at most; a new one takes its place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HubNote {
    pub text: String,
    /// Who wrote it, as they said themselves.
    pub by: String,
}

/// A finding as it is in Security Hub now.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HubFinding {
    pub id: HubId,
    pub workflow: Workflow,
    pub note: Option<HubNote>,
}

impl Workflow {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::New, Self::Notified, Self::Resolved, Self::Suppressed];

    /// As AWS writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "NEW",
            Self::Notified => "NOTIFIED",
            Self::Resolved => "RESOLVED",
            Self::Suppressed => "SUPPRESSED",
        }
    }

    /// The status that AWS writes so.
    #[must_use]
    pub fn from_aws(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

impl HubNote {
    /// The note in quotes with its author, safe to show.
    #[must_use]
    pub fn shown(&self) -> String {
        let (text, by) = (Untrusted::new(self.text.as_str()), Untrusted::new(self.by.as_str()));
        format!("\"{text}\" by {by}")
    }
}
