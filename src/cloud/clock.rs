//! The clock that the cloud room reads time from, so that a drill can run on the range's own.
//!
//! Owns: the one way to ask for the time here. Must never: read the system's clock anywhere else in this room.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use jiff::SignedDuration;

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

/// How far AWS's clock was ahead of ours when it dated an answer; nothing where it was not, or where the answer had no date. `asked` is
/// our time before the question: the way to AWS makes us look a little further behind than we are, never less. AWS dates by
/// whole seconds.
pub(super) fn behind(asked: Time, dated: Option<SystemTime>) -> SignedDuration {
    let theirs = dated.and_then(|date| Time::try_from(date).ok());
    let ahead = theirs.map_or(SignedDuration::ZERO, |theirs| theirs.duration_since(asked));
    ahead.max(SignedDuration::ZERO)
}

/// The system's clock, which requests are signed by.
fn signing_now() -> SystemTime {
    SystemTime::now()
}

/// When credentials that live this long from now on must be renewed, by the clock that the SDK goes by. A machine whose clock is
/// wrong still renews in time, which it would not by the expiration that AWS names.
pub(super) fn good_for(seconds: i32) -> SystemTime {
    let seconds = u64::try_from(seconds).unwrap_or_default();
    signing_now() + Duration::from_secs(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clock_that_is_behind_is_put_right() {
        let asked: Time = "2026-03-01T00:00:00.4Z".parse().unwrap();
        let at = |text: &str| Some(SystemTime::from(text.parse::<Time>().unwrap()));
        assert_eq!(behind(asked, None), SignedDuration::ZERO);
        assert_eq!(behind(asked, at("2026-03-01T00:00:00Z")), SignedDuration::ZERO);
        assert_eq!(behind(asked, at("2026-02-28T23:56:00Z")), SignedDuration::ZERO);
        let ahead = behind(asked, at("2026-03-01T00:04:00Z"));
        assert_eq!(ahead, SignedDuration::from_millis(239_600));
    }
}
