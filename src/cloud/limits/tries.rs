//! How often a read is tried, and how long is waited in between.
//!
//! Owns: the pauses. Must never: try again without an end, or what AWS refused for a reason that stays.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use crate::cloud::errors::ErrorKind;

/// A throttled call is tried this often in all: the account's limit fills up by the second, and nothing is wrong but the rate.
const THROTTLED: u32 = 8;
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// The tries of one call.
#[derive(Debug)]
pub(in crate::cloud) struct Tries {
    /// How often a call that is not throttled is tried in all; 1 means that nothing is tried again.
    most: u32,
    made: u32,
}

impl Tries {
    pub fn new(most: u32) -> Self {
        Self { most, made: 0 }
    }

    /// After a failure: how long to wait before the next try, or `None` where there is none.
    pub fn pause(&mut self, kind: ErrorKind) -> Option<Duration> {
        self.made += 1;
        let most = match kind {
            ErrorKind::Throttled if self.most > 1 => THROTTLED.max(self.most),
            ErrorKind::Throttled | ErrorKind::Server | ErrorKind::NoAnswer | ErrorKind::Malformed => self.most,
            ErrorKind::Denied
            | ErrorKind::Credentials
            | ErrorKind::NotFound
            | ErrorKind::Rejected
            | ErrorKind::NotSent => return None,
        };
        (self.made < most).then(|| {
            let full = FIRST_PAUSE.saturating_mul(1 << self.made.min(8).saturating_sub(1));
            jittered(full.min(LONGEST_PAUSE))
        })
    }
}

/// From half of it to all of it, so that calls that failed together do not come back together.
fn jittered(pause: Duration) -> Duration {
    // A new hasher's keys are random, which is all that is needed here.
    let random = RandomState::new().hash_one(()) % 1024;
    let part = 512 + u32::try_from(random / 2).unwrap_or_default();
    pause.saturating_mul(part) / 1024
}
