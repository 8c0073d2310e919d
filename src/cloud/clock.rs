//! The clock that the cloud room reads time from, so that a drill can run on the range's own.
//!
//! Owns: the one way to ask for the time here. Must never: read the system's clock anywhere else in this room.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::domain::Time;

/// Where the time comes from: the system, or a drill's virtual clock. Requests are signed by the system's clock all the same,
/// as any client's are.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Time + Send + Sync>);

impl Clock {
    /// A clock of one's own.
    pub fn new(now: impl Fn() -> Time + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time now, in UTC, to the millisecond: finer is noise in tags, journals and reports.
    #[must_use]
    pub fn now(&self) -> Time {
        let now = (self.0)();
        Time::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new(Time::now)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// The system's clock, which requests are signed by.
pub(super) fn signing_now() -> SystemTime {
    SystemTime::now()
}

/// When credentials that live this long from now on must be renewed, by the clock that the SDK goes by. A machine whose clock is
/// wrong still renews in time, which it would not by the expiration that AWS names.
pub(super) fn good_for(seconds: i32) -> SystemTime {
    let seconds = u64::try_from(seconds).unwrap_or_default();
    signing_now() + Duration::from_secs(seconds)
}
