//! The lock on a snapshot, and what is true of it at a time.

use crate::domain::Time;

/// What keeps a snapshot from being deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotLock {
    pub compliance: bool,
    pub days: i64,
    pub since: Time,
    /// Until then a lock in compliance mode can be changed and taken off.
    pub cool_off: Option<(i64, Time)>,
    /// Where a date was given in place of days.
    pub until: Option<Time>,
}

impl SnapshotLock {
    /// When it ends, for a snapshot that is complete at `complete`: days count from then at the earliest.
    pub fn ends(&self, complete: Time) -> Time {
        let days = Time::from_second(self.starts(complete).as_second() + self.days * 86_400);
        self.until.unwrap_or_else(|| days.unwrap_or(Time::MAX))
    }

    /// When its days begin to count.
    pub fn starts(&self, complete: Time) -> Time {
        self.since.max(complete)
    }

    /// `LockState`.
    pub fn state(&self, complete: Time, now: Time) -> &'static str {
        match self.cool_off {
            _ if now >= self.ends(complete) => "expired",
            Some((_, until)) if self.compliance && now < until => "compliance-cooloff",
            _ if self.compliance => "compliance",
            _ => "governance",
        }
    }
}
