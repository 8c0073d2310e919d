//! What became of a call.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::Untrusted;

/// What AWS answered. None of these means that the world was read back: that is a `Check`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Outcome {
    /// AWS accepted it. `made` names what it created.
    Applied {
        request_id: Option<String>,
        made: BTreeMap<String, String>,
    },
    /// AWS refused because the state is there already, for example `InvalidPermission.Duplicate`.
    AlreadySo { request_id: Option<String>, code: String },
    /// AWS refused it, so nothing was changed by this call.
    Failed {
        request_id: Option<String>,
        code: Option<String>,
        message: Untrusted,
    },
    /// AWS did a part of it. The message names what was not changed, and why; what was changed is found by reading.
    Partly {
        request_id: Option<String>,
        code: String,
        message: Untrusted,
    },
    /// No answer that can be trusted came back: the change may or may not have happened. Settled by reading, never by calling again.
    Unknown { why: Untrusted },
}

impl Outcome {
    /// Whether the next call of the plan may go ahead.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        match self {
            Self::Applied { .. } | Self::AlreadySo { .. } => true,
            Self::Failed { .. } | Self::Partly { .. } | Self::Unknown { .. } => false,
        }
    }

    /// AWS's request id, which CloudTrail also records.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Applied { request_id, .. }
            | Self::AlreadySo { request_id, .. }
            | Self::Failed { request_id, .. }
            | Self::Partly { request_id, .. } => request_id.as_deref(),
            Self::Unknown { .. } => None,
        }
    }

    /// The word beside the call.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Applied { .. } => "applied",
            Self::AlreadySo { .. } => "already so",
            Self::Failed { .. } => "failed",
            Self::Partly { .. } => "in part",
            Self::Unknown { .. } => "unknown",
        }
    }
}
