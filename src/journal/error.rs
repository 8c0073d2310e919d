//! Why something could not be journaled.
//!
//! Owns: the line between a refusal and a journal that can no longer be trusted.

use super::record::World;
use crate::domain::IncidentId;

/// Why something could not be journaled. Nothing is sent to AWS after any of these.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    #[error("the journal {path} could not be {what}: {source}")]
    Io {
        path: String,
        what: &'static str,
        source: std::io::Error,
    },
    /// Nothing was written, so that the journal can be gone on with once it is free.
    #[error(
        "the journal {path} has been locked by another process for {seconds} seconds; end that one (`fuser {path}` names it) and try again"
    )]
    Held { path: String, seconds: u64 },
    #[error("the journal {path} is not intact: {problem}; keep it as it is and start another data directory")]
    Broken { path: String, problem: String },
    #[error("the journal {path} can no longer be trusted since: {since}")]
    Poisoned { path: String, since: String },
    #[error("{0}")]
    OutOfTurn(&'static str),
    #[error("{0}")]
    NotMade(#[from] crate::action::NotMade),
    #[error("the data directory {path} is not safe: {why}")]
    Unsafe { path: String, why: String },
    #[error(
        "the journal {path} is about {is}, and this would be about {wanted}: the two never share one; give another data directory"
    )]
    OtherWorld { path: String, is: World, wanted: World },
    #[error(
        "this very plan was confirmed before, as record {seq}; a plan is applied once: make it again to do it again"
    )]
    AlreadyConfirmed { seq: u64 },
    #[error(
        "a rule told of incident {incident} before, as record {seq}; each is told of once, and once more when it becomes critical"
    )]
    AlreadyTold { incident: IncidentId, seq: u64 },
}

impl JournalError {
    /// Whether the journal itself is well and only said no. Any other error leaves it unknown what the disk holds.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::OtherWorld { .. } | Self::AlreadyConfirmed { .. } | Self::AlreadyTold { .. } | Self::Held { .. } => {
                true
            }
            Self::Io { .. }
            | Self::Broken { .. }
            | Self::Poisoned { .. }
            | Self::OutOfTurn(_)
            | Self::NotMade(_)
            | Self::Unsafe { .. } => false,
        }
    }
}
