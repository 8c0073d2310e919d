//! Who may use a snapshot, and what holds it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::domain::{AccountId, SnapshotId, Time, Untrusted};

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
    /// When it ends, which says more than `days`: of a year's lock there may be a day left.
    #[serde(default)]
    pub expires: Option<Time>,
}

impl SnapshotLock {
    /// Whether it holds now.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.state != "expired"
    }

    /// Whether nobody at all can end it early. In its cooling-off period a lock can still be taken off, or made a weaker one.
    #[must_use]
    pub fn is_compliance(&self) -> bool {
        self.state == "compliance"
    }

    /// Whether it is to become such a one when its cooling-off period is over.
    #[must_use]
    pub fn is_cooling_off(&self) -> bool {
        self.state == "compliance-cooloff"
    }

    /// Whether it holds until then. Where AWS does not say when it ends, it does not.
    #[must_use]
    pub fn holds_until(&self, then: Time) -> bool {
        self.holds() && self.expires.is_some_and(|end| end >= then)
    }

    /// Its state and its end, safe to show.
    #[must_use]
    pub fn shown(&self) -> String {
        let state = Untrusted::new(self.state.as_str());
        match self.expires {
            Some(end) => format!("{state}, until {end}"),
            None => format!("{state}, until nobody knows when"),
        }
    }
}
