//! Who may use a snapshot, and what holds it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::domain::{AccountId, SnapshotId};

/// Who may make a volume of a snapshot, besides the account that it is in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shares {
    /// Whether everybody may.
    pub public: bool,
    pub accounts: BTreeSet<AccountId>,
}

/// What keeps a snapshot from being deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SnapshotLock {
    pub snapshot: SnapshotId,
    /// `governance`, `compliance`, `compliance-cooloff` (it may still be taken back), `expired`.
    pub state: String,
    /// How long it was locked for, in days.
    pub days: Option<i32>,
}

impl SnapshotLock {
    /// Whether it holds now.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.state != "expired"
    }

    /// Whether nobody at all can end it early, or will be able to when its cooling-off period is over.
    #[must_use]
    pub fn is_compliance(&self) -> bool {
        self.state.starts_with("compliance")
    }
}
